"""`angarium events`: what neighbour systems told, what became of it, and the keys they sign it with."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from cli import options
from cli.commands import intake_keys
from cli.events import showing
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


class StateWord(StrEnum):
    """Where an event stands."""

    RECEIVED = "received"
    FAILED = "failed"
    PROCESSED = "processed"
    IGNORED = "ignored"
    DEAD = "dead"


@app.callback()
def events() -> None:
    """See what neighbour systems told, and repeat what failed."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium events list --tenant 0190…` – the newest fifty

`angarium events list --status dead --json | jq -r '.events[].event'` – what waits for somebody
""",
)
def list_events(
    *,
    status: Annotated[StateWord | None, typer.Option(help="Only these.", show_default="all")] = None,
    kind: Annotated[str, typer.Option("--type", help="Only this type, canonical or an alias.")] = "",
    source: Annotated[str, typer.Option(help="Only of this system.")] = "",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List events, newest first."""
    from cli.events import calls

    out = Output(as_json=as_json)
    found = asyncio.run(
        calls.events(
            StateFolder.at(state),
            options.tenant(tenant),
            state=status.value if status else "",
            kind=kind,
            source=source,
            count=count,
        )
    )
    columns = ("event", "type", "of", "source", "", "tries", "received", "error")
    out.table(columns, [showing.cells(one) for one in found])
    out.result({"events": [showing.event(one) for one in found]})


@app.command(
    epilog="""
**Examples**

`angarium events show 0190… --tenant 0190…` – addresses are masked, tokens left out
"""
)
def show(
    event: Annotated[str, typer.Argument(help="Id of the event.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show an event: its way, and its data."""
    from cli.events import calls

    out = Output(as_json=as_json)
    event_id = str(options.uuid("The event", event))
    one = asyncio.run(calls.event(StateFolder.at(state), options.tenant(tenant), event_id))
    told = showing.event(one)
    data = orjson.loads(one.data_json) if one.data_json else None
    for name, value in told.items():
        if value not in ("", None, []):
            out.text(f"{name}:", ", ".join(value) if isinstance(value, list) else str(value))
    out.text("data:", orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() if data else "gone")
    out.result({**told, "data": data})


@app.command(
    epilog="""
**Examples**

`angarium events replay 0190… --tenant 0190…` – what is done of it is not repeated

`angarium events replay --dead --type order.paid` – all dead ones of a type, once what failed is mended
"""
)
def replay(
    events: Annotated[list[str] | None, typer.Argument(help="Ids of events.", metavar="EVENT…")] = None,
    *,
    dead: Annotated[bool, typer.Option("--dead", help="All that are dead, up to 1,000.")] = False,
    kind: Annotated[str, typer.Option("--type", help="With --dead: only this type.")] = "",
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Have dead events handled again."""
    from cli.events import calls

    if bool(events) == dead:
        usage("Nothing says which events.", "Name their ids, or give --dead")
    folder, whose, out = StateFolder.at(state), options.tenant(tenant), Output(as_json=as_json)
    ids = [str(options.uuid("An event", one)) for one in events or []]
    if dead:
        found = asyncio.run(calls.events(folder, whose, state="dead", kind=kind, source="", count=1000))
        ids = [one.event_id for one in found]
    count = asyncio.run(calls.replay(folder, whose, ids))
    out.line(f"{count} handled again; see them: angarium events list" if count else "Nothing is dead.")
    out.result({"replayed": count})


@app.command(
    epilog="""
**Examples**

`angarium events send events.json --key ik_… --secret-file secret.txt` – at most 500 events and 5 MB

`ANGARIUM_KEY_SECRET=ingest_… angarium events send events.json --key ik_… --url https://hooks.example.com`
"""
)
def send(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON: one envelope, a list, or an object with events.", exists=True, dir_okay=False
        ),
    ],
    *,
    key: Annotated[str, typer.Option(help="Id of the key.")],
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", help="File with the key's secret.", exists=True, dir_okay=False),
    ] = None,
    secret: Annotated[str, typer.Option(envvar="ANGARIUM_KEY_SECRET", hidden=True)] = "",
    url: Annotated[
        str, typer.Option(help="Where the gateway is reached.", show_default="PUBLIC_BASE_URL")
    ] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send a file of events as one signed request, as a neighbour does; repeats are safe."""
    from cli.client import client_settings
    from cli.events import sending

    given = secret_file.read_text().strip() if secret_file else secret
    if not given:
        usage("The key's secret is missing.", "Give --secret-file, or set ANGARIUM_KEY_SECRET")
    place = url or client_settings(StateFolder.at(state)).public_base_url
    out = Output(as_json=as_json)
    answer = asyncio.run(sending.send(place, key, given, file.read_bytes()))
    wrong = [one for one in answer["results"] if one["state"] == "rejected"]
    out.line(f"{answer['accepted']} stored, {answer['duplicate']} known, {answer['rejected']} rejected")
    out.table(("", "event", "why", "fields"), [showing.wrong(one) for one in wrong])
    out.result(answer)
    if wrong:
        raise typer.Exit(FAILURE)


app.add_typer(intake_keys.app, name="keys")
