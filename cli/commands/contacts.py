"""`angarium contacts`: who a tenant's people are, what is said of them, and writing them out."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO
from uuid import UUID

import typer

from cli import options
from cli.contacts import saving
from cli.contacts.calls import contacts as calling
from cli.contacts.calls import every, found
from cli.contacts.showing import document
from cli.contacts.writing import Write, lines, table
from cli.output import CommandError, Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(saving.app)

Tenant = Annotated[str, typer.Option(help="Id of the tenant the people belong to.")]
Key = Annotated[str, typer.Argument(help="Id of the contact, or its id in your own system.")]
Tag = Annotated[str, typer.Option(help="Only with this tag.")]
Branch = Annotated[str, typer.Option(help="Only of this branch.")]
Staff = Annotated[str, typer.Option(help="Only those this staff member looks after.")]


class Format(StrEnum):
    """How contacts are written out."""

    CSV = "csv"
    JSONL = "jsonl"


@app.callback()
def contacts() -> None:
    """Look at contacts, make, change, tag and merge them, and write them out."""


@app.command(
    epilog="""
**Examples**

`angarium contacts show c-1001 --tenant 0190…` – by the id in your own system, or by ours

`angarium contacts show c-1001 --tenant 0190… --json | jq .contact.attributes`
"""
)
def show(key: Key, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show a contact with the segments it is in; the id of a merged one leads to the one it became part of."""
    out = Output(as_json=as_json)
    shown, segments = asyncio.run(_show(StateFolder.at(state), options.tenant(tenant), key))
    for name, value in shown.items():
        if value not in (None, "", [], {}, 0, False):
            text = ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)
            out.text(f"{name:<22}", text)
    out.text(f"{'segments':<22}", ", ".join(segments) or "none")
    out.result({"contact": shown, "segments": segments})


@app.command(
    name="list",
    epilog="""
**Examples**

`angarium contacts list --tenant 0190… --name ann --tag vip` – newest first

`angarium contacts list --tenant 0190… --email anna@example.com --json | jq '.contacts[].contact_id'`
""",
)
def list_contacts(
    *,
    tenant: Tenant = "",
    name: Annotated[str, typer.Option(help="Beginning of the name.")] = "",
    email: Annotated[str, typer.Option(help="Exactly this e-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Exactly this phone number.")] = "",
    tag: Tag = "",
    branch: Branch = "",
    staff: Staff = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List contacts."""
    out = Output(as_json=as_json)
    filters = {
        "name_prefix": name,
        "email": email,
        "phone": phone,
        "tag": tag,
        "branch_id": str(options.uuid("--branch", branch)) if branch else "",
        "assigned_staff_id": staff,
    }
    listed = asyncio.run(_list(StateFolder.at(state), options.tenant(tenant), limit, filters))
    out.table(
        ("contact", "external id", "name", "email", "phone", "tags", "visits"),
        [
            (one["contact_id"], one["external_id"], one["name"], one["email"], one["phone"],
             ", ".join(one["tags"]), one["visit_count"])
            for one in listed
        ],
    )  # fmt: skip
    out.result({"contacts": listed})


@app.command(epilog="**Example**\n\n`angarium contacts tag c-1001 --tenant 0190… --add vip --remove lapsed`")
def tag(
    key: Key,
    tenant: Tenant = "",
    add: Annotated[list[str] | None, typer.Option(help="Tag to add; may be given several times.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Tag to remove; likewise.")] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Add tags to a contact and remove others."""
    out = Output(as_json=as_json)
    if not add and not remove:
        usage("There is nothing to change.", "Name tags: --add vip --remove lapsed")
    shown = asyncio.run(_tag(StateFolder.at(state), options.tenant(tenant), key, add or [], remove or []))
    out.line(f"Tags: [bold]{', '.join(shown['tags']) or 'none'}[/]")
    out.result({"contact": shown})


@app.command(
    epilog="**Example**\n\n`angarium contacts merge c-1001 c-2044 --tenant 0190… --yes` – c-2044 becomes part of c-1001"
)
def merge(
    keep: Annotated[str, typer.Argument(help="Contact that stays: its id, or its id in your own system.")],
    other: Annotated[str, typer.Argument(help="Contact that becomes part of it.")],
    tenant: Tenant = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Make one contact part of another: history, tags and orders follow, and the stricter consent holds.

    It cannot be undone. Ids of the merged contact lead to the kept one from then on.
    """
    out = Output(as_json=as_json)
    if not yes and (as_json or not typer.confirm(f"Make {other} part of {keep}, for good?")):
        usage("Nothing was merged.", "Say that it is meant: --yes")
    shown = asyncio.run(_merge(StateFolder.at(state), options.tenant(tenant), keep, other))
    out.line(f"[bold]{other}[/] is part of [bold]{shown['external_id'] or shown['contact_id']}[/] now.")
    out.result({"contact": shown})


@app.command(
    epilog="""
**Examples**

`angarium contacts export --tenant 0190… --file people.csv` – all of them, oldest first

`angarium contacts export --tenant 0190… --format jsonl --tag vip | jq -r .email` – a line of JSON each, as they come
"""
)
def export(
    *,
    tenant: Tenant = "",
    file: Annotated[
        Path | None, typer.Option(help="Where to; standard output when left out.", dir_okay=False)
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="A table, or a line of JSON each.")] = Format.CSV,
    attribute: Annotated[
        list[str] | None, typer.Option(help="Attribute that gets a column of the table; may be repeated.")
    ] = None,
    tag: Tag = "",
    branch: Branch = "",
    staff: Staff = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Write contacts with their addresses out, as many as there are, without holding them in memory.

    A table has a column for each attribute of the first thousand contacts, or for those that are named.
    """
    out = Output(as_json=as_json)
    if as_json and file is None:
        usage("There would be two documents on standard output.", "Name a file: --file people.csv")
    filters = {
        "tag": tag,
        "branch_id": str(options.uuid("--branch", branch)) if branch else "",
        "assigned_staff_id": staff,
    }
    with ExitStack() as held:
        target = held.enter_context(_created(file)) if file else sys.stdout
        write = table(target, tuple(attribute or ())) if form is Format.CSV else lines(target)
        advance = held.enter_context(out.progress("Exporting"))
        count = asyncio.run(_export(StateFolder.at(state), options.tenant(tenant), filters, write, advance))
    if file:
        out.line(f"[bold]{count:,}[/] contacts are in {file}.")
        out.result({"contacts": count, "file": str(file)})


async def _show(folder: StateFolder, tenant_id: UUID | None, key: str) -> tuple[dict[str, Any], list[str]]:
    from angarium.campaign.v1 import contact_service_pb2 as pb

    async with calling(folder, tenant_id) as service:
        contact = await found(service, key)
        request = pb.ListContactSegmentsRequest(contact_id=contact.contact_id, page_size=200)
        segments = (await service.ListContactSegments(request)).segments
        return document(contact), [one.name for one in segments]


async def _list(
    folder: StateFolder, tenant_id: UUID | None, limit: int, filters: dict[str, Any]
) -> list[dict[str, Any]]:
    from angarium.campaign.v1 import contact_service_pb2 as pb

    async with calling(folder, tenant_id) as service:
        found = await listed(service.ListContacts, pb.ListContactsRequest(**filters), "contacts", limit)
    return [document(one) for one in found]


async def _tag(
    folder: StateFolder, tenant_id: UUID | None, key: str, add: list[str], remove: list[str]
) -> dict[str, Any]:
    from angarium.campaign.v1 import contact_service_pb2 as pb
    from services.common.ids import uuid7

    async with calling(folder, tenant_id) as service:
        contact = await found(service, key)
        request = pb.UpdateContactTagsRequest(
            contact_id=contact.contact_id, add_tags=add, remove_tags=remove, idempotency_key=str(uuid7())
        )
        return document((await service.UpdateContactTags(request)).contact)


async def _merge(folder: StateFolder, tenant_id: UUID | None, keep: str, other: str) -> dict[str, Any]:
    from angarium.campaign.v1 import contact_service_pb2 as pb
    from services.common.ids import uuid7

    async with calling(folder, tenant_id) as service:
        kept, merged = await found(service, keep), await found(service, other)
        request = pb.MergeContactsRequest(
            keep_contact_id=kept.contact_id,
            merge_contact_id=merged.contact_id,
            idempotency_key=str(uuid7()),
        )
        return document((await service.MergeContacts(request)).contact)


async def _export(
    folder: StateFolder,
    tenant_id: UUID | None,
    filters: dict[str, str],
    write: Write,
    advance: Callable[[int], None],
) -> int:
    count = 0
    async with calling(folder, tenant_id) as service:
        async for contact in every(service, **filters):
            write(document(contact))
            count += 1
            advance(1)
    write(None)
    return count


def _word(value: Any) -> str:
    """Returns a value for people; what has parts as `name=value`."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items() if one not in (None, ""))
    return str(value)


def _created(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror}.", "Name another file: --file"
        ) from error
