"""Commands about subscriptions: made, listed, switched, given another secret, and what they may name."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import Output, usage
from cli.state_folder import StateFolder
from cli.webhooks import given, showing
from cli.webhooks.given import SubscriptionId

app = typer.Typer()

SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        help="File with a secret of your own, 16-128 characters; else a random one.",
        exists=True,
        dir_okay=False,
    ),
]


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
