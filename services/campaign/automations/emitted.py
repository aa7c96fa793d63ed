"""Events of the house as automations hear them: by contact, as plain data (LIF-64)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2
from angarium.delivery.v1 import receipt_service_pb2 as receipts
from services.campaign.automations import behaviours, causes, hearing, store
from services.campaign.automations.hearing import Happening
from services.campaign.automations.means import Means
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler

ENGAGED: Final = "message.engaged"
HEARD: Final = (
    *("contact.created", "contact.updated", "contact.address_changed"),
    *("consent.updated", "consent.opted_out", "preferences.updated"),
    *("message.bounced", "message.complained"),
    *("coupon.redeemed", "coupon.reversed"),
    *("referral.created", "referral.converted", "referral.rewarded", "referral.expired"),
    *("trigger.fired", "trigger.skipped"),
    "feedback.received",
    *("automation.run_started", "automation.run_completed", "automation.run_failed"),
)
"""Events that say something of contacts, as they are emitted."""
NAMES: Final = frozenset({*HEARD, "message.opened", "message.clicked"})
"""Names by which automations know events of the house."""

_CAUSES: Final = ("automation_run_id", "run_id", "message_id")
_CONTACTS: Final = ("contact_id", "referrer_contact_id")


class Part(NamedTuple):
    """What an event says of one contact."""

    name: str
    contact_id: UUID | None
    data: Mapping[str, Any]
    key: str


def handlers(means: Means) -> Mapping[str, Handler]:
    """Returns the handlers of events of the house."""

    async def heard(uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        wanted = await store.hears(uow, *_names_of(envelope.type, payload))
        if wanted is None:
            return
        # A thousand contacts as plain data are dear: only what somebody listens for is told.
        is_told = bool(wanted) or envelope.type == ENGAGED
        parts = list(parts_of(envelope.type, payload)) if is_told else []
        if envelope.type == ENGAGED:
            # Whoever opened or followed a link was active.
            await behaviours.recheck(uow, means, sorted({one.contact_id for one in parts if one.contact_id}))
        if not wanted and not envelope.causation_id:
            return
        known = await causes.ancestries(uow, _named(envelope, parts, wanted))
        whole = known.get(envelope.causation_id, [])
        if whole:
            # What this event brings about goes back to the same runs.
            await causes.note(uow, [(envelope.event_id, whole)])
        for name in sorted(wanted):
            happened = [
                _happening(envelope, part, _ancestry(part, known) or whole)
                for part in parts
                if part.name == name
            ]
            await hearing.hear(uow, means, name, happened)

    return dict.fromkeys((*HEARD, ENGAGED), heard)


def _happening(envelope: EventEnvelope, part: Part, ancestry: list[UUID]) -> Happening:
    """Returns a part as what happened; an opening or click is one thing however often it is judged."""
    if envelope.type == ENGAGED:
        return Happening(UUID(part.key), part.contact_id, part.data, ancestry)
    return Happening(UUID(envelope.event_id), part.contact_id, part.data, ancestry, part.key)


def _names_of(type: str, payload: Message) -> list[str]:
    """Returns by which names automations know what an event says."""
    if type != ENGAGED:
        return [type]
    return sorted({_name_of(hit) for hit in payload.hits if _is_human(hit)})  # type: ignore[attr-defined]  # as below


def _name_of(hit: delivery_events_pb2.MessageEngaged) -> str:
    return "message.opened" if hit.kind == receipts.ENGAGEMENT_KIND_OPEN else "message.clicked"


def _is_human(hit: delivery_events_pb2.MessageEngaged) -> bool:
    return hit.engagement_class == receipts.ENGAGEMENT_CLASS_HUMAN


def parts_of(type: str, payload: Message) -> Iterator[Part]:
    """Yields what an event says of each contact; machines that open and follow links are nobody."""
    if type == ENGAGED:
        for hit in payload.hits:  # type: ignore[attr-defined]  # this event's own payload
            if _is_human(hit):
                yield Part(_name_of(hit), _contact(hit), plain(hit), hit.engagement_id)
        return
    items = _items(payload)
    if items is None:
        yield Part(type, _contact(payload), plain(payload), "")
        return
    shared = {name: value for name, value in plain(payload).items() if not isinstance(value, (list, dict))}
    for number, item in enumerate(items):
        yield Part(type, _contact(item), {**shared, **plain(item)}, str(number) if len(items) > 1 else "")


def plain(message: Message) -> dict[str, Any]:
    """Returns a message as plain data: enums as words in small letters, times as text; hashes are left out."""
    return {
        field.name: _value(field, getattr(message, field.name))
        for field, _ in message.ListFields()
        if field.type != FieldDescriptor.TYPE_BYTES
        and "hash" not in field.name
        and "address" not in field.name
    }


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return dict(value)
        return [_one(field, one) for one in value]
    return _one(field, value)


def _one(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        found = field.enum_type.values_by_number.get(value)
        return found.name.removeprefix(prefix).lower() if found else ""
    if field.message_type is None:
        return value
    if field.message_type.full_name == "google.protobuf.Timestamp":
        return value.ToJsonString()
    return plain(value)


def _items(payload: Message) -> Any:
    """Returns the things that an event tells of, when it is a block of them."""
    for field in payload.DESCRIPTOR.fields:
        if (
            field.is_repeated
            and field.message_type is not None
            and not field.message_type.GetOptions().map_entry
        ):
            return getattr(payload, field.name)
    return None


def _contact(message: Message) -> UUID | None:
    """Returns the contact that a message names, itself or in what it holds."""
    for name in _CONTACTS:
        if text := getattr(message, name, ""):
            return UUID(text)
    for field, value in message.ListFields():
        if field.message_type is not None and not field.is_repeated:
            found = _contact(value)
            if found:
                return found
    return None


def _named(envelope: EventEnvelope, parts: list[Part], wanted: set[str]) -> list[str]:
    named = [
        part.data[name] for part in parts if part.name in wanted for name in _CAUSES if part.data.get(name)
    ]
    return [envelope.causation_id, *named]


def _ancestry(part: Part, known: Mapping[str, list[UUID]]) -> list[UUID]:
    found = [known[part.data[name]] for name in _CAUSES if part.data.get(name) in known]
    return max(found, key=len, default=[])
