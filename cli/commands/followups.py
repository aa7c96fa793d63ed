"""`angarium followups`: what staff wants to be reminded of, and whom they have not seen for long."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import CommandError, Output
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

T = TypeVar("T")
Staff = Annotated[str, typer.Argument(help="Id of the staff member; see `angarium staff list`.")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]
MENDS = {
    "NOT_FOUND": "See who works here: angarium staff list – and who the contacts are: angarium contacts list",
    "VALIDATION_FAILED": "A day looks like 2027-01-31 and is not in the past; a time looks like 16:30",
}


class Standing(StrEnum):
    """Where a follow-up stands."""

    PENDING = "pending"
    COMPLETED = "completed"
    DISMISSED = "dismissed"


@app.callback()
def followups() -> None:
    """See what staff is to be reminded of, add to it, and find contacts nobody has seen for long."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium followups list mia --tenant 0190… --standing pending` – by when they are due

`angarium followups list mia --until 2027-01-31 --json | jq '.followups[].note'`
""",
)
def list_followups(
    staff: Staff,
    *,
    standing: Annotated[Standing | None, typer.Option(help="Only those that stand so.")] = None,
    since: Annotated[str, typer.Option(help="Only of this day or later.")] = "",
    until: Annotated[str, typer.Option(help="Only of this day or earlier.")] = "",
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the follow-ups of a staff member, the earliest first."""
    from angarium.campaign.v1 import followup_service_pb2 as pb

    filters: dict[str, Any] = {
        "staff_id": staff,
        "state": f"STATE_{standing.name}" if standing else 0,
        "from_date": since,
        "to_date": until,
    }

    async def work(stub: Any) -> list[Any]:
        return await listed(stub.ListFollowups, pb.ListFollowupsRequest(**filters), "followups", limit)

    shown = [_document(one) for one in _ask(tenant, state, work)]
    out = Output(as_json=as_json)
    out.table(
        ("follow-up", "due", "contact", "note", "state", "reminded"),
        [
            (one["followup"], one["due"], one["contact"], one["note"], one["state"], one["reminded"])
            for one in shown
        ],
    )
    out.result({"followups": shown})


@app.command(
    epilog="""
**Examples**

`angarium followups add mia 0190… --on 2027-01-31 --note "Ask how the colour holds" --tenant 0190…`

`angarium followups add mia 0190… --on 2027-01-31 --at 16:30` – at 09:00 unless told, in the zone of the contact's branch
"""
)
def add(
    staff: Staff,
    contact: Annotated[str, typer.Argument(help="Id of the contact it is about.")],
    *,
    on: Annotated[str, typer.Option(help="The day, as 2027-01-31.")],
    at: Annotated[str, typer.Option(help="The time, as 16:30.")] = "",
    note: Annotated[str, typer.Option(help="What it is about.")] = "",
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Have a staff member reminded of a contact."""
    from angarium.campaign.v1 import followup_service_pb2 as pb
    from cli.operating.tenancy import new_key

    wanted = pb.Followup(
        staff_id=staff,
        contact_id=str(options.uuid("contact", contact)),
        reminder_date=on,
        reminder_time_of_day=at,
        note=note,
    )
    request = pb.CreateFollowupRequest(followup=wanted, idempotency_key=new_key())
    shown = _document(_ask(tenant, state, lambda stub: stub.CreateFollowup(request)).followup)
    out = Output(as_json=as_json)
    out.line(f"[bold]{staff}[/] is reminded at {shown['due']}.")
    out.result({"followup": shown})


@app.command(
    epilog="""
**Examples**

`angarium followups inactive mia --tenant 0190…` – contacts she looks after who did not visit for 30 days

`angarium followups inactive mia --days 90 --json | jq -r '.contacts[].contact'`
"""
)
def inactive(
    staff: Staff,
    *,
    days: Annotated[int, typer.Option(help="At least so many days since the last visit.", min=1)] = 30,
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List contacts a staff member looks after who did not visit for some time, the longest first."""
    from angarium.campaign.v1 import followup_service_pb2 as pb

    async def work(stub: Any) -> list[Any]:
        request = pb.ListInactiveContactsRequest(staff_id=staff, days=days)
        return await listed(stub.ListInactiveContacts, request, "contacts", limit)

    shown = [
        {
            "contact": one.contact_id,
            "name": one.name,
            "last_visit": instant(one.last_visit_time),
            "days": one.last_visit_days,
        }
        for one in _ask(tenant, state, work)
    ]
    out = Output(as_json=as_json)
    out.table(("contact", "name", "last visit", "days"), [tuple(one.values()) for one in shown])
    out.result({"contacts": shown})


def _ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant; errors say how to mend."""
    from angarium.campaign.v1.followup_service_pb2_grpc import FollowupServiceStub
    from cli.operating.tenancy import owner
    from services.common.errors import ServiceError

    async def run() -> T:
        async with owner(StateFolder.at(state), FollowupServiceStub, options.tenant(tenant)) as stub:
            try:
                return await work(stub)
            except ServiceError as error:
                if error.reason not in MENDS:
                    raise
                raise CommandError(f"{error.message.capitalize()}.", MENDS[error.reason]) from None

    return asyncio.run(run())


def _document(one: Any) -> dict[str, Any]:
    from angarium.campaign.v1 import followup_service_pb2 as pb

    return {
        "followup": one.followup_id,
        "staff": one.staff_id,
        "contact": one.contact_id,
        "due": instant(one.due_time),
        "note": one.note,
        "state": pb.Followup.State.Name(one.state).removeprefix("STATE_").lower(),
        "reminded": instant_of(one, "notify_time"),
        "completed": instant_of(one, "complete_time"),
    }
