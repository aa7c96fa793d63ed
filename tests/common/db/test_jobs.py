import asyncio
import contextlib
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from services.common import job_records
from services.common.housekeeping import cleanup_job
from services.common.jobs import WAKE, Job, JobCounts, JobRunner, batches, each, request_run

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def start():
    """Starts runners beside the test; they stop with it."""
    stop, tasks = asyncio.Event(), []

    def begin(*runners: JobRunner) -> asyncio.Event:
        tasks.extend(asyncio.create_task(runner.loop(stop)) for runner in runners)
        return stop

    yield begin
    stop.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


class Counted:
    """A job that counts its runs and can be held inside one."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.error = error
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.contexts = []

    async def __call__(self, context) -> JobCounts:
        self.runs += 1
        self.contexts.append(context)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.go_on.wait()
        self.at_once -= 1
        if self.error:
            raise self.error
        return JobCounts(3, 1, 1, 1)


async def until(look, wanted, seconds: float = 10) -> None:
    found = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (found := await look()) != wanted:  # noqa: ASYNC110 - rows set no event
                await asyncio.sleep(0.05)
    assert found == wanted


async def runs(database, job="job"):
    async with database.system() as uow:
        return await job_records.runs(uow, job)


async def states(database, job="job"):
    return [run.state for run in await runs(database, job)]


async def status(database, job="job"):
    async with database.system() as uow:
        return (await job_records.statuses(uow, [job], []))[0]


@pytest.mark.req("JOB-1", "JOB-39")
async def test_any_number_of_replicas_yield_one_run_per_period(
    database, open_database, owner_url, clock, start
):
    work = Counted()
    replicas = [database] + [await open_database(owner_url, "sample", clock=clock) for _ in range(2)]
    start(*(JobRunner(replica, [Job("job", MINUTE, work)], clock) for replica in replicas))
    for periods in range(1, 4):
        await until(lambda: states(database), ["succeeded"] * periods)
        await asyncio.sleep(1.2)
        assert work.runs == periods
        clock.advance(MINUTE)
    assert work.most_at_once == 1


@pytest.mark.req("JOB-3")
async def test_missed_periods_are_caught_up_by_one_run_that_knows_since_when_it_was_due(
    database, clock, start
):
    work = Counted()
    start(JobRunner(database, [Job("job", MINUTE, work)], clock))
    began = clock.now()
    await until(lambda: states(database), ["succeeded"])
    clock.advance(timedelta(hours=5))
    await until(lambda: states(database), ["succeeded"] * 2)
    await asyncio.sleep(1.2)
    assert work.runs == 2
    assert work.contexts[1].due_at == began + MINUTE
    assert work.contexts[1].succeeded_at == began
    assert (await status(database)).due_at == clock.now() + MINUTE


@pytest.mark.req("JOB-2")
async def test_a_start_during_a_run_is_a_counted_no_op(database, open_database, owner_url, clock, start):
    work = Counted()
    work.go_on.clear()
    second = await open_database(owner_url, "sample", clock=clock)
    start(*(JobRunner(where, [Job("job", MINUTE, work)], clock) for where in (database, second)))
    await until(lambda: states(database), ["running"])
    for overlaps in (1, 2):
        clock.advance(MINUTE)

        async def overlapped() -> int:
            return (await status(database)).overlapped

        await until(overlapped, overlaps)
    work.go_on.set()
    await until(lambda: states(database), ["succeeded"])
    assert work.runs == 1


async def test_wake_ups_while_a_run_is_about_to_begin_neither_swallow_nor_count_it(database, clock, start):
    work = Counted()
    start(JobRunner(database, [Job("job", MINUTE, work)], clock))
    for _ in range(100):
        database.wake(WAKE)
        await asyncio.sleep(0.002)
    await until(lambda: states(database), ["succeeded"])
    assert (await status(database)).overlapped == 0


@pytest.mark.req("JOB-7")
async def test_each_run_records_its_start_end_counts_and_error(database, clock, start):
    runner = JobRunner(
        database, [Job("job", MINUTE, Counted()), Job("bad", MINUTE, Counted(error=KeyError()))], clock
    )
    start(runner)
    await until(lambda: states(database), ["succeeded"])
    await until(lambda: states(database, "bad"), ["failed"])
    [good], [bad] = await runs(database), await runs(database, "bad")
    assert (good.seen, good.done, good.skipped, good.failed, good.error) == (3, 1, 1, 1, "")
    assert good.started_at == good.finished_at == clock.now()
    assert bad.error == "KeyError"
    assert (await status(database)).succeeded_at == clock.now()
    assert (await status(database, "bad")).succeeded_at is None


async def test_a_failed_daily_job_is_tried_again_within_minutes(database, clock, start):
    work = Counted(error=KeyError())
    start(JobRunner(database, [Job("job", timedelta(days=1), work)], clock))
    await until(lambda: states(database), ["failed"])
    work.error = None
    clock.advance(5 * MINUTE)
    await until(lambda: states(database), ["succeeded", "failed"])


@pytest.mark.req("JOB-1")
async def test_the_run_of_a_process_that_died_is_taken_over_before_its_next_period(
    database, open_database, owner_url, clock, start
):
    work = Counted()
    work.go_on.clear()
    dying = await open_database(owner_url, "sample", clock=clock)
    job = Job("job", timedelta(days=1), work, lease_ttl=timedelta(seconds=1))
    task = asyncio.create_task(JobRunner(dying, [job], clock).loop(asyncio.Event()))
    await until(lambda: states(database), ["running"])
    await dying.close()
    work.go_on.set()
    start(JobRunner(database, [job], clock))
    await until(lambda: states(database), ["succeeded", "lost"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.req("JOB-8")
async def test_a_job_can_be_asked_for_once_out_of_turn(database, clock, start):
    work = Counted()
    start(JobRunner(database, [Job("job", MINUTE, work)], clock))
    await until(lambda: states(database), ["succeeded"])
    due = (await status(database)).due_at
    async with database.system() as uow:
        assert await request_run(uow, database, "job")
        assert not await request_run(uow, database, "unknown")
    await until(lambda: states(database), ["succeeded"] * 2)
    assert (await status(database)).due_at == due


@pytest.mark.req("JOB-9")
async def test_a_job_switched_off_does_not_run_and_says_so(database, clock, start, caplog):
    work, other = Counted(), Counted()
    jobs = [Job("job", MINUTE, work), Job("other", MINUTE, other)]
    runner = JobRunner(database, jobs, clock, disabled=["job"])
    start(runner)
    await until(lambda: states(database, "other"), ["succeeded"])
    assert work.runs == 0
    assert {status.job: status.disabled for status in await runner.statuses()} == {
        "job": True,
        "other": False,
    }
    assert "switched off: job" in caplog.text
    with pytest.raises(ValueError, match="no such job: jbo"):
        JobRunner(database, jobs, clock, disabled=["jbo"])


async def test_a_daily_job_waits_for_its_time_of_day(database, clock, start):
    work = Counted()
    start(JobRunner(database, [Job("job", timedelta(days=1), work, at=time(3, 0))], clock))

    async def due() -> datetime:
        return (await status(database)).due_at

    await asyncio.sleep(0.3)
    await until(due, datetime(2026, 1, 16, 3, tzinfo=UTC))
    assert work.runs == 0
    clock.set(datetime(2026, 1, 16, 3, tzinfo=UTC))
    await until(lambda: states(database), ["succeeded"])
    assert await due() == datetime(2026, 1, 17, 3, tzinfo=UTC)


@pytest.mark.req("JOB-4")
async def test_one_bad_item_does_not_stop_the_others(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:

        async def apply(name: str) -> bool | None:
            if name == "skip":
                return False
            await uow.execute(
                "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, gen_random_uuid(), %s, now())",
                (tenant, None if name == "bad" else name),
            )
            return None

        assert await each(uow, ["a", "bad", "skip", "b"], apply) == JobCounts(4, 2, 1, 1)
    async with database.tenant(tenant) as uow:
        assert await uow.fetch_all("SELECT name FROM thing ORDER BY name") == [("a",), ("b",)]


async def test_a_stopping_process_ends_a_job_after_the_batch_in_hand(database, clock, start):
    seen = []

    async def work(context) -> JobCounts:
        async def batch() -> JobCounts:
            seen.append(1)
            stop.set()
            return JobCounts(seen=500)

        return await batches(context, batch)

    stop = start(JobRunner(database, [Job("job", MINUTE, work)], clock))
    await until(lambda: states(database), ["succeeded"])
    assert len(seen) == 1


@pytest.mark.req("GEN-47", "JOB-41")
async def test_the_cleanup_keeps_what_retention_says(database, clock):
    tenant = uuid4()

    async def fill() -> None:
        async with database.tenant(tenant) as uow:
            await uow.execute(
                "INSERT INTO outbox (event_id, tenant_id, type, aggregate_type, aggregate_id, item_count, envelope,"
                " position, created_at) SELECT gen_random_uuid(), %s, 't', 'a', 'i', 1, '', n, %s"
                " FROM generate_series((SELECT count(*) FROM outbox) + 1, (SELECT count(*) FROM outbox) + 600) AS n",
                (tenant, clock.now()),
            )
            await uow.execute(
                "INSERT INTO inbox SELECT %s, gen_random_uuid(), 's', 't', %s FROM generate_series(1, 600)",
                (tenant, clock.now()),
            )
            await uow.execute(
                "INSERT INTO idempotency SELECT %s, gen_random_uuid(), '', '', %s FROM generate_series(1, 600)",
                (tenant, clock.now()),
            )

    async def left() -> list[int]:
        async with database.tenant(tenant) as uow:
            return [
                await uow.fetch_value(f"SELECT count(*) FROM {name}")
                for name in ("outbox", "inbox", "idempotency")
            ]

    own: list[int] = []

    async def step(_uow, _now, limit: int) -> int:
        own.append(limit)
        return 0

    runner = JobRunner(database, [cleanup_job([step])], clock)
    await fill()
    for days, wanted in [(0.9, [600] * 3), (1, [600, 600, 0]), (7, [0, 600, 0]), (30, [0, 0, 0])]:
        clock.set(datetime(2026, 1, 15, 12, 0, 1, tzinfo=UTC) + timedelta(days=days))
        assert await runner.run_now("cleanup") is not None
        assert await left() == wanted
    assert own == [500] * 4
