"""`angarium contacts save`: one contact made or changed, field by field, in the words of an import's columns."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.contacts.calls import contacts as calling
from cli.contacts.calls import found
from cli.contacts.showing import document
from cli.output import CommandError, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1.contact_pb2 import Contact

app = typer.Typer()

_ATTRIBUTE = "attributes."


@dataclass(slots=True)
class Wanted:
    """What is to be said of a contact."""

    contact: "Contact"
    paths: list[str] = field(default_factory=list)
    """Fields that change; those of them that the contact lacks are emptied."""
    emptied: list[str] = field(default_factory=list)
    """Attributes that go."""


@app.command(
    epilog="""
**Examples**

`angarium contacts save c-1001 --tenant 0190… email=anna@example.com language=de attributes.size:number=42` – what is
named, and nothing else

`angarium contacts save c-1001 --tenant 0190… phone= attributes.plan=` – without a value a field is emptied

`angarium contacts save c-3001 --new --tenant 0190… first_name=Maya birth_date=--03-14 tags='vip;gold'` – somebody new

The fields are the columns of an import: docs/import.md.
"""
)
def save(
    key: Annotated[str, typer.Argument(help="Id of the contact, or its id in your own system.")],
    changes: Annotated[list[str] | None, typer.Argument(help="field=value, one or more.")] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Make the contact; its id in your own system is the one named.")
    ] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Make a contact, or change fields of one.

    It gives nobody consent: see angarium consent, or an import with columns of consent.
    """
    out = Output(as_json=as_json)
    if not changes and not new:
        usage(
            "There is nothing to change.", "Name fields: angarium contacts save c-1001 email=anna@example.com"
        )
    wanted = _wanted(changes or [])
    shown, made = asyncio.run(_save(StateFolder.at(state), options.tenant(tenant), key, wanted, new=new))
    name = shown["external_id"] or shown["contact_id"]
    out.line(f"[bold]{name}[/] was {'made' if made else 'saved'}: {shown['contact_id']}")
    out.result({"contact": shown, "created": made})


async def _save(
    folder: StateFolder, tenant_id: Any, key: str, wanted: Wanted, *, new: bool
) -> tuple[dict[str, Any], bool]:
    from google.protobuf.field_mask_pb2 import FieldMask

    from angarium.campaign.v1 import contact_service_pb2 as pb
    from services.common.errors import ServiceError
    from services.common.ids import uuid7

    async with calling(folder, tenant_id) as service:
        try:
            known = await found(service, key)
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
            known = None
        if new == (known is not None):
            raise _misnamed(key, new=new)
        message = wanted.contact
        if known is None:
            message.external_id = key
            answer = await service.UpsertContact(
                pb.UpsertContactRequest(contact=message, idempotency_key=str(uuid7()))
            )
            return document(answer.contact), True
        if wanted.paths:
            attributes = dict(message.attributes.fields)
            message.attributes.Clear()
            message.contact_id, message.etag = known.contact_id, known.etag
            request = pb.UpsertContactRequest(
                contact=message, update_mask=FieldMask(paths=wanted.paths), idempotency_key=str(uuid7())
            )
            known = (await service.UpsertContact(request)).contact
            for name, value in attributes.items():
                message.attributes.fields[name].CopyFrom(value)
        if message.attributes.fields or wanted.emptied:
            values = pb.UpdateContactAttributesRequest(
                contact_id=known.contact_id,
                set_attributes=message.attributes,
                remove_keys=wanted.emptied,
                idempotency_key=str(uuid7()),
            )
            known = (await service.UpdateContactAttributes(values)).contact
        return document(known), False


def _misnamed(key: str, *, new: bool) -> CommandError:
    if new:
        return CommandError(f"{key} is a contact already.", "Leave --new out to change it.")
    return CommandError(
        f"There is no contact {key}.",
        "See: angarium contacts list – or make it: angarium contacts save --new",
    )


def _wanted(changes: Sequence[str]) -> Wanted:
    """Returns what changes say, all of which are read before anything is asked; a bad one ends the command."""
    from angarium.campaign.v1.contact_pb2 import Contact
    from cli.importing.header import layout_of
    from cli.importing.problems import FileRefused
    from cli.importing.reader import Row
    from cli.importing.rows import RowReader
    from services.common.clock import SystemClock

    wanted = Wanted(Contact())
    named: dict[str, str] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or not name.strip():
            usage(f"{change!r} is no change.", "Write field=value, such as email=anna@example.com")
        named[name.strip()] = value.strip()
    try:
        layout = layout_of(["external_id", *named])
    except FileRefused as error:
        raise CommandError(error.message, error.mend) from None
    for one in layout.unknown:
        usage(f"{one!r} is no field of a contact.", "The fields are the columns of docs/import.md.")
    if layout.consents or {"consent_source", "consent_at", "consent_evidence", "suppressed"} & set(
        layout.fields
    ):
        usage("Consent is no field of a contact.", "Give and withdraw it: angarium consent --help")
    cells = ["one", *named.values()]
    row = RowReader(layout, SystemClock().now()).read(Row(1, cells))
    if isinstance(row, list):
        raise CommandError("; ".join(f"{one.column} {one.reason}" for one in row), "Nothing was changed.")
    wanted.contact.CopyFrom(row.contact)
    wanted.contact.ClearField("source")
    wanted.contact.ClearField("external_id")
    wanted.paths = [_path(column) for column in layout.fields if column != "external_id"]
    if layout.fields.get("branch") and "branch" in wanted.contact.attributes.fields:
        usage("A branch is named by its id.", "See: angarium branches list")
    wanted.emptied = [key for key, place in layout.attributes if not cells[place]]
    return wanted


def _path(column: str) -> str:
    from cli.importing.fields import COLUMN_OF

    paths = {of: path for path, of in COLUMN_OF.items()}
    return paths.get(column, column)
