"""The pepper: what keys hashes of personal data, so that nobody can guess what they stand for.

Every server of one database needs the same one: it is `PRESSCHECK_PEPPER`, or else the file
`pepper` under PRESSCHECK_HOME, made where it is first needed. Whoever has it and the database can
test addresses; whoever loses it has a registry that knows nobody.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from pathlib import Path

from proxy.errors import StoreError
from proxy.settings import Settings

PEPPER_FILE = "pepper"
# Hashed under the pepper, this shows whether two peppers are the same and says nothing else. It is
# no address and no phone number, so no contact has this hash.
_MARKED = "presscheck opt-out registry"


class Pepper:
    """A key that hashes contacts. Shows itself nowhere."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def __repr__(self) -> str:
        return "Pepper()"

    @property
    def mark(self) -> str:
        """What this pepper is recognised by."""
        return self.hash(_MARKED)

    def hash(self, text: str) -> str:
        return self._digest(text).hex()

    def key(self, use: str) -> bytes:
        """A key for another use, from which neither the pepper nor a hash can be told."""
        return self._digest(f"presscheck key for {use}")

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")


def read_pepper(settings: Settings) -> Pepper | None:
    """The configured pepper; None if there is none yet.

    Raises:
        StoreError: its file cannot be read, or is empty.
    """
    if settings.pepper is not None:
        return Pepper(settings.pepper)
    path = settings.home / PEPPER_FILE
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"The pepper {path} cannot be read: {type(error).__name__}.") from error
    if not secret:
        raise StoreError(
            f"The pepper {path} is empty; restore it from where the registry was made."
        )
    return Pepper(secret)


def make_pepper(settings: Settings) -> Pepper:
    """The configured pepper; makes its file if there is none yet.

    Raises:
        StoreError: the file cannot be read or made.
    """
    if (pepper := read_pepper(settings)) is not None:
        return pepper
    path = settings.home / PEPPER_FILE
    try:
        _create(path, secrets.token_urlsafe(32))
    except FileExistsError:
        # Another process was faster: its pepper is the one.
        pass
    except OSError as error:
        raise StoreError(
            f"The pepper {path} cannot be made: {error.strerror}. Set PRESSCHECK_PEPPER instead."
        ) from error
    made = read_pepper(settings)
    if made is None:
        raise StoreError(f"The pepper {path} went away while it was made.")
    return made


def _create(path: Path, secret: str) -> None:
    """Write a file that is there as a whole or not at all, for the owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes it 0600; a link, unlike a rename, never replaces what is there.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".pepper-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)
    finally:
        os.unlink(draft)
