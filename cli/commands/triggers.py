"""`angarium triggers`: messages that follow visits, dates and expiries by themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.operating.calls import CHANNELS, word_of
from cli.operating.triggers import NONE, Standing, channel_number, chosen, days_field, document, entry, number
from cli.output import CommandError, Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

T = TypeVar("T")
MENDS = {
    "TRIGGER_NOT_CONFIGURED": (
        "Activate a template of its name on its channel (angarium templates publish), or name another one: "
        "angarium triggers set <trigger> --template <id>"
    ),
    "INVALID_RECIPIENT": "Tests go to verified e-mail addresses of staff: angarium staff list",
    "VERSION_CONFLICT": "Somebody changed it at the same moment: repeat the command",
    "NOT_FOUND": "See templates with angarium templates list, campaigns with angarium campaigns list",
}
Kind = Annotated[str, typer.Argument(help="Which trigger; see `angarium triggers list`.")]


@app.callback()
def triggers() -> None:
    """See, tune and try messages that follow visits, dates and expiries by themselves."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium triggers list --tenant 0190…` – all eleven, and which are on

`angarium triggers list --json | jq '.triggers[] | select(.on) | .trigger'`
""",
)
def list_triggers(
    *, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """List the eleven triggers with their timing."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    request = pb.ListTriggerConfigsRequest()
    found = _ask(tenant, state, lambda stub: stub.ListTriggerConfigs(request)).configs
    shown = [document(one) for one in found]
    out = Output(as_json=as_json)
    out.table(
        ("trigger", "on", "when", "channel", "pause", "template"),
        [
            (
                one["trigger"],
                "yes" if one["on"] else "no",
                one["when"],
                " then ".join(filter(None, (one["channel"], one["fallback"]))),
                f"{one['cooldown_days']} d",
                one["template"] or "gone",
            )
            for one in shown
        ],
    )
    out.result({"triggers": shown})


@app.command(
    epilog="""
**Examples**

`angarium triggers on miss_you --tenant 0190…` – from now on; nobody is written to about the past
"""
)
def on(
    kind: Kind, *, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Turn a trigger on."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    request = pb.EnableTriggerRequest(trigger_type=number(kind))  # type: ignore[arg-type]  # numbered as there
    shown = document(_ask(tenant, state, lambda stub: stub.EnableTrigger(request)).config)
    out = Output(as_json=as_json)
    out.line(f"[bold]{kind}[/] is on since {shown['since']}: {shown['when']}.")
    out.result({"trigger": shown})


@app.command(
    epilog="""
**Examples**

`angarium triggers off birthday_wish --tenant 0190…` – what waits is void
"""
)
def off(
    kind: Kind, *, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Turn a trigger off; what waits is void."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    request = pb.DisableTriggerRequest(trigger_type=number(kind))  # type: ignore[arg-type]  # as above
    answer = _ask(tenant, state, lambda stub: stub.DisableTrigger(request))
    out = Output(as_json=as_json)
    out.line(f"[bold]{kind}[/] is off; {answer.voided_count:,} that waited are void.")
    out.result({"trigger": document(answer.config), "voided": answer.voided_count})


@app.command(
    "set",
    epilog="""
**Examples**

`angarium triggers set rebooking_reminder --days 45 --at 10:30 --tenant 0190…`

`angarium triggers set post_visit_thank_you --minutes 60 --pause 3`

`angarium triggers set miss_you --template 0190… --channel email --fallback none`

`angarium triggers set birthday_wish --at none` – when the send window opens
""",
)
def set_trigger(
    kind: Kind,
    *,
    minutes: Annotated[int | None, typer.Option(help="Minutes after the event.", min=0)] = None,
    days: Annotated[int | None, typer.Option(help="Days before the date, or after the visit.", min=0)] = None,
    at: Annotated[str, typer.Option(help="Local time of the contact, as 09:00, or none.")] = "",
    channel: Annotated[str, typer.Option(help="email, sms, whatsapp or push.")] = "",
    fallback: Annotated[str, typer.Option(help="Channel when the first cannot be taken, or none.")] = "",
    template: Annotated[str, typer.Option(help="Id of a template, or none for the one of its name.")] = "",
    pause: Annotated[int | None, typer.Option(help="Days without a second one.", min=0)] = None,
    campaign: Annotated[str, typer.Option(help="Id of a trigger campaign that counts it, or none.")] = "",
    branch: Annotated[
        list[str] | None, typer.Option(help="Id of a branch it is for, repeated; none for all.")
    ] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change the timing, channel or template of a trigger; what waits follows."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    wanted = number(kind)
    texts = {"send_time": at, "template_id": template, "campaign_id": campaign}
    fields: dict[str, Any] = {name: "" if text == NONE else text for name, text in texts.items() if text}
    fields |= {name: channel_number(name, text) for name, text in chosen(channel, fallback).items()}
    fields |= {"delay_minutes": minutes} if minutes is not None else {}
    fields |= {"cooldown_days": pause} if pause is not None else {}
    fields |= {"branch_ids": [one for one in branch if one != NONE]} if branch else {}
    if not fields and days is None:
        usage("Nothing is to change.", "Name what shall: angarium triggers set --help")

    async def work(stub: Any) -> Any:
        known = (
            await stub.GetTriggerConfig(pb.GetTriggerConfigRequest(trigger_type=wanted))  # type: ignore[arg-type]  # as above
        ).config
        named = {**fields, **days_field(known, days)}
        request = pb.UpdateTriggerConfigRequest()
        request.config.trigger_type = wanted  # type: ignore[assignment]  # as above
        request.config.etag = known.etag
        for name, value in named.items():
            if name == "branch_ids":
                request.config.branch_ids.extend(value)
            else:
                setattr(request.config, name, value)
        request.update_mask.paths.extend(named)
        return (await stub.UpdateTriggerConfig(request)).config

    shown = document(_ask(tenant, state, work))
    out = Output(as_json=as_json)
    out.line(f"[bold]{kind}[/]: {shown['when']}.")
    out.result({"trigger": shown})


@app.command(
    "test",
    epilog="""
**Examples**

`angarium triggers test miss_you --tenant 0190…` – what it would say

`angarium triggers test miss_you --contact 0190…` – and whether it would be said to somebody now

`angarium triggers test miss_you --to mia@salon.example` – and a test to a colleague
""",
)
def try_out(
    kind: Kind,
    *,
    contact: Annotated[str, typer.Option(help="Id of the contact to show it for.")] = "",
    to: Annotated[str, typer.Option(help="Verified e-mail address of staff that a test goes to.")] = "",
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what a trigger would send; nothing of it is written to its history."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    request = pb.TestTriggerRequest(
        trigger_type=number(kind),  # type: ignore[arg-type]  # as above
        contact_id=str(options.uuid("--contact", contact)) if contact else "",
        staff_address=to,
    )
    answer = _ask(tenant, state, lambda stub: stub.TestTrigger(request))
    out = Output(as_json=as_json)
    out.line(f"[bold]{answer.template_name}[/] by {word_of(answer.channel, CHANNELS)}")
    for part in filter(None, (answer.subject, answer.body_text)):
        out.line(part)
    if contact:
        would = "would be written to now" if answer.would_send else "would not be written to now"
        out.line(f"The contact {would}{f': {answer.reason}' if answer.reason else ''}.")
    if answer.message_id:
        out.line(f"A test is on its way to {to}.")
    out.result(
        {
            "template": answer.template_name,
            "channel": word_of(answer.channel, CHANNELS),
            "subject": answer.subject,
            "text": answer.body_text,
            "decision": answer.decision or None,
            "would_send": answer.would_send,
            "reason": answer.reason or None,
            "message": answer.message_id or None,
        }
    )


@app.command(
    epilog="""
**Examples**

`angarium triggers history --standing skipped --tenant 0190…` – who was not written to, and why

`angarium triggers history birthday_wish --json | jq -r '.entries[].reason' | sort | uniq -c`
"""
)
def history(
    kind: Annotated[str, typer.Argument(help="Only of this trigger.")] = "",
    *,
    contact: Annotated[str, typer.Option(help="Only of this contact.")] = "",
    standing: Annotated[Standing | None, typer.Option(help="Only those that stand so.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List what triggers did, newest first."""
    from angarium.campaign.v1 import trigger_service_pb2 as pb

    filters: dict[str, Any] = {
        "trigger_type": number(kind) if kind else 0,
        "contact_id": str(options.uuid("--contact", contact)) if contact else "",
        "state": f"STATE_{standing.name}" if standing else 0,
    }

    async def work(stub: Any) -> list[Any]:
        request = pb.ListTriggerHistoryRequest(**filters)
        return await listed(stub.ListTriggerHistory, request, "entries", limit)

    shown = [entry(one) for one in _ask(tenant, state, work)]
    out = Output(as_json=as_json)
    columns = ("time", "trigger", "contact", "about", "state", "reason")
    out.table(columns, [tuple(one[name] or "" for name in columns) for one in shown])
    out.result({"entries": shown})


def _ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant; errors say how to mend."""
    from angarium.campaign.v1.trigger_service_pb2_grpc import TriggerServiceStub
    from cli.operating.tenancy import owner
    from services.common.errors import ServiceError

    async def run() -> T:
        async with owner(StateFolder.at(state), TriggerServiceStub, options.tenant(tenant)) as stub:
            try:
                return await work(stub)
            except ServiceError as error:
                if error.reason not in MENDS:
                    raise
                raise CommandError(f"{error.message.capitalize()}.", MENDS[error.reason]) from None

    return asyncio.run(run())
