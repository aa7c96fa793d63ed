"""Commands about what was told: tried, listed, sent again."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from cli import options
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder
from cli.webhooks import given, showing
from cli.webhooks.given import SubscriptionId

app = typer.Typer()


class StateWord(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"


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
