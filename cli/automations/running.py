"""Commands that start runs, show them step by step, and end them."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from cli import options
from cli.automations.asking import Named, ask, named, runs
from cli.output import FAILURE, CommandError, Output, usage

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]
RunId = Annotated[str, typer.Argument(help="Id of the run; see `angarium automations runs`.", metavar="RUN")]


class RunStanding(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@app.command(
    epilog="""
**Examples**

`angarium automations trigger Welcome --contact 0192… --data order_id=o-17 --tenant 0190…`

`angarium automations trigger Welcome --contact 0192… --contact 0193… --key spring` – the same key starts none again
"""
)
def trigger(
    automation: Named,
    *,
    contact: Annotated[list[str], typer.Option(help="Id of a contact; several times.")],
    data: Annotated[
        list[str] | None, typer.Option(help="What it starts with, as name=value; several times.")
    ] = None,
    key: Annotated[str, typer.Option(help="Key that makes a repeat safe for a day.")] = "",
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Start an automation of kind api for contacts."""
    from cli.operating.tenancy import new_key

    ids = [str(options.uuid("--contact", one)) for one in contact]
    values = dict(_pair(one) for one in data or [])

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        found = await named(stub, automation)
        request = pb.TriggerAutomationRequest(
            automation_id=found.automation_id, contact_ids=ids, idempotency_key=key or new_key()
        )
        request.data.update(values)
        return await stub.TriggerAutomation(request)

    answer = ask(tenant, state, asked)
    out = Output(as_json=as_json)
    for run in answer.run_ids:
        out.line(f"Run {run} began: angarium automations run {run}")
    for one in answer.skipped_contact_ids:
        out.line(f"No run began for {one}: see why with angarium automations runs --contact {one}")
    out.result({"runs": list(answer.run_ids), "skipped": list(answer.skipped_contact_ids)})
    if not answer.run_ids:
        raise typer.Exit(FAILURE)


@app.command(
    "runs",
    epilog="""
**Examples**

`angarium automations runs --automation "Left carts" --standing failed --tenant 0190…`

`angarium automations runs --contact 0192… --json | jq '.runs[] | {state, error}'`
""",
)
def list_runs(
    *,
    automation: Annotated[str, typer.Option(help="Only of this automation, by id or name.")] = "",
    contact: Annotated[str, typer.Option(help="Only of this contact.")] = "",
    standing: Annotated[RunStanding | None, typer.Option(help="Only those that stand so.")] = None,
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List runs, newest first."""
    from cli.automations.showing import RUN_STATES, run_document

    async def asked(stub: Any) -> Any:
        return await runs(
            stub,
            limit,
            automation_id=(await named(stub, automation)).automation_id if automation else "",
            contact_id=str(options.uuid("--contact", contact)) if contact else "",
            state=RUN_STATES.index(standing.value) if standing else 0,
        )

    shown = [run_document(one) for one in ask(tenant, state, asked)]
    out = Output(as_json=as_json)
    out.table(
        ("run", "contact", "state", "step", "due", "started", "why"),
        [
            (one["run"], one["contact"], one["state"], one["step"], one["due"], one["started"], one["error"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"runs": shown})


@app.command(
    epilog="""
**Example**

`angarium automations run 0194… --tenant 0190…` – every step with what became of it
"""
)
def run(
    run: RunId, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Show a run step by step."""
    from cli.automations.showing import result_text, run_document, step_document

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        return await _of_run(
            run, stub.GetAutomationRun(pb.GetAutomationRunRequest(run_id=str(options.uuid("RUN", run))))
        )

    answer = ask(tenant, state, asked)
    shown = {**run_document(answer.run), "steps": [step_document(one) for one in answer.steps]}
    out = Output(as_json=as_json)
    for name in ("run", "automation", "contact", "state", "error", "started", "ended", "cause"):
        if shown[name]:
            out.text(f"{name:<12}", str(shown[name]))
    out.table(
        ("step", "place", "action", "state", "due", "tries", "what it did", "error"),
        [
            (one["step"], one["place"], one["action"], one["state"], one["due"], one["tries"] or None,
             result_text(one["result"]), one["error"])
            for one in shown["steps"]
        ],
    )  # fmt: skip
    out.result({"run": shown})


@app.command(
    epilog="""
**Example**

`angarium automations cancel 0194… --tenant 0190…` – what it handed over is cancelled as far as it can be
"""
)
def cancel(
    run: RunId, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """End a run."""
    from cli.automations.showing import run_document

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        return await _of_run(
            run, stub.CancelAutomationRun(pb.CancelAutomationRunRequest(run_id=str(options.uuid("RUN", run))))
        )

    shown = run_document(ask(tenant, state, asked).run)
    out = Output(as_json=as_json)
    out.line(f"Run {shown['run']} is {shown['state']}.")
    out.result({"run": shown})


async def _of_run(run: str, call: Any) -> Any:
    from services.common.errors import ServiceError

    try:
        return await call
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        raise CommandError(f"There is no run {run}.", "See runs with: angarium automations runs") from None


def _pair(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        usage(f"--data {text!r} is no pair.", "Write it as name=value, for example: order_id=o-17")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
