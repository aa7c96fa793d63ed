"""Use cases of scheduled jobs as JobService asks for them (JOB-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import jobs_pb2 as pb
from services.common import audit, job_records
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.idempotency import keyed
from services.common.job_records import Run, Status
from services.common.jobs import Job, JobRunner, request_run
from services.common.paging import PageToken, page_size, parameters_hash

Outcome = pb.RunJobResponse.Outcome
_STATES = {
    "running": pb.JobRun.STATE_RUNNING,
    "succeeded": pb.JobRun.STATE_SUCCEEDED,
    "failed": pb.JobRun.STATE_FAILED,
    "lost": pb.JobRun.STATE_LOST,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One job as it stands; no status before it was announced."""

    job: Job
    status: Status | None
    is_running: bool
    is_switched_off: bool
    is_overdue: bool
    runs: Sequence[Run]


class JobCases:
    """The jobs of one service, as they stand and as they are asked for."""

    def __init__(self, database: Database, runner: JobRunner) -> None:
        self._database = database
        self._runner = runner

    async def page(self, request: pb.ListJobsRequest) -> pb.ListJobsResponse:
        """Returns a page of jobs, by name."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        after = PageToken.decode(request.page_token, parameters, length=1)
        names = sorted(name for name in self._runner.jobs if after is None or name > after[0])
        page, token = names[:size], ""
        if len(names) > size:
            token = PageToken.encode([page[-1]], parameters)
        async with self._database.system() as uow:
            found = await self._look(uow, page, request.run_count or 1)
        return pb.ListJobsResponse(jobs=map(_job, found), next_page_token=token)

    async def run(self, request: pb.RunJobRequest) -> pb.RunJobResponse:
        """Asks for a run now, unless the job runs already or is switched off."""
        if request.name not in self._runner.jobs:
            raise not_found("job", request.name)

        async def effect(uow: UnitOfWork) -> pb.RunJobResponse:
            return await self._ask(uow, request.name)

        # Jobs are the deployment's: whichever tenant the administrator's token names has no part in them.
        async with self._database.tenant(audit.PLATFORM) as uow:
            return await keyed(uow, "JobService.RunJob", request, pb.RunJobResponse, effect)

    async def _ask(self, uow: UnitOfWork, name: str) -> pb.RunJobResponse:
        await job_records.announce(uow, {name: self._runner.first_due(name)})
        [found] = await self._look(uow, [name], 1)
        if found.is_switched_off:
            outcome = pb.RunJobResponse.OUTCOME_SKIPPED_SWITCHED_OFF
        elif found.is_running:
            outcome = pb.RunJobResponse.OUTCOME_SKIPPED_RUNNING
            await job_records.count_skipped_start(uow, name)
        else:
            outcome = pb.RunJobResponse.OUTCOME_REQUESTED
            await request_run(uow, self._database, name)
        word = Outcome.Name(outcome).removeprefix("OUTCOME_").lower()
        await audit.record(
            uow,
            action="job.run",
            resource_type="job",
            resource_id=name,
            before=None,
            after={"outcome": word},
        )
        [now] = await self._look(uow, [name], 1)
        return pb.RunJobResponse(outcome=outcome, job=_job(now))

    async def _look(self, uow: UnitOfWork, names: Sequence[str], run_count: int) -> list[Picture]:
        runner = self._runner
        statuses = {status.job: status for status in await job_records.statuses(uow, names, runner.disabled)}
        running = await job_records.running(uow, names)
        runs = await job_records.newest_runs(uow, names, run_count)
        return [
            Picture(
                runner.jobs[name],
                status := statuses.get(name),
                name in running,
                name in runner.disabled,
                status is not None and name not in runner.disabled and runner.is_overdue(status),
                runs[name],
            )
            for name in names
        ]


def _job(picture: Picture) -> pb.Job:
    job, status = picture.job, picture.status
    period = Duration()
    period.FromTimedelta(job.period)
    return pb.Job(
        name=job.name,
        period=period,
        time_of_day=job.at.strftime("%H:%M") if job.at else "",
        due_time=_stamp(status.due_at if status else None),
        success_time=_stamp(status.succeeded_at if status else None),
        is_running=picture.is_running,
        is_requested=bool(status and status.requested),
        is_switched_off=picture.is_switched_off,
        is_overdue=picture.is_overdue,
        skipped_start_count=status.overlapped if status else 0,
        runs=map(_run, picture.runs),
    )


def _run(run: Run) -> pb.JobRun:
    return pb.JobRun(
        job_run_id=str(run.run_id),
        state=_STATES[run.state],
        start_time=_stamp(run.started_at),
        end_time=_stamp(run.finished_at),
        seen_count=run.seen,
        done_count=run.done,
        skipped_count=run.skipped,
        failed_count=run.failed,
        error=run.error,
    )


def _stamp(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
