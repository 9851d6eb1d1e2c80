"""`presscheck optouts`, as an operator types it."""

import stat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from proxy.commands import audit, optouts

app = typer.Typer()
app.add_typer(optouts.app, name="optouts")
app.add_typer(audit.app, name="audit")

LIST = """\
contact,channel,purpose,status,captured_at,basis,jurisdiction,source,text_version,evidence_ref
Laura@Example.com,email,newsletter,opt_out,2026-05-01,,ES,form-7,,
tom@example.com,email,newsletter,opt_in,2026-05-01T09:30:00+02:00,consent,UK,shop,v3,ev-1

+44 7700 900123,sms,*,,,,,,,
"""


class Desk:
    """A home of its own and an operator before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "presscheck.yaml"
        self.set_up("")

    def set_up(self, more: str) -> None:
        self.config.write_text(f"home: {self.folder}/home\n{more}")

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content, encoding="utf-8")
        return str(self.folder / name)

    def types(self, line: str, *, given: str = "", exit_code: int = 0) -> str:
        """Run a command with something on standard input, and return all that it printed."""
        words = ["optouts", *line.split(" "), "--config", str(self.config)]
        result = CliRunner().invoke(app, words, input=given, env={"COLUMNS": "200"})
        assert result.exit_code == exit_code, result.output
        return result.output


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_notes_opt_outs_and_says_by_line_who_may_be_written_to(desk: Desk) -> None:
    said = desk.types("add --channel email --source phone-call", given="a@x.example\n+4930901820\n")
    assert said == "2 opt-outs noted.\n"
    file = desk.file("people.txt", "b@x.example\n\n A@X.example \n")
    asked = f"check {file} --channel email --purpose newsletter"
    assert desk.types(asked, exit_code=1) == "1: unknown\n3: blocked\n"
    assert desk.types(f"check {file} --channel sms --purpose ads") == "1: unknown\n3: unknown\n"


def test_takes_in_a_list_and_gives_it_back_without_an_address(desk: Desk, tmp_path: Path) -> None:
    said = desk.types(f"import {desk.file('list.csv', LIST)}")
    assert said == "3 entries read, 3 of them new or newer than what was known.\n"
    assert stat.S_IMODE((tmp_path / "home" / "pepper").stat().st_mode) == 0o600
    exported = desk.types("export --output -")
    for part in ("laura", "tom", "example.com", "7700"):
        assert part not in exported.lower()
    assert "opt_in,2026-05-01T07:30:00+00:00,consent,UK,shop,v3,,ev-1" in exported
    out = tmp_path / "out.csv"
    desk.types(f"export --output {out}")
    assert "0 of them new" in desk.types(f"import {out}")
    # Elsewhere the hashes are worth something with the same pepper alone.
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.set_up(f"pepper: {(tmp_path / 'home' / 'pepper').read_text()}")
    assert "3 of them new" in other.types(f"import {out}")
    asked = "check --channel email --purpose newsletter"
    assert other.types(asked, given="laura@example.com\n", exit_code=1) == "1: blocked\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("secret@x.example\n", "line 1: the name of column 1"),
        ("contact;channel\nsecret@x.example;sms\n", "separated by commas"),
        ("channel\nsms\n", "must be contact or hash"),
        ("contact,contact\na@x.example,secret\n", "none may stand twice"),
        ("contact\na@x.example\nsecret\n", "line 3: contact is neither"),
        ("contact\n0151 555 0123\n", "line 2: contact is no phone number with a country code"),
        ("contact,channel\nsecret@x.example,secret\n", "line 2: channel is none of"),
        ("contact,purpose\nsecret@x.example,Secret Sale\n", "line 2: purpose"),
        ("contact,status\nsecret@x.example,secret\n", "line 2: status"),
        ("contact,status\nsecret@x.example,opt_in\n", "an opt-in needs captured_at"),
        ("contact,captured_at\nsecret@x.example,1/2/secret\n", "line 2: captured_at is no date"),
        ("contact,source\na@x.example,secret@x.example\n", "line 2: source"),
        ("contact,channel\nsecret@x.example\n", "line 2: has 1 values"),
        ('contact\n"secret@x.example\n', "quotes are not closed"),
        ("hash,kind\nsecret,email\n", "line 2: hash"),
    ],
)
def test_takes_in_nothing_of_a_wrong_list_and_repeats_none_of_it(
    desk: Desk, content: str, words: str
) -> None:
    said = desk.types(f"import {desk.file('list.csv', content)}", exit_code=1)
    assert words in said
    assert "secret" not in said.lower()
    assert "Traceback" not in said


def test_one_wrong_line_keeps_all_out(desk: Desk) -> None:
    file = desk.file("list.csv", "contact\na@x.example\n?\n")
    desk.types(f"import {file}", exit_code=1)
    asked = "check --channel email --purpose newsletter"
    assert desk.types(asked, given="a@x.example\n") == "1: unknown\n"


def test_a_list_that_is_no_text_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"contact\n\xff\xfe\n")
    assert "is no UTF-8 text" in desk.types(f"import {tmp_path / 'list.csv'}", exit_code=1)
    said = desk.types(f"check {tmp_path / 'list.csv'} --channel sms --purpose ads", exit_code=1)
    assert said == "The contacts are no UTF-8 text.\n"


def test_numbers_of_the_house_country_need_no_country_code(desk: Desk) -> None:
    desk.set_up("phone_region: UK\n")
    desk.types("add", given="07700 900123\n")
    asked = "check --channel sms --purpose ads"
    assert desk.types(asked, given="+44 7700 900123\n", exit_code=1) == "1: blocked\n"


def test_erases_and_says_what_remains(desk: Desk) -> None:
    desk.types(f"import {desk.file('list.csv', LIST)}")
    said = desk.types("erase --reason ticket-1", given="laura@example.com\ntom@example.com\n")
    assert said == "1 entries erased, 1 opt-outs kept as bare hashes.\n"
    assert "ticket-1" in desk.types("export --output -")


@pytest.mark.parametrize(
    "line",
    [
        "add",
        "add --channel secret",
        "add --purpose Secret!",
        "check --channel sms --purpose ads",
        "check --channel secret --purpose ads",
        "erase",
        "erase --reason Secret!",
    ],
)
def test_a_wrong_contact_or_option_does_nothing_and_is_not_repeated(desk: Desk, line: str) -> None:
    desk.types("add", given="a@x.example\n")
    wrong = "a@x.example\n" if "ecret" in line else "a@x.example\n\nsecret\n"
    said = desk.types(line, given=wrong, exit_code=1)
    assert "ecret" not in said
    assert "ecret" in line or "line 3 is neither" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("purpose", ["Newsletter", "news-letter", "newsletter!"])
def test_a_purpose_that_is_none_clears_nobody(desk: Desk, purpose: str) -> None:
    desk.types("add --purpose newsletter", given="a@x.example\n")
    asked = f"check --channel email --purpose {purpose}"
    said = desk.types(asked, given="a@x.example\n", exit_code=1)
    assert "purpose" in said
    assert "unknown" not in said


def test_another_pepper_is_noticed(desk: Desk) -> None:
    desk.types("add", given="a@x.example\n")
    desk.set_up("pepper: another pepper than that\n")
    for line in ("add", "check --channel sms --purpose ads", "erase"):
        said = desk.types(line, given="a@x.example\n", exit_code=1)
        assert "made with another pepper" in said


def test_asks_for_a_contact_nowhere_but_in_a_file_or_on_standard_input(desk: Desk) -> None:
    said = desk.types("add someone@x.example", exit_code=2)
    assert "does not exist" in said
