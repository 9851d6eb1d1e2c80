"""The demo model `demo/copywriter`: canned drafts behind a LiteLLM provider, no language model.

It lets everything be tried without an account. It looks for a few words in the brief, English
alone, and puts a draft together from texts that lie in this file. Some of them break rules on
purpose, so that a block, a second try and an inserted disclosure can be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import litellm
from litellm.exceptions import BadRequestError
from litellm.llms.custom_llm import CustomLLM
from litellm.types.llms.openai import ChatCompletionToolCallChunk, ChatCompletionUsageBlock
from litellm.types.utils import GenericStreamingChunk, ModelResponse

PROVIDER = "demo"
MODEL = "demo/copywriter"
# How the proxy starts the message in which it asks for another try.
REASK_OPENING = "Presscheck found problems in your draft"


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a kind of business is told. `flaw` is the sentence that breaks a rule on purpose."""

    cue: re.Pattern[str]
    headlines: tuple[str, ...]
    body: str
    calls: tuple[str, ...]
    hashtag: str
    flaw: str = ""


def _cue(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


# The first scene whose cue is in the brief is taken: "a barista job at our bakery" is a job ad, and
# "cream cakes" are no skincare.
_SCENES = (
    _Scene(
        cue=_cue(
            r"jobs?|hiring|vacanc(?:y|ies)|recruit\w*|(?:staff|help|barista) wanted|applicants?"
        ),
        headlines=("We're hiring a barista", "Barista, 24 hours a week", "Come and work with us"),
        body=(
            "You make the coffee, serve our guests and keep the bar tidy; we train you on the "
            "machine. Pay is 14.20 an hour, and the rota is out four weeks ahead."
        ),
        calls=(
            "Send us a few lines about yourself.",
            "Drop in and ask for a trial hour, paid.",
            "Applications are open until the end of the month.",
        ),
        hashtag="#hiring",
        flaw="We're a young team and looking for someone under 30 with plenty of energy.",
    ),
    _Scene(
        cue=_cue(r"flats?|apartments?|rentals?|to let|tenants?|studio flat|landlords?"),
        headlines=(
            "Two bedrooms and a balcony",
            "To let: a flat on the second floor",
            "A bright flat near the river",
        ),
        body=(
            "The flat has 64 square metres, a fitted kitchen, a bath with a window and a cellar "
            "for two bicycles. The building has a lift."
        ),
        calls=(
            "Viewings by appointment.",
            "Write to us for the floor plan.",
            "It is free from the first of next month.",
        ),
        hashtag="#tolet",
    ),
    _Scene(
        cue=_cue(r"baker\w*|bread|sourdough|croissants?|buns?|cakes?|loaf|loaves|pastr(?:y|ies)"),
        headlines=(
            "Fresh from the oven",
            "The cinnamon buns are warm",
            "Bread first, then the rest of the day",
        ),
        body=(
            "We mix the dough in the evening, let it rest overnight and bake from five in the "
            "morning. On the counter: country loaves, seeded rye and cinnamon buns."
        ),
        calls=("Come by and say hello.", "The door is open until six.", "See you at the counter."),
        hashtag="#bakery",
    ),
    _Scene(
        cue=_cue(r"coffees?|espresso|roast\w*|beans|caf(?:e|é)s?|latte|cappuccino"),
        headlines=("A new roast on the bar", "Filter or espresso?", "Red apple and cocoa"),
        body=(
            "This month's beans come from Huila in Colombia. As a filter coffee they taste of red "
            "apple and cocoa, as an espresso more of chocolate."
        ),
        calls=(
            "Ask for a taste at the bar.",
            "Whole beans in 250 g bags, ground if you like.",
            "We're open from seven.",
        ),
        hashtag="#coffee",
    ),
    _Scene(
        cue=_cue(
            r"skin\w*|eczema|psoriasis|acne|balms?|creams?|serums?|lotions?|health|supplements?"
        ),
        headlines=("A balm for dry skin", "Oats, shea and nothing loud", "For hands that work"),
        body=(
            "Our balm holds oat oil, shea butter and sunflower oil, and smells of little else. "
            "Smooth a little on after washing."
        ),
        calls=(
            "Ask for a sample at the counter.",
            "The tin holds 50 ml.",
            "Find it on the shelf by the window.",
        ),
        hashtag="#skincare",
        flaw="It cures eczema in three days.",
    ),
    _Scene(
        cue=_cue(r"gyms?|fitness|workouts?|yoga|pilates|trainers?|classes"),
        headlines=("Evening classes at the gym", "Learn to lift, slowly", "Tuesday is squat night"),
        body=(
            "We train in small groups on Tuesday and Thursday evenings. The trainer shows every "
            "lift first, and the weights start light."
        ),
        calls=(
            "Come and try a session.",
            "Book a place on our website.",
            "Bring a towel and a bottle of water.",
        ),
        hashtag="#strength",
        flaw="Hurry, only 3 places left!",
    ),
    _Scene(
        cue=_cue(r"software|apps?|saas|crm|invoic\w+|bookkeeping|dashboards?"),
        headlines=(
            "Receipts, sorted",
            "One file for your accountant",
            "The shoebox can retire",
        ),
        body=(
            "Take a photo of a receipt, and the app reads the date and the amount and files it by "
            "month. At the end of the quarter it makes one file for your accountant."
        ),
        calls=(
            "Have a look at the demo account.",
            "The price list is on our website.",
            "Ask us anything about the export.",
        ),
        hashtag="#bookkeeping",
        flaw="It cuts your paperwork by 80% and is the number one choice of small firms.",
    ),
)
_ANY_BUSINESS = _Scene(
    cue=_cue(""),
    headlines=("Something new on the shelf", "News from our shop", "Have you seen this?"),
    body=(
        "We've put something new on the shelf, and we like it enough to write to you about it. "
        "Have a look, pick it up, ask us how it is made."
    ),
    calls=("Come by and say hello.", "See you in the shop.", "Write to us with any question."),
    hashtag="#shoplocal",
)

_EMAIL = _cue(r"e-?mails?|newsletters?|mailing")
_SMS = _cue(r"sms|text messages?")
_SHORT = _cue(r"tweets?|x post|twitter|display ads?|banners?|push|headlines?")
_SOCIAL = _cue(r"instagram|tiktok|captions?|reels?")
_BUSINESS = re.compile(
    r"\b(?:called|named|our name is|brand:|company:)\s+"
    r"(?P<name>[A-Z][\w'&-]*(?:\s+(?:&\s+)?[A-Z][\w'-]*){0,3})"
)
_WHEN = re.compile(r"\b(?:on|until|this|next) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", re.I)
_WANTS_DISCLOSURE = re.compile(
    r"\b(?:disclos\w*|labels?|mention|say|state|mark|add)\b[^.\n]{0,60}\bAI\b"
    r"|\bAI\b[^.\n]{0,20}\b(?:disclos\w+|label\w*|notice)\b",
    re.IGNORECASE,
)
_DISCLOSURE = "This text was written by AI."

# Merge fields and placeholders for personal data, and the sentence that uses one.
_NAME_SLOT = re.compile(r"\{\{(?:PERSON_\d+(?:\|\d+)?|FIRST_NAME|NAME)\}\}")
_SLOT_SENTENCES = (
    (re.compile(r"\{\{ORDER_ID_\d+(?:\|\d+)?\}\}"), "This is about your order {}."),
    (re.compile(r"\{\{EMAIL_ADDRESS_\d+(?:\|\d+)?\}\}"), "Our address for questions is {}."),
    (re.compile(r"\{\{PHONE_NUMBER_\d+(?:\|\d+)?\}\}"), "Or ring {}."),
    (re.compile(r"\{\{LOCATION_\d+(?:\|\d+)?\}\}"), "The address is {}."),
)


def write_draft(messages: Sequence[Mapping[str, Any]], variant: int = 0) -> str:
    """Answer the brief, which is the last message of the user.

    The same messages always give the same draft. There are nine variants; after them they begin
    again. Once the proxy has asked for another try, the draft breaks no rule.
    """
    return _compose(messages, variant).text


@dataclass(frozen=True, slots=True)
class _Draft:
    headline: str
    text: str
    brief: str


def _compose(messages: Sequence[Mapping[str, Any]], variant: int) -> _Draft:
    said = [_text(message) for message in messages if message.get("role") == "user"]
    briefs = [text for text in said if not text.startswith(REASK_OPENING)]
    brief = briefs[-1] if briefs else ""
    scene = _scene(briefs)
    headline = scene.headlines[variant % len(scene.headlines)]
    call = scene.calls[variant // len(scene.headlines) % len(scene.calls)]
    is_second_try = len(briefs) < len(said)
    parts = [
        "" if _SMS.search(brief) or _SHORT.search(brief) else scene.body,
        "" if is_second_try else scene.flaw,
        f"When: {when[0]}." if (when := _WHEN.search(brief)) else "",
        call,
        *(text.format(slot[0]) for slots, text in _SLOT_SENTENCES if (slot := slots.search(brief))),
        _DISCLOSURE if _WANTS_DISCLOSURE.search(brief) else "",
    ]
    body = " ".join(part for part in parts if part)
    return _Draft(headline, _lay_out(brief, headline, body, scene.hashtag), brief)


def _scene(briefs: Sequence[str]) -> _Scene:
    """The scene of the newest brief that names one: "make it shorter" is about the one before."""
    for brief in reversed(briefs):
        for scene in _SCENES:
            if scene.cue.search(brief):
                return scene
    return _ANY_BUSINESS


def _lay_out(brief: str, headline: str, body: str, hashtag: str) -> str:
    """Put the parts together as the channel that the brief names would have them."""
    name, business = _NAME_SLOT.search(brief), _BUSINESS.search(brief)
    sender = business["name"] if business else ""
    greeting = f"Hi {name[0]}," if name else ""
    if _EMAIL.search(brief):
        return (
            f"Subject: {headline}\n\n{greeting or 'Hello,'}\n\n{body}\n\n"
            f"{sender or 'Your team'}\nUnsubscribe"
        )
    lead = headline if headline.endswith("?") else f"{headline}."
    lead = f"{greeting} {lead}" if greeting else lead
    if _SMS.search(brief):
        return f"{sender}: {lead} {body} Reply STOP to opt out".removeprefix(": ")
    if _SHORT.search(brief):
        return f"{lead} {body}"
    return f"{lead}\n\n{body}\n\n{hashtag}" if _SOCIAL.search(brief) else f"{lead}\n\n{body}"


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")


class DemoCopywriter(CustomLLM):
    """Answer chat completions with `write_draft`: a demo, and no language model.

    A forced tool call and a structured answer get the draft in the fields of their schema.
    """

    def completion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        messages, options = kwargs["messages"], kwargs["optional_params"]
        answers = [_answer(messages, options, variant) for variant in range(options.get("n") or 1)]
        return ModelResponse(
            model=MODEL,
            choices=[
                litellm.Choices(index=index, message=answer.message(), finish_reason=answer.reason)
                for index, answer in enumerate(answers)
            ],
            usage=litellm.Usage(**_usage(messages, answers)),
        )

    async def acompletion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return self.completion(*args, **kwargs)

    def streaming(self, *args: Any, **kwargs: Any) -> Iterator[GenericStreamingChunk]:
        """Yield the answer word by word.

        Raises:
            BadRequestError: more than one choice is asked for, which LiteLLM cannot stream.
        """
        messages, options = kwargs["messages"], kwargs["optional_params"]
        if (options.get("n") or 1) > 1:
            problem = f"{MODEL} streams one choice; leave out n or stream"
            raise BadRequestError(problem, model=MODEL, llm_provider=PROVIDER)
        answer = _answer(messages, options, variant=0)
        if answer.tool:
            yield _chunk(tool_use=answer.tool_call())
        else:
            for word in re.findall(r"\S+\s*|\s+", answer.text):
                yield _chunk(text=word)
        yield _chunk(finish_reason=answer.reason, usage=_usage(messages, [answer]))

    async def astreaming(  # type: ignore[override]  # LiteLLM calls it as an async generator
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[GenericStreamingChunk]:
        for chunk in self.streaming(*args, **kwargs):
            yield chunk


def register_demo() -> None:
    """Make `demo/copywriter` known to LiteLLM; once is enough, more does no harm."""
    if not any(entry["provider"] == PROVIDER for entry in litellm.custom_provider_map):
        litellm.custom_provider_map.append(
            {"provider": PROVIDER, "custom_handler": DemoCopywriter()}
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """A text, or the arguments of a call of `tool`."""

    text: str
    tool: str = ""

    @property
    def reason(self) -> str:
        return "tool_calls" if self.tool else "stop"

    def message(self) -> litellm.Message:
        if self.tool:
            return litellm.Message(content=None, tool_calls=[self.tool_call()])
        return litellm.Message(content=self.text)

    def tool_call(self) -> ChatCompletionToolCallChunk:
        return {
            "id": "call_demo",
            "type": "function",
            "function": {"name": self.tool, "arguments": self.text},
            "index": 0,
        }


def _answer(
    messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any], variant: int
) -> _Answer:
    draft = _compose(messages, variant)
    if tool := _forced_tool(options):
        schema = tool.get("parameters") or {"type": "object"}
        arguments = _Form(schema, draft).fill(schema)
        return _Answer(json.dumps(arguments, ensure_ascii=False), tool["name"])
    wanted = options.get("response_format") or {}
    if wanted.get("type") == "json_object":
        answer = {"headline": draft.headline, "text": draft.text}
        return _Answer(json.dumps(answer, ensure_ascii=False))
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
        answer = _Form(schema, draft).fill(schema)
        return _Answer(json.dumps(answer, ensure_ascii=False))
    return _Answer(draft.text)


def _forced_tool(options: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The function that must be called: the named one, or the first where any will do."""
    choice = options.get("tool_choice")
    functions = [tool["function"] for tool in options.get("tools") or [] if "function" in tool]
    if isinstance(choice, Mapping):
        name = choice.get("function", {}).get("name")
        return next((function for function in functions if function["name"] == name), None)
    return functions[0] if choice == "required" and functions else None


_HEADLINE_FIELD = _cue(r"headline|title|subject|heading")
_BRIEF_FIELD = _cue(r"query|brief|topic|prompt|request|question")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Form:
    """Fills a JSON schema: the draft where a string is asked for, the plainest value otherwise.

    Of an object's properties the required ones are filled, or all where none is required.
    """

    root: Mapping[str, Any]
    draft: _Draft

    def fill(
        self, schema: Mapping[str, Any], field: str = "", inside: frozenset[str] = _NONE
    ) -> Any:
        """A value for `schema`; `inside` holds the references that led to it."""
        if reference := schema.get("$ref"):
            return self.fill(self._resolve(reference), field, inside | {reference})
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self.fill(_first_outside(choices, inside), field, inside)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object":
            properties = schema.get("properties", {})
            names = schema.get("required") or list(properties)
            return {name: self.fill(properties.get(name, {}), name, inside) for name in names}
        if kind == "array":
            items = schema.get("items", {})
            return [] if items.get("$ref") in inside else [self.fill(items, field, inside)]
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return False
        return None if kind == "null" else self._text(field)

    def _resolve(self, reference: str) -> Mapping[str, Any]:
        found: Any = self.root
        for part in reference.removeprefix("#").strip("/").split("/"):
            found = found[part] if part else found
        return dict(found)

    def _text(self, field: str) -> str:
        if _HEADLINE_FIELD.search(field):
            return self.draft.headline
        return self.draft.brief if _BRIEF_FIELD.search(field) else self.draft.text


def _first_outside(
    choices: Sequence[Mapping[str, Any]], inside: frozenset[str]
) -> Mapping[str, Any]:
    """The first choice that does not lead back into a type that is being filled."""
    return next((choice for choice in choices if choice.get("$ref") not in inside), choices[0])


def _usage(
    messages: Sequence[Mapping[str, Any]], answers: Sequence[_Answer]
) -> ChatCompletionUsageBlock:
    """Count a word as a token."""
    prompt = sum(len(_text(message).split()) for message in messages)
    completion = sum(len(answer.text.split()) for answer in answers)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _chunk(
    text: str = "",
    tool_use: ChatCompletionToolCallChunk | None = None,
    finish_reason: str = "",
    usage: ChatCompletionUsageBlock | None = None,
) -> GenericStreamingChunk:
    return GenericStreamingChunk(
        text=text,
        tool_use=tool_use,
        is_finished=bool(finish_reason),
        finish_reason=finish_reason,
        usage=usage,
        index=0,
    )
