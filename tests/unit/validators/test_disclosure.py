"""Disclosure: what counts as one, where it must stand, and what is inserted where none does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from policies.catalogue import load_catalogue
from policies.channels import load_channels
from validators.base import Context, Finding
from validators.disclosure import Disclosure, DisclosureConfig
from validators.disclosure_duty import Profile
from validators.disclosure_wordings import find_mentions
from validators.length import count_hashtags, excess, is_gsm
from validators.text import normalise

WORDINGS = yaml.safe_load(
    Path(__file__).with_name("disclosure_wordings.yaml").read_text(encoding="utf-8")
)
ACCEPTED = [
    (language, wording) for language, listed in WORDINGS["accepted"].items() for wording in listed
]
LOOKALIKES = list(itertools.chain.from_iterable(WORDINGS["lookalikes"].values()))
RULES = load_catalogue().family("disclosure")
CHANNELS = load_channels()
DUE = {
    "disclosure.channel.missing",
    "disclosure.placement.buried",
    "disclosure.chatbot.no_intro",
}
COPY = {
    "en": "Fresh bagels from 7am, and the coffee is on us this week.",
    "de": "Der neue Hofladen ist da, und wir haben auch für Ihre Kinder Platz.",
    "fr": "Le marché ouvre vendredi, et nous avons du vin chaud pour vous.",
    "es": "El taller abre hoy, con café para todos los que pasen por la tienda.",
    "it": "Il negozio apre domenica, con caffè per tutti e una torta della nonna.",
    "nl": "Het nieuwe terras is open, en wij hebben ook een hapje voor je.",
    "pt": "O mercado abre hoje, com café para todos e uma surpresa da avó.",
}


def check(text: str, channel: str = "generic", **options: Any) -> Sequence[Finding]:
    profile, wording = options.pop("profile", "label_everything"), options.pop("wording", None)
    context = Context(channel=CHANNELS.find(channel), **options)
    return validator(profile, wording).check(text, context)


@cache
def validator(profile: Profile, wording: str | None) -> Disclosure:
    return Disclosure(DisclosureConfig(profile=profile, wording=wording), RULES)


def rules(findings: Sequence[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def repair(text: str, findings: Sequence[Finding]) -> str:
    """Apply the edits; those at one offset in the order of their findings."""
    edits = [finding.edit for finding in findings if finding.edit]
    for start in sorted({edit.start for edit in edits}, reverse=True):
        inserted = "".join(edit.replacement for edit in edits if edit.start == start)
        text = text[:start] + inserted + text[start:]
    return text


@pytest.mark.parametrize(("language", "wording"), ACCEPTED)
def test_accepts_every_listed_wording(language: str, wording: str) -> None:
    assert find_mentions(normalise(wording), is_chat=language == "chat")


@pytest.mark.parametrize("text", LOOKALIKES)
@pytest.mark.parametrize("rest", ["", ".", ". New menu from Friday."])
def test_accepts_nothing_that_only_looks_like_a_disclosure(text: str, rest: str) -> None:
    assert not find_mentions(normalise(text + rest))


@pytest.mark.parametrize(
    "text",
    [
        "This\u00a0post was writ\u200bten by AI.",
        "THIS POST WAS WRITTEN BY A.I.",
        "This caption was written by \U0001d5d4\U0001d5dc",
        "Th\u0456s post was wr\u0456tten by \u0410I",
        "The pool reopens on Monday. AI wrote this notice, Kim checked it.",
        "Text by AI, photo by Jo. Open till six.",
        "✨ text by AI ✨ Open till six.",
        "Our captions are written by AI and signed off by Ana.",
        "Este texto lo ha escrito una IA.",
        "Die Texte auf dieser Website wurden mithilfe von KI geschrieben.",
    ],
)
def test_accepts_a_disclosure_however_it_is_typed(text: str) -> None:
    assert find_mentions(normalise(text))


@pytest.mark.parametrize(
    "text",
    [
        "AI-generated leads for your pipeline.",
        "Robots made with AI brains.",
        "The drawings in this article were made with AI.",
        "Header photo: AI-generated. Words by our shoemaker.",
        "Was this post written by AI?",
        "This post was written by AI... kidding!",
        "This post may be AI-generated.",
        'Tonight we read "This text was written by AI", a comedy.',
        "People ask if a bot writes our column.",
        "Written by Claude, our pastry chef for thirty years.",
        "J'ai écrit ce texte dans le train.",
        "Texte généré par une IA. The market is open and we have soup for you.",
        "AI experts wrote this guide.",
    ],
)
def test_accepts_no_mention_that_is_about_something_else(text: str) -> None:
    assert not find_mentions(normalise(text))


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("instagram", "a" * 120 + ". This post was written by AI."),
        ("instagram", "New menu. #soup #aigenerated #love"),
        ("facebook", "Open again from Friday... See more\n\nThis post was written by AI."),
        ("facebook", "Open again from Friday.\n\nFirst comment: This post was AI-generated."),
        ("email", "The bulbs are in.\n\nTexts: AI-generated. Unsubscribe. Registered office."),
        ("landing_page", "<p>Boats.</p><!-- this text was written by AI -->"),
        ("landing_page", "<p>Boats.</p><div hidden>Written with AI.</div><p>More.</p>"),
        ("landing_page", "Boats.\n\n![AI-generated text](boat.png)"),
        ("blog", "<noscript>AI-written page</noscript> Ring the yard."),
    ],
)
def test_reports_a_disclosure_that_few_readers_see(channel: str, text: str) -> None:
    assert rules(check(text, channel)) & DUE == {"disclosure.placement.buried"}


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("instagram", "#AIgenerated Our spring menu is here. #porto #brunch"),
        ("instagram", "#ad AI-generated. New menu from Friday."),
        ("x", "Museum late: cake on the first floor. (AI-written)"),
        ("email", "Bring boxes.\n\nWritten with AI, reviewed by Hanna.\n\nUnsubscribe"),
        ("sms", "Silver screening Thu 11am. STOP to end. -AI-written-"),
        ("landing_page", "<h1>Boats</h1><p>The text on this page was created with AI.</p>"),
    ],
)
def test_is_content_with_a_disclosure_that_readers_see(channel: str, text: str) -> None:
    assert not rules(check(text, channel)) & DUE


@pytest.mark.parametrize("language", COPY)
def test_inserts_the_label_in_the_language_of_the_text(language: str) -> None:
    labels = {
        "en": "This content was generated by AI. ",
        "de": "Dieser Inhalt wurde von einer KI generiert. ",
        "fr": "Ce contenu a été généré par une IA. ",
        "es": "Este contenido ha sido generado por IA. ",
        "it": "Questo contenuto è stato generato dall'IA. ",
        "nl": "Deze inhoud is gegenereerd door AI. ",
        "pt": "Este conteúdo foi gerado por IA. ",
    }
    text = COPY[language]
    assert repair(text, check(text)) == labels[language] + text


@pytest.mark.parametrize(
    ("channel", "text", "repaired"),
    [
        ("x", "New menu.", "AI-generated. New menu."),
        ("sms", "New menu.", "AI-written. New menu."),
        ("display_ad", "New menu.", "AI-written. New menu."),
        ("chatbot", "Hello!", "You're chatting with an AI assistant, not a person. Hello!"),
        ("instagram", "#ad New menu.", "#ad AI-generated. New menu."),
        ("blog", "# Soup\n\nHot.", "This content was generated by AI.\n\n# Soup\n\nHot."),
        (
            "email",
            "Subject: Soup\n\nHello,\n\nit is hot.",
            "Subject: Soup\n\nThis content was generated by AI.\n\nHello,\n\nit is hot.",
        ),
        (
            "landing_page",
            "<html><body><h1>Soup</h1></body></html>",
            "<html><body><p>This content was generated by AI.</p>\n<h1>Soup</h1></body></html>",
        ),
        ("x", "a" * 267, "#AIgenerated " + "a" * 267),
    ],
)
def test_puts_the_label_first(channel: str, text: str, repaired: str) -> None:
    assert repair(text, check(text, channel)) == repaired


def test_says_how_much_too_long_a_text_is_for_any_label() -> None:
    (finding,) = check("a" * 275, "x")
    assert finding.edit is None
    assert "shorten the text by 8 characters" in finding.reason


def test_prefers_prose_to_one_hashtag_too_many() -> None:
    text = "Soup. " + " ".join(f"#soup{number}" for number in range(5))
    repaired = repair(text, check(text, "instagram", brief="paid post"))
    assert repaired.startswith("Ad: AI-generated. Soup.")
    assert count_hashtags(repaired) == 5


@pytest.mark.parametrize("channel", CHANNELS.profiles)
@pytest.mark.parametrize("brief", ["", "paid post"])
def test_repairs_once_and_for_all_on_every_channel(channel: str, brief: str) -> None:
    profile = CHANNELS.find(channel)
    repairable = {*DUE, "disclosure.commercial.missing"}
    texts = [*COPY.values(), *LOOKALIKES[::3], *(wording for _, wording in ACCEPTED[::3])]
    for text in [*texts, *(f"{COPY['en']}\n\n{text} #one #two #three" for text in texts)]:
        findings = check(text, channel, brief=brief)
        repaired = repair(text, findings)
        again = check(repaired, channel, brief=brief)
        if all(finding.edit for finding in findings if finding.rule in repairable):
            assert not rules(again) & repairable, repaired
        assert repair(repaired, again) == repaired
        assert repaired == text or excess(repaired, profile) <= 0
        if channel == "sms" and is_gsm(text):
            assert is_gsm(repaired)


@pytest.mark.parametrize(
    "text",
    ['{"headline": "Soup"}', '["Soup", "Bread"]', '```json\n{"headline": "Soup"}\n```'],
)
def test_reports_structured_output_and_never_edits_it(text: str) -> None:
    findings = check(text, brief="paid post")
    assert rules(findings) == {"disclosure.structured", "disclosure.commercial.missing"}
    assert all(finding.edit is None for finding in findings)


def test_reads_a_disclosure_inside_structured_output() -> None:
    assert not check('{"caption": "AI-generated. New menu."}')


@pytest.mark.parametrize("text", ["#ad Obsessed with these trainers.", "Sponsored: new trainers."])
def test_never_takes_an_ad_label_for_an_ai_label(text: str) -> None:
    found = rules(check(text, "instagram", brief="paid post"))
    assert "disclosure.channel.missing" in found
    assert "disclosure.commercial.missing" not in found


def test_never_takes_an_ai_label_for_an_ad_label() -> None:
    text = "AI-generated. Obsessed with these trainers."
    findings = check(text, "instagram", brief="paid post")
    assert rules(findings) == {"disclosure.commercial.missing"}
    assert repair(text, findings) == "#ad AI-generated. Obsessed with these trainers."


def test_puts_the_ad_label_before_the_ai_label() -> None:
    text = "Obsessed with these trainers."
    repaired = repair(text, check(text, "instagram", brief="paid post"))
    assert repaired == "#ad AI-generated. Obsessed with these trainers."


def test_asks_nothing_of_a_text_that_a_person_wrote() -> None:
    assert not check("Written by humans. Fresh bagels.", generated=False)


@pytest.mark.parametrize("text", WORDINGS["lookalikes"]["denials"])
def test_reports_a_false_denial(text: str) -> None:
    assert "disclosure.negation_false" in rules(check(text))


def test_doubts_a_denial_beside_a_disclosure() -> None:
    (finding,) = check("This post was written by people with help from AI.")
    assert (finding.rule, finding.score) == ("disclosure.negation_false", 0.4)


@pytest.mark.parametrize(
    ("profile", "channel", "jurisdictions", "text", "is_due"),
    [
        ("legal_minimum", "blog", ("EU",), "What the housing levy means for you.", True),
        ("legal_minimum", "blog", ("DE",), "Five facts about drinking water.", True),
        ("legal_minimum", "blog", ("US",), "Five facts about drinking water.", False),
        ("legal_minimum", "instagram", ("EU",), "Fresh bagels from 7am!", False),
        ("legal_minimum", "instagram", ("CN",), "Fresh bagels from 7am!", True),
        ("legal_minimum", "chatbot", (), "Hello!", True),
        ("recommended", "blog", ("US",), "Five facts about drinking water.", True),
        ("recommended", "press_release", (), "We open in Porto.", True),
        ("recommended", "x", (), "I tried the new blend for a week.", True),
        ("recommended", "x", ("EU",), "Safety boots, 20% off, order now.", False),
        ("recommended", "blog", (), "bagel " * 151, True),
        ("label_everything", "x", (), "Fresh bagels from 7am!", True),
    ],
)
def test_asks_for_a_disclosure_as_the_profile_says(
    profile: str, channel: str, jurisdictions: tuple[str, ...], text: str, is_due: bool
) -> None:
    found = rules(check(text, channel, profile=profile, jurisdictions=jurisdictions))
    assert bool(found & DUE) is is_due


def test_inserts_the_house_wording_where_it_fits() -> None:
    text, wording = "Fresh bagels.", "Written with AI, reviewed by our team"
    assert repair(text, check(text, wording=wording)) == f"{wording}. {text}"
    assert repair(text, check(text, "display_ad", wording=wording)) == f"{wording}. {text}"
    long = "Fresh bagels. " * 5
    assert repair(long, check(long, "display_ad", wording=wording)) == f"AI-written. {long}"


def test_refuses_a_house_wording_that_discloses_nothing() -> None:
    with pytest.raises(ValidationError, match="does not say that AI wrote the text"):
        DisclosureConfig(wording="Powered by AI")


@pytest.mark.parametrize(
    ("text", "jurisdictions", "inserted"),
    [
        ("Loans up to 5,000 EUR in minutes.", ("EU",), "Caution! Borrowing money costs money. "),
        (
            "Der Kredit bis 5.000 EUR ist für Sie da.",
            ("DE",),
            "Achtung! Kreditaufnahme kostet Geld. ",
        ),
        ("Loans up to 5,000 GBP in minutes.", ("UK",), None),
        ("Fibre from 34 EUR a month.", ("EU",), None),
    ],
)
def test_warns_of_credit_in_the_eu(
    text: str, jurisdictions: tuple[str, ...], inserted: str | None
) -> None:
    findings = check(text, generated=False, jurisdictions=jurisdictions)
    edits = [finding.edit.replacement for finding in findings if finding.edit]
    assert edits == ([inserted] if inserted else [])
    if inserted:
        assert not check(inserted + text, generated=False, jurisdictions=jurisdictions)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("disclosure.chatbot.denies_ai", "I'm a human, I just type fast."),
        ("disclosure.chatbot.denies_ai", "Nein, ich bin ein Mensch."),
        ("disclosure.chatbot.denies_ai", "I am definitely not a robot."),
        ("disclosure.chatbot.no_handover", "You can't speak to a human."),
        ("disclosure.chatbot.professional", "As your lawyer, I would sign."),
        ("disclosure.chatbot.professional", "Dr. Ames here, tell me more."),
    ],
)
def test_hears_what_a_chatbot_must_not_say(rule: str, text: str) -> None:
    assert rule in rules(check(text, "chatbot"))
    assert rule not in rules(check(text, "blog"))


@pytest.mark.parametrize(
    "text",
    [
        "I'm an AI assistant, not a person. Shall I pass you to a colleague?",
        "I can't transfer you tonight. Leave your number and a person calls tomorrow.",
        "I'm not a lawyer; I'm an AI assistant.",
        "Ich bin ein KI-Assistent, kein Mensch.",
    ],
)
def test_hears_nothing_wrong_in_an_honest_chatbot(text: str) -> None:
    wrong = {f"disclosure.chatbot.{name}" for name in ("denies_ai", "no_handover", "professional")}
    assert not rules(check(text, "chatbot")) & wrong


@pytest.mark.parametrize(
    "text",
    ["AI wrote this. " * 1000, "<div hidden " * 1000, "---\n" * 3000, "AI " * 5000, "#a " * 5000],
)
def test_reads_a_hostile_text_to_its_end(text: str) -> None:
    assert check(text) is not None


@pytest.mark.parametrize("text", ["", " \n"])
def test_asks_nothing_of_an_empty_text(text: str) -> None:
    assert not check(text)
