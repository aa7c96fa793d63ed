"""JobService on a real server: what administrators see of jobs, and what becomes of their wish to run one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angarium.common.v1 import jobs_pb2 as pb
from angarium.common.v1 import jobs_pb2_grpc
from services.common import job_records, job_servicer
from services.common.jobs import Job, JobCounts, JobRunner
from services.common.leases import lease
from services.common.rpc.server import start_server
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import issue_person, issue_service
from services.common.security.permissions import PLATFORM_ADMIN, STAFF_ROLES
from services.common.service import Service
from tests.common.given import settings
from tests.house import Served

REQUESTED = pb.RunJobResponse.OUTCOME_REQUESTED
RUNNING = pb.RunJobResponse.OUTCOME_SKIPPED_RUNNING
SWITCHED_OFF = pb.RunJobResponse.OUTCOME_SKIPPED_SWITCHED_OFF
PLATFORM = UUID(int=0)


class Desk:
    """A served JobService, and the loops beside it when a test begins them."""

    def __init__(self, database, clock) -> None:
        self.database = database
        self.went: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        jobs = [
            Job("daily", timedelta(days=1), self._work, at=time(3, 0)),
            Job("often", timedelta(minutes=5), self._work),
            Job("quiet", timedelta(minutes=5), self._work),
        ]
        self.runner = JobRunner(database, jobs, clock, disabled=["quiet"])
        self.stub: Any = None
        self.health: Any = None

    async def _work(self, context) -> JobCounts:
        self.went.append(context.job)
        await self.go_on.wait()
        return JobCounts(seen=5, done=3, skipped=1, failed=1)

    async def call(self, method: str, request, *roles: str, tenant: UUID | None = None, token: str = ""):
        token = token or issue_person(settings(), tenant, "root", roles or ("platform_admin",))
        try:
            return await getattr(self.stub, method)(
                request, metadata=[("authorization", f"Bearer {token}")], timeout=10
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, "sample") from None

    async def run(self, name: str, **fields) -> pb.RunJobResponse:
        return await self.call("RunJob", pb.RunJobRequest(name=name, **fields))

    async def listed(self, **fields) -> list[pb.Job]:
        return list((await self.call("ListJobs", pb.ListJobsRequest(**fields))).jobs)

    async def audited(self) -> list[tuple]:
        async with self.database.tenant(PLATFORM) as uow:
            return await uow.fetch_all(
                "SELECT actor, roles, action, resource_type, resource_id, after FROM audit ORDER BY audit_id"
            )


@pytest.fixture
async def desk(database, clock) -> AsyncIterator[Desk]:
    desk = Desk(database, clock)
    registration = job_servicer.registration(database, desk.runner)
    service = Service("sample", database, [registration], notes=desk.runner.notes)
    server = await start_server(service, settings())
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
    desk.stub = jobs_pb2_grpc.JobServiceStub(channel)
    desk.health = health_pb2_grpc.HealthStub(channel)
    yield desk
    await channel.close()
    await server.stop(0)


@pytest.fixture
async def begin(desk) -> AsyncIterator[Callable[[], None]]:
    """Begins the loop that runs jobs; it stops with the test."""
    stop, tasks = asyncio.Event(), []
    yield lambda: tasks.append(asyncio.create_task(desk.runner.loop(stop)))
    desk.go_on.set()
    stop.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


async def until(look, wanted) -> None:
    found = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while (found := await look()) != wanted:  # noqa: ASYNC110 - rows set no event
                await asyncio.sleep(0.05)
    assert found == wanted


@pytest.mark.req("JOB-7", "JOB-8")
async def test_a_run_that_was_asked_for_happens_once_and_is_listed_with_its_counts(desk, begin, clock):
    answer = await desk.run("daily")
    assert answer.outcome == REQUESTED
    assert answer.job.is_requested
    assert not answer.job.runs
    begin()

    async def states() -> list[int]:
        [daily, *_] = await desk.listed(run_count=5)
        return [run.state for run in daily.runs]

    await until(states, [pb.JobRun.STATE_SUCCEEDED])
    await asyncio.sleep(1.2)
    [daily, _, _] = await desk.listed()
    assert desk.went.count("daily") == 1
    assert not daily.is_requested
    assert (daily.time_of_day, daily.period.ToTimedelta()) == ("03:00", timedelta(days=1))
    [run] = daily.runs
    assert (run.seen_count, run.done_count, run.skipped_count, run.failed_count) == (5, 3, 1, 1)
    assert run.start_time == run.end_time == daily.success_time
    assert daily.due_time.ToDatetime().hour == 3
    # The run on demand has not moved the one of three o'clock.
    assert daily.due_time.ToDatetime() > run.end_time.ToDatetime()


@pytest.mark.req("JOB-2", "JOB-8")
async def test_a_start_while_another_process_holds_the_lease_is_skipped_and_said_and_counted(desk):
    async with lease(desk.database, "job:often") as held:
        assert held
        answer = await desk.run("often")
        assert answer.outcome == RUNNING
        assert answer.job.is_running
        assert not answer.job.is_requested
        assert answer.job.skipped_start_count == 1
    assert (await desk.run("often")).outcome == REQUESTED


@pytest.mark.req("JOB-2", "JOB-8")
async def test_a_run_that_is_going_on_is_not_begun_again(desk, begin):
    desk.go_on.clear()
    begin()

    async def running() -> list[bool]:
        return [job.is_running for job in await desk.listed()]

    await until(running, [False, True, False])
    assert (await desk.run("often")).outcome == RUNNING
    desk.go_on.set()
    await until(running, [False, False, False])
    await asyncio.sleep(1.2)
    assert desk.went == ["often"]


@pytest.mark.req("JOB-9")
async def test_a_job_switched_off_is_listed_as_such_told_by_health_and_not_begun(desk, begin):
    begin()
    assert [(job.name, job.is_switched_off) for job in await desk.listed()] == [
        ("daily", False),
        ("often", False),
        ("quiet", True),
    ]
    answer = await desk.run("quiet")
    assert answer.outcome == SWITCHED_OFF
    assert answer.job.is_switched_off
    await asyncio.sleep(1.2)
    assert "quiet" not in desk.went
    async with desk.database.system() as uow:
        assert not (await job_records.statuses(uow, ["quiet"], []))[0].requested
    call = desk.health.Check(health_pb2.HealthCheckRequest(), timeout=10)
    assert (await call).status == health_pb2.HealthCheckResponse.SERVING
    assert dict(await call.trailing_metadata())["readiness"] == "serving; jobs switched off: quiet"


@pytest.mark.req("JOB-8")
async def test_an_unknown_job_is_not_found_and_leaves_nothing(desk):
    with pytest.raises(Exception, match="job not found") as caught:
        await desk.run("nosuch")
    assert caught.value.status is grpc.StatusCode.NOT_FOUND
    assert caught.value.metadata["resource_id"] == "nosuch"
    assert await desk.audited() == []


@pytest.mark.req("JOB-8", "SEC-5")
@pytest.mark.parametrize("role", sorted(STAFF_ROLES - {PLATFORM_ADMIN}))
async def test_a_role_without_the_permission_is_refused(desk, role):
    for method, request in (("RunJob", pb.RunJobRequest(name="often")), ("ListJobs", pb.ListJobsRequest())):
        with pytest.raises(Exception, match="may not") as caught:
            await desk.call(method, request, role, tenant=uuid4())
        assert caught.value.status is grpc.StatusCode.PERMISSION_DENIED
    assert await desk.audited() == []


@pytest.mark.req("JOB-8", "SEC-5")
async def test_another_service_is_refused(desk):
    with pytest.raises(Exception, match="may not") as caught:
        await desk.call("RunJob", pb.RunJobRequest(name="often"), token=issue_service(settings(), "gateway"))
    assert caught.value.status is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.req("JOB-8", "GEN-34")
async def test_every_wish_is_audited_with_its_outcome_whichever_tenant_the_token_names(desk):
    await desk.run("often")
    await desk.call("RunJob", pb.RunJobRequest(name="quiet"), tenant=uuid4())
    assert await desk.audited() == [
        ("root", ["platform_admin"], "job.run", "job", "often", {"outcome": "requested"}),
        ("root", ["platform_admin"], "job.run", "job", "quiet", {"outcome": "skipped_switched_off"}),
    ]


@pytest.mark.req("GEN-29")
async def test_a_repeat_with_the_same_key_asks_for_nothing_more(desk):
    first = await desk.run("often", idempotency_key="k1")
    again = await desk.run("often", idempotency_key="k1")
    assert (first.deduplicated, again.deduplicated) == (False, True)
    assert (again.outcome, again.job) == (first.outcome, first.job)
    assert len(await desk.audited()) == 1


async def test_jobs_are_listed_before_any_process_that_runs_them_has_begun(desk):
    assert [(job.name, job.HasField("due_time")) for job in await desk.listed()] == [
        ("daily", False),
        ("often", False),
        ("quiet", False),
    ]


async def test_a_job_that_has_not_succeeded_for_three_periods_is_overdue(desk, begin, clock):
    desk.go_on.clear()
    begin()

    async def announced() -> list[bool]:
        return [job.HasField("due_time") for job in await desk.listed()]

    await until(announced, [True] * 3)
    clock.advance(timedelta(minutes=16))
    assert {job.name: job.is_overdue for job in await desk.listed()} == {
        "daily": False,
        "often": True,
        "quiet": False,
    }


async def test_lists_are_paged_by_name(desk):
    first = await desk.call("ListJobs", pb.ListJobsRequest(page_size=2))
    rest = await desk.call("ListJobs", pb.ListJobsRequest(page_size=2, page_token=first.next_page_token))
    assert [[job.name for job in page.jobs] for page in (first, rest)] == [["daily", "often"], ["quiet"]]
    assert rest.next_page_token == ""


@pytest.mark.req("JOB-8")
async def test_every_service_offers_its_jobs(house: dict[str, Served]) -> None:
    for served in house.values():
        stub: Any = served.person(jobs_pb2_grpc.JobServiceStub, "platform_admin")
        listed = await stub.ListJobs(pb.ListJobsRequest())
        assert "cleanup" in {job.name for job in listed.jobs}
        answer = await stub.RunJob(pb.RunJobRequest(name="cleanup"))
        assert answer.outcome == REQUESTED
