"""`angarium jobs`: what the services do by the clock, and starting one of it now."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import FAILURE, CommandError, Output, usage
from cli.paging import listed
from cli.secrets import SERVICES
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.common.v1.jobs_pb2 import Job, JobRun

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_POLL_SECONDS = 0.5


class ServiceName(StrEnum):
    """Whose jobs."""

    CONSENT = "consent"
    CAMPAIGN = "campaign"
    DELIVERY = "delivery"
    ANALYTICS = "analytics"


Service = Annotated[ServiceName | None, typer.Option(help="Only this service.", show_default="all")]


@app.callback()
def jobs() -> None:
    """Show the scheduled jobs, and run one out of turn."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium jobs list` – every job of every service: when it is due, how its last run went, what is switched off

`angarium jobs list --service delivery --runs 5` – the newest five runs of each

`angarium jobs list --json | jq '.jobs[] | select(.overdue)'` – for a monitor
""",
)
def list_jobs(
    service: Service = None,
    runs: Annotated[int, typer.Option(min=1, max=20, help="How many runs of each to show.")] = 1,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show the scheduled jobs.

    Times are UTC. A job that is switched off is so by DISABLED_JOBS of its service. Exit code 1 when a service does
    not answer.
    """
    out = Output(as_json=as_json)
    found, silent = asyncio.run(_list(StateFolder.at(state), _named(service), runs))
    rows = []
    for name, job in found:
        first, *more = [_run_cells(run) for run in job.runs] or [_NO_RUN]
        rows.append((name, job.name, _every(job), _word(job), *first))
        rows += [("", "", "", "", *cells) for cells in more]
    out.table(("service", "job", "every", "", "last run", "ended", "seen", "done", "skipped", "failed"), rows)
    for name in silent:
        out.line(f"[bold red]{name} does not answer.[/] Look for causes: angarium doctor")
    out.result({"jobs": [_document(name, job) for name, job in found], "silent": list(silent)})
    if silent:
        raise typer.Exit(FAILURE)


@app.command(
    epilog="""
**Examples**

`angarium jobs run cleanup --service delivery` – now, and tell how it went

`angarium jobs run rollups` – a name that only one service has needs no more

`angarium jobs run rollups --wait 0 --json` – only ask for it
"""
)
def run(
    name: Annotated[str, typer.Argument(help="Name of the job, as the list shows it.")],
    service: Service = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for its end; 0 only asks for it.")] = 60,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Run a job once, out of turn.

    A process that runs the service's loops begins it within seconds; the audit trail notes who asked. A job that is
    running or switched off is skipped, and a run that does not end well or in time is told: both with exit code 1.
    """
    out = Output(as_json=as_json)
    found, outcome, last = asyncio.run(_run(StateFolder.at(state), name, _named(service), wait))
    out.line(_SENTENCES[outcome].format(job=f"[bold]{name}[/] of {found}"))
    if last is not None:
        out.table(("run", "ended", "seen", "done", "skipped", "failed"), [_run_cells(last)])
    out.result(
        {
            "service": found,
            "job": name,
            "outcome": outcome,
            "run": None if last is None else _run_document(last),
        }
    )
    if outcome not in ("requested", "succeeded"):
        raise typer.Exit(FAILURE)


_SENTENCES = {
    "requested": "{job} was asked for.",
    "succeeded": "{job} has run.",
    "failed": "[bold red]{job} ended with an error.[/] Its service's log names it.",
    "lost": "[bold red]The process that ran {job} died;[/] another one takes over.",
    "waiting": "[bold red]{job} was asked for and has not ended.[/] Look later: angarium jobs list",
    "skipped_running": "[bold red]Skipped:[/] {job} is running.",
    "skipped_switched_off": "[bold red]Skipped:[/] {job} is switched off by DISABLED_JOBS of its service.",
}
_NO_RUN = ("never", None, None, None, None, None)


def _named(service: ServiceName | None) -> Sequence[str]:
    return SERVICES if service is None else (service.value,)


async def _list(
    folder: StateFolder, services: Sequence[str], runs: int
) -> tuple[list[tuple[str, "Job"]], list[str]]:
    """Returns the jobs of those services that answer, and the names of the others."""
    from cli.client import PersonChannels, client_settings
    from services.common.errors import ServiceError

    async with PersonChannels(client_settings(folder)) as channels:
        answers = await asyncio.gather(
            *(_jobs_of(channels, name, runs) for name in services), return_exceptions=True
        )
    found: list[tuple[str, Job]] = []
    silent: list[str] = []
    for name, answer in zip(services, answers, strict=True):
        if isinstance(answer, ServiceError) and answer.reason == "DEPENDENCY_UNAVAILABLE":
            silent.append(name)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += [(name, job) for job in answer]
    return found, silent


async def _jobs_of(channels: Any, service: str, runs: int) -> list["Job"]:
    from angarium.common.v1 import jobs_pb2, jobs_pb2_grpc

    stub = channels.stub(jobs_pb2_grpc.JobServiceStub, service)
    return await listed(stub.ListJobs, jobs_pb2.ListJobsRequest(run_count=runs), "jobs")


async def _run(
    folder: StateFolder, name: str, services: Sequence[str], wait: float
) -> tuple[str, str, "JobRun | None"]:
    """Returns the service, what became of the wish in one word, and the run where one ended."""
    service = await _service_of(folder, name, services)
    return service, *await begin(folder, name, service, wait)


async def begin(folder: StateFolder, name: str, service: str, wait: float) -> tuple[str, "JobRun | None"]:
    """Asks a service to run a job; returns what became of the wish in one word, and the run where one ended."""
    from angarium.common.v1 import jobs_pb2, jobs_pb2_grpc
    from cli.client import PersonChannels, client_settings
    from services.common.ids import uuid7

    async with PersonChannels(client_settings(folder)) as channels:
        stub = channels.stub(jobs_pb2_grpc.JobServiceStub, service)
        request = jobs_pb2.RunJobRequest(name=name, idempotency_key=str(uuid7()))
        answer = await stub.RunJob(request)
        outcome = jobs_pb2.RunJobResponse.Outcome.Name(answer.outcome).removeprefix("OUTCOME_").lower()
        if outcome != "requested" or wait == 0:
            return outcome, None
        before = {run.job_run_id for run in answer.job.runs}
        until = time.monotonic() + wait
        while time.monotonic() < until:
            await asyncio.sleep(_POLL_SECONDS)
            job = next(job for job in await _jobs_of(channels, service, 1) if job.name == name)
            last = next((run for run in job.runs if run.job_run_id not in before), None)
            if last is not None and last.state != jobs_pb2.JobRun.STATE_RUNNING:
                return _state(last), last
    return "waiting", None


async def _service_of(folder: StateFolder, name: str, services: Sequence[str]) -> str:
    """Returns the one service that has a job of this name."""
    if len(services) == 1:
        return services[0]
    found, silent = await _list(folder, services, 1)
    having = [service for service, job in found if job.name == name]
    if silent:
        raise CommandError(
            f"{', '.join(silent)} does not answer, so nobody knows whose job {name} is.",
            "Name the service: --service <name>",
        )
    if not having:
        known = ", ".join(sorted({job.name for _, job in found}))
        usage(f"No service has a job {name}.", f"Take one of: {known}")
    if len(having) > 1:
        usage(f"{', '.join(having)} have a job {name}.", "Name one of them: --service <name>")
    return having[0]


def _every(job: "Job") -> str:
    if job.time_of_day:
        return f"day, {job.time_of_day}"
    seconds = job.period.ToTimedelta() // timedelta(seconds=1)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds % size == 0 and seconds:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _word(job: "Job") -> str:
    if job.is_switched_off:
        return "switched off"
    if job.is_running:
        return "running"
    if job.is_overdue:
        return "overdue"
    return "asked for" if job.is_requested else ""


def _run_cells(run: "JobRun") -> tuple[Any, ...]:
    ended = instant_of(run, "end_time")
    counts = (run.seen_count, run.done_count, run.skipped_count, run.failed_count)
    return (f"{_state(run)} {run.error}".rstrip(), ended, *counts)


def _state(run: "JobRun") -> str:
    from angarium.common.v1 import jobs_pb2

    return jobs_pb2.JobRun.State.Name(run.state).removeprefix("STATE_").lower()


def _document(service: str, job: "Job") -> dict[str, Any]:
    return {
        "service": service,
        "job": job.name,
        "period_seconds": job.period.ToTimedelta().total_seconds(),
        "time_of_day": job.time_of_day or None,
        "due": instant_of(job, "due_time"),
        "last_success": instant_of(job, "success_time"),
        "running": job.is_running,
        "requested": job.is_requested,
        "switched_off": job.is_switched_off,
        "overdue": job.is_overdue,
        "skipped_starts": job.skipped_start_count,
        "runs": [_run_document(run) for run in job.runs],
    }


def _run_document(run: "JobRun") -> dict[str, Any]:
    return {
        "run": run.job_run_id,
        "state": _state(run),
        "started": instant(run.start_time),
        "ended": instant_of(run, "end_time"),
        "seen": run.seen_count,
        "done": run.done_count,
        "skipped": run.skipped_count,
        "failed": run.failed_count,
        "error": run.error,
    }
