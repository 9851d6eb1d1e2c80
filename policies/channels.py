"""The channels that a text can be published on, from `channels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from policies.catalogue import read_yaml
from policies.errors import PolicyError, describe, nearest, quoted
from validators.base import Channel

CHANNELS_FILE = Path(__file__).parent / "channels.yaml"


@dataclass(frozen=True, slots=True)
class Channels:
    """The channel profiles by name."""

    profiles: Mapping[str, Channel]

    def find(self, name: str) -> Channel:
        """Return a profile.

        Raises:
            KeyError: no channel has this name; the message says which one was probably meant.
        """
        if name not in self.profiles:
            raise KeyError(f"unknown channel {quoted(name)}{nearest(name, list(self.profiles))}")
        return self.profiles[name]


def load_channels(path: Path = CHANNELS_FILE) -> Channels:
    """Read the channel profiles.

    Raises:
        PolicyError: the file is wrong; the message names the channel and the field.
    """
    profiles = {}
    for name, fields in read_yaml(path).items():
        try:
            profiles[name] = Channel.model_validate({"name": name, **fields})
        except ValidationError as error:
            raise PolicyError(path, name, describe(error)) from error
    return Channels(profiles)
