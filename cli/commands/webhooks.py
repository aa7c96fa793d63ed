"""`angarium webhooks`: who is told of a tenant's events, what was sent, and sending it again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from angarium.delivery.v1.webhook_pb2 import WebhookDelivery, WebhookSubscription

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]
SubscriptionId = Annotated[str, typer.Argument(help="Id of the subscription.", metavar="SUBSCRIPTION")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        help="File with a secret of your own, 16-128 characters; else a random one.",
        exists=True,
        dir_okay=False,
    ),
]


class StateWord(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"


@app.callback()
def webhooks() -> None:
    """Tell a tenant's own systems of events, and see what was told."""


@app.command(
    epilog="""
**Examples**

`angarium webhooks create shop --url https://shop.example/hooks --event 'message.*' --tenant 0190…` – the secret is shown once

`angarium webhooks create shop --url https://shop.example/hooks --event campaign.completed --header 'Authorization: Bearer …'`

`angarium webhooks create shop --sandbox shop --event '*'` – calls go to the sandbox, which shows them under /webhooks
"""
)
def create(
    name: Annotated[str, typer.Argument(help="Name for people.")],
    *,
    url: Annotated[str, typer.Option(help="Where calls go: https, port 443.")] = "",
    event: Annotated[
        list[str] | None,
        typer.Option(help="A type, all of a kind (message.*), or *; may be given several times."),
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="`Name: value` that goes with every call; several times.")
    ] = None,
    sandbox: Annotated[
        str, typer.Option(help="Name of a partner in the sandbox, in place of --url; it learns the secret.")
    ] = "",
    secret_file: SecretFile = None,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a subscription.

    Calls are signed; docs/webhooks.md says how a receiver checks them. The secret is shown here and never again.
    """
    from cli.webhooks import calls

    if bool(url) == bool(sandbox):
        usage("A subscription needs one place to call.", "Give --url <https://…> or --sandbox <name>")
    folder, out = StateFolder.at(state), Output(as_json=as_json)
    where = calls.sandbox_url(folder, sandbox) if sandbox else url
    answer = asyncio.run(
        calls.create(
            folder,
            _tenant(tenant),
            name=name,
            url=where,
            events=event or [],
            headers=dict(_header(one) for one in header or []),
            secret=_secret(secret_file),
        )
    )
    one = answer.webhook_subscription
    if sandbox:
        asyncio.run(calls.tell_sandbox(where, answer.secret))
    out.line(f"[bold]{one.name}[/] is {one.webhook_subscription_id}")
    out.text("Secret, shown this once:", answer.secret)
    out.text("Public key of its v1a signatures:", one.public_key)
    out.line(f"Try it: angarium webhooks test {one.webhook_subscription_id}")
    out.result({**_subscription(one), "secret": answer.secret})


@app.command(
    "list",
    epilog="""
**Examples**

`angarium webhooks list --tenant 0190…` – who is told of what, and how that goes

`angarium webhooks list --json | jq '.subscriptions[] | select(.disabled)'` – for a monitor
""",
)
def list_subscriptions(
    tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """List the subscriptions of a tenant."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.subscriptions(StateFolder.at(state), _tenant(tenant)))
    rows = [
        (
            one.webhook_subscription_id,
            one.name,
            ", ".join(one.events) or None,
            _condition(one),
            _instant(one.last_success_time) if one.HasField("last_success_time") else None,
            one.url,
        )
        for one in found
    ]
    out.table(("subscription", "name", "events", "", "last success", "url"), rows)
    out.result({"subscriptions": [_subscription(one) for one in found]})


@app.command(
    "test",
    epilog="""
**Examples**

`angarium webhooks test 0190… --tenant 0190…` – sends `webhook.test` now; exit code 1 unless the answer is 2xx
""",
)
def try_out(
    subscription_id: SubscriptionId,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send an event now, and show what the receiver answers. It counts nowhere and is not tried again."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    answer = asyncio.run(
        calls.try_out(StateFolder.at(state), _tenant(tenant), _id("SUBSCRIPTION", subscription_id))
    )
    milliseconds = answer.latency.ToMilliseconds()
    if answer.is_delivered:
        out.line(f"[bold green]Taken[/] with {answer.response_status} after {milliseconds} ms.")
    else:
        out.line(f"[bold red]Not taken[/] after {milliseconds} ms: {answer.detail}")
    if answer.response_excerpt:
        out.text("It said:", answer.response_excerpt)
    out.result(
        {
            "delivered": answer.is_delivered,
            "status": answer.response_status,
            "milliseconds": milliseconds,
            "error": answer.error,
            "detail": answer.detail,
            "excerpt": answer.response_excerpt,
            "event": answer.event_id,
        }
    )
    if not answer.is_delivered:
        raise typer.Exit(FAILURE)


@app.command(
    epilog="""
**Examples**

`angarium webhooks deliveries --tenant 0190… --status failed` – what was given up

`angarium webhooks deliveries 0190… --event message.bounced --count 200 --json` – of one subscription
"""
)
def deliveries(
    subscription_id: Annotated[
        str, typer.Argument(help="Id of the subscription; all when left out.", metavar="[SUBSCRIPTION]")
    ] = "",
    status: Annotated[StateWord | None, typer.Option(help="Only these.", show_default="all")] = None,
    event: Annotated[str, typer.Option(help="Only this type of events.")] = "",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest.")] = 20,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what was sent or waits, newest first; kept for 30 days. Times are UTC."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    wanted = _id("SUBSCRIPTION", subscription_id) if subscription_id else ""
    found = asyncio.run(
        calls.deliveries(
            StateFolder.at(state), _tenant(tenant), wanted, status.value if status else "", event, count
        )
    )
    columns = ("delivery", "event", "", "tries", "answer", "ms", "next", "error")
    out.table(columns, [_delivery_cells(one) for one in found])
    out.result({"deliveries": [_delivery(one) for one in found]})


@app.command(
    epilog="""
**Examples**

`angarium webhooks redeliver 0190… --tenant 0190…` – once more, under the event's id
"""
)
def redeliver(
    delivery_id: Annotated[str, typer.Argument(help="Id of the delivery.", metavar="DELIVERY")],
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send an event again, with eight new tries."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.redeliver(StateFolder.at(state), _tenant(tenant), _id("DELIVERY", delivery_id)))
    out.line(f"[bold]{found.event_type}[/] {found.event_id} is due now.")
    out.result(_delivery(found))


@app.command(
    epilog="""
**Examples**

`angarium webhooks replay 0190… --since 2026-03-01T08:00 --tenant 0190…` – what did not arrive since then

`angarium webhooks replay 0190… --since 2026-03-01 --until 2026-03-02 --all` – also what did
"""
)
def replay(
    subscription_id: SubscriptionId,
    since: Annotated[datetime, typer.Option(help="From when on events happened, UTC.")],
    until: Annotated[datetime | None, typer.Option(help="Up to when, UTC.", show_default="now")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that arrived.")] = False,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send the events of a time again, under their ids: those that did not arrive, or all."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    count = asyncio.run(
        calls.replay(
            StateFolder.at(state),
            _tenant(tenant),
            _id("SUBSCRIPTION", subscription_id),
            _utc(since),
            _utc(until) if until else None,
            everything=everything,
        )
    )
    out.line(f"[bold]{count:,}[/] {'event is' if count == 1 else 'events are'} due now.")
    out.result({"replayed": count})


@app.command(
    epilog="""
**Examples**

`angarium webhooks rotate 0190… --tenant 0190…` – the old secret signs too for 24 hours
"""
)
def rotate(
    subscription_id: SubscriptionId,
    secret_file: SecretFile = None,
    sandbox: Annotated[str, typer.Option(help="Name of the sandbox's partner that learns it.")] = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Give a subscription a new secret; it is shown here and never again."""
    from cli.webhooks import calls

    folder, out = StateFolder.at(state), Output(as_json=as_json)
    answer = asyncio.run(
        calls.rotate(folder, _tenant(tenant), _id("SUBSCRIPTION", subscription_id), _secret(secret_file))
    )
    if sandbox:
        asyncio.run(calls.tell_sandbox(calls.sandbox_url(folder, sandbox), answer.secret))
    out.text("Secret, shown this once:", answer.secret)
    until = _instant(answer.webhook_subscription.previous_secret_expire_time)
    out.line(f"The one before signs too until {until}.")
    out.result({**_subscription(answer.webhook_subscription), "secret": answer.secret})


@app.command(
    epilog="**Example**\n\n`angarium webhooks enable 0190…` – then `angarium webhooks replay` for what happened meanwhile"
)
def enable(
    subscription_id: SubscriptionId,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Switch a subscription on; what waits is sent, what happened meanwhile is brought by replay."""
    _switch(subscription_id, tenant, state, on=True, as_json=as_json)


@app.command(epilog="**Example**\n\n`angarium webhooks disable 0190…` – nothing is sent until it is enabled")
def disable(
    subscription_id: SubscriptionId,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Switch a subscription off."""
    _switch(subscription_id, tenant, state, on=False, as_json=as_json)


@app.command(epilog="**Example**\n\n`angarium webhooks delete 0190…` – the id is in `angarium webhooks list`")
def delete(
    subscription_id: SubscriptionId,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Delete a subscription with its secrets; what waits is not sent any more."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    name = asyncio.run(
        calls.delete(StateFolder.at(state), _tenant(tenant), _id("SUBSCRIPTION", subscription_id))
    )
    out.line(f"[bold]{name}[/] is deleted.")
    out.result({"deleted": subscription_id, "name": name})


@app.command(epilog="**Example**\n\n`angarium webhooks events --json | jq -r '.events[].type'`")
def events(tenant: Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show the types of events there are, with their fields."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.event_types(StateFolder.at(state), _tenant(tenant)))
    out.table(("type", "", ""), [(one.type, one.description, _fields(one)) for one in found])
    out.result(
        {
            "events": [
                {
                    "type": one.type,
                    "description": one.description,
                    "fields": list(one.fields),
                    "item_fields": list(one.item_fields),
                }
                for one in found
            ]
        }
    )


def _switch(subscription_id: str, tenant: str, state: Path | None, *, on: bool, as_json: bool) -> None:
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    one = asyncio.run(
        calls.switch(StateFolder.at(state), _tenant(tenant), _id("SUBSCRIPTION", subscription_id), on=on)
    )
    out.line(f"[bold]{one.name}[/] is {'on' if on else 'off'}.")
    out.result(_subscription(one))


def _fields(one: Any) -> str:
    items = f"items[{', '.join(one.item_fields)}]" if one.has_items else ""
    return ", ".join([*one.fields, *filter(None, [items])])


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        usage("A header is a name and a value.", "Write it so: --header 'Name: value'")
    return name.strip(), value.strip()


def _secret(path: Path | None) -> str:
    return "" if path is None else path.read_text(encoding="utf-8").strip()


def _id(name: str, text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        usage(f"{name} is no id: {text}", "See them: angarium webhooks list")


def _tenant(text: str) -> UUID | None:
    import os

    from cli.client import TOKEN_VARIABLE

    if text:
        try:
            return UUID(text)
        except ValueError:
            usage(
                f"--tenant is no id: {text}",
                "Give the tenant's id, for example the one `angarium demo` shows.",
            )
    if not os.environ.get(TOKEN_VARIABLE):
        usage("Nobody knows whose webhooks these are.", "Name the tenant: --tenant <id>")
    return None


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _instant(stamp: "Timestamp") -> str:
    return stamp.ToDatetime(tzinfo=UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00") + "Z"


def _condition(one: "WebhookSubscription") -> str:
    if one.is_disabled:
        return f"off ({one.disabled_reason})" if one.disabled_reason else "off"
    return f"{one.consecutive_failure_count} failures" if one.consecutive_failure_count else "on"


def _subscription(one: "WebhookSubscription") -> dict[str, Any]:
    return {
        "subscription": one.webhook_subscription_id,
        "name": one.name,
        "url": one.url,
        "events": list(one.events),
        "headers": list(one.header_names),
        "disabled": one.is_disabled,
        "disabled_reason": one.disabled_reason,
        "failures": one.consecutive_failure_count,
        "last_success": _instant(one.last_success_time) if one.HasField("last_success_time") else None,
        "public_key": one.public_key,
    }


def _word(one: "WebhookDelivery") -> str:
    from angarium.delivery.v1 import webhook_pb2

    return webhook_pb2.WebhookDelivery.State.Name(one.state).removeprefix("STATE_").lower()


def _delivery_cells(one: "WebhookDelivery") -> Sequence[object]:
    return (
        one.webhook_delivery_id,
        one.event_type,
        _word(one),
        one.attempt_count,
        one.response_status or None,
        one.latency.ToMilliseconds() if one.attempt_count else None,
        _instant(one.next_attempt_time) if one.HasField("next_attempt_time") else None,
        one.last_error or None,
    )


def _delivery(one: "WebhookDelivery") -> dict[str, Any]:
    return {
        "delivery": one.webhook_delivery_id,
        "subscription": one.webhook_subscription_id,
        "event": one.event_id,
        "type": one.event_type,
        "status": _word(one),
        "tries": one.attempt_count,
        "answer": one.response_status or None,
        "milliseconds": one.latency.ToMilliseconds() if one.attempt_count else None,
        "next": _instant(one.next_attempt_time) if one.HasField("next_attempt_time") else None,
        "error": one.last_error,
        "excerpt": one.response_excerpt,
        "happened": _instant(one.occur_time),
    }
