"""The daily cleanup that every service has: retention of the common tables, next month's partitions (JOB-38)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, time, timedelta

from services.common import idempotency, job_records
from services.common.db.partitions import drop_partitions_before, ensure_month_partitions
from services.common.db.uow import UnitOfWork
from services.common.events import inbox, outbox
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, batches

OUTBOX_KEPT = timedelta(days=7)
INBOX_KEPT = timedelta(days=30)
JOB_RUNS_KEPT = timedelta(days=90)
AUDIT_KEPT = timedelta(days=730)

Step = Callable[[UnitOfWork, datetime, int], Awaitable[int]]
"""Removes up to a number of rows as of an instant in a unit of work across tenants; returns how many it removed."""


def cleanup_job(steps: Sequence[Step] = (), *, partitioned: Sequence[str] = ()) -> Job:
    """Returns the job `cleanup`, daily at 03:00 UTC; `steps` and `partitioned` tables are the service's own."""

    async def run(context: JobContext) -> JobCounts:
        now = context.clock.now()
        total = JobCounts()
        async with context.database.system() as uow:
            for table in ("audit", *partitioned):
                await ensure_month_partitions(uow, table)
            await drop_partitions_before(uow, "audit", now - AUDIT_KEPT)
        for step in (*_COMMON_STEPS, *steps):

            async def batch(step: Step = step) -> JobCounts:
                async with context.database.system() as uow:
                    removed = await step(uow, now, BATCH_ROWS)
                return JobCounts(seen=removed, done=removed)

            total = total.plus(await batches(context, batch))
        return total

    return Job("cleanup", timedelta(days=1), run, at=time(3, 0))


async def _outbox(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await outbox.delete_relayed(uow, now - OUTBOX_KEPT, limit)


async def _inbox(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await inbox.delete_old(uow, now - INBOX_KEPT, limit)


async def _answers(uow: UnitOfWork, _now: datetime, limit: int) -> int:
    return await idempotency.delete_expired(uow, limit)


async def _job_runs(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await job_records.delete_old_runs(uow, now - JOB_RUNS_KEPT, limit)


_COMMON_STEPS: Sequence[Step] = (_outbox, _inbox, _answers, _job_runs)
