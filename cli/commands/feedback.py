"""`angarium feedback`: how visits were rated, what was said of them, and what was done about it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

T = TypeVar("T")
Branch = Annotated[str, typer.Option(help="Only of this branch.")]
Since = Annotated[str, typer.Option(help="Only from this day or instant on (UTC): 2026-11-01.")]
Until = Annotated[str, typer.Option(help="Only before this day or instant (UTC).")]
SOURCES = {1: "link", 2: "staff", 3: "api"}

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@app.callback()
def feedback() -> None:
    """See how visits were rated, look after those that were rated low, and sum them up."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium feedback list --tenant 0190… --low --unhandled` – what somebody should look after

`angarium feedback list --since 2026-11-01 --json | jq '[.feedback[] | select(.rating == 5)] | length'`
""",
)
def list_feedback(
    *,
    rating: Annotated[list[int] | None, typer.Option(help="Only this rating.", min=1, max=5)] = None,
    low: Annotated[bool, typer.Option("--low", help="Only ratings of 2 and 1.")] = False,
    handled: Annotated[
        bool | None, typer.Option("--handled/--unhandled", help="Only what was looked after, or was not.")
    ] = None,
    branch: Branch = "",
    contact: Annotated[str, typer.Option(help="Only of this contact.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List feedback, newest first."""
    filters: dict[str, Any] = {
        "ratings": sorted({*(rating or []), *((1, 2) if low else ())}),
        "contact_id": str(options.uuid("--contact", contact)) if contact else "",
        **({} if handled is None else {"is_handled": handled}),
        **_range(branch, since, until),
    }
    shown = [_document(one) for one in _ask(tenant, state, lambda stub: _every(stub, limit, filters))]
    out = Output(as_json=as_json)
    out.table(
        ("feedback", "given", "rating", "visit", "comment", "from", "handled"),
        [
            (one["feedback"], one["given"], "★" * one["rating"], one["visit"], one["comment"], one["source"],
             one["handled_by"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"feedback": shown})


@app.command(
    epilog='**Example**\n\n`angarium feedback handle 0190… "Called, invited back" --tenant 0190…` – what was done'
)
def handle(
    feedback_id: Annotated[str, typer.Argument(help="Id of the feedback.", metavar="FEEDBACK")],
    note: Annotated[str, typer.Argument(help="What was done about it.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Note that somebody looked after feedback; done again, it replaces the note."""
    wanted = str(options.uuid("FEEDBACK", feedback_id))

    async def handled(stub: Any) -> Any:
        from angarium.campaign.v1 import feedback_service_pb2 as pb
        from cli.operating.tenancy import new_key

        request = pb.HandleFeedbackRequest(feedback_id=wanted, note=note, idempotency_key=new_key())
        return (await stub.HandleFeedback(request)).feedback

    shown = _document(_ask(tenant, state, handled))
    out = Output(as_json=as_json)
    out.line(f"Noted, as {shown['handled_by']}: {shown['handled_note']}")
    out.result({"feedback": shown})


@app.command(
    epilog="""
**Examples**

`angarium feedback summary --tenant 0190… --since 2026-11-01 --until 2026-12-01`

`angarium feedback summary --branch 0190… --json | jq .summary.average`
"""
)
def summary(
    branch: Branch = "",
    since: Since = "",
    until: Until = "",
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Sum ratings up: how many, their average, and how often each was given."""
    filters = _range(branch, since, until)

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import feedback_service_pb2 as pb

        return await stub.GetFeedbackSummary(pb.GetFeedbackSummaryRequest(**filters))

    found = _ask(tenant, state, asked)
    average = found.average if found.HasField("average") else None
    counts = {one.rating: one.count for one in found.distribution}
    out = Output(as_json=as_json)
    most = max(counts.values(), default=0) or 1
    out.table(
        ("rating", "times", ""),
        [
            ("★" * rating, count, "█" * round(30 * count / most))
            for rating, count in sorted(counts.items(), reverse=True)
        ],
    )
    if average is None:
        out.line("Nobody rated a visit in this time.")
    else:
        out.line(
            f"[bold]{average:.2f}[/] on average of {found.count:,}; {found.unhandled_low_count:,} low and not handled"
        )
    out.result(
        {
            "summary": {
                "count": found.count,
                "average": average,
                "distribution": {str(rating): count for rating, count in counts.items()},
                "unhandled_low": found.unhandled_low_count,
            }
        }
    )


def _ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant."""

    async def run() -> T:
        from angarium.campaign.v1.feedback_service_pb2_grpc import FeedbackServiceStub
        from cli.operating.tenancy import owner

        async with owner(StateFolder.at(state), FeedbackServiceStub, options.tenant(tenant)) as stub:
            return await work(stub)

    return asyncio.run(run())


async def _every(stub: Any, limit: int, filters: dict[str, Any]) -> list[Any]:
    from angarium.campaign.v1 import feedback_service_pb2 as pb

    return await listed(stub.ListFeedback, pb.ListFeedbackRequest(**filters), "feedback", limit)


def _range(branch: str, since: str, until: str) -> dict[str, Any]:
    """Returns branch and times as requests name them."""
    named = {"start_time": _since("--since", since), "end_time": _since("--until", until)}
    return {
        "branch_id": str(options.uuid("--branch", branch)) if branch else "",
        **{name: at for name, at in named.items() if at is not None},
    }


def _since(option: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        usage(f"{option} {text!r} is no time.", "Times look like 2026-11-01 or 2026-11-01T09:30")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _document(one: Any) -> dict[str, Any]:

    return {
        "feedback": one.feedback_id,
        "given": instant(one.create_time),
        "rating": one.rating,
        "low": one.is_low,
        "comment": one.comment,
        "contact": one.contact_id,
        "branch": one.branch_id or None,
        "visit": one.reference_id,
        "source": SOURCES.get(one.source, "unknown"),
        "handled": instant_of(one, "handle_time"),
        "handled_by": one.handled_by or None,
        "handled_note": one.handled_note or None,
    }
