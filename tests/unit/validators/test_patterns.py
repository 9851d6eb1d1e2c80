"""Patterns and closed lists of terms: what they find, leave alone and put right."""

import time

import pytest

from validators.base import Context, Evidence, Finding, ValidatorError
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Pattern, Rule, Term


def rule(*patterns: Pattern, terms: tuple[Term, ...] = (), **fields: object) -> Rule:
    words = {"fruit": ("apple", "pear"), "nuts": ("almond", "hazel nut")}
    return Rule.model_validate(
        {"id": "test.rule", "definition": "", "reason": "A reason.", "words": words}
        | fields
        | {"match": patterns, "terms": terms}
    )


def check(rules: Rule | list[Rule], text: str, context: Context | None = None) -> list[Finding]:
    listed = rules if isinstance(rules, list) else [rules]
    return list(Patterns(PatternsConfig(), listed).check(text, context or Context()))


def found(rules: Rule, text: str, context: Context | None = None) -> list[str]:
    return [text[f.start : f.end] for f in check(rules, text, context)]


def corrected(rules: Rule, text: str) -> str:
    edits = [finding.edit for finding in check(rules, text) if finding.edit]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


# Patterns


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (Pattern(find=r"\bcheap\b"), "CHEAP and cheaper", ["CHEAP"]),
        (Pattern(find=r"best (?P<span>price)"), "the best price", ["price"]),
        (Pattern(find=r"\L<fruit>"), "an Apple a day", ["Apple"]),
        (Pattern(find=r"\b\L<fruit|nuts>\b"), "pear and hazel nut", ["pear", "hazel nut"]),
        (Pattern(find="sale"), "s\u200bale", ["s\u200bale"]),
        (Pattern(find="sale", unless="no"), "No sale. A sale.", ["sale"]),
        (Pattern(find="sale", unless_text="no"), "No sale. A sale.", []),
        (Pattern(find="sale", near="today"), "A sale. Today.", ["sale"]),
        (Pattern(find="sale", near="today"), "A sale.", []),
    ],
)
def test_finds_where_nothing_excuses(pattern: Pattern, text: str, expected: list[str]) -> None:
    assert found(rule(pattern), text) == expected


@pytest.mark.parametrize(
    ("pattern", "brief", "is_found"),
    [
        (Pattern(find="sale", brief="flat"), "a flat to let", True),
        (Pattern(find="sale", brief="flat"), "a shoe", False),
        (Pattern(find="sale", unless_brief="flat"), "a flat to let", False),
        (Pattern(find="sale", topic="flat"), "a flat to let", True),
        (Pattern(find="sale", topic="shoe"), "", True),
        (Pattern(find="sale", topic="flat"), "", False),
    ],
)
def test_reads_the_brief(pattern: Pattern, brief: str, is_found: bool) -> None:
    assert bool(found(rule(pattern), "A shoe sale", Context(brief=brief))) == is_found


def test_evidence_clears_a_rule_that_allows_it() -> None:
    claims = rule(Pattern(find="fastest"), evidence=True)
    record = Evidence(id="ev-1", statement="Our van is the fastest in Leeds")

    assert check(claims, "Our van is the fastest in Leeds")
    assert not check(claims, "Our van is the fastest in Leeds", Context(evidence=(record,)))


def test_says_the_same_thing_once() -> None:
    assert found(rule(Pattern(find="sale"), Pattern(find="sal[ae]")), "A sale") == ["sale"]


def test_a_pattern_speaks_with_its_own_words() -> None:
    own = rule(Pattern(find="sale", score=0.6, reason="Own.", suggestion="Offer"))
    [finding] = check(own, "sale")

    assert (finding.score, finding.reason, finding.suggestion) == (0.6, "Own.", "Offer")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (rule(Pattern(find="(")), r"test\.rule: '\(' is no expression"),
        (rule(Pattern(find=r"\L<fish>")), "no word list is named 'fish'"),
        (rule(Pattern(find=r"\L<fruit|fish>")), "no word list is named 'fish'"),
        (rule(terms=(Term(term="a", group="x", unless="("),)), "is no expression"),
        (
            rule(terms=(Term(term="a", group="x"), Term(term="A", group="x"))),
            "the term 'A' is listed twice",
        ),
    ],
)
def test_a_broken_rule_is_refused_by_name(bad: Rule, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Patterns(PatternsConfig(), [bad])


def test_an_expression_that_runs_away_fails_the_check() -> None:
    runaway = rule(Pattern(find=r"(?:a|aa|a?a)+(?<=b)$"))

    with pytest.raises(ValidatorError, match=r"test\.rule ran out of time"):
        check(runaway, "a" * 5000)


# Terms

LIST = rule(
    terms=(
        Term(
            term="chairman",
            replacements=("chair", "chairperson"),
            forms={"chairmen": "chairs"},
            auto=True,
            group="gender",
            note="Fine as a title.",
        ),
        Term(term="actress", replacements=("actor",), auto=True, group="gender"),
        Term(term="air hostess", replacements=("flight attendant",), auto=True, group="gender"),
        Term(term="salesman", replacements=("sales representative",), auto=True, group="gender"),
        Term(term="manned", replacements=("staffed",), auto=True, group="gender", unless="space"),
        Term(term="unmanned", replacements=("uncrewed",), auto=True, group="gender"),
        Term(term="able-bodied", replacements=("non-disabled",), auto=True, group="disability"),
        Term(term="sissy", replacements=("(leave it out)",), auto=True, group="gender"),
        Term(term="guys", replacements=("everyone", "team"), group="gender"),
        Term(term="Eskimo", replacements=("Inuit",), auto=True, group="ethnicity"),
        Term(term="bipolar", replacements=("changeable",), auto=True, group="x", near="weather"),
        Term(term="mental", group="disability"),
        Term(term="mental case", group="disability"),
    )
)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("our chairman speaks", "our chair speaks"),
        ("Chairman wanted.", "Chair wanted."),
        ("CHAIRMAN WANTED", "CHAIR WANTED"),
        ("two chairmen met", "two chairs met"),
        ("the chairman's speech", "the chair's speech"),
        ("an actress and an air hostess", "an actor and a flight attendant"),
        ("An air hostess waves.", "A flight attendant waves."),
        ("An able-bodied crew", "A non-disabled crew"),
        ("able bodied people", "non-disabled people"),
        ("an unmanned shop", "an uncrewed shop"),
        ("A manned desk, a salesman", "A staffed desk, a sales representative"),
        ("art by an Eskimo", "art by an Inuit"),
        ("a chair\u200bman spoke", "a chair spoke"),
        (
            "It's a “manned” \u2013 well, manned \u2013 booth",
            "It's a “manned” \u2013 well, staffed \u2013 booth",
        ),
        ("what bipolar weather", "what changeable weather"),
    ],
)
def test_puts_the_better_word_in_place(text: str, after: str) -> None:
    assert corrected(LIST, text) == after


@pytest.mark.parametrize(
    "text",
    [
        "the chairmanship of the board",
        "a vice-chairman",
        'She read "Death of a salesman" aloud',
        "She read 'the salesman' to us, didn't she",
        "We saw Death of a Salesman last night",
        "Salesman Sam rides again",
        "See https://example.com/chairman or chairman.example.com",
        "Write to chairman@example.com or follow @chairman and #chairman",
        "manned space flight",
        "living with bipolar disorder",
    ],
)
def test_leaves_names_quotes_addresses_and_excused_words(text: str) -> None:
    assert found(LIST, text) == []


def test_a_text_that_stands_in_quotes_as_a_whole_quotes_nobody() -> None:
    assert corrected(LIST, '"Our chairman is here."') == '"Our chair is here."'


def test_takes_the_longest_term() -> None:
    assert found(LIST, "a mental case, a mental healthy") == ["mental case", "mental"]


def test_an_apostrophe_opens_no_quotation() -> None:
    assert found(LIST, "The players' chairman and the fans' chairman") == ["chairman", "chairman"]


@pytest.mark.parametrize(
    ("text", "score", "suggestion", "is_edited"),
    [
        ("our chairman", 0.8, "chair or chairperson", True),
        ("hey guys", 0.4, "everyone or team", False),
        ("don't be a sissy", 0.8, "(leave it out)", False),
        ("it is mental", 0.4, None, False),
    ],
)
def test_edits_only_what_the_list_is_sure_of(
    text: str, score: float, suggestion: str | None, is_edited: bool
) -> None:
    [finding] = check(LIST, text)

    assert finding.score == score
    assert finding.suggestion == suggestion
    assert (finding.edit is not None) == is_edited


def test_says_whom_a_term_concerns_and_where_it_is_fine() -> None:
    [finding] = check(LIST, "our chairman")

    assert finding.reason == "A reason. It concerns gender. Fine as a title."


def test_a_term_keeps_to_the_channels_of_its_rule() -> None:
    elsewhere = LIST.model_copy(update={"channels": ("sms",)})

    assert found(elsewhere, "our chairman") == []


def test_a_letter_that_only_looks_like_i_is_another_word() -> None:
    assert found(LIST, "a sİssy") == []


# Texts that mean harm, or are only long


@pytest.mark.parametrize(
    "text",
    ["not AI " * 14_000, '"manmade" ' * 10_000, "sale, " * 16_000, "men only " * 11_000],
)
def test_a_long_sentence_full_of_matches_takes_seconds(text: str) -> None:
    excused = rule(
        Pattern(find=r"\b(?:AI|sale|only)\b", unless=r"\bnever (?:\w+ ){0,3}(?:AI|sale)\b"),
        terms=(Term(term="manmade", group="women", unless="museum"),),
        evidence=True,
    )
    context = Context(evidence=(Evidence(id="ev-1", statement="Men like a sale."),))
    started = time.thread_time()
    check(excused, text, context)
    assert time.thread_time() - started < 30
