"""Scheduled jobs: one run among all replicas, by stored due times, with a record of each (JOB-1 to JOB-9)."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.common import job_records, loops, telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.job_records import Status
from services.common.leases import Lease, lease, wait_for
from services.common.rpc.context import Caller, bind

logger = logging.getLogger(__name__)

T = TypeVar("T")

WAKE = "jobs"
BATCH_ROWS = 500
"""How many rows a batch of a job takes (JOB-4)."""
BATCH_SECONDS = 10.0
"""How long a batch of a job works before it commits (JOB-4)."""

OVERDUE_PERIODS = 3
"""A job that has not succeeded for so many periods alerts (JOB-7)."""

_LOOK_SECONDS = 1.0
_MEASURE_SECONDS = 15.0
"""How old the figures of jobs may be that whoever scrapes them is told."""
_RETRY_AFTER = timedelta(minutes=5)

_age = telemetry.gauge("job_last_success_age_seconds", "Age of the last successful run.", ["service", "job"])
_duration = telemetry.gauge("job_duration_seconds", "Duration of the last run.", ["service", "job"])
_overdue = telemetry.gauge("job_overdue", "1 when a job has not finished for 3 periods.", ["service", "job"])
_runs = telemetry.counter("job_runs_total", "Runs by how they ended.", ["service", "job", "state"])


class JobCounts(NamedTuple):
    """What a run or a batch did."""

    seen: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0

    def plus(self, other: "JobCounts") -> "JobCounts":
        """Returns the sums."""
        return JobCounts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a run is given: the database, the time, since when it was due, and whether to go on."""

    database: Database
    clock: Clock
    job: str
    run_id: UUID
    due_at: datetime
    succeeded_at: datetime | None
    lease: Lease
    stop: asyncio.Event

    @property
    def stopping(self) -> bool:
        """Returns whether the run must end after the batch in hand: the process stops or the lease is lost."""
        return self.stop.is_set() or not self.lease.held


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes:
        name: Its name, unique in the service.
        period: How often it runs.
        run: Does the work; may run twice over the same data without a second effect (JOB-6).
        at: Time of day in UTC of a daily job; None counts from the last due time.
        lease_ttl: How soon another replica takes over when this one dies; the lease renews itself while a run lasts.
    """

    name: str
    period: timedelta
    run: Callable[[JobContext], Awaitable[JobCounts]]
    at: time_of_day | None = None
    lease_ttl: timedelta = timedelta(seconds=60)

    def after(self, due_at: datetime, now: datetime) -> datetime:
        """Returns when it is due next; periods that were missed are one run."""
        if self.at is not None:
            due = now.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
            return due if due > now else due + timedelta(days=1)
        return due_at + self.period if due_at + self.period > now else now + self.period


class JobRunner:
    """Runs the jobs of a service; any number of replicas may."""

    def __init__(
        self, database: Database, jobs: Sequence[Job], clock: Clock, *, disabled: Iterable[str] = ()
    ) -> None:
        self.disabled = frozenset(disabled)
        self._database = database
        self._clock = clock
        self._jobs = {job.name: job for job in jobs}
        if len(self._jobs) != len(jobs):
            raise ValueError("names of jobs must differ")
        if unknown := self.disabled - set(self._jobs):
            raise ValueError(f"no such job: {', '.join(sorted(unknown))}")
        self._running: dict[str, asyncio.Task[None]] = {}
        self._measured = -_MEASURE_SECONDS

    async def loop(self, stop: asyncio.Event) -> None:
        """Runs what is due until stop is set, then waits for the batches in hand."""
        if self.disabled:
            logger.warning("jobs switched off: %s", ", ".join(sorted(self.disabled)))
        announced = False
        async with self._woken(stop) as woken:
            while not stop.is_set():
                woken.clear()
                try:
                    if not announced:
                        await self._announce()
                        announced = True
                    await self._look(stop)
                except Exception as error:
                    if not isinstance(error, ServiceError) and not is_outage(error):
                        raise
                    logger.warning("jobs wait for the database: %s", type(error).__name__)
                await wait_for(woken, _LOOK_SECONDS)
        await asyncio.gather(*self._running.values())

    async def run_now(self, name: str) -> JobCounts | None:
        """Runs one job at once in this process; None when another process runs it. For tests and tools."""
        return await self._run(self._jobs[name], asyncio.Event(), forced=True)

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Returns the jobs of this service by name, also those that are switched off."""
        return self._jobs

    @property
    def notes(self) -> tuple[str, ...]:
        """Returns what whoever asks about readiness must know of jobs: which are switched off (JOB-9)."""
        return (f"jobs switched off: {', '.join(sorted(self.disabled))}",) if self.disabled else ()

    def first_due(self, name: str) -> datetime:
        """Returns when a job is due that was never announced: one with a time of day waits for it."""
        job, now = self._jobs[name], self._clock.now()
        return job.after(now, now) if job.at else now

    def is_overdue(self, status: Status) -> bool:
        """Returns whether a job has not succeeded for 3 periods (JOB-7)."""
        return self._age_of(status) > OVERDUE_PERIODS * self._jobs[status.job].period

    async def statuses(self) -> list[Status]:
        """Returns every job with its due time, last success and whether it is switched off."""
        async with self._database.system() as uow:
            return await job_records.statuses(uow, sorted(self._jobs), self.disabled)

    @asynccontextmanager
    async def _woken(self, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
        woken = asyncio.Event()

        async def follow() -> None:
            async for _ in self._database.listen(WAKE):
                woken.set()

        async def follow_stop() -> None:
            await stop.wait()
            woken.set()

        tasks = [asyncio.create_task(follow()), asyncio.create_task(follow_stop())]
        try:
            yield woken
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _announce(self) -> None:
        first = {name: self.first_due(name) for name in self._jobs}
        async with self._database.system() as uow:
            await job_records.announce(uow, first)

    async def _look(self, stop: asyncio.Event) -> None:
        now = self._clock.now()
        names = [name for name in self._jobs if name not in self.disabled]
        async with self._database.system() as uow:
            due = await job_records.due(uow, names, now)
            if time.monotonic() - self._measured >= _MEASURE_SECONDS:
                self._measured = time.monotonic()
                self._measure(await job_records.statuses(uow, names, self.disabled))
        for name in due:
            job = self._jobs[name]
            if name in self._running and not self._running[name].done():
                await self._skip(job)
            else:
                self._running[name] = asyncio.create_task(self._guarded(job, stop), name=f"job-{name}")

    def _measure(self, known: Iterable[Status]) -> None:
        for status in known:
            _age.labels(self._database.schema, status.job).set(self._age_of(status).total_seconds())
            _overdue.labels(self._database.schema, status.job).set(self.is_overdue(status))

    def _age_of(self, status: Status) -> timedelta:
        return self._clock.now() - (status.succeeded_at or status.announced_at)

    async def _skip(self, job: Job) -> None:
        """Counts a start that a run still going turns into nothing (JOB-2)."""
        async with self._database.system() as uow:
            status = (await job_records.statuses(uow, [job.name], self.disabled))[0]
            now = self._clock.now()
            if status.due_at <= now:
                await job_records.overlap(uow, job.name, status.due_at, job.after(status.due_at, now))

    async def _guarded(self, job: Job, stop: asyncio.Event) -> None:
        try:
            await self._run(job, stop)
        except Exception:
            # One job that cannot be run must not end the others; it is due still, or its run is taken over.
            logger.exception("job %s could not be run", job.name)

    async def _run(self, job: Job, stop: asyncio.Event, *, forced: bool = False) -> JobCounts | None:
        async with lease(self._database, f"job:{job.name}", job.lease_ttl) as held:
            if not held:
                await self._skip(job)
                return None
            context = await self._start(job, held, stop, forced=forced)
            if context is None:
                return None
            started = time.monotonic()
            counts, error = JobCounts(), ""
            try:
                with bind(Caller.of_service(self._database.schema)):
                    counts = await job.run(context)
            except Exception as raised:
                error = type(raised).__name__
                logger.exception("job %s failed", job.name)
            if not held.held:
                # Whoever took over has marked this run as lost.
                return counts
            _duration.labels(self._database.schema, job.name).set(time.monotonic() - started)
            _runs.labels(self._database.schema, job.name, "failed" if error else "succeeded").inc()
            async with self._database.system() as uow:
                retry_at = self._clock.now() + min(_RETRY_AFTER, job.period)
                await job_records.finish(uow, context.run_id, job.name, counts, error, retry_at)
            return counts

    async def _start(self, job: Job, held: Lease, stop: asyncio.Event, *, forced: bool) -> JobContext | None:
        now = self._clock.now()
        async with self._database.system() as uow:
            if forced:
                await job_records.announce(uow, {job.name: now})
            status = await job_records.claim(uow, job.name)
            if not (forced or status.requested or status.interrupted or status.due_at <= now):
                return None
            next_due = job.after(status.due_at, now) if status.due_at <= now else status.due_at
            run_id = await job_records.start(uow, job.name, next_due)
        return JobContext(
            self._database, self._clock, job.name, run_id, status.due_at, status.succeeded_at, held, stop
        )


async def each(
    uow: UnitOfWork, items: Iterable[T], apply: Callable[[T], Awaitable[bool | None]]
) -> JobCounts:
    """Applies something to each item in a savepoint of its own: a bad one is undone and counted, the rest stands.

    `apply` returns False for an item it skipped.
    """
    counts = JobCounts()
    for item in items:
        try:
            async with uow.savepoint():
                done = await apply(item)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("an item of a job failed", exc_info=error)
            counts = counts.plus(JobCounts(seen=1, failed=1))
        else:
            counts = counts.plus(JobCounts(1, 0, 1) if done is False else JobCounts(1, 1))
    return counts


async def batches(context: JobContext, batch: Callable[[], Awaitable[JobCounts]]) -> JobCounts:
    """Repeats a batch, each a transaction of its own, until one sees fewer than a full one or the run must end.

    One in which everything failed ends it too: the next would meet the same.
    """
    total = JobCounts()
    while not context.stopping:
        counts = await batch()
        total = total.plus(counts)
        if counts.seen < BATCH_ROWS or counts.failed == counts.seen:
            break
    return total


async def apart(tenant_id: UUID, count: int, work: Awaitable[JobCounts]) -> JobCounts:
    """Does one tenant's part of a job; trouble with it is logged and counted, and stops no other's (JOB-4)."""
    return await loops.apart(f"a job for tenant {tenant_id}", work, JobCounts(seen=count, failed=count))


async def request_run(uow: UnitOfWork, database: Database, name: str) -> bool:
    """Asks for one run as soon as possible, in whatever process; false for an unknown job. The caller audits (JOB-8)."""
    known = await job_records.request(uow, name)
    uow.after_commit(lambda: database.wake(WAKE))
    return known
