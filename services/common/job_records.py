"""What is stored about jobs: when each is due, and each of its runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7


@dataclass(frozen=True, slots=True)
class Status:
    """One job as stored."""

    job: str
    due_at: datetime
    requested: bool
    overlapped: int
    succeeded_at: datetime | None
    announced_at: datetime
    interrupted: bool
    """A run was begun by a process that is gone."""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run as stored."""

    run_id: UUID
    job: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    seen: int
    done: int
    skipped: int
    failed: int
    error: str


_ANNOUNCE = """
INSERT INTO job_schedule (job, due_at, requested, overlapped, announced_at)
SELECT job, due_at, false, 0, %s FROM unnest(%b::text[], %b::timestamptz[]) AS new (job, due_at)
ON CONFLICT (job) DO NOTHING
"""

_INTERRUPTED = """
EXISTS (SELECT FROM job_run WHERE job_run.job = schedule.job AND job_run.state = 'running')
AND NOT EXISTS (SELECT FROM lease WHERE name = 'job:' || schedule.job AND expires_at > clock_timestamp())
"""

_DUE = f"""
SELECT job FROM job_schedule AS schedule
WHERE job = ANY(%(jobs)b) AND (due_at <= %(now)s OR requested OR ({_INTERRUPTED})) ORDER BY due_at
"""  # noqa: S608 - constants

_STATUSES = f"""
SELECT job, due_at, requested, overlapped, succeeded_at, announced_at, ({_INTERRUPTED})
FROM job_schedule AS schedule WHERE job = ANY(%(jobs)b) ORDER BY job
"""  # noqa: S608 - constants

# Whoever asks here holds the lease, so a run that is still marked as running was left by a process that is gone.
_CLAIM = """
SELECT job, due_at, requested, overlapped, succeeded_at, announced_at,
    EXISTS (SELECT FROM job_run WHERE job_run.job = schedule.job AND job_run.state = 'running')
FROM job_schedule AS schedule WHERE job = %s FOR UPDATE
"""

_LOSE = "UPDATE job_run SET state = 'lost', finished_at = %s WHERE job = %s AND state = 'running'"

_START = """
INSERT INTO job_run (run_id, job, state, started_at, seen, done, skipped, failed, error)
VALUES (%s, %s, 'running', %s, 0, 0, 0, 0, '')
"""

_FINISH = """
UPDATE job_run SET state = %(state)s, finished_at = %(now)s, seen = %(seen)s, done = %(done)s,
    skipped = %(skipped)s, failed = %(failed)s, error = %(error)s
WHERE run_id = %(run_id)s AND state = 'running'
"""

_OVERLAP = """
UPDATE job_schedule SET overlapped = overlapped + 1, due_at = %(next)s
WHERE job = %(job)s AND due_at = %(due)s
  AND EXISTS (SELECT FROM job_run WHERE job_run.job = %(job)s AND state = 'running')
"""

_RUNS = """
SELECT run_id, job, state, started_at, finished_at, seen, done, skipped, failed, error
FROM job_run WHERE job = %s ORDER BY started_at DESC, run_id DESC LIMIT %s
"""


_LEASED = """
SELECT name FROM lease WHERE name = ANY(%b::text[]) AND expires_at > clock_timestamp()
"""

_NEWEST_RUNS = """
SELECT run.* FROM unnest(%(jobs)b::text[]) AS wanted (job) CROSS JOIN LATERAL (
    SELECT run_id, job, state, started_at, finished_at, seen, done, skipped, failed, error
    FROM job_run WHERE job_run.job = wanted.job ORDER BY started_at DESC, run_id DESC LIMIT %(limit)s
) AS run
"""


async def announce(uow: UnitOfWork, first_due: Mapping[str, datetime]) -> None:
    """Makes the rows of jobs that were not known before."""
    await uow.execute(_ANNOUNCE, (uow.now(), list(first_due), list(first_due.values())))


async def due(uow: UnitOfWork, jobs: Sequence[str], now: datetime) -> list[str]:
    """Returns jobs whose time has come, that were asked for, or whose run was left behind."""
    return [job for (job,) in await uow.fetch_all(_DUE, {"jobs": list(jobs), "now": now})]


async def statuses(uow: UnitOfWork, jobs: Sequence[str], disabled: Collection[str]) -> list[Status]:
    """Returns jobs by name."""
    rows = await uow.fetch_all(_STATUSES, {"jobs": list(jobs)})
    return [replace(Status(*row), disabled=row[0] in disabled) for row in rows]


async def claim(uow: UnitOfWork, job: str) -> Status:
    """Returns a job and keeps its row until the commit."""
    row = await uow.fetch_one(_CLAIM, (job,))
    if row is None:
        raise LookupError(f"job {job} was never announced")
    return Status(*row)


async def start(uow: UnitOfWork, job: str, next_due: datetime) -> UUID:
    """Records the start of a run and when the next one is due; a run left behind is marked as lost."""
    run_id = uuid7()
    await uow.execute(_LOSE, (uow.now(), job))
    await uow.execute(_START, (run_id, job, uow.now()))
    await uow.execute(
        "UPDATE job_schedule SET due_at = %s, requested = false WHERE job = %s", (next_due, job)
    )
    return run_id


async def finish(
    uow: UnitOfWork,
    run_id: UUID,
    job: str,
    counts: tuple[int, int, int, int],
    error: str,
    retry_at: datetime,
) -> None:
    """Records the end of a run; a failed one is due again at `retry_at` unless it is sooner anyway."""
    seen, done, skipped, failed = counts
    await uow.execute(
        _FINISH,
        {
            "run_id": run_id,
            "state": "failed" if error else "succeeded",
            "now": uow.now(),
            "seen": seen,
            "done": done,
            "skipped": skipped,
            "failed": failed,
            "error": error[:500],
        },
    )
    if error:
        await uow.execute(
            "UPDATE job_schedule SET due_at = least(due_at, %s) WHERE job = %s", (retry_at, job)
        )
    else:
        await uow.execute("UPDATE job_schedule SET succeeded_at = %s WHERE job = %s", (uow.now(), job))


async def overlap(uow: UnitOfWork, job: str, due_at: datetime, next_due: datetime) -> None:
    """Counts a start that came while a run was going, once among all replicas.

    A run that is about to begin, with nothing recorded yet, is no overlap: it is the one this start asks for.
    """
    await uow.execute(_OVERLAP, {"next": next_due, "job": job, "due": due_at})


async def request(uow: UnitOfWork, job: str) -> bool:
    """Asks for a run; false when the job is not known."""
    return await uow.execute("UPDATE job_schedule SET requested = true WHERE job = %s", (job,)) == 1


async def running(uow: UnitOfWork, jobs: Sequence[str]) -> frozenset[str]:
    """Returns jobs of which a process holds the lease now."""
    rows = await uow.fetch_all(_LEASED, ([f"job:{job}" for job in jobs],))
    return frozenset(name.removeprefix("job:") for (name,) in rows)


async def count_skipped_start(uow: UnitOfWork, job: str) -> None:
    """Counts a start that somebody asked for while a run was going on."""
    await uow.execute("UPDATE job_schedule SET overlapped = overlapped + 1 WHERE job = %s", (job,))


async def newest_runs(uow: UnitOfWork, jobs: Sequence[str], limit: int) -> dict[str, list[Run]]:
    """Returns up to `limit` runs of each job, newest first."""
    found: dict[str, list[Run]] = {job: [] for job in jobs}
    for row in await uow.fetch_all(_NEWEST_RUNS, {"jobs": list(jobs), "limit": limit}):
        found[row[1]].append(Run(*row))
    return found


async def runs(uow: UnitOfWork, job: str, limit: int = 20) -> list[Run]:
    """Returns the newest runs of a job."""
    return [Run(*row) for row in await uow.fetch_all(_RUNS, (job, limit))]


async def delete_old_runs(uow: UnitOfWork, before: datetime, limit: int = 500) -> int:
    """Removes up to `limit` finished runs that began before an instant."""
    return await uow.execute(
        "DELETE FROM job_run WHERE run_id IN"
        " (SELECT run_id FROM job_run WHERE state <> 'running' AND started_at < %s LIMIT %s)",
        (before, limit),
    )
