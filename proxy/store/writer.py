"""One writer for the whole process: what waits together is committed together.

Every write adds to the audit chain, so writes take turns anyway. Taking turns in one task keeps
SQLite from refusing writers, and one commit for all that queued up during the last one is what
makes durable writes fast: the disk is asked to flush once for many records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.errors import StoreError
from proxy.store.audit import Ledger
from proxy.store.database import Database, store_errors

T = TypeVar("T")
Work = Callable[[AsyncConnection, Ledger], Awaitable[T]]

MAX_BATCH = 64


@dataclass(frozen=True, eq=False)
class _Job:
    work: Work[Any]
    done: asyncio.Future[Any]

    def fail(self, error: BaseException) -> None:
        # Whoever waited may be gone; the work was done or undone all the same.
        if not self.done.done():
            self.done.set_exception(error)

    def succeed(self, result: Any) -> None:
        if not self.done.done():
            self.done.set_result(result)


class _JobFailedError(Exception):
    def __init__(self, job: _Job, error: BaseException) -> None:
        super().__init__(str(error))
        self.job = job
        self.error = error


class Writer:
    """Runs work in write transactions, in the order it came, until it is closed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._is_closed = False
        self._task = asyncio.create_task(self._run(), name="presscheck store writer")

    async def do(self, work: Work[T]) -> T:
        """The result of the work, once it is committed; a failure undoes this work alone."""
        if self._is_closed:
            raise StoreError("The server is shutting down, so nothing can be recorded. Try again.")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        with store_errors():
            result: T = await job.done
        return result

    async def close(self) -> None:
        """Finish what was accepted, and take no more."""
        if not self._is_closed:
            self._is_closed = True
            self._jobs.put_nowait(None)
        await self._task

    async def _run(self) -> None:
        while (first := await self._jobs.get()) is not None:
            jobs = [first]
            while len(jobs) < MAX_BATCH and not self._jobs.empty():
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put_nowait(None)  # closing: commit these, then stop
                    break
                jobs.append(job)
            await self._settle(jobs)

    async def _settle(self, jobs: list[_Job]) -> None:
        """Commit the jobs together; one that fails is left out, and the others start again."""
        while jobs:
            match outcome := await _outcome(self._commit(jobs)):
                case _JobFailedError():
                    outcome.job.fail(outcome.error)
                    jobs = [job for job in jobs if job is not outcome.job]
                case BaseException():
                    for job in jobs:
                        job.fail(outcome)
                    return
                case _:
                    for job, result in zip(jobs, outcome, strict=True):
                        job.succeed(result)
                    return

    async def _commit(self, jobs: list[_Job]) -> list[Any]:
        results = []
        async with self._database.write() as connection:
            ledger = await Ledger.lock(connection)
            for job in jobs:
                result = await _outcome(job.work(connection, ledger))
                if isinstance(result, BaseException):
                    raise _JobFailedError(job, result)
                results.append(result)
            await ledger.seal()
        return results


async def _outcome(work: Awaitable[T]) -> T | BaseException:
    """What came of the work, be it a failure: the writer goes on, and its caller is told."""
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    return outcome
