"""No test, and no process that a test starts, reaches another machine."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.witness.loopback import cut_off

_WITNESS = Path(__file__).parent / "e2e" / "witness"
_ATTEMPTS = Path(tempfile.mkdtemp(prefix="presscheck-tests-")) / "attempts.txt"

# While this file is imported, so before a test imports anything that might want to call home.
_ATTEMPTS.touch()
os.environ["WITNESS_FILE"] = str(_ATTEMPTS)
os.environ["PYTHONPATH"] = os.pathsep.join(
    part for part in (str(_WITNESS), os.environ.get("PYTHONPATH")) if part
)
cut_off(str(_ATTEMPTS))


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[Path]:
    """The file of refused connections, which is empty when the tests are done.

    Each one was refused where it was made; a library that swallows that is found out here.
    """
    yield _ATTEMPTS
    attempts = _ATTEMPTS.read_text(encoding="utf-8")
    _ATTEMPTS.unlink()
    _ATTEMPTS.parent.rmdir()
    assert not attempts, f"tried to leave this machine:\n{attempts}"
