"""`angarium events keys`: the keys that neighbours sign what they tell with."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from cli import options
from cli.events import showing
from cli.moments import instant, instant_of
from cli.output import Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

KeyId = Annotated[str, typer.Argument(help="Id of the key.", metavar="KEY")]


@app.callback()
def keys() -> None:
    """Make, replace and end the keys that neighbours sign their requests with."""


@app.command(
    "create",
    epilog="""
**Examples**

`angarium events keys create orders --tenant 0190…` – the secret is shown once

`angarium events keys create crm --type user.deleted --type contact.upserted` – for these types only
""",
)
def create_key(
    source: Annotated[str, typer.Argument(help="System whose events it signs: the source of its envelopes.")],
    *,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only this type; several times.")] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Make a key."""
    from cli.events import calls

    out = Output(as_json=as_json)
    answer = asyncio.run(calls.create_key(StateFolder.at(state), options.tenant(tenant), source, kind or []))
    out.text("Key:", answer.intake_key.key_id)
    out.text("Secret, shown this once:", answer.secret)
    out.line("How requests are signed: docs/events.md, examples/send_event.py")
    out.result({**showing.key(answer.intake_key), "secret": answer.secret})


@app.command(
    "rotate",
    epilog="""
**Examples**

`angarium events keys rotate ik_… --tenant 0190…` – both secrets hold for a day

`angarium events keys rotate ik_… --overlap-hours 0` – at once, when the old one is known to others
""",
)
def rotate_key(
    key: KeyId,
    *,
    overlap_hours: Annotated[int, typer.Option(min=0, max=168, help="How long both secrets hold.")] = 24,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Give a key a new secret."""
    from cli.events import calls

    out = Output(as_json=as_json)
    overlap = timedelta(hours=overlap_hours)
    answer = asyncio.run(calls.rotate_key(StateFolder.at(state), options.tenant(tenant), key, overlap))
    out.text("Secret, shown this once:", answer.secret)
    if overlap:
        out.line(f"The one before holds until {instant(answer.intake_key.previous_expire_time)}.")
    out.result({**showing.key(answer.intake_key), "secret": answer.secret})


@app.command(
    "revoke",
    epilog="""
**Examples**

`angarium events keys revoke ik_… --tenant 0190…` – requests it signs are refused from now on
""",
)
def revoke_key(
    key: KeyId, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """End a key for good."""
    from cli.events import calls

    out = Output(as_json=as_json)
    revoked = asyncio.run(calls.revoke_key(StateFolder.at(state), options.tenant(tenant), key))
    out.line(f"The key of {revoked.source} is revoked.")
    out.result(showing.key(revoked))


@app.command(
    "list",
    epilog="""
**Examples**

`angarium events keys list --tenant 0190…` – which keys hold, and when each was last used

`angarium events keys list --all --json` – revoked ones too
""",
)
def list_keys(
    *,
    revoked: Annotated[bool, typer.Option("--all", help="Revoked keys too.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the keys of a tenant."""
    from cli.events import calls

    out = Output(as_json=as_json)
    found = asyncio.run(calls.keys(StateFolder.at(state), options.tenant(tenant), with_revoked=revoked))
    rows = [
        (
            one.key_id,
            one.source,
            ", ".join(one.event_types) or "all types",
            "holds" if one.is_active else "revoked",
            instant_of(one, "last_use_time"),
            instant_of(one, "previous_expire_time"),
        )
        for one in found
    ]
    out.table(("key", "source", "types", "", "last used", "old secret until"), rows)
    out.result({"keys": [showing.key(one) for one in found]})
