"""guardrails-ai both ways, with its real packages: ban_list and competitor_check."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policies.catalogue import load_catalogue
from validators.base import Channel, Context, Edit, Finding, ValidatorError
from validators.guardrails import GuardrailsConfig, GuardrailsValidator, export_validators
from validators.registry import create_validator
from validators.rules import Rule

BAN_LIST = "guardrails_ai.ban_list:BanList"
FAKES = "tests.fakes.guardrails_validators"


def rule(name: str, **fields: Any) -> Rule:
    return Rule(
        id=f"guardrails.{name}",
        definition="A house rule.",
        reason="Uses a word that the house does not use.",
        suggestion="Leave it out.",
        **fields,
    )


def ban_list(*words: str, validator: str = BAN_LIST) -> GuardrailsValidator:
    config = GuardrailsConfig(
        validator=validator, args={"banned_words": list(words), "max_l_dist": 0}
    )
    return GuardrailsValidator(config, [rule("ban_list")])


def own(name: str, **fields: Any) -> GuardrailsValidator:
    return GuardrailsValidator(
        GuardrailsConfig(validator=f"{FAKES}:{name}", rule="guardrails.own"),
        [rule("own", **fields)],
    )


def quoted(findings: Any, text: str) -> list[str]:
    return [text[finding.start : finding.end] for finding in findings]


@pytest.mark.parametrize("validator", [BAN_LIST, "guardrails/ban_list"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Our bread is guaranteed fresh.", ["guaranteed"]),
        ("GUARANTEED: guaranteed fresh!", ["GUARANTEED", "guaranteed"]),
        ("Our bread is fresh.", []),
        ("Ünser Brot 🥖 guaranteed", ["guaranteed"]),
        ("", []),
    ],
)
def test_finds_what_an_installed_validator_finds_in_whole_words(
    validator: str, text: str, found: list[str]
) -> None:
    findings = ban_list("guaranteed", validator=validator).check(text, Context())
    assert quoted(findings, text) == found
    for finding in findings:
        assert (finding.rule, finding.score) == ("guardrails.ban_list", 1.0)
        assert finding.reason == "Uses a word that the house does not use."
        assert finding.suggestion == "Leave it out."


def test_does_not_offer_a_fix_that_leaves_a_piece_of_a_word() -> None:
    # The fix of ban_list 0.1.0 is "Our bread is g fresh.".
    (finding,) = ban_list("guaranteed").check("Our bread is guaranteed fresh.", Context())
    assert finding.edit is None


def test_a_failure_without_spans_is_about_the_whole_text_and_its_edit_is_the_smallest() -> None:
    text = "In every colour, even grey."
    (finding,) = own("American").check(text, Context())
    assert (finding.start, finding.end) == (0, len(text))
    assert finding.edit == Edit(9, 26, "color, even gray")


def test_each_span_has_the_edit_of_its_own_place() -> None:
    text = "Such a cheap trick, so cheap."
    findings = own("Spans").check(text, Context())
    assert quoted(findings, text) == ["cheap", "cheap"]
    assert [finding.edit for finding in findings] == [
        Edit(7, 12, "affordable"),
        Edit(23, 28, "affordable"),
    ]


def test_a_span_outside_the_text_is_taken_for_the_whole_text() -> None:
    (finding,) = own("Beyond").check("Short.", Context())
    assert (finding.start, finding.end) == (0, 6)


def test_a_rewritten_text_is_no_edit() -> None:
    (finding,) = own("Rewriting").check("bread " * 3000, Context())
    assert finding.edit is None


def test_never_repeats_what_the_validator_says_about_the_text() -> None:
    (finding,) = own("Spans").check("cheap CANARY", Context())
    assert "CANARY" not in repr(finding)


@pytest.mark.parametrize("name", ["Silent", "Failing"])
def test_a_validator_that_gives_no_result_is_a_failed_check_and_no_pass(name: str) -> None:
    with pytest.raises(ValidatorError, match=name):
        own(name).check("Some text.", Context())


def test_looks_only_where_its_rule_applies() -> None:
    validator = own("Spans", channels=("email",), jurisdictions=("EU",))
    email = Context(channel=Channel(name="email"), jurisdictions=("DE",))
    assert validator.check("cheap", email)
    assert not validator.check("cheap", Context(jurisdictions=("DE",)))
    assert not validator.check("cheap", Context(channel=Channel(name="email")))


def test_two_texts_at_once_do_not_see_each_other() -> None:
    validator = own("Forgetful")
    texts = ["short", "a much longer text"]
    with ThreadPoolExecutor(2) as threads:
        ends = [
            found[0].end
            for found in threads.map(lambda text: validator.check(text, Context()), texts)
        ]
    assert ends == [len(text) for text in texts]


@pytest.mark.parametrize(
    ("validator", "args", "words"),
    [
        ("guardrails/no_such_thing", {}, "guardrails_ai.no_such_thing"),
        ("guardrails_ai.ban_list:NoSuchClass", {}, "NoSuchClass"),
        (BAN_LIST, {"words": ["a"]}, "words"),
        (f"{FAKES}:Demanding", {}, "needs metadata that no check has: sources"),
        # Its model is a download of its own that we do not make.
        ("guardrails/competitor_check", {"competitors": ["Acme"]}, "en_core_web_trf"),
        (
            "guardrails/competitor_check",
            {"competitors": ["Acme"], "use_local": False},
            "remote service",
        ),
    ],
)
def test_refuses_a_validator_that_cannot_run_when_it_is_built(
    validator: str, args: dict[str, Any], words: str
) -> None:
    config = GuardrailsConfig(validator=validator, args=args, rule="guardrails.own")
    with pytest.raises(ValidatorError, match=words):
        GuardrailsValidator(config, [rule("own")])


def test_refuses_a_validator_without_a_rule() -> None:
    with pytest.raises(ValueError, match=r"no rule 'guardrails.ban_list'.*custom_rules"):
        GuardrailsValidator(GuardrailsConfig(validator=BAN_LIST), [])


# Ours for theirs.

COPY = "Our bread is baked this morning."
LABELLED = "This content was generated by AI. Our bread is baked this morning."
EXPORTED = export_validators()
CATALOGUE = load_catalogue()


def guard(name: str, **arguments: Any) -> Any:
    from guardrails import Guard  # It is silent once our module has imported it.

    return Guard().use(EXPORTED[name](CATALOGUE.family(name), **arguments))


def test_every_validator_of_ours_is_registered_under_our_name() -> None:
    assert {"toxicity", "bias", "claims", "disclosure", "manipulation", "privacy"} <= set(EXPORTED)
    for name, exported in EXPORTED.items():
        assert exported.rail_alias == f"presscheck/{name}"
        assert exported.__name__ == f"Presscheck{name.title()}"


def test_on_fail_fix_returns_the_repaired_text() -> None:
    outcome = guard("disclosure", on_fail="fix").validate(COPY)
    assert outcome.validation_passed
    assert outcome.validated_output == LABELLED


def test_on_fail_noop_returns_the_text_as_it_is_and_says_what_is_wrong() -> None:
    outcome = guard("disclosure", on_fail="noop").validate(COPY)
    assert outcome.validated_output == COPY
    assert not outcome.validation_passed
    (summary,) = outcome.validation_summaries
    assert summary.validator_status == "fail"
    assert [(span.start, span.end) for span in summary.error_spans] == [(0, 0)]


def test_on_fail_reask_gives_the_reasons_to_ask_again_with() -> None:
    outcome = guard("disclosure", on_fail="reask").validate(COPY)
    (failure,) = outcome.reask.fail_results
    assert failure.error_message
    assert failure.fix_value == LABELLED


@pytest.mark.parametrize("on_fail", ["exception", None])
def test_on_fail_exception_raises(on_fail: str | None) -> None:
    from guardrails.errors import ValidationError

    with pytest.raises(ValidationError, match="Validation failed"):
        guard("disclosure", on_fail=on_fail).validate(COPY)


def test_a_text_without_findings_passes() -> None:
    outcome = guard("disclosure", on_fail="exception").validate(LABELLED)
    assert outcome.validation_passed
    assert outcome.validated_output == LABELLED


def test_a_text_that_has_no_full_repair_is_not_let_through_by_fix() -> None:
    outcome = guard("manipulation", on_fail="fix").validate(bad_example("manipulation"))
    assert outcome.validated_output is None
    assert not outcome.validation_passed


def test_the_score_decides_what_counts() -> None:
    assert guard("disclosure", on_fail="exception", min_score=1.01).validate(COPY)


def test_something_else_than_text_is_refused() -> None:
    validator = EXPORTED["claims"](CATALOGUE.family("claims"))
    with pytest.raises(TypeError, match="checks text, not int"):
        validator.validate(5, {})


def bad_example(family: str) -> str:
    rule = next(r for r in CATALOGUE.family(family) if r.match and r.examples.bad)
    return rule.examples.bad[0]


def test_findings_are_those_of_the_validator_itself() -> None:
    text = bad_example("manipulation")
    result = EXPORTED["manipulation"](CATALOGUE.family("manipulation")).validate(text, {})
    expected = create_validator("manipulation", {}, CATALOGUE.family("manipulation"))
    spans = [(f.start, f.end) for f in expected.check(text, Context()) if f.score >= 0.5]
    assert [(span.start, span.end) for span in result.error_spans] == spans
    assert spans
    assert isinstance(expected.check(text, Context())[0], Finding)
