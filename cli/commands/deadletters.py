"""`angarium dead-letters`: messages that were given up, and giving them another chance."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.delivery.v1.dead_letter_service_pb2 import DeadLetter, DeadLetterFilter

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_OWNER = "super_owner"
_MOST = 10_000

Reason = Annotated[str, typer.Option(help="Only with this reason, as the list shows it.")]
Campaign = Annotated[str, typer.Option(help="Only of this campaign.")]
Run = Annotated[str, typer.Option(help="Only of this run.")]
Provider = Annotated[str, typer.Option(help="Only those this provider had last.")]


@app.callback()
def dead_letters() -> None:
    """Look after messages that were given up: see why, retry them, put them aside."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium dead-letters list --tenant 0190…` – the newest open ones, with why each was given up

`angarium dead-letters list --tenant 0190… --reason content_refused --limit 200`

`angarium dead-letters list --tenant 0190… --discarded --json | jq '.dead_letters[].note'`
""",
)
def list_letters(
    *,
    tenant: options.Tenant = "",
    reason: Reason = "",
    campaign: Campaign = "",
    run: Run = "",
    provider: Provider = "",
    discarded: Annotated[bool, typer.Option("--discarded", help="Those that were put aside.")] = False,
    retried: Annotated[bool, typer.Option("--retried", help="Those that were retried.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many to show at most.")] = 50,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show messages that were given up, the newest first."""
    if discarded and retried:
        usage("--discarded and --retried exclude each other.", "Name one of them.")
    out = Output(as_json=as_json)
    chosen = _filter(reason, campaign, run, provider)
    resolution = "discarded" if discarded else "retried" if retried else "open"

    async def work(stub: Any) -> "list[DeadLetter]":
        from angarium.delivery.v1 import dead_letter_service_pb2 as pb

        request = pb.ListDeadLettersRequest(filter=chosen, resolution=f"RESOLUTION_{resolution.upper()}")
        return await listed(stub.ListDeadLetters, request, "dead_letters", limit)

    found = asyncio.run(_call(state, tenant, work))
    out.table(
        ("message", "given up", "reason", "tries", "provider", "template", "last words"),
        [
            (
                one.message_id, instant(one.create_time), one.reason, one.attempt_count, one.provider,
                one.template_name, one.last_error[:60],
            )
            for one in found
        ],
    )  # fmt: skip
    if not found:
        out.line("There are none.")
    out.result({"dead_letters": [_document(one) for one in found]})


@app.command(
    epilog="""
**Examples**

`angarium dead-letters retry 0190… --tenant 0190…` – one message

`angarium dead-letters retry --tenant 0190… --reason unavailable` – all of a reason, oldest first

`angarium dead-letters retry --tenant 0190… --run 0190…` – what of a campaign's run failed, and only that
"""
)
def retry(
    message: Annotated[str, typer.Argument(help="Id of a message; without it, a selection.")] = "",
    *,
    tenant: options.Tenant = "",
    reason: Reason = "",
    campaign: Campaign = "",
    run: Run = "",
    provider: Provider = "",
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many of a selection at most.")] = 1000,
    accept_duplicate: Annotated[
        bool,
        typer.Option("--accept-duplicate", help="Also marketing that may have arrived; it may arrive twice."),
    ] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Give messages a fresh series of tries.

    Consent, caps and expiry are checked as before a first try. Messages whose time has passed stay as they are.
    """
    out = Output(as_json=as_json)
    if message:
        message_id = options.uuid("MESSAGE", message)
        found = asyncio.run(_call(state, tenant, lambda stub: _retry(stub, message_id, accept_duplicate)))
        out.line(f"{message_id} is pending again.")
        out.result({"retried": 1, "dead_letter": _document(found)})
        return
    chosen = _filter(reason, campaign, run, provider)
    if not chosen.ByteSize():
        usage(
            "Nothing is named, and nobody retries everything by mistake.",
            "Name a message, or a selection: --reason, --campaign, --run or --provider",
        )

    async def work(stub: Any) -> Any:
        from angarium.delivery.v1 import dead_letter_service_pb2 as pb

        return await stub.BatchRetryDeadLetters(
            pb.BatchRetryDeadLettersRequest(filter=chosen, max_count=limit)
        )

    done = asyncio.run(_call(state, tenant, work))
    out.line(f"{done.retried_count:,} messages are pending again.")
    if done.expired_count:
        out.line(f"{done.expired_count:,} stay as they are: their time has passed.")
    if done.in_doubt_count:
        out.line(
            f"{done.in_doubt_count:,} stay as they are: nobody knows whether they arrived. "
            "Retry each by its id with --accept-duplicate, if it may arrive twice."
        )
    if done.has_more:
        out.line("More of them are open: call it again.")
    out.result(
        {
            "retried": done.retried_count,
            "expired": done.expired_count,
            "in_doubt": done.in_doubt_count,
            "more": done.has_more,
        }
    )


@app.command(
    epilog="""
**Examples**

`angarium dead-letters discard 0190… --because "the event is over" --tenant 0190…`
"""
)
def discard(
    message: Annotated[str, typer.Argument(help="Id of the message.")],
    because: Annotated[str, typer.Option(help="Why; the audit trail keeps it.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Put a message aside; it stays failed, and may still be retried."""
    out = Output(as_json=as_json)
    message_id = options.uuid("MESSAGE", message)

    async def work(stub: Any) -> "DeadLetter":
        from angarium.delivery.v1 import dead_letter_service_pb2 as pb

        request = pb.DiscardDeadLetterRequest(message_id=str(message_id), reason=because)
        found: DeadLetter = (await stub.DiscardDeadLetter(request)).dead_letter
        return found

    found = asyncio.run(_call(state, tenant, work))
    out.line(f"{message_id} is put aside.")
    out.result(_document(found))


async def _retry(stub: Any, message_id: UUID, accept_duplicate: bool) -> "DeadLetter":
    from angarium.delivery.v1 import dead_letter_service_pb2 as pb

    request = pb.RetryDeadLetterRequest(message_id=str(message_id), accept_duplicate=accept_duplicate)
    found: DeadLetter = (await stub.RetryDeadLetter(request)).dead_letter
    return found


async def _call(folder: Any, tenant: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    from angarium.delivery.v1 import dead_letter_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    settings = client_settings(StateFolder.at(folder))
    async with PersonChannels(settings, tenant_id=options.tenant(tenant), role=_OWNER) as channels:
        return await work(channels.stub(dead_letter_service_pb2_grpc.DeadLetterServiceStub, "delivery"))


def _filter(reason: str, campaign: str, run: str, provider: str) -> "DeadLetterFilter":
    from angarium.delivery.v1 import dead_letter_service_pb2 as pb

    return pb.DeadLetterFilter(
        reason=reason,
        provider=provider,
        campaign_id=str(options.uuid("--campaign", campaign)) if campaign else "",
        run_id=str(options.uuid("--run", run)) if run else "",
    )


def _document(one: "DeadLetter") -> dict[str, Any]:
    from angarium.common.v1 import enums_pb2
    from angarium.delivery.v1 import dead_letter_service_pb2 as pb

    return {
        "message": one.message_id,
        "contact": one.contact_id or None,
        "channel": enums_pb2.Channel.Name(one.channel).removeprefix("CHANNEL_").lower(),
        "category": enums_pb2.Category.Name(one.category).removeprefix("CATEGORY_").lower(),
        "campaign": one.campaign_id or None,
        "run": one.run_id or None,
        "template": one.template_name,
        "provider": one.provider or None,
        "reason": one.reason,
        "last_error": one.last_error,
        "tries": one.attempt_count,
        "given_up": instant(one.create_time),
        "expires": instant(one.expire_time),
        "resolution": pb.DeadLetter.Resolution.Name(one.resolution).removeprefix("RESOLUTION_").lower(),
        "resolved_by": one.resolved_by or None,
        "resolved": instant_of(one, "resolve_time"),
        "note": one.note or None,
    }
