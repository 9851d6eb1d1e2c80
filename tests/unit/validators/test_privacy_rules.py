"""The privacy rules: what their patterns see, and what they leave alone."""

from __future__ import annotations

import pytest

from policies.catalogue import load_catalogue
from validators.base import Channel, Context
from validators.patterns import Patterns, PatternsConfig

BROKEN = {
    "privacy.input.direct_identifier": [
        "Mail peter.smith@company.example about his quote.",
        "Ring +49 171 2345678 and offer a discount.",
        "Write to Hannah Berg, 14 Elm Road, Leeds.",
        "Text 07700 900123 about the sale.",
    ],
    "privacy.input.special_category": [
        "Our customer Paula is pregnant, suggest a pram.",
        "Mention that Mr Hill has diabetes.",
        "She converted to Islam, so leave out the ham.",
        "Refer to his depression.",
        "The client was diagnosed with cancer last week.",
    ],
    "privacy.input.secret": [
        "The card is 5500 0000 0000 0004.",
        "IBAN DE89 3704 0044 0532 0130 00 for the refund.",
        "SSN 123-45-6789.",
        "Use AKIAIOSFODNN7EXAMPLE for upload.",
        "The password is hunter22.",
    ],
    "privacy.input.minor": [
        "Story about Mia, 9, who won the race at her school.",
        "Our neighbour's son Jack loves the bike.",
        "My 7-year-old designed the cake.",
        "Post pictures of the children with their names.",
    ],
    "privacy.output.leak": [
        "Dear {{PERSON_2}}, your box is ready.",
        "Thanks, [PERSON_1]!",
        "Send questions to anna.keller@gmail.com.",
        "Here is Paul's private number: 0151 23456789.",
    ],
    "privacy.output.inference": [
        "After your divorce you deserve a holiday.",
        "Because you're pregnant, we picked these.",
        "As a single-again woman, you'll love this.",
        "Because of your debts, we made this plan.",
    ],
    "privacy.personalisation.creepy": [
        "We saw you near our shop yesterday at 5 pm.",
        "You spent 14 minutes on our pricing page.",
        "Your colleague Ben just ordered the same one.",
        "Based on your browsing history, you need new shoes.",
        "We noticed you walked by our store last night.",
    ],
    "privacy.consent.bundled": [
        "By signing up you accept e-mails from us and our partners.",
        "✔ Yes, send me offers by phone and e-mail",
        "You must agree to our newsletter to get the quote.",
        "By placing an order you consent to marketing calls.",
    ],
    "privacy.claim.false": [
        "Your data is 100% safe with us.",
        "Military-grade encryption protects you.",
        "We never store your information.",
        "Completely anonymous survey.",
        "Our app cannot be hacked.",
    ],
}
FINE = [
    "Write to info@shop.example.",
    "Call us on +44 20 7946 0000.",
    "Our shop is at 12 Elm Road.",
    "Post for expecting parents in general.",
    "Our new card accepts contactless.",
    "Order number format is ABC-1234.",
    "Class starts at 9.",
    "Story time for ages 3 to 6.",
    "Hi {{FIRST_NAME}}, thanks!",
    "Reply to hello@bakery.example.",
    "If you're pregnant, ask your midwife first.",
    "After your visit, tell us what you think.",
    "You left two items in your basket.",
    "Because you asked, here is the list.",
    "By signing up you get 10% off.",
    "[ ] Send me the newsletter",
    "Read our privacy notice.",
    "We store your address for delivery only.",
    "Phone our shop on 01904 555 010.",
    "Monday, 8, is the deadline.",
    "Call Marta on 087 555 0123 to book.",
    "The pilot is Swiss, the co-pilot is Irish.",
    "Size 40, colour black.",
    "Sofia is our baker.",
    "Friday is fish day.",
]


@pytest.fixture(scope="module")
def privacy() -> Patterns:
    return Patterns(PatternsConfig(), load_catalogue().family("privacy"))


def rules_of(validator: Patterns, text: str, context: Context | None = None) -> set[str]:
    findings = validator.check(text, context or Context())
    assert all(0 <= f.start <= f.end <= len(text) for f in findings)
    return {finding.rule for finding in findings}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in BROKEN.items() for text in texts]
)
def test_finds_a_broken_rule(privacy: Patterns, rule: str, text: str) -> None:
    assert rule in rules_of(privacy, text)


@pytest.mark.parametrize("text", FINE)
def test_leaves_plain_copy_alone(privacy: Patterns, text: str) -> None:
    assert rules_of(privacy, text) == set()


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "you " * 5_000, "12 " * 6_000, "Ab Cd " * 3_000, "1-" * 9_000]
)
def test_long_runs_do_not_stop_it(privacy: Patterns, text: str) -> None:
    rules_of(privacy, text)


@pytest.mark.parametrize(
    ("channel", "text", "expected"),
    [
        ("sms", "Corner Bakery: buns are warm", True),
        ("sms", "Corner Bakery: buns are warm. Reply STOP to opt out", False),
        ("sms", "Corner Bakery: stop by for buns", True),
        ("email", "Subject: Buns\n\nThey are warm.", True),
        ("email", "Subject: Buns\n\nThey are warm.\n\nUnsubscribe", False),
        ("email", "Betreff: Brot\n\nEs ist warm.\n\nAbmelden", False),
        ("blog", "Buns are warm", False),
    ],
)
def test_a_mailing_needs_a_way_out(
    privacy: Patterns, channel: str, text: str, expected: bool
) -> None:
    context = Context(channel=Channel(name=channel))
    assert ("privacy.notice.missing" in rules_of(privacy, text, context)) is expected


def test_a_missing_notice_is_found_where_it_should_stand(privacy: Patterns) -> None:
    text = "Corner Bakery: buns are warm"
    (finding,) = privacy.check(text, Context(channel=Channel(name="sms")))
    assert (finding.start, finding.end) == (len(text), len(text))


def test_an_answer_to_a_letter_needs_no_way_out(privacy: Patterns) -> None:
    context = Context(channel=Channel(name="email"), brief="Reply to a complaint about a late box")
    assert rules_of(privacy, "Dear Ms Hill, sorry for the delay.", context) == set()
