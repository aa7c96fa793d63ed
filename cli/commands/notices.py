"""`angarium notices`: what rules, triggers, automations and referrals have to say to people, and what became of it."""

import asyncio
from datetime import UTC
from enum import StrEnum
from typing import Annotated, Any

import typer

from cli import options
from cli.output import Output
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


class State(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Source(StrEnum):
    """What a notice comes from."""

    RULE = "rule"
    TRIGGER = "trigger"
    AUTOMATION = "automation"
    REFERRAL = "referral"
    FOLLOW_UP = "follow_up"


@app.callback()
def notices() -> None:
    """See what is to be said to people one by one, and why something was not."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium notices list --tenant 0190… --standing skipped` – who was not written to, and why

`angarium notices list --rule group-payment-reminder-1 --standing waiting` – reminders that wait for their minute

`angarium notices list --event 0190… --json | jq '.notices[].messages[]'` – the messages that an event brought about
""",
)
def list_notices(
    *,
    standing: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    source: Annotated[Source | None, typer.Option(help="Only those that come from there.")] = None,
    rule: Annotated[str, typer.Option(help="Only those of this rule, trigger type or automation.")] = "",
    contact: Annotated[str, typer.Option(help="Only those for this contact.")] = "",
    event: Annotated[str, typer.Option(help="Only those that this inbound event caused.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    tenant: Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List notices, newest first; what they say is not shown."""
    from angarium.campaign.v1 import notice_service_pb2 as pb
    from angarium.campaign.v1.notice_service_pb2_grpc import NoticeServiceStub
    from cli.operating.tenancy import owner

    out = Output(as_json=as_json)
    filters: dict[str, Any] = {
        "state": pb.Notice.State.Value(f"STATE_{standing.name}") if standing else 0,
        "source": pb.Notice.Source.Value(f"SOURCE_{source.name}") if source else 0,
        "rule": rule,
        "contact_id": str(options.uuid("--contact", contact)) if contact else "",
        "event_id": str(options.uuid("--event", event)) if event else "",
    }

    async def read() -> list[Any]:
        async with owner(StateFolder.at(state), NoticeServiceStub, options.tenant(tenant)) as stub:
            return await listed(stub.ListNotices, pb.ListNoticesRequest(**filters), "notices", limit)

    shown = [_document(one) for one in asyncio.run(read())]
    out.table(
        ("notice", "rule", "template", "channels", "due", "state", "reason"),
        [
            (one["notice"], one["rule"], one["template"], ", ".join(one["channels"]), one["due"], one["state"],
             one["reason"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"notices": shown})


def _document(notice: Any) -> dict[str, Any]:
    from angarium.campaign.v1 import notice_service_pb2 as pb
    from angarium.common.v1 import enums_pb2

    def word(names: Any, number: int, prefix: str) -> str:
        name: str = names.Name(number)
        return name.removeprefix(prefix).lower()

    return {
        "notice": notice.notice_id,
        "source": word(pb.Notice.Source, notice.source, "SOURCE_"),
        "rule": notice.rule,
        "template": notice.template_name,
        "channels": [word(enums_pb2.Channel, one, "CHANNEL_") for one in notice.channels],
        "state": word(pb.Notice.State, notice.state, "STATE_"),
        "reason": notice.reason,
        "contact": notice.contact_id,
        "staff": notice.staff_id,
        "due": f"{notice.due_time.ToDatetime(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "expires": f"{notice.expire_time.ToDatetime(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "event": notice.event_id,
        "correlation_key": notice.correlation_key,
        "messages": list(notice.message_ids),
        "attempts": notice.attempt_count,
    }
