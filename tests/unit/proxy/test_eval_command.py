"""`presscheck eval pii`: what counts as found, right and untouched, and what is printed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from proxy.commands import eval as evaluate
from proxy.evaluation import LabelledRequest, Occurrence, Part, measure, read_data_sets
from proxy.wire import walk

ROOT = Path(__file__).parents[3]

app = typer.Typer()
app.add_typer(evaluate.app, name="eval")

CONTENT = "messages[0].content"
# The checksum of "synth_v2:6" holds this template out of every training; that of 5 does not.
HELD_OUT, SEEN = 6, 5
TEXT = "Ask Ann Lee, 12-34, about oat milk. Oat milk, says Ann."


def request(*known: Occurrence, keep: tuple[str, ...] = ()) -> LabelledRequest:
    return LabelledRequest({"messages": [{"role": "user", "content": TEXT}]}, known, keep)


def at(value: str, type: str = "PERSON", path: str = CONTENT, text: str = TEXT) -> Occurrence:
    start = text.index(value)
    return Occurrence(type, path, start, start + len(value))


ANN_LEE = at("Ann Lee")
NUMBER = at("12-34", "ORDER_ID")


@pytest.mark.parametrize(
    ("found", "recall", "precision"),
    [
        pytest.param([ANN_LEE, NUMBER], 1, 1, id="both as labelled"),
        pytest.param([at("Ann Lee, 12-34")], 1, 1, id="by one entity of another type"),
        pytest.param([at("Ann"), at("Lee"), at("12"), at("34")], 1, 1, id="in pieces"),
        pytest.param([at("nn Lee"), NUMBER], 0.5, 1, id="all but one letter"),
        pytest.param([at("12-"), ANN_LEE], 0.5, 1, id="half of a number"),
        pytest.param([ANN_LEE, NUMBER, at("milk")], 1, 2 / 3, id="and a word that is nobody's"),
        pytest.param([at("milk")], 0, 0, id="something else"),
        pytest.param([], 0, None, id="nothing"),
    ],
)
def test_counts_what_is_covered_as_found_and_what_overlaps_as_right(
    found: Sequence[Occurrence], recall: float, precision: float | None
) -> None:
    tally = measure([request(ANN_LEE, NUMBER)], lambda body: found)
    assert (tally.recall(), tally.precision()) == (recall, precision)


def test_takes_recall_by_the_known_type_and_precision_by_the_found_one() -> None:
    found = [at("Ann Lee", "URL"), at("12-34", "UK_NHS"), at("milk", "PERSON"), ANN_LEE]
    tally = measure([request(ANN_LEE, at("12-34", "ES_NIF"))], lambda body: found)
    assert tally.types == {"PERSON", "NATIONAL_ID", "other"}
    assert (tally.recall("PERSON"), tally.precision("PERSON")) == (1, 0.5)
    assert (tally.recall("NATIONAL_ID"), tally.precision("NATIONAL_ID")) == (1, 1)
    assert (tally.recall("other"), tally.precision("other")) == (None, 1)
    assert tally.precision() == 3 / 4
    # 5 * 1/2 * 1 / (4 * 1/2 + 1), and 5 * 3/4 * 1 / (4 * 3/4 + 1).
    assert tally.f2("PERSON") == pytest.approx(5 / 6)
    assert tally.f2() == pytest.approx(15 / 16)
    assert tally.f2("other") is None


def test_counts_only_the_types_that_a_data_set_labels() -> None:
    found = [ANN_LEE, NUMBER, at("milk", "LOCATION")]
    tally = measure([request(ANN_LEE)], lambda body: found, frozenset({"PERSON"}))
    assert (tally.types, tally.precision()) == ({"PERSON"}, 1)


@pytest.mark.parametrize(
    ("found", "untouched"),
    [
        pytest.param([], 1, id="nothing found"),
        pytest.param([at("Ann Lee, ")], 1, id="its place within personal data does not count"),
        pytest.param([at("about oat")], 1 / 2, id="one place touched"),
        pytest.param([at("says Ann")], 1 / 2, id="its place outside personal data"),
    ],
)
def test_a_kept_string_is_untouched_where_no_place_of_it_is(
    found: Sequence[Occurrence], untouched: float
) -> None:
    kept = request(ANN_LEE, keep=("oat milk", "Ann", "not in the text"))
    assert measure([kept], lambda body: found).untouched == untouched


# What the command reads

PERSONAL = "Thank ann.lee@example.org, card 4242 4242 4242 4242, for the warm bread with oat milk."


def prompt(messages: list[dict[str, Any]], *pii: Mapping[str, Any], **fields: Any) -> Any:
    return {"messages": messages, "pii": list(pii), "keep": [], **fields}


def marked(value: str, type: str, path: str, text: str) -> dict[str, Any]:
    start = text.index(value)
    return {"type": type, "path": path, "start": start, "end": start + len(value)}


def template(text: str, address: str, number: int) -> Any:
    start = text.index(address)
    spans = [[start, start + len(address), "EMAIL_ADDRESS"]]
    return {"text": text, "spans": spans, "template_id": number, "origin": "synth_v2"}


def tweet(text: str, **values: str) -> Any:
    spans = [[text.index(v), text.index(v) + len(v), label] for label, v in values.items()]
    return {"text": text, "spans": spans}


def write(file: Path, rows: Sequence[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The test part: in it the word "bread" is an order number that nothing finds."""
    user = [{"role": "user", "content": PERSONAL}]
    pii = [
        marked("ann.lee@example.org", "EMAIL_ADDRESS", "0.content", PERSONAL),
        marked("4242 4242 4242 4242", "CREDIT_CARD", "0.content", PERSONAL),
        marked("bread", "ORDER_ID", "0.content", PERSONAL),
    ]
    write(
        tmp_path / "domain" / "test" / "pii_prompts.jsonl.gz",
        [prompt(user, *pii, keep=["oat milk"])],
    )
    write(
        tmp_path / "train" / "pii_presidio_synth.jsonl.gz",
        [
            template("Write to ann.lee@example.org.", "ann.lee@example.org", HELD_OUT),
            template("Write to bob@example.org.", "bob@example.org", SEEN),
        ],
    )
    write(
        tmp_path / "eval_only" / "pii_wnut17_test.jsonl.gz",
        [
            tweet("Thank you , Laura Jiménez , for the bread in Leeds .", person="Laura Jiménez"),
            tweet("The bread is warm .", product="bread"),
        ],
    )
    return tmp_path


def test_prints_the_figures_of_every_data_set_for_programs(data: Path) -> None:
    result = CliRunner().invoke(app, ["eval", "pii", "--data", str(data), "--json"])
    assert result.exit_code == 0, result.output
    prompts, templates, tweets = json.loads(result.stdout)["data_sets"]
    assert prompts["types"]["EMAIL_ADDRESS"] == {
        "number": 1,
        "presscheck": {"precision": 1, "recall": 1, "f2": 1},
        "presidio": {"precision": 1, "recall": 1, "f2": 1},
    }
    assert prompts["types"]["CREDIT_CARD"]["presscheck"] == {"precision": 1, "recall": 1, "f2": 1}
    assert prompts["types"]["ORDER_ID"]["presscheck"] == {
        "precision": None,
        "recall": 0,
        "f2": None,
    }
    # Two of three found and nothing else: 5 * 1 * 2/3 / (4 * 1 + 2/3).
    assert prompts["total"]["number"] == 3
    assert prompts["total"]["presscheck"] == {
        "precision": 1,
        "recall": pytest.approx(2 / 3),
        "f2": pytest.approx(5 / 7),
    }
    assert (prompts["kept_strings"], prompts["kept_untouched"]["presscheck"]) == (1, 1)
    assert prompts["person_recall"] == {"presscheck": None, "presidio": None}
    # Presidio sees an address of the web in that of the mail, which is no type of ours.
    assert templates["total"]["number"] == 1
    assert templates["types"]["other"]["presidio"]["precision"] == 1
    assert (templates["kept_strings"], templates["kept_untouched"]["presidio"]) == (0, None)
    assert list(tweets["types"]) == ["PERSON"]
    assert tweets["total"]["number"] == 1
    assert tweets["person_recall"]["presscheck"] == 1


def test_prints_tables_that_fit_a_hundred_columns(data: Path) -> None:
    command = ["eval", "pii", "--data", str(data)]
    result = CliRunner().invoke(app, command, env={"COLUMNS": "100"})
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    [row] = [line for line in lines if "ORDER_ID" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[:5] == ["ORDER_ID", "1", "-", "0.000", "-"]
    for words in (
        "model en_core_web_sm",
        "marketing prompts, test",
        "WNUT-17, test",
        "kept strings untouched",
        "total",
    ):
        assert words in result.stdout
    assert "…" not in result.stdout
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    "missing",
    [
        "domain/test/pii_prompts.jsonl.gz",
        "train/pii_presidio_synth.jsonl.gz",
        "eval_only/pii_wnut17_test.jsonl.gz",
    ],
)
def test_a_missing_file_is_named(data: Path, missing: str) -> None:
    (data / missing).unlink()
    result = CliRunner().invoke(app, ["eval", "pii", "--data", str(data)], env={"COLUMNS": "1000"})
    assert result.exit_code == 2
    assert f"There is no {data / missing}" in result.stderr


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("{Laura Jiménez", id="no JSON"),
        pytest.param('{"text": "Laura Jiménez"}', id="a field is missing"),
        pytest.param('["Laura Jiménez"]', id="no object"),
    ],
)
def test_a_broken_row_is_named_by_its_line_and_not_quoted(data: Path, row: str) -> None:
    file = data / "domain" / "test" / "pii_prompts.jsonl.gz"
    with gzip.open(file, "at", encoding="utf-8") as lines:
        lines.write(row + "\n")
    result = CliRunner().invoke(app, ["eval", "pii", "--data", str(data)], env={"COLUMNS": "1000"})
    assert result.exit_code == 2
    assert f"{file}: line 2" in result.stderr
    assert "Laura" not in result.output + repr(result.exception)


def test_a_file_that_is_not_compressed_is_named(data: Path) -> None:
    file = data / "domain" / "test" / "pii_prompts.jsonl.gz"
    file.write_text("Laura Jiménez", encoding="utf-8")
    result = CliRunner().invoke(app, ["eval", "pii", "--data", str(data)], env={"COLUMNS": "1000"})
    assert result.exit_code == 2
    assert str(file) in result.stderr


def test_the_missing_language_model_of_presidio_is_named_with_its_extra(data: Path) -> None:
    packages = data / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("en_core_web_sm"):
            (packages / entry.name).symlink_to(entry)
    # Without the module `site` nothing but this folder is searched.
    finished = subprocess.run(
        [sys.executable, "-S", "-m", "proxy", "eval", "pii", "--data", str(data)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(data), "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 2, finished.stderr
    assert "presscheck[eval]" in finished.stderr
    assert "Traceback" not in finished.stderr


def known_values(data: Path, rows: Sequence[Any]) -> list[list[str]]:
    """What the known occurrences of each prompt stand for in the texts that are walked."""
    write(data / "domain" / "test" / "pii_prompts.jsonl.gz", rows)
    prompts = read_data_sets(data, Part.TEST)[0].requests
    values = []
    for labelled in prompts:
        texts = {at.path: at.text for at in walk(labelled.body)}
        values.append([texts[o.path][o.start : o.end] for o in labelled.known if o.path in texts])
    return values


def test_finds_the_known_data_again_in_parts_and_in_the_values_of_json(data: Path) -> None:
    arguments = r'{"to": "Ask Zo\u00eb, or Zo\u00eb M.", "number": 4242424242424242, "Ann": 1}'
    call = {"id": "1", "type": "function", "function": {"name": "send", "arguments": arguments}}
    path = "0.tool_calls.0.function.arguments"
    start = arguments.rindex("Zo")
    calls = prompt(
        [{"role": "assistant", "content": None, "tool_calls": [call]}],
        {"type": "PERSON", "path": path, "start": start, "end": start + len(r"Zo\u00eb M")},
        marked("4242424242424242", "CREDIT_CARD", path, arguments),
        # A key that looks like the name of a field: the walk passes it by.
        marked("Ann", "PERSON", path, arguments),
    )
    content = [{"type": "text", "text": "Hi"}, {"type": "text", "text": TEXT}]
    parts = prompt(
        [{"role": "user", "content": content}],
        marked("Ann Lee", "PERSON", "0.content.1.text", TEXT),
    )
    assert known_values(data, [calls, parts]) == [["Zoë M", "4242424242424242"], ["Ann Lee"]]


def test_small_letters_stand_where_the_capitals_stood(data: Path) -> None:
    text = "İpek ÖZ and ANN"
    row = prompt([{"role": "user", "content": text}], marked("ANN", "PERSON", "0.content", text))
    write(data / "domain" / "test" / "pii_prompts.jsonl.gz", [row])
    [labelled] = read_data_sets(data, Part.TEST)[0].requests
    [lowered] = walk(labelled.lowered().body)
    [known] = labelled.lowered().known
    assert lowered.text == "İpek öz and ann"
    assert lowered.text[known.start : known.end] == "ann"


def test_a_place_of_a_template_is_personal_as_part_of_an_address_alone(data: Path) -> None:
    text = "Ann is in Spain at 12 Mill Lane, Leeds, 9 Kenya and likes Peru."
    spans = [
        [text.index(value), text.index(value) + len(value), label]
        for value, label in {
            "Ann": "PERSON",
            "Spain": "LOCATION",
            "12 Mill Lane": "STREET_ADDRESS",
            "Leeds": "LOCATION",
            "Kenya": "LOCATION",
            "Peru": "LOCATION",
        }.items()
    ]
    row = {"text": text, "spans": spans, "template_id": HELD_OUT, "origin": "synth_v2"}
    write(data / "train" / "pii_presidio_synth.jsonl.gz", [row])
    [labelled] = read_data_sets(data, Part.TEST)[1].requests
    known = [(text[o.start : o.end], o.type) for o in labelled.known]
    assert known == [
        ("Ann", "PERSON"),
        ("12 Mill Lane", "LOCATION"),
        ("Leeds", "LOCATION"),
        ("Kenya", "LOCATION"),
    ]
