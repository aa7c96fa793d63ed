"""`angarium events`: what neighbour systems told, what became of it, and the keys they sign it with."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from cli import options
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from angarium.campaign.v1.event_intake_service_pb2 import InboundEvent, IntakeKey

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
keys_app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]
KeyId = Annotated[str, typer.Argument(help="Id of the key.", metavar="KEY")]


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
    tenant: Tenant = "",
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
    out.table(columns, [_cells(one) for one in found])
    out.result({"events": [_event(one) for one in found]})


@app.command(
    epilog="""
**Examples**

`angarium events show 0190… --tenant 0190…` – addresses are masked, tokens left out
"""
)
def show(
    event: Annotated[str, typer.Argument(help="Id of the event.")],
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show an event: its way, and its data."""
    from cli.events import calls

    out = Output(as_json=as_json)
    event_id = str(options.uuid("The event", event))
    one = asyncio.run(calls.event(StateFolder.at(state), options.tenant(tenant), event_id))
    told = _event(one)
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
    tenant: Tenant = "",
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
    out.table(("", "event", "why", "fields"), [_wrong(one) for one in wrong])
    out.result(answer)
    if wrong:
        raise typer.Exit(FAILURE)


@keys_app.callback()
def keys() -> None:
    """Make, replace and end the keys that neighbours sign their requests with."""


@keys_app.command(
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
    tenant: Tenant = "",
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
    out.result({**_key(answer.intake_key), "secret": answer.secret})


@keys_app.command(
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
    tenant: Tenant = "",
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
        out.line(f"The one before holds until {_instant(answer.intake_key.previous_expire_time)}.")
    out.result({**_key(answer.intake_key), "secret": answer.secret})


@keys_app.command(
    "revoke",
    epilog="""
**Examples**

`angarium events keys revoke ik_… --tenant 0190…` – requests it signs are refused from now on
""",
)
def revoke_key(
    key: KeyId, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """End a key for good."""
    from cli.events import calls

    out = Output(as_json=as_json)
    revoked = asyncio.run(calls.revoke_key(StateFolder.at(state), options.tenant(tenant), key))
    out.line(f"The key of {revoked.source} is revoked.")
    out.result(_key(revoked))


@keys_app.command(
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
    tenant: Tenant = "",
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
            _maybe(one, "last_use_time"),
            _maybe(one, "previous_expire_time"),
        )
        for one in found
    ]
    out.table(("key", "source", "types", "", "last used", "old secret until"), rows)
    out.result({"keys": [_key(one) for one in found]})


app.add_typer(keys_app, name="keys")


def _instant(stamp: "Timestamp") -> str:
    return stamp.ToDatetime(tzinfo=UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00") + "Z"


def _maybe(one: "InboundEvent | IntakeKey", field: str) -> str | None:
    return _instant(getattr(one, field)) if one.HasField(field) else None


def _word(one: "InboundEvent") -> str:
    from angarium.campaign.v1 import event_intake_service_pb2 as pb

    return pb.InboundEvent.State.Name(one.state).removeprefix("STATE_").lower()


def _cells(one: "InboundEvent") -> Sequence[object]:
    return (
        one.event_id,
        one.type,
        f"{one.aggregate_type} {one.aggregate_id}",
        one.source,
        _word(one),
        one.attempts,
        _instant(one.receive_time),
        one.error or None,
    )


def _event(one: "InboundEvent") -> dict[str, Any]:
    return {
        "event": one.event_id,
        "type": one.type,
        "named": one.named_type,
        "source": one.source,
        "branch": one.branch_ref,
        "aggregate_type": one.aggregate_type,
        "aggregate_id": one.aggregate_id,
        "sequence": one.sequence if one.HasField("sequence") else None,
        "fact": one.fact,
        "status": _word(one),
        "tries": one.attempts,
        "error": one.error,
        "steps": list(one.steps),
        "key": one.key_id,
        "happened": _instant(one.occur_time),
        "received": _instant(one.receive_time),
        "next": _maybe(one, "next_attempt_time"),
        "finished": _maybe(one, "finish_time"),
    }


def _key(one: "IntakeKey") -> dict[str, Any]:
    return {
        "key": one.key_id,
        "source": one.source,
        "types": list(one.event_types),
        "active": one.is_active,
        "created_by": one.created_by,
        "created": _instant(one.create_time),
        "last_used": _maybe(one, "last_use_time"),
        "old_secret_until": _maybe(one, "previous_expire_time"),
        "revoked": _maybe(one, "revoke_time"),
    }


def _wrong(one: dict[str, Any]) -> Sequence[object]:
    fields = ", ".join(f"{wrong['field']} {wrong['description']}" for wrong in one.get("violations", ()))
    return one["index"], one["event_id"] or None, one.get("reason"), fields or None
