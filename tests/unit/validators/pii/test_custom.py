"""Recognizers that a policy brings: expressions, words, a service of the house's own."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from validators.base import ValidatorError
from validators.pii import Entity, PersonalData, Sample
from validators.pii.custom import Recognizer
from validators.pii.house import House
from validators.shared_models import Models

STAFF = {"name": "staff", "type": "EMPLOYEE_ID"}


def house(**recognizer: object) -> House:
    read: Recognizer = TypeAdapter(Recognizer).validate_python({**STAFF, **recognizer})
    return House(recognizers=(read,))


def found(house: House, text: str) -> list[tuple[str, float]]:
    return [(text[entity.start : entity.end], entity.score) for entity in house.find(text)]


@pytest.fixture(scope="module")
def personal_data() -> PersonalData:
    return Models().personal_data


# Expressions


@pytest.mark.parametrize(
    ("pattern", "text", "values"),
    [
        (r"\bE-\d{5}\b", "Ask E-12345, not XE-12345 nor E-123456.", ["E-12345"]),
        (r"badge (?P<value>\d{4})", "badge 4711 and room 4712", ["4711"]),
        (r"(?i)\bkst\d{3}\b", "KST123 kst124", ["KST123", "kst124"]),
        # Offsets are in code points, whatever stands before.
        (r"E\d{3}", "Zoë 😀 日本 E123 ü E124", ["E123", "E124"]),
        (r"日本\d", "in 日本1", ["日本1"]),
        ("E\\d", "\ud800 E1", ["E1"]),
        # What an optional group leaves empty is nothing.
        (r"E(?P<value>\d*)", "E and E1", ["1"]),
    ],
)
def test_an_expression_finds_its_matches(pattern: str, text: str, values: list[str]) -> None:
    assert [value for value, _ in found(house(pattern=pattern), text)] == values


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Personnel number 48213", 0.85),
        ("The PERSONNEL file of 48213", 0.85),
        ("48213 is her personnel number", 0.85),
        ("48213 pieces sold", 0.3),
        ("Personnel" + " and so on" * 7 + " 48213", 0.3),
        ("48213" + " and so on" * 4 + " personnel", 0.3),
        ("Impersonnels 48213", 0.3),
    ],
)
def test_a_word_nearby_says_what_a_number_is(text: str, score: float) -> None:
    recognizer = house(pattern=r"\b\d{5}\b", context=["personnel"])
    assert found(recognizer, text) == [("48213", score)]


@pytest.mark.parametrize(
    ("checksum", "right", "wrong"),
    [
        ("luhn", "7992739871 3", "7992739871 4"),
        ("verhoeff", "2363", "2364"),
        ("mod11", "0000-0002-1825-0097", "0000-0002-1825-0098"),
        ("mod97", "9999123456789012141490", "9999123456789012141491"),
        ("nl.bsn", "1112.22.333", "1112.22.334"),
        ("in_.aadhaar", "2341 2341 2346", "2341 2341 2347"),
    ],
)
def test_a_number_that_fails_its_checksum_is_none(checksum: str, right: str, wrong: str) -> None:
    recognizer = house(pattern=r"\b[\d][\d .-]*\d\b", checksum=checksum)
    assert found(recognizer, f"a {right} b") == [(right, 0.85)]
    assert right not in [value for value, _ in found(recognizer, f"a {wrong} b")]


def test_a_match_that_fails_hides_none_that_begins_inside_it() -> None:
    recognizer = house(pattern=r"\d{4}", checksum="verhoeff")
    assert ("2363", 0.85) in found(recognizer, "é92363")


def test_a_line_of_a_megabyte_is_searched() -> None:
    text = "é E12345 " * 120_000
    assert len(found(house(pattern=r"\bE\d{5}\b"), text)) == 120_000


def test_many_searches_to_the_end_of_a_long_text_run_out_of_time() -> None:
    with pytest.raises(ValidatorError, match="'staff' ran out of time") as raised:
        house(pattern="a[^b]*b|a").find("a" * 400_000)
    assert "aaa" not in str(raised.value)


# Words


@pytest.mark.parametrize(
    ("options", "text", "values"),
    [
        ({}, "Projekt Falke startet; Falken nicht.", ["Falke"]),
        ({}, "falke FALKE Falke's", ["Falke"]),
        ({"ignore_case": True}, "falke FALKE", ["falke", "FALKE"]),
        ({}, "Operation Long Night, Long Nights", ["Long Night"]),
        ({"ignore_case": True}, "İ falke", ["falke"]),
        ({}, "Falke-Ost und Falke-7", ["Falke"]),
    ],
)
def test_words_are_found_as_whole_words(
    options: dict[str, bool], text: str, values: list[str]
) -> None:
    recognizer = house(words=["Falke", "Long Night"], **options)
    assert [value for value, _ in found(recognizer, text)] == values


# Wrong configurations


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"pattern": "a*"}, "also matches nothing at all"),
        ({"pattern": r"\b"}, "also matches nothing at all"),
        ({"pattern": ""}, "also matches nothing at all"),
        ({"pattern": ".{1,1000}{1,1000}"}, "bad repetition operator"),
        ({"pattern": "((a{1,100}){1,100}){1,100}b"}, "RE2 does not take the expression"),
        ({"pattern": "(?:x[^b]{1,1000})b"}, "too large once its repetitions are written out"),
        ({"pattern": r"(?<=id )\d+"}, "lookaround"),
        ({"pattern": r"(\d)\1"}, "references back"),
        ({"pattern": "(?P<value>"}, "RE2 does not take the expression"),
        ({"pattern": r"x\C"}, "a single byte"),
        ({"pattern": "a" * 10_000_000}, "10,000,000 characters, and 1,000 may be"),
        ({"pattern": "x", "checksum": "luhnn"}, "unknown checksum 'luhnn'"),
        ({"pattern": "x", "checksum": "os.path"}, "unknown checksum 'os.path'"),
        ({"pattern": "x", "checksum": "nl.postcode.re"}, "unknown checksum"),
        ({"words": ["ok", "--"]}, "'--' has neither letter nor digit"),
        ({"url": "ftp://host/x"}, "write http://host:port/path"),
        ({"url": "http:///x"}, "write http://host:port/path"),
        ({"url": "http://host:99999/x"}, "write http://host:port/path"),
        ({"url": "http://host/x#y"}, "fragment"),
        ({"url": "http://ana:secret@host/x"}, "user name or a password"),
        ({"url": "http://host/", "timeout_seconds": 6}, "less than or equal to 5"),
        ({"pattern": "x", "type": "employee"}, "should match pattern"),
        ({"pattern": "x", "type": "ID_1"}, "should match pattern"),
        ({"pattern": "x", "words": ["y"]}, "one of the keys pattern, words and url"),
        ({}, "one of the keys pattern, words and url"),
        ({"words": ["x"], "context": ["y"]}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_recognizer_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        house(**fields)
    message = raised.value.errors(include_url=False)[0]["msg"]
    assert problem in message
    assert "secret" not in message
    assert len(message) < 400


def test_an_expression_that_others_choke_on_is_searched_in_linear_time() -> None:
    assert found(house(pattern="(a+)+$"), "a" * 100_000 + "!") == []


# A service


@contextmanager
def service(answer: Callable[[str], bytes], status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            reply = answer(json.loads(body)["text"])
            # A test of the time limit is gone by now.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/find"
        finally:
            server.shutdown()
            thread.join()


def entities(*found: dict[str, object]) -> bytes:
    return json.dumps({"entities": found}).encode()


@contextmanager
def asking(answer: Callable[[str], bytes], status: int = 200, **fields: Any) -> Iterator[House]:
    with service(answer, status) as url:
        asking = house(url=url, **fields)
        try:
            yield asking
        finally:
            asking.close()


def test_a_service_says_where_and_what_and_how_sure() -> None:
    def answer(text: str) -> bytes:
        return entities(
            {"start": text.index("wolf"), "end": text.index("wolf") + 4},
            {"start": 0, "end": 2, "score": 0.5, "type": "PERSON"},
        )

    with asking(answer, score=0.7) as own:
        assert own.find("Jo 😀 wolf") == [
            Entity("EMPLOYEE_ID", 5, 9, 0.7, is_own=True),
            Entity("PERSON", 0, 2, 0.5, is_own=True),
        ]
        # There is nothing to find in nothing.
        assert own.find(" \n") == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (entities({"start": 0, "end": 99}), "points outside the text"),
        (entities({"start": 3, "end": 3}), "points outside the text"),
        (entities({"start": -1, "end": 3}), "not as agreed: greater_than_equal"),
        (entities({"start": "0", "end": 3}), "not as agreed: int_type"),
        (entities({"start": True, "end": 3}), "not as agreed: int_type"),
        (entities({"start": 0, "end": 3, "score": 1.5}), "not as agreed: less_than_equal"),
        (entities({"start": 0, "end": 3, "score": float("nan")}), "not as agreed"),
        (entities({"start": 0, "end": 3, "type": "LAURA"}), "a type that the policy does not know"),
        (entities({"start": 0, "end": 3, "text": "Laura"}), "not as agreed: extra_forbidden"),
        (entities(*[{"start": 0, "end": 3}] * 10_001), "not as agreed: too_long"),
        (b"[]", "not as agreed"),
        (b"", "not as agreed: json_invalid"),
        (b"Laura Jim\xe9nez", "not as agreed: json_invalid"),
        (b" " * 1_000_001, "is too large"),
    ],
)
def test_a_wrong_answer_is_an_error_that_repeats_nothing_of_it(answer: bytes, problem: str) -> None:
    with (
        asking(lambda _: answer) as own,
        pytest.raises(ValidatorError, match="recognizer 'staff'") as raised,
    ):
        own.find("Laura Jiménez")
    assert problem in str(raised.value)
    assert "Laura" not in str(raised.value).replace("LAURA", "Laura")


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_an_answer_that_is_none_is_an_error(status: int) -> None:
    with (
        asking(lambda _: b"", status) as own,
        pytest.raises(ValidatorError, match=f"has the status {status}"),
    ):
        own.find("Laura")


def test_a_service_that_does_not_answer_in_time_is_an_error() -> None:
    def answer(text: str) -> bytes:
        time.sleep(0.5)
        return entities()

    with (
        asking(answer, timeout_seconds=0.05) as own,
        pytest.raises(ValidatorError, match=r"did not come within 0\.05 s"),
    ):
        own.find("Laura")


def test_a_service_that_is_not_there_is_an_error() -> None:
    with service(lambda _: b"") as url:
        gone = house(url=url)
    with pytest.raises(ValidatorError, match="did not come: ConnectError"):
        gone.find("Laura")
    gone.close()


# In the search


def test_what_a_house_finds_goes_before_what_is_found_anyway(personal_data: PersonalData) -> None:
    text = "Mail laura.j@gmail.com now"
    (anyway,) = personal_data.find(text)
    own = house(pattern=r"laura\.j@gmail\.com", score=anyway.score)
    assert [entity.type for entity in personal_data.find(text, own)] == ["EMPLOYEE_ID"]
    less = house(pattern=r"laura\.j@gmail\.com", score=anyway.score - 0.01)
    assert [entity.type for entity in personal_data.find(text, less)] == ["EMAIL_ADDRESS"]


def test_what_a_house_finds_in_one_text_is_found_in_all(personal_data: PersonalData) -> None:
    own = house(pattern=r"staff no\. (?P<value>\w+)")
    texts = ["staff no. kx7", "so kx7 went home"]
    assert [
        [text[e.start : e.end] for e in entities]
        for text, entities in zip(texts, personal_data.find_all(texts, own), strict=True)
    ] == [["kx7"], ["kx7"]]


def test_a_service_is_asked_once_for_a_text(personal_data: PersonalData) -> None:
    asked = []

    def answer(text: str) -> bytes:
        asked.append(text)
        at = text.find("wolf")
        return entities({"start": at, "end": at + 4}) if at >= 0 else entities()

    texts = ["Ask wolf", "Ask wolf", Sample("Ask wolf", "note"), "Ask%20wolf", "Ask\nwolf", "Hi"]
    with asking(answer) as own:
        found = personal_data.find_all(texts, own)
    assert [len(entities) for entities in found] == [1, 1, 1, 1, 1, 0]
    assert sorted(asked) == sorted({*asked})
    assert {"Ask wolf", "note: Ask wolf", "Ask%20wolf", "Hi"} <= {*asked}


def test_the_name_of_a_field_is_context(personal_data: PersonalData) -> None:
    own = house(pattern=r"\b\d{5}\b", context=["personnel"], score=1)
    [[entity]] = personal_data.find_all([Sample("48213", "personnelNumber")], own)
    assert (entity.type, entity.start, entity.end, entity.score) == ("EMPLOYEE_ID", 0, 5, 1)
