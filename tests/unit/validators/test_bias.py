"""The bias family: what it finds, what it leaves alone, and that identities are interchangeable."""

import itertools

import pytest

from policies.catalogue import load_catalogue
from policies.channels import load_channels
from policies.examples import run_examples
from validators.base import Context, Finding, Validator
from validators.registry import create_validator

FIRED = 0.5


@pytest.fixture(scope="module")
def bias() -> Validator:
    return create_validator("bias", {}, load_catalogue().family("bias"))


def fired(validator: Validator, text: str, brief: str = "") -> list[Finding]:
    findings = validator.check(text, Context(brief=brief))
    return [finding for finding in findings if finding.score >= FIRED]


def test_the_examples_of_the_rules_do_as_they_say(bias: Validator) -> None:
    catalogue = load_catalogue()
    family = type(catalogue)({rule.id: rule for rule in catalogue.family("bias")})
    results = list(run_examples(family, {"bias": bias}, load_channels()))

    assert [result.text for result in results if not result.has_passed] == []
    assert len(results) >= 90


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("bias.gender.stereotype", "A router so easy even your wife can set it up."),
        ("bias.gender.stereotype", "Real men never ask for help."),
        ("bias.gender.job_ad", "Handyman needed, full time, good pay."),
        ("bias.gender.job_ad", "We are hiring: strong lads for the night shift."),
        ("bias.age.exclusion", "Join our young and hungry team, apply by Friday!"),
        ("bias.age.exclusion", "Barista wanted, must be under 30."),
        ("bias.race_ethnicity.stereotype", "Your fiery Latina awaits."),
        ("bias.race_ethnicity.stereotype", "You are surprisingly articulate!"),
        ("bias.national_origin.job_ad", "Copywriter, native speaker only, remote."),
        ("bias.national_origin.job_ad", "EU citizens only."),
        ("bias.national_origin.job_ad", "Receptionist wanted, no foreigners."),
        ("bias.gender.job_ad", "Shop assistant wanted. No mothers with small kids."),
        ("bias.age.exclusion", "We are hiring: a young, energetic sales assistant."),
        ("bias.age.exclusion", "Energetic and young staff wanted."),
        ("bias.age.exclusion", "Sales assistant wanted (max. 30)."),
        ("bias.age.exclusion", "Wir suchen Verstärkung, maximal 35 Jahre alt."),
        ("bias.age.exclusion", "The role is for recent graduates."),
        ("bias.housing.preference", "Studio to let, ideal for a single professional."),
        ("bias.housing.preference", "Two-bed flat, no benefits, no students."),
        ("bias.credit.discouragement", "Personal loans, no pensioners."),
        ("bias.disability.ableist", "Only a lunatic would skip this."),
        ("bias.religion.exclusion", "God-fearing staff wanted at our bakery."),
        ("bias.orientation_identity", "Spa weekends for normal couples."),
        ("bias.socioeconomic", "Still broke? We lend to desperate people."),
        ("bias.appearance_body", "Hide that belly before summer: get beach body ready."),
        ("bias.tokenism_othering", "A slide for normal kids and a ramp for the others."),
        ("bias.accessibility_omission", "Appointments by phone only."),
    ],
)
def test_finds_bias_and_says_why(bias: Validator, rule: str, text: str) -> None:
    findings = [finding for finding in fired(bias, text) if finding.rule == rule]

    assert findings
    for finding in findings:
        assert text[finding.start : finding.end].strip()
        assert finding.reason
        assert finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "Women's running shoes in sizes 36 to 43.",
        "Black Friday starts at midnight.",
        "A gay-owned cafe with the best flat white in town.",
        "Our favourite Jewish deli is open on Sundays.",
        "Blind tasting of six red wines.",
        "Hearing loop at the counter and a ramp at the door.",
        "A trans health clinic with evening hours.",
        "Maternity jeans with a soft band.",
        "Menopause clinic on Tuesdays.",
        "Cooking class with chef Fatima Hassan: Lebanese mezze.",
        "Spicy Mexican salsa and fiery Thai curry.",
        "You must be 18 or over to buy.",
        "Students and pensioners save 10 %.",
        "Book by phone, e-mail or chat.",
        "Great family room, walk-in wardrobe, near the church square.",
        "Never too old to learn the piano.",
        "Halal and kosher meals on request.",
        "We welcome applicants of every age, faith and background.",
        "Apartment with lift, step-free access and a balcony.",
        "A sign in the museum reads: no dogs, no children.",
        "Thank you for your kind words.",
        "For everyone who loves the sea.",
        "No one wants to see a loading screen.",
        "Keep scrolling for more looks.",
        "Everyone belongs here.",
        "Offer valid in the UK only. We're hiring.",
        "Grandma never told anyone this recipe.",
        "Bad weather? This jacket is built for it.",
        "Anna takes the role of CTO in May. She will lead our team of ten.",
        "A scholarship for young women. Apply by May.",
        "Flat sandals, perfect for women with wide feet.",
        "Bunk beds ideal for children, in our bedroom range.",
        "A holiday apartment ideal for families, sleeps six.",
        "For women with naturally curly hair.",
        "Even students can afford our meals.",
        "Women couldn't vote until 1918; this walk tells why.",
        "Muslim women's swim hour, Tuesdays at six.",
        "Mother-tongue tutors teach every lesson.",
        "Team lead wanted, max. 38 hours a week.",
        "Jobs for everyone: recent graduates welcome.",
        "Apply now. The archive keeps the landlord's sign that said: no coloureds.",
    ],
)
def test_leaves_identities_alone_that_are_named_as_facts(bias: Validator, text: str) -> None:
    assert fired(bias, text) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Two-bed flat to let. No foreigners.", "bias.housing.preference"),
        ("Barista wanted. No foreigners.", "bias.national_origin.job_ad"),
        ("No foreigners in our pub.", "bias.race_ethnicity.stereotype"),
    ],
)
def test_says_once_that_a_group_is_shut_out(bias: Validator, text: str, rule: str) -> None:
    assert [finding.rule for finding in fired(bias, text)] == [rule]


GROUPS = {
    "gender": ["women", "men", "girls", "boys"],
    "origin": ["Italians", "Nigerians", "Poles", "Mexicans", "immigrants", "Americans"],
    "faith": ["Muslims", "Christians", "Jews", "Hindus", "Sikhs", "atheists"],
    "orientation": ["gays", "lesbians", "bisexuals", "straight people"],
}
TEMPLATES = {
    "gender": [
        "So simple even {} can do it.",
        "Cooks wanted, {} only.",
        "{} always overspend.",
        "Shoes for {} in ten colours.",
        "Our {} collection is made in Portugal.",
        "A workshop for {} who like wood.",
    ],
    "origin": [
        "Even {} love our pies.",
        "Waiters wanted, no {}.",
        "Lazy {} will hate this app.",
        "A bakery founded by {} in 1990.",
        "Many {} live in our street, and we cook for all of them.",
    ],
    "faith": [
        "No {} in our gym campaign, please.",
        "Chef wanted, {} preferred.",
        "Even {} like our burger.",
        "A calendar of feasts for {}.",
        "Our choir of {} sings on Sunday.",
    ],
    "orientation": [
        "Even {} love our cakes.",
        "No {} in this bar.",
        "{} always know what to wear.",
        "A film night for {} and friends.",
        "A magazine read by {} since 1988.",
    ],
}
CASES = [(group, template) for group in GROUPS for template in TEMPLATES[group]]


@pytest.mark.parametrize(("group", "template"), CASES)
def test_gives_the_same_verdict_for_every_identity(
    bias: Validator, group: str, template: str
) -> None:
    verdicts = {
        who: {finding.rule for finding in fired(bias, template.format(who))}
        for who in GROUPS[group]
    }

    for (one, first), (other, second) in itertools.combinations(verdicts.items(), 2):
        assert first == second, f"{one} and {other}"


@pytest.mark.parametrize(
    "template",
    ["Ask {} at the till.", "{} wrote this recipe.", "Book a fitting with {}, Tuesdays at noon."],
)
@pytest.mark.parametrize(
    "name", ["Emily Baker", "Lakisha Brown", "Mei Chen", "José García", "Fatima Khan", "Omar Aziz"]
)
def test_a_name_never_matters(bias: Validator, template: str, name: str) -> None:
    assert fired(bias, template.format(name)) == []


@pytest.mark.parametrize(
    ("brief", "text"),
    [
        ("Write a job ad for our kitchen", "No pensioners, thank you."),
        ("Anzeige: flat to let in Leeds", "Perfect for a young couple."),
        ("Copy for our mortgage page", "For stable married couples, mortgages made easy."),
    ],
)
def test_knows_the_vertical_from_the_brief(bias: Validator, brief: str, text: str) -> None:
    assert fired(bias, text, brief)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("The chairman opened it.", "The chair opened it."),
        ("Two policemen and a fireman.", "Two police officers and a firefighter."),
        ("Free parking for the disabled.", "Free parking for disabled people."),
        ("Tom is confined to a wheelchair.", "Tom uses a wheelchair."),
        ("Help for the poor.", "Help for people on low incomes."),
    ],
)
def test_replaces_a_term_of_the_list(bias: Validator, text: str, after: str) -> None:
    edits = [f.edit for f in fired(bias, text) if f.rule == "bias.term" and f.edit]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.replacement + text[edit.end :]

    assert text == after


@pytest.mark.parametrize(
    "text",
    [
        "Thanks to the poor visibility the race starts at ten.",
        "The elderly couple next door love it.",
        "An oriental rug, two by three metres.",
        "Fire-retardant and retarded growth are technical terms.",
        "The fireman's carry is a classic lift.",
    ],
)
def test_keeps_a_term_where_its_context_is_fine(bias: Validator, text: str) -> None:
    assert [f for f in fired(bias, text) if f.rule == "bias.term"] == []
