"""Whatever a caller sends, nothing personal of it is left anywhere once the server is gone.

Each scenario has a person of its own, whose data stands in every place that it can stand in, so
that what is found afterwards tells which scenario left it there.
"""

import asyncio
import base64
import json
import os
import secrets
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml
from stdnum import iban, luhn

from proxy.store.store import Store
from tests.e2e.conftest import Server, start_server
from tests.fakes.upstream import FakeUpstream, Reply, completion, error, hang_up, malformed, text
from tests.integration.samples import run_sql

pytestmark = pytest.mark.e2e

POSTGRES = os.environ.get("PRESSCHECK_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
CHAT = "/v1/chat/completions"
PROVIDER_KEY = "sk-provider-9f86d081884c7d659a2f"
PEPPER = "a pepper that nobody guesses"
CLEAN = "Created with AI. Fresh bread, baked this morning."
# What checks of a policy of their own do to a text: they quote it and give up.
POLICIES = {
    "quotes": "tests.fakes.validators:quotes",
    "breaks": "tests.fakes.validators:breaks_quoting",
    "misnames": "tests.fakes.validators:misnames_quoting",
}
# Each name with an illness that is nobody else's.
PEOPLE = [
    ("Marta Kowalczyk", "coeliac disease"),
    ("Chidi Okonkwo", "severe epilepsy"),
    ("Sofia Lindqvist", "multiple sclerosis"),
    ("Anahit Petrosyan", "acute leukaemia"),
    ("Rosa Castellanos", "Crohn's disease"),
    ("Edith Abernathy", "lupus nephritis"),
    ("Karl Schwarzmann", "Parkinson's disease"),
    ("Piotr Wojciechowski", "paranoid schizophrenia"),
    ("Eleni Papadopoulos", "plaque psoriasis"),
    ("James Harrington", "chronic asthma"),
    ("Lucia Villanueva", "acute glaucoma"),
    ("Aoife Gallagher", "deep endometriosis"),
    ("Mette Rasmussen", "hepatitis C"),
    ("Camille Delacroix", "juvenile fibromyalgia"),
    ("Fiona Buchanan", "type 1 narcolepsy"),
    ("Joana Ferreira", "miliary tuberculosis"),
]
ILLNESSES = [illness for _, illness in PEOPLE]


@dataclass(frozen=True)
class Person:
    """Somebody whose every detail is nobody else's."""

    number: int

    @property
    def name(self) -> str:
        return PEOPLE[self.number][0]

    @property
    def email(self) -> str:
        first, last = self.name.lower().split()
        return f"{first}.{last}@post{self.number}.example"

    @property
    def phone(self) -> str:
        return f"+44 7700 9001{self.number:02}"

    @property
    def card(self) -> str:
        digits = f"41111111{self.number:02}73519"
        digits += luhn.calc_check_digit(digits)
        return " ".join(digits[at : at + 4] for at in range(0, 16, 4))

    @property
    def iban(self) -> str:
        account = f"37040044{5320130000 + self.number * 7}"
        return iban.format(f"DE{iban.calc_check_digits(f'DE00{account}')}{account}")

    @property
    def national_id(self) -> str:
        return f"536-{self.number + 20}-{4310 + self.number}"

    @property
    def address(self) -> str:
        return (
            f"{12 + self.number} {self.name.split()[1]} Street, Leeds LS{self.number % 9 + 1} 4AB"
        )

    @property
    def order_id(self) -> str:
        return f"ORD-2026-{88213 + self.number * 7}"

    @property
    def api_key(self) -> str:
        return f"sk_live_4eC39HqLyjWDarjtT1zd{self.number:04}"

    @property
    def illness(self) -> str:
        return PEOPLE[self.number][1]

    def __str__(self) -> str:
        """All of it, as it stands in a ticket."""
        return (
            f"Our customer {self.name} ({self.email}, {self.phone}) lives at {self.address}. "
            f"{self.name.split()[0]} was diagnosed with {self.illness}. "
            f"Her SSN is {self.national_id}. The order number is {self.order_id}. "
            f"She paid with the card {self.card} from the account {self.iban}. "
            f"Use the API key {self.api_key}."
        )

    @property
    def whole_values(self) -> tuple[str, ...]:
        return (
            *(self.name, self.email, self.phone, self.card, self.iban),
            *(self.national_id, self.address, self.order_id, self.api_key, self.illness),
        )

    @property
    def values(self) -> tuple[str, ...]:
        """Each value, and what a careless hand would leave of it."""
        digits = [value.replace(" ", "") for value in (self.phone, self.card, self.iban)]
        parts = (self.name.split()[1], self.email.partition("@")[2], digits[1][-8:])
        return (*self.whole_values, *digits, *parts, self.api_key.removeprefix("sk_live_"))


def spellings(value: str) -> set[str]:
    """The value as it may be written in a log, an address or a token; in small letters."""
    encoded = value.encode()
    # What encodes the value in the middle of more, wherever its first byte falls.
    inside = (base64.b64encode(b"\0" * shift + encoded).decode()[4:-4] for shift in (1, 2, 3))
    inside = (written for written in inside if len(written) > 8)
    plain = {
        value,
        json.dumps(value)[1:-1],
        urllib.parse.quote(value),
        urllib.parse.quote_plus(value),
    }
    return {written.lower() for written in (*plain, *inside, repr(value)[1:-1])}


def left_of(people: Mapping[str, Person], place: str) -> list[str]:
    """What stands somewhere that it should not, and from which scenario."""
    lowered = place.lower()
    return [
        f"{scenario}: {value}"
        for scenario, person in people.items()
        for value in person.values
        if any(written in lowered for written in spellings(value))
    ]


@dataclass
class Scene:
    """A server that scenarios are played on, and what it was seen to say."""

    server: Server
    upstream: FakeUpstream
    database: str
    keys: Mapping[str, str]
    people: dict[str, Person] = field(default_factory=dict)
    answers: dict[str, list[httpx.Response]] = field(default_factory=dict)
    metrics: str = ""
    export: str = ""

    def person(self, scenario: str) -> Person:
        self.people[scenario] = Person(len(self.people))
        return self.people[scenario]

    def ask(
        self,
        scenario: str,
        path: str,
        body: Any = None,
        *,
        key: str = "tool",
        method: str = "POST",
        **options: Any,
    ) -> httpx.Response:
        """Send one request of a scenario; `options` are those of httpx, `body` is sent as JSON."""
        headers = {"authorization": f"Bearer {self.keys[key]}", **options.pop("headers", {})}
        sent = options if body is None else {"json": body, **options}
        answer = httpx.request(method, self.server.url + path, headers=headers, timeout=120, **sent)
        self.answers.setdefault(scenario, []).append(answer)
        return answer

    def chat(self, scenario: str, person: object, **options: Any) -> httpx.Response:
        key = options.pop("key", "tool")
        body = {"model": "fake", "messages": [{"role": "user", "content": f"{person}"}], **options}
        return self.ask(scenario, CHAT, body, key=key)


def everywhere(person: Person) -> dict[str, Any]:
    """A request with a person in every place that holds text."""
    told = str(person)
    fields = {"customer": {"mail": person.email, "notes": [told]}, person.email: person.name}
    nested = json.dumps({"inner": json.dumps(fields)})
    call = {"id": "call_1", "type": "function"}
    return {
        "model": "fake",
        "messages": [
            {"role": "system", "content": told, "name": person.name.replace(" ", "_")},
            {"role": "developer", "content": told},
            {"role": "user", "name": person.email, "content": told},
            {
                "role": "assistant",
                "content": told,
                "refusal": told,
                "tool_calls": [
                    {**call, "function": {"name": "find", "arguments": json.dumps(fields)}},
                    {**call, "id": "call_2", "function": {"name": "find", "arguments": nested}},
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": json.dumps(fields)},
            {
                "role": "tool",
                "tool_call_id": "call_2",
                "content": [{"type": "text", "text": f"mail,note\n{person.email},{told}\n"}],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": told},
                    {"type": "image_url", "image_url": {"url": f"https://x.example/?m={told}"}},
                ],
            },
            {"role": "user", "content": base64.b64encode(told.encode()).decode()},
            {"role": "user", "content": urllib.parse.quote(told)},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "find",
                    "description": told,
                    "parameters": {
                        "type": "object",
                        "properties": {
                            "mail": {
                                "type": "string",
                                "description": told,
                                "default": person.email,
                                "enum": [person.email, person.name],
                                "examples": [told],
                            }
                        },
                    },
                },
            }
        ],
        "metadata": {"customer": person.name, "mail": person.email, "note": told},
        "user": person.email,
        "safety_identifier": person.phone,
        "prediction": {"type": "content", "content": told},
        "stop": [person.name],
        "x_campaign": {"owner": told, "deep": [{"mail": person.email}]},
        "presscheck": {
            "evidence": [{"id": "ev-1", "statement": told, "source": told}],
            "detail": "full",
        },
    }


Scenario = Callable[[Scene, str], None]
SCENARIOS: list[Scenario] = []


def scenario(play: Scenario) -> Scenario:
    SCENARIOS.append(play)
    return play


@scenario
def an_ordinary_request(scene: Scene, name: str) -> None:
    person = scene.person(name)
    assert scene.ask(name, CHAT, everywhere(person)).status_code == 200
    streamed = {**everywhere(person), "stream": True}
    assert scene.ask(name, CHAT, streamed).status_code == 200
    assert scene.ask(name, f"/p/instagram{CHAT}", everywhere(person)).status_code in (200, 400)


@scenario
def what_the_model_makes_up(scene: Scene, name: str) -> None:
    person = scene.person(name)
    arguments = json.dumps({"to": person.email, "text": str(person)})
    call = {"id": "c", "type": "function", "function": {"name": "send", "arguments": arguments}}
    told = {"role": "assistant", "content": f"Created with AI. {person}", "refusal": str(person)}
    scene.upstream.will(completion([told, {**told, "tool_calls": [call]}]))
    scene.chat(name, "A post for our bakery", n=2)
    scene.chat(name, "A post for our bakery", n=2, presscheck={"mode": "monitor"})


@scenario
def a_withheld_answer_that_repeats_it(scene: Scene, name: str) -> None:
    person = scene.person(name)
    claim = "Created with AI. Our balm cures eczema in three days. Ask {}, {}, or {}."
    scene.upstream.will(
        text(claim.format("{{PERSON_1}}", "{{EMAIL_ADDRESS_1}}", "{{PHONE_NUMBER_1}}"))
    )
    assert scene.chat(name, person).status_code == 400
    scene.upstream.will(text(claim.format(person.name, person.email, person)))
    assert scene.chat(name, "A post for our balm").status_code == 400
    assert scene.chat(name, "A post for our balm", stream=True).status_code == 400


@scenario
def a_blocked_prompt(scene: Scene, name: str) -> None:
    person = scene.person(name)
    hostile = f"Write a flat ad for {person.name}, we don't want families or Asians. {person}"
    assert scene.chat(name, hostile).status_code == 400
    assert scene.chat(name, person, presscheck={"policy": "keeps_back"}).status_code == 400


@scenario
def a_malformed_body(scene: Scene, name: str) -> None:
    person = scene.person(name)
    told = str(person)
    whole = json.dumps(everywhere(person))
    for content in (
        told,
        f'{{"{told}": {told}}}',
        whole[:-1],
        whole + told,
        f'["{told}"]',
        f'"{told}"',
    ):
        for path in (CHAT, "/v1/check", "/v1/anonymize"):
            assert scene.ask(name, path, content=content.encode()).status_code == 400
    for wrong in (
        {"messages": told},
        {"messages": [told]},
        {"messages": [{"role": told, "content": told}]},
        {"messages": [{"role": "user", "content": {told: told}}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "txt": told}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [told]}]},
        {"tools": [{told: told}]},
        {"stream": told},
        {"n": told},
        {"modalities": [told]},
        {"response_format": told},
        {"model": {"x": told}},
        {"model": person.email},
        {"model": person.card.replace(" ", "")},
    ):
        answer = scene.ask(name, CHAT, {**everywhere(person), **wrong})
        assert answer.status_code in (400, 404), answer.text


@scenario
def a_wrong_option(scene: Scene, name: str) -> None:
    person = scene.person(name)
    for value in person.whole_values:
        for option in ("policy", "channel", "jurisdiction", "mode", "detail", "evidence", value):
            refused = scene.chat(name, "A post", presscheck={option: value})
            assert refused.status_code == 400, refused.text
    evidence = [{"id": person.email, "statement": str(person)}]
    assert scene.chat(name, "A post", presscheck={"evidence": evidence}).status_code == 400
    evidence = [{"id": "e", "statement": "x", "valid_until": str(person), str(person): "x"}]
    assert scene.chat(name, "A post", presscheck={"evidence": evidence}).status_code == 400
    for header in ("policy", "channel", "jurisdiction", "mode", "detail", person.order_id):
        named = {f"x-presscheck-{header}": str(person), "x-request-id": person.email}
        body = {"model": "fake", "messages": [{"role": "user", "content": "A post"}]}
        assert scene.ask(name, CHAT, body, headers=named).status_code == 400


@scenario
def a_wrong_address(scene: Scene, name: str) -> None:
    person = scene.person(name)
    for value in map(urllib.parse.quote, (person.email, person.name, person.phone)):
        for path in (
            f"/v1/models/{value}",
            f"/v1/reviews/{value}",
            f"/p/{value}{CHAT}",
            f"/{value}",
        ):
            answer = scene.ask(name, path, method="POST" if path.endswith(CHAT) else "GET")
            assert answer.status_code in (400, 404), answer.text
        assert scene.ask(name, f"/{value}", method="PATCH").status_code == 404
        listed = f"/v1/reviews?state={value}&limit={value}"
        assert scene.ask(name, listed, method="GET", key="reviewer").status_code == 400
        listed = f"/v1/reviews?channel={value}&rule={value}&before={value}"
        assert scene.ask(name, listed, method="GET", key="reviewer").status_code < 500
    wrong = {"authorization": f"Bearer {person.api_key}"}
    assert scene.ask(name, CHAT, {}, headers=wrong).status_code == 401


@scenario
def texts_that_somebody_has(scene: Scene, name: str) -> None:
    person = scene.person(name)
    wrong = f"Our balm cures {person.name}'s eczema in three days. {person}"
    evidence = [{"id": "ev-1", "statement": str(person), "source": str(person)}]
    for body in ({"text": wrong}, {"texts": [wrong, str(person)], "evidence": evidence}):
        assert scene.ask(name, "/v1/check", body).status_code == 200
    told = {"text": str(person)}
    assert scene.ask(name, "/v1/anonymize", told).status_code == 200
    messages = everywhere(person)["messages"]
    assert scene.ask(name, "/v1/anonymize", {"messages": messages}).status_code == 200
    kept = {**told, "policy": "keeps_back"}
    assert scene.ask(name, "/v1/anonymize", kept).status_code == 400
    for path in ("/v1/check", "/v1/anonymize"):
        assert scene.ask(name, path, {**told, person.email: str(person)}).status_code == 400
        assert scene.ask(name, path, {"text": {"is": str(person)}}).status_code == 400


@scenario
def who_opted_out(scene: Scene, name: str) -> None:
    person = scene.person(name)
    entries = [{"contact": contact} for contact in (person.email, person.phone)]
    contacts = {"contacts": [person.email, person.phone]}
    asked = {"channel": "email", "purpose": "newsletter", **contacts}
    registrar = {"key": "registrar"}
    assert scene.ask(name, "/v1/optouts", {"entries": entries}, **registrar).status_code == 201
    assert scene.ask(name, "/v1/consent/check", asked, **registrar).status_code == 200
    assert scene.chat(name, person).status_code == 200
    kept_away = scene.chat(name, person, presscheck={"policy": "keeps_away"})
    assert kept_away.status_code == 400
    for field_name in (
        "contact",
        "channel",
        "purpose",
        "status",
        "basis",
        "jurisdiction",
        "source",
    ):
        for value in person.whole_values:
            wrong = {"contact": person.email, field_name: value, "captured_at": value}
            answer = scene.ask(name, "/v1/optouts", {"entries": [wrong]}, **registrar)
            assert answer.status_code == 400, answer.text
    for key, value in (
        ("channel", str(person)),
        ("purpose", str(person)),
        ("hashes", [str(person)]),
    ):
        wrong = {**asked, key: value}
        assert scene.ask(name, "/v1/consent/check", wrong, **registrar).status_code == 400
    wrong = {**contacts, "reason": str(person)}
    assert scene.ask(name, "/v1/optouts/erase", wrong, **registrar).status_code == 400
    assert scene.ask(name, "/v1/optouts/erase", contacts, **registrar).status_code == 200


@scenario
def a_review_and_its_decision(scene: Scene, name: str) -> None:
    person = scene.person(name)

    def hold() -> str:
        scene.upstream.will(text(f"Our balm cures {person.name}'s eczema in three days."))
        held = scene.chat(name, person)
        review_id: str = held.json()["error"]["presscheck"]["review_id"]
        return review_id

    def decide(review_id: str, **decision: Any) -> httpx.Response:
        path = f"/v1/reviews/{review_id}/decision"
        return scene.ask(name, path, {"version": 1, **decision}, key="reviewer")

    noted = {"reason": "R99", "note": str(person)}
    assert decide(hold(), decision="reject", **noted).status_code == 200
    assert decide(hold(), decision="approve", reason="R80", note=str(person)).status_code == 200
    edited = f"Created with AI. Our balm, made for {person.name}. {person}"
    decide(hold(), decision="approve", reason="R83", text=edited)
    for wrong in ({"reason": str(person)}, {"decision": str(person)}, {str(person): "x"}):
        said = {"decision": "approve", "reason": "R80", **wrong}
        assert decide(hold(), **said).status_code == 400
    assert (
        decide(hold(), decision="approve", reason="R83", text=f"{person} Cures eczema.").status_code
        == 400
    )
    assert scene.ask(name, "/v1/reviews", method="GET", key="reviewer").status_code == 200


@scenario
def a_check_that_fails(scene: Scene, name: str) -> None:
    person = scene.person(name)
    for policy in POLICIES:
        terms = {"policy": policy}
        scene.upstream.will(text(f"Created with AI. Write to {person}"))
        assert scene.chat(name, person, presscheck=terms).status_code == 503
        assert scene.ask(name, "/v1/check", {"text": str(person), **terms}).status_code == 503


@scenario
def an_upstream_that_fails(scene: Scene, name: str) -> None:
    person = scene.person(name)
    for status in (400, 401, 404, 429, 500):
        scene.upstream.will(error(status))
        assert scene.chat(name, person).status_code == status
        # It quotes what it was asked.
        prompt = json.dumps(scene.upstream.bodies[-1])
        scene.upstream.will(error(status, f"Bad prompt: {prompt}", code=prompt, param=prompt))
        assert scene.chat(name, person).status_code == status
        scene.upstream.will(Reply(raw=f"<p>{prompt}".encode(), status=status))
        assert scene.chat(name, person).status_code >= 400
    replies = [hang_up(), malformed(), Reply({"choices": [{"message": str(person)}]})]
    odd = {"role": "assistant", "content": {"text": str(person)}, "tool_calls": str(person)}
    for reply in (*replies, completion([odd])):
        scene.upstream.will(reply)
        assert scene.chat(name, person).status_code >= 400
    for model in ("nobody_there", "too_slow"):
        scene.upstream.will(Reply(delay=3))
        assert scene.ask(name, CHAT, {**everywhere(person), "model": model}).status_code >= 500
    # LiteLLM cannot make a request of this one.
    odd_call = {"role": "assistant", "tool_calls": [{str(person): str(person)}]}
    body = {**everywhere(person), "messages": [odd_call]}
    scene.upstream.will(text(CLEAN))
    scene.ask(name, CHAT, body)


@scenario
def a_store_that_is_away(scene: Scene, name: str) -> None:
    person = scene.person(name)
    entries = {"entries": [{"contact": person.email}, {"contact": person.phone}]}
    with _without(scene.database, "outcomes", "optouts", "reviews"):
        scene.upstream.will(text(CLEAN), text(f"Created with AI. Cures eczema. {person}"))
        for _ in range(2):
            assert scene.chat(name, person).status_code == 503
        wrong = {"text": f"Our balm cures eczema in three days. {person}"}
        assert scene.ask(name, "/v1/check", wrong).status_code == 503
        assert scene.ask(name, "/v1/optouts", entries, key="registrar").status_code == 503
        asked = f"/v1/reviews/{urllib.parse.quote(person.name)}"
        assert scene.ask(name, asked, method="GET").status_code == 503


@scenario
def a_process_that_is_killed(scene: Scene, name: str) -> None:
    person = scene.person(name)
    scene.metrics = httpx.get(f"{scene.server.url}/metrics").text
    scene.upstream.asked.clear()
    scene.upstream.will(Reply(delay=20))
    cut_short = threading.Thread(target=_ask_in_vain, args=(scene, name, person))
    cut_short.start()
    assert scene.upstream.asked.wait(60)
    scene.server.kill()
    cut_short.join(30)


def _ask_in_vain(scene: Scene, name: str, person: Person) -> None:
    with pytest.raises(httpx.TransportError):
        scene.ask(name, CHAT, everywhere(person))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """Every scenario, played on one database; the server is dead by then."""
    folder = tmp_path_factory.mktemp(request.param)
    with FakeUpstream() as upstream, _database(request.param, folder) as database:
        keys = asyncio.run(_make_keys(database))
        config = _configure(folder, upstream, database)
        server = start_server(folder, PRESSCHECK_CONFIG=str(config))
        played = Scene(server, upstream, database, keys)
        try:
            for play in SCENARIOS:
                upstream.will(text(CLEAN))
                play(played, play.__name__)
        finally:
            server.stop()
        exported = server.run("audit", "export", "--output", "-")
        assert exported.returncode == 0, exported.stderr
        played.export = exported.stdout
        yield played


def _configure(folder: Path, upstream: FakeUpstream, database: str) -> Path:
    """A server that says all it can, with providers that answer, are slow and are not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    deployment = {"model": "openai/fake", "api_key": PROVIDER_KEY, "max_retries": 0}
    documents = [
        {"name": "keeps_back", "extends": "default", "pii": {"purpose": "reply"}},
        {"name": "keeps_away", "extends": "default", "pii": {"opted_out": "block"}},
        *(_policy_that_fails(name, validator) for name, validator in POLICIES.items()),
    ]
    policies = folder / "policies"
    policies.mkdir()
    for document in documents:
        path = policies / f"{document['name']}.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
    config = folder / "presscheck.yaml"
    settings = {
        "model_list": [
            {"model_name": name, "litellm_params": {**deployment, "api_base": base, **more}}
            for name, base, more in (
                ("fake", upstream.url, {}),
                ("nobody_there", nobody, {}),
                ("too_slow", upstream.url, {"timeout": 1}),
            )
        ],
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "policies": [str(policies)],
        "database_url": database,
        "pepper": PEPPER,
        "log_level": "debug",
    }
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


def _policy_that_fails(name: str, validator: str) -> dict[str, Any]:
    rule = {
        "id": "house.never",
        "definition": "Never found.",
        "category": "bias",
        "severity": "low",
        "action": "flag",
        "basis": [],
        "reason": "Never found.",
    }
    guardrail = {"validator": validator, "rules": ["house.never"]}
    return {
        "name": name,
        "extends": "default",
        "custom_rules": [rule],
        "guardrails": {"failing": guardrail},
    }


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        (folder / "home").mkdir()
        yield f"sqlite:///{folder}/home/presscheck.db"
        return
    name = f"presscheck_test_{secrets.token_hex(4)}"
    asyncio.run(_administer(f"CREATE DATABASE {name}"))
    try:
        yield urllib.parse.urlunsplit(urllib.parse.urlsplit(POSTGRES)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_administer(f"DROP DATABASE {name} WITH (FORCE)"))


async def _administer(sql: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _make_keys(database: str) -> dict[str, str]:
    wanted = {
        "tool": ("generate", "check"),
        "reviewer": ("review", "check"),
        "registrar": ("optouts",),
    }
    store = await Store.open(database)
    try:
        return {
            name: (await store.create_key(name, "marketing", None, scopes))[1]
            for name, scopes in wanted.items()
        }
    finally:
        await store.close()


@contextmanager
def _without(database: str, *tables: str) -> Iterator[None]:
    """The database, while some of its tables are missing."""
    asyncio.run(run_sql(database, *(f"ALTER TABLE {t} RENAME TO {t}_away" for t in tables)))
    try:
        yield
    finally:
        asyncio.run(run_sql(database, *(f"ALTER TABLE {t}_away RENAME TO {t}" for t in tables)))


async def _dump(database: str) -> str:
    """Every row of every table but `policies`, whose texts we wrote ourselves."""
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if database.startswith("sqlite")
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    tables = {table for (table,) in await run_sql(database, listed)} - {"policies"}
    rows = [
        "\t".join(map(str, row))
        for table in sorted(tables)
        for row in await run_sql(database, f"SELECT * FROM {table}")
    ]
    return "\n".join(rows)


def test_none_of_it_is_in_the_log(scene: Scene) -> None:
    assert '"answered"' in scene.server.said
    assert not left_of(scene.people, scene.server.said)
    for secret in (*scene.keys.values(), PROVIDER_KEY, PEPPER):
        assert secret not in scene.server.said


def test_none_of_it_is_in_the_metrics(scene: Scene) -> None:
    assert "presscheck_requests_total" in scene.metrics
    assert not left_of(scene.people, scene.metrics)


def test_none_of_it_is_in_the_database(scene: Scene) -> None:
    dumped = asyncio.run(_dump(scene.database))
    # What was withheld is there, and what was opted out.
    assert "cures" in dumped
    assert "opt_out" in dumped
    assert not left_of(scene.people, dumped)
    for secret in (*scene.keys.values(), PROVIDER_KEY, PEPPER):
        assert secret not in dumped


def test_none_of_it_is_in_any_file_of_the_server(scene: Scene) -> None:
    files = [path.read_bytes() for path in scene.server.home.rglob("*") if path.is_file()]
    held = b"\n".join(files).decode("latin-1")
    # Illnesses stand in the policies, which are kept there.
    said = left_of(scene.people, held)
    assert not [value for value in said if value.partition(": ")[2] not in ILLNESSES]


def test_none_of_it_is_in_the_export_of_the_audit_log(scene: Scene) -> None:
    assert "verdict.recorded" in scene.export
    assert not left_of(scene.people, scene.export)


def test_none_of_it_is_in_an_error(scene: Scene) -> None:
    errors = {
        name: [answer for answer in answers if answer.status_code >= 400]
        for name, answers in scene.answers.items()
    }
    assert sum(map(len, errors.values())) > 100
    told = {
        f"{answer.status_code} {answer.text} {dict(answer.headers)}"
        for refused in errors.values()
        for answer in refused
        if left_of(scene.people, f"{answer.text} {dict(answer.headers)}")
    }
    assert not told


def test_none_of_it_reached_the_provider(scene: Scene) -> None:
    sent = [f"{request.headers} {json.dumps(request.body)}" for request in scene.upstream.requests]
    assert len(sent) > 20
    assert not left_of(scene.people, "\n".join(sent))
