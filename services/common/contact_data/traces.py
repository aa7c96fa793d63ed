"""Traces of a person in the tables every service has: events on their way, kept answers, the audit trail."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.contact_data import person as people
from services.common.contact_data import sweeps
from services.common.contact_data.person import Erased, Person
from services.common.contact_data.sweeps import Sweep
from services.common.db.database import Database
from services.common.db.rls import erasure_role
from services.common.db.uow import UnitOfWork
from services.common.events.payloads import payload_of

PIECE: Final = 2_000
"""Events looked at in one transaction; each may hold a thousand items."""

KEPT_TYPES: Final = ("contact.erased",)
"""Events that name the person because that is what they tell; they go with the outbox's retention."""

_EVENTS = """
SELECT id, position(%(text)s IN envelope) > 0 AND type <> ALL (%(kept)s) AS named FROM outbox
WHERE tenant_id = %(tenant_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
"""

_ENVELOPES = "SELECT id, envelope FROM outbox WHERE tenant_id = %s AND id = ANY (%s::bigint[]) FOR UPDATE"

_REWRITE = "UPDATE outbox SET envelope = %s, aggregate_id = %s WHERE tenant_id = %s AND id = %s"

_PARKED = """
SELECT event_id, envelope FROM parked_event WHERE tenant_id = %s AND position(%s IN envelope) > 0 FOR UPDATE
"""

_REWRITE_PARKED = """
UPDATE parked_event SET envelope = %s, aggregate_id = %s, error = '' WHERE tenant_id = %s AND event_id = %s
"""

_FORGET_ANSWERS = """
DELETE FROM idempotency WHERE tenant_id = %s AND claim_id > %s AND claim_id <= %s AND position(%s IN response) > 0
"""

_AUDIT = """
UPDATE audit SET resource_id = CASE WHEN resource_id = %(id)s THEN %(tombstone)s ELSE resource_id END,
    actor = CASE WHEN actor = %(id)s THEN %(tombstone)s ELSE actor END,
    before = CASE WHEN resource_id = %(id)s THEN NULL
        ELSE replace(before::text, %(id)s, %(tombstone)s)::jsonb END,
    after = CASE WHEN resource_id = %(id)s THEN NULL
        ELSE replace(after::text, %(id)s, %(tombstone)s)::jsonb END
WHERE tenant_id = %(tenant_id)s AND (resource_id = %(id)s OR actor = %(id)s)
"""


@asynccontextmanager
async def erasing(uow: UnitOfWork) -> AsyncIterator[None]:
    """Works in the role of erasures inside the block, which alone may change append-only rows."""
    await uow.execute(f'SET LOCAL ROLE "{erasure_role(uow.schema)}"')
    yield
    await uow.execute("RESET ROLE")


async def erase(database: Database, tenant_id: UUID, person: Person, is_late: Callable[[], bool]) -> bool:
    """Cuts a person out of the common tables and returns whether all was looked through; a repeat goes on."""
    async with database.tenant(tenant_id) as uow:
        name = str(person.contact_id).encode()
        parked = await uow.fetch_all(_PARKED, (tenant_id, name))
        for event_id, envelope in parked:
            written, aggregate_id = without(bytes(envelope), person)
            await uow.execute(_REWRITE_PARKED, (written, aggregate_id, tenant_id, event_id))
        async with erasing(uow):
            audited = await uow.execute(
                _AUDIT,
                {"tenant_id": tenant_id, "id": str(person.contact_id), "tombstone": str(person.tombstone_id)},
            )
        done = [
            Erased("parked_event", 0, len(parked)),
            Erased("audit", 0, audited),
        ]
        await people.add_counts(uow, person, done)
    answers = await sweeps.run(database, tenant_id, person, _ANSWERS, is_late)
    return await _events(database, tenant_id, person, is_late) and answers


async def _forget_answers(uow: UnitOfWork, person: Person, after: UUID, last: UUID) -> int:
    return await uow.execute(_FORGET_ANSWERS, (uow.tenant_id, after, last, str(person.contact_id).encode()))


_ANSWERS: Final = Sweep("idempotency", "claim_id", _forget_answers, is_whole=True, deletes=True)


async def _events(database: Database, tenant_id: UUID, person: Person, is_late: Callable[[], bool]) -> bool:
    after = int(person.progress.get("outbox", 0))
    while True:
        async with database.tenant(tenant_id) as uow:
            rows = await uow.fetch_all(
                _EVENTS,
                {
                    "tenant_id": tenant_id,
                    "text": str(person.contact_id).encode(),
                    "kept": list(KEPT_TYPES),
                    "after": after,
                    "limit": PIECE,
                },
            )
            named = [id for id, is_named in rows if is_named]
            if named:
                for id, envelope in await uow.fetch_all(_ENVELOPES, (tenant_id, named)):
                    written, aggregate_id = without(bytes(envelope), person)
                    await uow.execute(_REWRITE, (written, aggregate_id, tenant_id, id))
                await people.add_counts(uow, person, [Erased("outbox", 0, len(named))])
            is_done = len(rows) < PIECE
            after = rows[-1][0] if rows else after
            await people.advance(uow, person, "outbox", None if is_done else str(after))
        if is_done or is_late():
            return is_done


def without(envelope: bytes, person: Person) -> tuple[bytes, str]:
    """Returns an event without a person, and its aggregate's id.

    The stand-in takes the place of the person's id wherever it stands; items that are about the person alone, those
    with the id in their field `contact_id`, lose every hash and masked address. A payload of a type that this
    process does not know goes whole, for it cannot be read by anybody here either.
    """
    event = EventEnvelope.FromString(envelope)
    names = {str(person.contact_id): str(person.tombstone_id)}
    _replace(event, names)
    try:
        payload = payload_of(event)
    except LookupError:
        event.payload.value = b""
    else:
        _replace(payload, names)
        event.payload.value = payload.SerializeToString()
    return event.SerializeToString(), event.aggregate_id


def _replace(message: Message, names: dict[str, str]) -> bool:
    """Replaces ids in every text of a message; returns whether this message itself was about the person."""
    is_about = False
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            if field.is_repeated:
                for place, text in enumerate(value):
                    if text in names:
                        value[place] = names[text]
            elif value in names:
                setattr(message, field.name, names[value])
                is_about = is_about or field.name == "contact_id"
        elif (kind := field.message_type) is not None and kind.full_name != "google.protobuf.Any":
            for one in _messages(field, value):
                _replace(one, names)
    if is_about:
        _strip(message)
    return is_about


_PERSONAL: Final = frozenset(
    {
        "address_hash",
        "address_hashes",
        "address_hint",
        "hint",
        "user_agent",
        "truncated_ip",
        "ip_address",
        "url",
    }
)


def _strip(message: Message) -> None:
    """Takes what says who the person was from an item that was about them."""
    for field, _ in message.ListFields():
        # Bytes are hashes or sealed texts.
        if field.name in _PERSONAL or field.type == FieldDescriptor.TYPE_BYTES:
            message.ClearField(field.name)


def _messages(field: FieldDescriptor, value: Any) -> list[Message]:
    if not field.is_repeated:
        return [value]
    if (kind := field.message_type) is not None and kind.GetOptions().map_entry:
        return [one for one in value.values() if isinstance(one, Message)]
    return list(value)
