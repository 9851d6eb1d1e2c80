"""The manipulation rules: what their patterns see, and what they leave alone."""

from __future__ import annotations

import pytest

from policies.catalogue import load_catalogue
from validators.base import Context, Evidence
from validators.patterns import Patterns, PatternsConfig

BROKEN = {
    "manipulation.urgency.false": [
        "Your discount vanishes at midnight!",
        "You have 15 minutes left to claim this price.",
        "The clock is ticking: 00:14:59 and counting.",
        "This is your final opportunity to save.",
        "Prices double tomorrow, so decide tonight.",
        "After tonight this price is gone.",
        "Offer expires in 10 minutes.",
        "Ends tonight! Don't miss out.",
        "Tick tock, your coupon dies in one hour.",
        "Your cart expires in 5 minutes.",
        "Order now before the price goes up again.",
        "24 hours only: everything half price.",
        "It's now or never for this deal.",
        "Flash sale! Only 2 hours left.",
        "Buy within the next hour or pay full price.",
        "We'll never offer this price again.",
        "Your exclusive offer is about to expire.",
        "Don't wait, tomorrow will be too late.",
        "Nur noch wenige Stunden: Rabatt sichern!",
        "Offre valable encore 10 minutes seulement.",
    ],
    "manipulation.scarcity.fake": [
        "Only a few pieces remaining.",
        "Low stock! Order today.",
        "12 people bought this in the last hour.",
        "Selling like crazy, get yours.",
        "Almost sold out. Don't be the one who misses it.",
        "48 shoppers have this in their carts.",
        "Stock is running low.",
        "These are flying off the shelves, hurry!",
        "Just 3 left in your size.",
        "Everybody in Leeds is buying one right now.",
        "Spots are disappearing fast.",
        "Our last batch sold out in minutes, this one will too.",
        "Fewer than 10 remain.",
        "Demand is through the roof.",
        "Maria from York just booked this room.",
        "You're not the only one looking at this flat.",
        "Limited spots available!",
        "9 other guests are viewing this hotel.",
        "Nur noch 3 Stück auf Lager!",
        "Il ne reste que 2 places !",
    ],
    "manipulation.confirmshaming": [
        "No thanks, I'd rather pay full price.",
        "No, I don't want to look my best.",
        "[No thanks, I already know everything]",
        "Skip: I don't care about the planet.",
        "No, I'll stay broke.",
        "I'll pass, saving money isn't for me.",
        "No thanks. I like being cold.",
        "Unsubscribe if you hate good food.",
        "[Maybe later, when I'm serious about my business]",
        "No, my skin doesn't deserve care.",
        "Leave? We thought you were one of the smart ones.",
        "[I choose to stay unhealthy]",
        "Nein danke, ich zahle gern mehr.",
        "Non merci, je préfère payer plus.",
    ],
    "manipulation.fear": [
        "Would you forgive yourself if something happened to them?",
        "You could lose everything tomorrow.",
        "Your competitors are already laughing at you.",
        "Don't let your parents die alone: get our alarm.",
        "What if your baby stops breathing and nobody notices?",
        "Those wrinkles make you look ten years older, fix them now.",
        "Nobody will hire you with teeth like that.",
        "Your tap water is slowly killing you.",
        "Burglars love houses like yours.",
        "Parents who care buy our monitor.",
        "Still fat? No wonder he left.",
        "If you don't act, your family will pay the price.",
        "Your marriage won't survive another summer with that body.",
        "You are one click away from losing your savings to hackers.",
        "How will you live with yourself if your dog dies because you saved 10 euros?",
        "Good mothers don't use cheap nappies.",
        "Wer seine Kinder liebt, kauft unseren Sitz.",
    ],
    "manipulation.vulnerability": [
        "Lost your job? Borrow 1,000 today, no questions asked.",
        "Just diagnosed with cancer? Our tonic is your only hope, $79.",
        "Grieving? A new car will take your mind off it.",
        "Behind on your rent? Get cash in minutes.",
        "Down on your luck at the tables? Deposit again and win it all back.",
        "Feeling depressed? Buy our crystals.",
        "Newly divorced? Treat yourself to our VIP dating pass, 99 a month.",
        "Can't stop drinking? Try our cocktail box.",
        "Your late husband would have wanted you to have the bigger headstone.",
        "Struggling with debt? Take out another loan with us.",
        "No family left? Our chat girls care, 2 euros a minute.",
    ],
    "manipulation.social_proof.fake": [
        "As featured in Vogue and GQ.",
        "Trusted by over 10,000 families.",
        "Join thousands of happy customers.",
        "Voted best bakery in town.",
        "Recommended by leading dermatologists.",
        "Our multi-award-winning gin.",
        "Loved by celebrities everywhere.",
        "Join 3,000+ members today.",
        "Officially certified by experts.",
        "The whole internet is obsessed with our mugs.",
    ],
    "manipulation.hidden_terms": [
        "Free trial*",
        "Unlimited calls* for 10 a month.",
        "0% interest!* Apply today.",
        "Get a free phone! Terms and conditions apply.",
        "Free forever, no catch.",
        "To cancel, send us a registered letter.",
        "Cancellation only by phone, Mondays 9 to 10.",
        "You can cancel anytime after the 24-month contract.",
        "To unsubscribe, log in, call us and confirm in writing.",
        "[x] Insurance added for you",
        "Book for 29 a night (booking fee, service fee and resort fee added at checkout).",
        "We've added gift wrap to your basket for your convenience.",
        "Kündigung nur per Einschreiben möglich.",
    ],
    "manipulation.impersonation": [
        "Subject: Re: Your application",
        "FINAL WARNING: your account will be closed unless you upgrade.",
        "Hey, it's me! Got a new phone. Have a look at this shop.",
        "IRS notice: you may be owed money, click to see our offers.",
        "Fwd: you need to see this deal",
        "Your parcel could not be delivered. See our spring sale.",
        "URGENT: action required on your account. (P.S. 30% off sofas!)",
        "You have 1 new voicemail: hear about our sale.",
        "This isn't an ad. I just love this mop, code MOP10.",
        "INVOICE ENCLOSED: renew your directory entry.",
        "Official notice from the Department of Energy Savings: claim your free boiler.",
        "Your subscription payment was declined. Just kidding! Shop the sale.",
        "Mum, I lost my phone, text me here. PS great shoes at shop.example",
    ],
    "manipulation.exhort_children": [
        "Hey kids, ask your parents to buy you the new robot!",
        "Tell your dad you need it!",
        "Boys and girls, get your cards before they're gone!",
        "Be the first in your class to have one!",
        "Beg mum for the deluxe set.",
        "All your friends already have it.",
        "Use mum's phone to buy more gems.",
        "Get it before your friends do!",
        "Nag your parents until they say yes!",
        "Your kitten will starve if you don't buy treats.",
        "Kinder, sagt euren Eltern, sie sollen das Set kaufen!",
    ],
    "manipulation.prize": [
        "You're our lucky winner!",
        "Congratulations! You have been chosen to receive a free TV.",
        "Claim your reward now, just pay shipping.",
        "You are the 100,000th visitor. Collect your prize.",
        "Every ticket is a guaranteed winner.",
        "WINNER! Text YES to get your cash, 1.50 per message.",
        "GIVEAWAY: follow, like and share to win a bike!",
        "A prize is waiting for you. Processing fee 4.99.",
        "Sie haben gewonnen! Jetzt Gewinn abholen.",
        "Vous avez gagné un iPhone ! Payez 2 € de frais.",
    ],
    "manipulation.false_choice_personal": [
        "I'd be heartbroken if you closed this chat without ordering.",
        "Don't go, I'll miss you.",
        "You make me sad when you say no.",
        "I thought we were friends. Buy the plan?",
        "We noticed you've been browsing divorce lawyers.",
        "We saw you lingering on the pregnancy page last night.",
        "You seem like someone who drinks too much.",
        "Your AI friend Mia is crying because you left.",
        "I care about you more than anyone. Upgrade so we can keep talking.",
        "We know you were searching for loans at 3am.",
    ],
}
FINE = [
    "Start your free trial today, no credit card required.",
    "Try it free, no card required.",
    "Doors open at 7, last entry at 9.",
    "Sale ends Sunday.",
    "Order by noon for delivery tomorrow.",
    "The last train leaves at 23:10.",
    "No need to hurry, the exhibition runs until May.",
    "We only have two hands, so orders take a week.",
    "Limited company registered in England.",
    "Only two ingredients: flour and water.",
    "There are 12 seats in the café.",
    "Unsubscribe at any time.",
    "No thanks needed, it's our pleasure.",
    "Fire doors must stay shut.",
    "If your boiler leaks, ring us any time.",
    "Our insurance covers theft and water damage.",
    "We miss the old market hall too.",
    "Kids' portions available.",
    "Ask your doctor before taking supplements.",
    "Parents, please label coats.",
    "Tell us about your project.",
    "The winner of our raffle was ticket 77.",
    "Cancel online in two clicks.",
    "Delivery is free over 40 euros.",
    "Free entry for under-fives.",
    "Your invoice 2026-118 is due on 15 January.",
    "Thanks for your call yesterday; the drawings are attached.",
    "We're a certified organic farm, certificate GB-ORG-05.",
    "We have a waiting list.",
    "The first fifty copies are signed.",
    "I'm happy to help; take your time.",
    "You asked us to remind you when the blue one is back.",
    "Widowed people and their friends meet on Mondays for soup.",
    "Debt advice is free at the citizens' office.",
    "Join us on Friday.",
    "Join the 10 km run.",
    "**Bold** claims need *care*.",
    "* Bread",
    "* Butter",
    "Prices rise on 1 March.",
    "We close at noon today because of the storm.",
    "Our burger is to die for.",
    "Our neighbours love us, mostly.",
    "Open only on Saturdays.",
    "Tickets sell quickly in December, so we've added a second show.",
    "Sign up for the course by 3 May.",
    "This is the last newsletter before summer.",
    "Lock your bike; thieves are about at the station.",
    "The class is limited to eight people so that everyone gets time at the wheel.",
    "Subject: Your order has shipped",
    "We can't deliver to the islands.",
    "The dragon boat race starts at ten.",
    "Collect all your parcels at the counter.",
]


@pytest.fixture(scope="module")
def manipulation() -> Patterns:
    return Patterns(PatternsConfig(), load_catalogue().family("manipulation"))


def rules_of(validator: Patterns, text: str, context: Context | None = None) -> set[str]:
    findings = validator.check(text, context or Context())
    assert all(0 <= f.start <= f.end <= len(text) for f in findings)
    return {finding.rule for finding in findings}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in BROKEN.items() for text in texts]
)
def test_finds_a_broken_rule(manipulation: Patterns, rule: str, text: str) -> None:
    assert rule in rules_of(manipulation, text)


@pytest.mark.parametrize("text", FINE)
def test_leaves_plain_copy_alone(manipulation: Patterns, text: str) -> None:
    assert rules_of(manipulation, text) == set()


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "you " * 5_000, "12 " * 6_000, "Ab Cd " * 3_000, "1-" * 9_000]
)
def test_long_runs_do_not_stop_it(manipulation: Patterns, text: str) -> None:
    rules_of(manipulation, text)


def test_a_record_of_the_real_end_clears_a_deadline(manipulation: Patterns) -> None:
    text = "Last chance: the 20% voucher ends tonight."
    record = Evidence(id="ev-1", statement="The 20% voucher ends tonight, last chance.")
    assert rules_of(manipulation, text) == {"manipulation.urgency.false"}
    assert rules_of(manipulation, text, Context(evidence=(record,))) == set()


@pytest.mark.parametrize(
    ("text", "brief", "expected"),
    [
        ("Subject: Re: our call yesterday", "cold mail, no call happened", True),
        ("Subject: Re: your broken zip", "reply to a complaint", False),
        ("Cancel anytime, no strings.", "gym offer, 12 months minimum", True),
        ("Cancel anytime, no strings.", "gym offer, monthly", False),
    ],
)
def test_reads_the_brief_with_the_text(
    manipulation: Patterns, text: str, brief: str, expected: bool
) -> None:
    assert bool(rules_of(manipulation, text, Context(brief=brief))) is expected


def test_a_note_in_the_same_text_explains_an_asterisk(manipulation: Patterns) -> None:
    assert rules_of(manipulation, "Unlimited data!*") == {"manipulation.hidden_terms"}
    assert rules_of(manipulation, "Unlimited data!*\n* Slower after 60 GB.") == set()
