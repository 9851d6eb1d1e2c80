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


@pytest.mark.parametrize(
    ("text", "jurisdictions", "language"),
    [
        ("Free trial, no card needed", (), "en"),
        ("Sale a la carte menu", (), "en"),
        ("Los Angeles to Las Vegas, non-stop", (), "en"),
        ("I'd say yes, I'm sure", (), "en"),
        ("Chef de partie, EU passports only", (), "en"),
        ("Neue Kollektion ab Freitag", (), "en"),
        ("Neue Kollektion ab Freitag", ("DE",), "de"),
        ("Neue Kollektion ab Freitag", ("DE-BY",), "de"),
        ("Neue Kollektion ab Freitag", ("DE", "UK"), "en"),
        ("Neue Kollektion ab Freitag", ("CH",), "en"),
        ("Fresh bread daily", ("DE",), "en"),
        ("The menu is here, from noon.", ("FR",), "en"),
        ("Le menu est là, et la soupe aussi.", ("DE",), "fr"),
        ("L'eau est bonne.", (), "fr"),
    ],
)
def test_takes_a_text_for_foreign_only_on_clear_evidence(
    text: str, jurisdictions: tuple[str, ...], language: str
) -> None:
    (finding,) = check(text, jurisdictions=jurisdictions)
    labels = {
        "en": "This content was generated by AI.",
        "de": "Dieser Inhalt wurde von einer KI generiert.",
        "fr": "Ce contenu a été généré par une IA.",
    }
    assert finding.suggestion == labels[language]


@pytest.mark.parametrize(
    "text",
    [
        "- Soup\n- Bread",
        "• Soup\n• Bread",
        "1. Soup\n2. Bread",
        "2) Soup",
        "# Soup\nHot.",
        "Soup\n====\nHot.",
        "Soup\n---\nHot.",
        "> Soup",
        "```python\nprint('soup')\n```\nRun it.",
        "~~~\nsoup\n~~~",
        "| soup | bread |\n|---|---|\n| 1 | 2 |",
        "soup | bread\n--|--\n1 | 2",
        "    soup = 1",
    ],
)
@pytest.mark.parametrize("head", ["", "#ad\n", "Subject: Soup\n\n"])
def test_lets_the_label_stand_alone_above_what_is_no_paragraph(head: str, text: str) -> None:
    repaired = repair(head + text, check(head + text, "email"))
    assert repaired == f"{head}This content was generated by AI.\n\n{text}"
    assert not check(repaired, "email")


@pytest.mark.parametrize("text", ["-5 degrees, hot soup.", "#soup is hot.", "*Hot* soup.", "3.5 l"])
def test_lets_the_label_open_a_paragraph(text: str) -> None:
    assert repair(text, check(text)) == f"This content was generated by AI. {text}"


@pytest.mark.parametrize(
    "subject",
    [
        "Subject: Soup",
        "Objet : Soupe",
        "Objet\u00a0: Soupe",
        "Betreff: Suppe",
        "**Subject:** Soup",
        "**Subject**: Soup",
        "Subject line: Soup",
        "## Subject: Soup",
        "### **Subject line:** Soup",
        "Subject: Soup\nPreheader: Hot",
    ],
)
def test_puts_the_label_below_the_subject_of_a_mail(subject: str) -> None:
    text = f"{subject}\n\nThe soup is hot."
    label = "This content was generated by AI. "
    assert repair(text, check(text, "email")) == f"{subject}\n\n{label}The soup is hot."


@pytest.mark.parametrize(
    "text",
    [
        "positive",
        "Positive",
        "product_review",
        "yes",
        "42",
        "-3.2%",
        "€4.50",
        '"fresh bread"',
        "\u201cfresh bread\u201d",
        "I'm sorry, I can't help with that.",
        "I\u2019m sorry, but I can\u2019t assist with that. If you like, I can help otherwise.",
        "I'm sorry, but I can't comply with this request.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Lo siento, no puedo ayudarte con eso.",
        "Mi dispiace, ma non posso aiutarti.",
        "Helaas, daar kan ik je niet mee helpen.",
        "Desculpe, não posso ajudar com isso.",
        "Could you tell me the product's name?",
        "Sure! Could you share a few details about the product?",
        "Please provide the text you would like me to check.",
        "Könnten Sie mir bitte den Namen nennen?",
    ],
)
def test_asks_for_no_label_on_what_is_no_copy(text: str) -> None:
    assert not check(text, brief="a sponsored post")
    assert rules(check(text, "chatbot")) == {"disclosure.chatbot.no_intro"}


@pytest.mark.parametrize(
    "text",
    [
        "Fresh bread daily",
        '"Fresh bread daily"',
        "Best bread",
        "Soup.",
        "Delicious!",
        "SALE",
        "#soup",
        "新鲜面包每天供应",
        "Sorry, we can't stop baking.",
        "I can't help falling in love with this bagel.",
        "I'm sorry, I can't help with that diet: our new cake is out.",
        "I'm sorry, I can't help with that. Buy our bagels today!",
        "Could you tell us your favourite bagel?",
        "Could you use a break? Our café opens at seven.",
        "Which product is your favourite?",
        "I'm sorry, I can't help with that. " + "Let me know. " * 50,
    ],
)
def test_asks_for_a_label_on_short_copy(text: str) -> None:
    assert "disclosure.channel.missing" in rules(check(text))


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
    [
        '{"headline": "Soup"}',
        '["Soup", "Bread"]',
        '```json\n{"headline": "Soup"}\n```',
        '{"headline": "Soup"}\n{"headline": "Bread"}\n',
        "name,price\nSoup,4\nBread,3",
        "name;text\nSoup;'Hot, and now.'",
        "name\ttext\nSoup\tHot.",
        '```csv\nname,text\nSoup,"Hot, and now."\n```',
        '<?xml version="1.0"?>\n<!-- menu -->\n<item>Soup</item>',
        "<product><name>Soup</name></product>",
        '<svg xmlns="http://www.w3.org/2000/svg"><text>Soup</text></svg>',
        "<row/>",
    ],
)
def test_reports_structured_output_and_never_edits_it(text: str) -> None:
    findings = check(text, brief="paid post")
    assert rules(findings) == {"disclosure.structured", "disclosure.commercial.missing"}
    assert all(finding.edit is None for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        '{"caption": "AI-generated. New menu."}',
        '{"caption": "New menu."}\n{"caption": "AI-generated. New menu."}',
        f"name,text\nSoup,{'hot ' * 100}\nBread,AI-generated.",
        f"<items><item>{'hot ' * 100}</item><item>AI-generated.</item></items>",
    ],
)
def test_reads_a_disclosure_inside_structured_output(text: str) -> None:
    assert not check(text)


@pytest.mark.parametrize(
    "text",
    [
        "<div>Soup</div>",
        "<my-banner>Soup</my-banner>",
        '<?xml version="1.0"?><html><body><p>Soup</p></body></html>',
        "Roses are red, violets are blue,\nSoup is hot, and bread is too,",
        "Soup, hot\nBread, fresh",
        "4,50\n3,20",
        "[Soup] is hot.",
    ],
)
def test_edits_what_only_looks_structured(text: str) -> None:
    findings = check(text)
    assert rules(findings) == {"disclosure.channel.missing"}
    assert all(finding.edit for finding in findings)


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


@pytest.mark.parametrize(
    "text",
    [
        "They sent it to me for free! Use my code LENA10.",
        "Obsessed with these trainers, use code LENA10 for 10% off.",
        "Obsessed with these trainers! Use LENA10.",
        "I was gifted this serum.",
        "[gifted] My new favourite mug.",
        "Unboxing my PR package today.",
        "I made this cake in partnership with GlowCo.",
        "Mit meinem Code LENA10 spart ihr.",
        "Con mi código LENA10 tenéis descuento.",
    ],
)
def test_hears_that_somebody_is_paid(text: str) -> None:
    assert rules(check(text, generated=False)) == {"disclosure.commercial.missing"}
    assert not check(f"#ad {text}", generated=False)


@pytest.mark.parametrize(
    "text",
    [
        "10% off with code ANNA.",
        "Use code SPRING10 at checkout.",
        "My favourite trick: use AI to plan the week.",
        "A school for gifted children.",
        "The painting was gifted by the mayor in 1920.",
        "We planted trees in partnership with the city.",
        "We design PR packages for small brands.",
        "A customer sent us a photo to review.",
        "We sent it to you for free.",
        "My code compiles.",
    ],
)
def test_takes_nobody_for_paid_without_a_sign(text: str) -> None:
    assert not check(text, generated=False)


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
    [
        "AI wrote this. " * 1000,
        "<div hidden " * 1000,
        "---\n" * 3000,
        "-" * 20_000,
        "AI " * 5000,
        "#a " * 5000,
        "<!---->" * 5000,
        "<a>" + "</a " * 5000,
        "{}" * 5000,
        "a,b\n" * 5000 + "a",
        "Subject:\n" * 5000,
    ],
)
def test_reads_a_hostile_text_to_its_end(text: str) -> None:
    assert check(text) is not None


@pytest.mark.parametrize("text", ["", " \n"])
def test_asks_nothing_of_an_empty_text(text: str) -> None:
    assert not check(text)
