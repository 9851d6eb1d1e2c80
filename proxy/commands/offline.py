"""Judge texts without a server: for `check`, and for a reviewer's edit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policies.pii import PiiPolicy
from proxy.commands.policy import read_policies
from proxy.inspection import Inspector
from proxy.judging import Judge
from proxy.rechecking import Release, ReleaseDesk
from proxy.redaction import Redactor
from proxy.settings import Settings, load_settings
from proxy.store.records import ReviewItem
from proxy.telemetry import Telemetry


@contextmanager
def offline_judge(settings: Settings) -> Iterator[tuple[Judge, Inspector]]:
    """A judge with its own pool of threads, which end with the block."""
    telemetry = Telemetry()
    inspector = Inspector(
        telemetry, threads=settings.workers, timeout_seconds=settings.check_timeout_seconds
    )
    try:
        yield Judge(inspector, telemetry), inspector
    finally:
        inspector.close()


class OfflineDesk:
    """Prepares approvals by the policies of a configuration."""

    def __init__(self, config: Path | None) -> None:
        self._settings = load_settings(config)
        self._policies = read_policies(config)

    async def __call__(self, text: str, item: ReviewItem, note: str) -> Release:
        keeping = Redactor(self._policies.models.personal_data, PiiPolicy())
        with offline_judge(self._settings) as (judge, inspector):
            desk = ReleaseDesk(judge, inspector, self._policies, keeping)
            return await desk.prepare(text, item, note)
