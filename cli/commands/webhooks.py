"""`angarium webhooks`: who is told of a tenant's events, what was sent, and sending it again."""

import asyncio
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder
from cli.webhooks import given, showing

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

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
    tenant: options.Tenant = "",
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
            given.tenant(tenant),
            name=name,
            url=where,
            events=event or [],
            headers=dict(given.header(one) for one in header or []),
            secret=given.secret(secret_file),
        )
    )
    one = answer.webhook_subscription
    if sandbox:
        asyncio.run(calls.tell_sandbox(where, answer.secret))
    out.line(f"[bold]{one.name}[/] is {one.webhook_subscription_id}")
    out.text("Secret, shown this once:", answer.secret)
    out.text("Public key of its v1a signatures:", one.public_key)
    out.line(f"Try it: angarium webhooks test {one.webhook_subscription_id}")
    out.result({**showing.subscription(one), "secret": answer.secret})


@app.command(
    "list",
    epilog="""
**Examples**

`angarium webhooks list --tenant 0190…` – who is told of what, and how that goes

`angarium webhooks list --json | jq '.subscriptions[] | select(.disabled)'` – for a monitor
""",
)
def list_subscriptions(
    tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """List the subscriptions of a tenant."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.subscriptions(StateFolder.at(state), given.tenant(tenant)))
    rows = [
        (
            one.webhook_subscription_id,
            one.name,
            ", ".join(one.events) or None,
            showing.condition(one),
            instant_of(one, "last_success_time"),
            one.url,
        )
        for one in found
    ]
    out.table(("subscription", "name", "events", "", "last success", "url"), rows)
    out.result({"subscriptions": [showing.subscription(one) for one in found]})


@app.command(
    "test",
    epilog="""
**Examples**

`angarium webhooks test 0190… --tenant 0190…` – sends `webhook.test` now; exit code 1 unless the answer is 2xx
""",
)
def try_out(
    subscription_id: SubscriptionId,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send an event now, and show what the receiver answers. It counts nowhere and is not tried again."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    answer = asyncio.run(
        calls.try_out(
            StateFolder.at(state), given.tenant(tenant), given.identifier("SUBSCRIPTION", subscription_id)
        )
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
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what was sent or waits, newest first; kept for 30 days. Times are UTC."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    wanted = given.identifier("SUBSCRIPTION", subscription_id) if subscription_id else ""
    found = asyncio.run(
        calls.deliveries(
            StateFolder.at(state), given.tenant(tenant), wanted, status.value if status else "", event, count
        )
    )
    columns = ("delivery", "event", "", "tries", "answer", "ms", "next", "error")
    out.table(columns, [showing.delivery_cells(one) for one in found])
    out.result({"deliveries": [showing.delivery(one) for one in found]})


@app.command(
    epilog="""
**Examples**

`angarium webhooks redeliver 0190… --tenant 0190…` – once more, under the event's id
"""
)
def redeliver(
    delivery_id: Annotated[str, typer.Argument(help="Id of the delivery.", metavar="DELIVERY")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send an event again, with eight new tries."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(
        calls.redeliver(
            StateFolder.at(state), given.tenant(tenant), given.identifier("DELIVERY", delivery_id)
        )
    )
    out.line(f"[bold]{found.event_type}[/] {found.event_id} is due now.")
    out.result(showing.delivery(found))


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
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send the events of a time again, under their ids: those that did not arrive, or all."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    count = asyncio.run(
        calls.replay(
            StateFolder.at(state),
            given.tenant(tenant),
            given.identifier("SUBSCRIPTION", subscription_id),
            given.utc(since),
            given.utc(until) if until else None,
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
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Give a subscription a new secret; it is shown here and never again."""
    from cli.webhooks import calls

    folder, out = StateFolder.at(state), Output(as_json=as_json)
    answer = asyncio.run(
        calls.rotate(
            folder,
            given.tenant(tenant),
            given.identifier("SUBSCRIPTION", subscription_id),
            given.secret(secret_file),
        )
    )
    if sandbox:
        asyncio.run(calls.tell_sandbox(calls.sandbox_url(folder, sandbox), answer.secret))
    out.text("Secret, shown this once:", answer.secret)
    until = instant(answer.webhook_subscription.previous_secret_expire_time)
    out.line(f"The one before signs too until {until}.")
    out.result({**showing.subscription(answer.webhook_subscription), "secret": answer.secret})


@app.command(
    epilog="**Example**\n\n`angarium webhooks enable 0190…` – then `angarium webhooks replay` for what happened meanwhile"
)
def enable(
    subscription_id: SubscriptionId,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Switch a subscription on; what waits is sent, what happened meanwhile is brought by replay."""
    _switch(subscription_id, tenant, state, on=True, as_json=as_json)


@app.command(epilog="**Example**\n\n`angarium webhooks disable 0190…` – nothing is sent until it is enabled")
def disable(
    subscription_id: SubscriptionId,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Switch a subscription off."""
    _switch(subscription_id, tenant, state, on=False, as_json=as_json)


@app.command(epilog="**Example**\n\n`angarium webhooks delete 0190…` – the id is in `angarium webhooks list`")
def delete(
    subscription_id: SubscriptionId,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Delete a subscription with its secrets; what waits is not sent any more."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    name = asyncio.run(
        calls.delete(
            StateFolder.at(state), given.tenant(tenant), given.identifier("SUBSCRIPTION", subscription_id)
        )
    )
    out.line(f"[bold]{name}[/] is deleted.")
    out.result({"deleted": subscription_id, "name": name})


@app.command(epilog="**Example**\n\n`angarium webhooks events --json | jq -r '.events[].type'`")
def events(tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show the types of events there are, with their fields."""
    from cli.webhooks import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.event_types(StateFolder.at(state), given.tenant(tenant)))
    out.table(("type", "", ""), [(one.type, one.description, showing.fields(one)) for one in found])
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
        calls.switch(
            StateFolder.at(state),
            given.tenant(tenant),
            given.identifier("SUBSCRIPTION", subscription_id),
            on=on,
        )
    )
    out.line(f"[bold]{one.name}[/] is {'on' if on else 'off'}.")
    out.result(showing.subscription(one))
