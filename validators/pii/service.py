"""A house's own service that finds personal data, asked over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Annotated

import httpx
from pydantic import BaseModel, Field, ValidationError

from validators.base import ValidatorError
from validators.pii.custom import Score, ServiceRecognizer
from validators.pii.entities import Entity, EntityType

_MAX_ANSWER_BYTES = 1_000_000
_Offset = Annotated[int, Field(ge=0, strict=True)]


class _Found(BaseModel, frozen=True, extra="forbid"):
    start: _Offset
    end: _Offset
    score: Annotated[Score, Field(strict=True)] | None = None
    type: str | None = None


class _Answer(BaseModel, frozen=True, extra="forbid"):
    entities: Annotated[list[_Found], Field(max_length=10_000)]


class ServiceFinder:
    """A service at work. Safe to call from many threads, which share its connections.

    No error says more of an answer than what is wrong with it, as anything in it may be personal.
    """

    def __init__(self, config: ServiceRecognizer) -> None:
        self._config = config
        self._types = {*EntityType, config.type}
        # The machine's proxies and .netrc are for the world outside, and texts are not.
        self._client = httpx.Client(trust_env=False, timeout=config.timeout_seconds)

    def find(self, text: str) -> Iterator[Entity]:
        """Yield what the service finds in a text.

        Raises:
            ValidatorError: there was no proper answer in time.
        """
        if not text.strip():
            return
        for found in self._ask(text).entities:
            if not found.start < found.end <= len(text):
                raise self._failed("points outside the text")
            type = found.type or self._config.type
            if type not in self._types:
                raise self._failed("names a type that the policy does not know")
            score = self._config.score if found.score is None else found.score
            yield Entity(type, found.start, found.end, score)

    def close(self) -> None:
        self._client.close()

    def _ask(self, text: str) -> _Answer:
        try:
            body = self._post(json.dumps({"text": text}))
        except httpx.TimeoutException:
            raise self._failed(f"did not come within {self._config.timeout_seconds} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(f"did not come: {type(error).__name__}") from None
        try:
            return _Answer.model_validate_json(body)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            raise self._failed(f"is not as agreed: {problem['type']}") from None

    def _post(self, body: str) -> bytes:
        """Read an answer within the time and size allowed, however slowly it comes."""
        end = time.monotonic() + self._config.timeout_seconds
        # Compressed, an answer could be any size.
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        answer = bytearray()
        with self._client.stream(
            "POST", self._config.url, content=body, headers=headers
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise self._failed(f"has the status {response.status_code}")
            for chunk in response.iter_raw():
                answer += chunk
                if len(answer) > _MAX_ANSWER_BYTES:
                    raise self._failed("is too large")
                if time.monotonic() > end:
                    raise self._failed(f"did not come within {self._config.timeout_seconds} s")
        return bytes(answer)

    def _failed(self, why: str) -> ValidatorError:
        return ValidatorError(f"the answer of recognizer {self._config.name!r} {why}")
