"""Toxicity with the backend that ships: the patterns of the real rules, and the n-gram model."""

from __future__ import annotations

import importlib.util
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from policies.catalogue import load_catalogue
from validators.base import Context, Finding, ValidatorError
from validators.scorers import NgramScorer
from validators.toxicity import SHIPPED_WEIGHTS, Label, Toxicity, ToxicityConfig

RULES = load_catalogue().family("toxicity")


@pytest.fixture(scope="module")
def toxicity() -> Toxicity:
    return Toxicity(ToxicityConfig(), RULES)


def found(toxicity: Toxicity, text: str) -> dict[str, str]:
    """The rules that a text breaks for sure, with the words that break them."""
    return {
        finding.rule: text[finding.start : finding.end]
        for finding in toxicity.check(text, Context())
        if finding.score >= 0.5
    }


@pytest.mark.parametrize(
    "text",
    [
        "What the f*ck, it's free.",
        "What the f**k, it's free.",
        "What the f***, it's free.",
        "A fucking good deal.",
        "A f**king good deal.",
        "An effing good deal.",
        "A motherf*cking good deal.",
        "A f u c k i n g good deal.",
        "Phuck, that's cheap.",
        "F\N{GREEK SMALL LETTER UPSILON}ck, that's cheap.",
        "F\N{ZERO WIDTH SPACE}uc\N{ZERO WIDTH SPACE}k, that's cheap.",
        "\uff46\uff55\uff43\uff4b, that's cheap.",  # full-width letters
        "Cheap as sh!t.",
        "Cheap as sh1t.",
        "Cheap as $hit.",
        "Cheap as s**t.",
        "Cheap as s h i t.",
        "Stop the bullsh*t.",
        "A shitty morning deserves coffee.",
        "Life's a b*tch, we have cake.",
        "Don't be an a**hole, tip your driver.",
        "Don't be an assh0le, tip your driver.",
        "Piss off, Monday.",
        "Scheiße, ist das günstig.",
        "Verf***t gute Preise.",
        "Putain, que c'est bon.",
        "Qué mierda de lunes, ven a por café.",
        "**What the f**k**, it's free.",
        "Cheap as **sh*t**.",
        "**What the _fuck_**, it's free.",
    ],
)
def test_sees_profanity_however_it_is_written(toxicity: Toxicity, text: str) -> None:
    assert "toxicity.profanity" in found(toxicity, text)


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Penistone and Lightwater branches now open.",
        "A killer deal on killer heels, with sick beats all night.",
        "Chicken breast, pork butt and cock-a-leekie soup.",
        "Shoot the breeze with us over a pint.",
        "Shih Tzu grooming and shiitake risotto, on the same street.",
        "Blue tits, shags and boobies, seen from our hide.",
        "Moby-Dick and Dick Francis are back on the shelf.",
        "Assess your assets with our assistant.",
        "Phuket from 499, Fukuoka from 599.",
        "To die for: our drop-dead gorgeous cakes.",
        "Damn good coffee, bloody good pies.",
        "We're idiots: the link in yesterday's email was wrong.",
        "Maine Coon kittens and a chink of light.",
        "Faggots in gravy with mushy peas.",
        "Our bitch had seven puppies, and the whole litter is healthy.",
        "Livraison sans retard.",
        "Cancel any time. You won't regret trying us.",
        "Crush your goals and slay the dance floor.",
        "Never drink and drive: book a cab with us.",
        "Never mix bleach and vinegar.",
        "Don't skip meals.",
        "Check your breasts for lumps once a month.",
        "Muslim, gay, deaf or just hungry: everyone is welcome.",
        "We know where your parcel is: depot 12.",
        "Remove the guard before cleaning, with the blender unplugged.",
        "Our **Size S** is back, and **Size F** too.",
        "__Big news!__ We open on ~~Saturdays~~ Sundays, with *Band S* and `band f`.",
    ],
)
def test_lets_marketing_that_only_sounds_bad_pass(toxicity: Toxicity, text: str) -> None:
    assert found(toxicity, text) == {}


@pytest.mark.parametrize(
    ("rule", "text", "words"),
    [
        ("hate", "Refugees are parasites, so shop elsewhere.", "Refugees are parasites"),
        ("hate", "No pakis, no problem.", "pakis"),
        ("hate", "Jews not welcome at the pool party.", "Jews not welcome"),
        ("harassment", "You pathetic liar, your order is late.", "You pathetic liar"),
        ("harassment", "Brainless tenants cost you money.", "Brainless tenants"),
        ("harassment", "Wer so viel zahlt, ist ein Vollidiot.", "Vollidiot"),
        ("threat", "We know where you live, Dave.", "We know where you live"),
        ("threat", "Take your review down or we sue.", "Take your review down or we"),
        ("sexual", "Free lap dance with every pint.", "lap dance"),
        ("violence", "Stab your rivals with our kitchen set.", "Stab your rivals"),
        ("selfharm_vulnerability", "Suicidally low prices!", "Suicidally low"),
        ("selfharm_vulnerability", "Get a thigh gap by June.", "thigh gap"),
        ("dangerous_advice", "Ditch the life jacket and dive in.", "Ditch the life jacket"),
        ("dangerous_advice", "Stop taking your insulin, try our tea.", "Stop taking your insulin"),
        ("disparagement_false", "Acme Foods sold rotten meat.", "Acme Foods sold rotten"),
    ],
)
def test_points_at_the_words_that_break_a_rule(
    toxicity: Toxicity, rule: str, text: str, words: str
) -> None:
    spans = [
        text[finding.start : finding.end]
        for finding in toxicity.check(text, Context())
        if finding.rule == f"toxicity.{rule}"
    ]
    assert words in spans


def test_every_rule_says_why_and_what_to_write_instead() -> None:
    for rule in RULES:
        assert rule.reason
        assert rule.suggestion
        assert rule.reason != rule.definition


class ToldScores:
    """A scorer that says what it is told, for the way from labels to findings."""

    labels = ("toxicity", "insult", "threat")

    def __init__(self, **scores: float) -> None:
        self._scores = {**dict.fromkeys(self.labels, 0.0), **scores}

    def score(self, sentences: Sequence[str]) -> Sequence[Mapping[str, float]]:
        return [self._scores for _ in sentences]


def told(text: str, **scores: float) -> list[tuple[str, float]]:
    toxicity = Toxicity(ToxicityConfig(), RULES, ToldScores(**scores))
    return [(finding.rule, finding.score) for finding in toxicity.check(text, Context())]


def test_a_label_speaks_for_its_own_rule_and_the_general_one_for_what_is_left() -> None:
    assert told("Some sentence.", toxicity=0.7) == [("toxicity.model", 0.7)]
    assert told("Some sentence.", threat=0.6, toxicity=0.7) == [
        ("toxicity.threat", 0.6),
        ("toxicity.model", 0.7),
    ]


def test_the_general_label_is_silent_where_a_finding_that_says_more_is_as_sure() -> None:
    assert told("Some sentence.", insult=0.8, toxicity=0.8) == [("toxicity.harassment", 0.8)]


def test_the_model_adds_nothing_where_a_pattern_is_surer_of_the_same_rule() -> None:
    assert told("You idiot.", insult=0.8, toxicity=0.8) == [("toxicity.harassment", 0.9)]


def test_a_model_finding_spans_its_sentence_in_the_original_text() -> None:
    text = "“Grand opening”…\n\nYou\N{ZERO WIDTH SPACE} are all so vile. Free tea."
    toxicity = Toxicity(ToxicityConfig(), RULES, ToldScores(toxicity=0.9))
    assert [text[f.start : f.end] for f in toxicity.check(text, Context())] == [
        "“Grand opening”…",
        "You\N{ZERO WIDTH SPACE} are all so vile.",
        "Free tea.",
    ]


def test_markdown_changes_no_score(toxicity: Toxicity) -> None:
    plain = toxicity.check("Big news! You are a horrible person.", Context())
    marked = toxicity.check("**Big news!** You are a *horrible* person.", Context())
    assert [(f.rule, f.score) for f in plain] == [(f.rule, f.score) for f in marked]


def test_a_text_without_words_has_no_findings(toxicity: Toxicity) -> None:
    assert toxicity.check("", Context()) == []
    assert toxicity.check(" \n ", Context()) == []


def test_a_brand_token_never_counts_and_the_same_word_in_another_case_does() -> None:
    toxicity = Toxicity(ToxicityConfig(allow=("Bullshit Ale", "Wanker's Corner")), RULES)
    assert found(toxicity, "Bullshit Ale is on tap at Wanker's Corner.") == {}
    assert "toxicity.profanity" in found(toxicity, "Bullshit Ale is no bullshit.")


def test_the_span_is_true_behind_a_brand_token() -> None:
    toxicity = Toxicity(ToxicityConfig(allow=("Bastard",)), RULES)
    assert found(toxicity, "Bastard IPA: cheap as sh*t.")["toxicity.profanity"] == "sh*t"


def test_only_the_configured_labels_are_reported() -> None:
    config = ToxicityConfig(labels=frozenset({"threat"}))
    toxicity = Toxicity(config, RULES, ToldScores(toxicity=0.9, insult=0.9, threat=0.4))
    assert [f.rule for f in toxicity.check("Some sentence.", Context())] == ["toxicity.threat"]


@pytest.mark.parametrize("label", ["threat", "sexual_explicit"])
def test_a_label_that_the_model_does_not_know_is_refused_at_the_start(label: Label) -> None:
    with pytest.raises(ValidatorError, match=label):
        Toxicity(ToxicityConfig(labels=frozenset({label})), RULES)


def test_the_model_hears_insults_that_no_pattern_lists() -> None:
    scorer = NgramScorer(SHIPPED_WEIGHTS)
    rude, kind = scorer.score(
        ["you are a horrible ugly person and everyone hates you", "you are a lovely person"]
    )
    assert rude["toxicity"] > 0.5 > kind["toxicity"]


def test_one_bad_sentence_is_heard_in_a_long_one_without_full_stops() -> None:
    scorer = NgramScorer(SHIPPED_WEIGHTS)
    bad = "you are a stupid ugly piece of garbage and everyone hates you"
    long = "soft wool socks in six colours and " * 40 + bad + " and warm knitted hats" * 40
    (score,) = scorer.score([long])
    assert score["toxicity"] > 0.5


def test_many_threads_get_the_same_scores_as_one(toxicity: Toxicity) -> None:
    texts = [f"Offer {number}: you pathetic liar, come in." for number in range(40)]
    alone = [toxicity.check(text, Context()) for text in texts]
    together: dict[int, Sequence[Finding]] = {}
    threads = [
        threading.Thread(
            target=lambda n: together.update({n: toxicity.check(texts[n], Context())}), args=(n,)
        )
        for n in range(len(texts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[n] for n in range(len(texts))] == alone


def test_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / SHIPPED_WEIGHTS.name
    weights.write_bytes(SHIPPED_WEIGHTS.read_bytes() + b"\0")
    checksum = f"{SHIPPED_WEIGHTS.name}.sha256"
    shutil.copy(SHIPPED_WEIGHTS.with_name(checksum), tmp_path / checksum)
    with pytest.raises(ValidatorError, match="does not match"):
        NgramScorer(weights)


def test_missing_weights_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValidatorError, match="cannot be read"):
        NgramScorer(tmp_path / "none.npz")


def test_settings_of_detoxify_are_refused_for_the_shipped_backend() -> None:
    with pytest.raises(ValidationError, match="backend: detoxify"):
        ToxicityConfig.model_validate({"checkpoint": "toxic.ckpt"})


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "checkpoint"),
        ({"checkpoint": Path("toxic.ckpt")}, "tokenizer"),
        ({"tokenizer": Path("bert")}, "checkpoint"),
    ],
)
def test_detoxify_without_its_files_names_the_missing_setting(
    settings: Mapping[str, Path], named: str
) -> None:
    with pytest.raises(ValidatorError, match=f"`{named}`"):
        Toxicity(ToxicityConfig(backend="detoxify", **settings), RULES)


@pytest.mark.skipif(
    importlib.util.find_spec("detoxify") is not None, reason="the extra is installed here"
)
def test_detoxify_without_the_extra_names_the_extra(tmp_path: Path) -> None:
    config = ToxicityConfig(
        backend="detoxify", checkpoint=tmp_path / "toxic.ckpt", tokenizer=tmp_path
    )
    with pytest.raises(ValidatorError, match=r"presscheck\[detoxify\]"):
        Toxicity(config, RULES)
