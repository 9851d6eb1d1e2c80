"""Judge texts without a server: for `check`, and for a reviewer's edit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy.commands.policy import read_policies
from proxy.inspection import Inspector
from proxy.judging import Judge
from proxy.rechecking import recheck
from proxy.settings import Settings, load_settings
from proxy.store.records import ReviewItem
from proxy.telemetry import Telemetry


@contextmanager
def offline_judge(settings: Settings) -> Iterator[Judge]:
    """A judge with its own pool of threads, which end with the block."""
    telemetry = Telemetry()
    inspector = Inspector(
        telemetry, threads=settings.workers, timeout_seconds=settings.check_timeout_seconds
    )
    try:
        yield Judge(inspector, telemetry)
    finally:
        inspector.close()


class OfflineRecheck:
    """Checks edited texts by the policies of a configuration."""

    def __init__(self, config: Path | None) -> None:
        self._settings = load_settings(config)
        self._policies = read_policies(config)

    async def __call__(self, text: str, item: ReviewItem) -> list[str]:
        with offline_judge(self._settings) as judge:
            return await recheck(judge, self._policies, item, text)
