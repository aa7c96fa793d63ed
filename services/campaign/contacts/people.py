"""People whom events name: who they are here, and what events say of them (EVT-2, EVT-46, EVT-48, EVT-50)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts import announce, blocks, facts, handlers, homes, reading, store
from services.campaign.contacts.blocks import Written
from services.campaign.contacts.domain import (
    MAX_ATTRIBUTES,
    MAX_KEY,
    Contact,
    ContactState,
    PartialDate,
    derived_name,
)
from services.campaign.contacts.facts import FactKind
from services.campaign.contacts.references import reference
from services.campaign.contacts.rows import WISHED
from services.campaign.contacts.telling import Stamp, first_stamp, holds, stamp
from services.campaign.intake.steps import InboundEvent, Person, person_of
from services.campaign.tenants import handlers as tenants
from services.common.addresses import canonical_email, parse_phone
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.common.regions import region_code
from services.common.security.keys import KeySet
from services.common.zones import zone

SOURCE: Final = "event"
_BLOCK: Final = 1000
_OTHERS: Final = ("from", "to", "buyer", "seller", "organizer", "payee")
"""Fields with a person beside the one an event is about."""
_LISTS: Final = ("ticket_holders", "holders", "affected_tickets")
"""Fields with many people; members of group payments need not be contacts (EVT-63)."""
_PERSONAL: Final = {
    "email": "email",
    "phone": "phone",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "language": "language_code",
    "time_zone": "time_zone",
}
_PROFILE: Final = {
    "branch_id": "branch_id",
    "country": "region_code",
    "region_code": "region_code",
    "customer_type": "customer_type",
    "tags": "tags",
    "birthday": "birth_date",
    "anniversary": "anniversary_date",
    "assigned_staff_id": "assigned_staff_id",
}
_BRANCHES: Final = ("branch_id", "home")
"""Fields that name a branch; one that is not there is left out, like all that cannot be read."""
_TOLD_BY: Final = frozenset({"contact.upserted", "user.updated", "user.registered"})
"""Types whose data beside the person says something of the contact."""


class People:
    """Contacts of the people that events name; nothing an event says is a consent (CAM-81)."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def meet(self, uow: UnitOfWork, event: InboundEvent) -> UUID | None:
        """Returns the contact an event is about, made or changed as the event says; None when it names nobody.

        Somebody of whom only an id is known becomes a contact without address, so that what arrives before their
        registration is not lost.
        """
        for name in _OTHERS:
            if other := person_of(_mapping(event.data.get(name))):
                await self._met(uow, event, other, {})
        for name in _LISTS:
            await self._note(uow, event.data.get(name) or ())
        if event.person is None:
            return None
        return await self._met(uow, event, event.person, event.data if event.type in _TOLD_BY else {})

    async def _met(
        self, uow: UnitOfWork, event: InboundEvent, person: Person, data: Mapping[str, Any]
    ) -> UUID:
        known = await store.by_key(uow, external_id=person.user_id, lock=True)
        if known is None:
            await self._make(uow, Contact(external_id=person.user_id, source=_source(data)))
            known = await store.by_key(uow, external_id=person.user_id, lock=True)
        assert known is not None  # noqa: S101 - it was found, or just made
        assert known.contact_id is not None  # noqa: S101
        if known.state is not ContactState.ERASED:
            await self._hear(uow, known, event, person, data)
        return known.contact_id

    async def _hear(
        self, uow: UnitOfWork, known: Contact, event: InboundEvent, person: Person, data: Mapping[str, Any]
    ) -> None:
        """Takes over what an event says of a contact, field by field, unless a later event said otherwise."""
        region = (await tenants.tenant(uow, event.tenant_id)).region_code
        said = dict(_said(event, person, data, region))
        absent = await homes.absent(uow, (said.get(name) for name in _BRANCHES))
        said = {name: value for name, value in said.items() if name not in _BRANCHES or value not in absent}
        if not said:
            return
        fact = await facts.claim(uow, FactKind.PROFILE, str(known.contact_id))
        stamps: dict[str, Stamp] = dict(fact.data)
        now = stamp(event.occurred_at, event.event_id)
        told: dict[str, Any] = {}
        for name, value in said.items():
            said_by = first_stamp(event.occurred_at, event.event_id) if name == "home" else now
            if holds(stamps, name, said_by):
                stamps[name] = said_by
                told[name] = value
        if not told:
            return
        await facts.save(uow, replace(fact, contact_id=known.contact_id, data=stamps))
        await self._apply(uow, known, told, stamps, event.occurred_at)

    async def _apply(
        self,
        uow: UnitOfWork,
        known: Contact,
        told: Mapping[str, Any],
        stamps: Mapping[str, Stamp],
        said_at: datetime,
    ) -> None:
        wished = {name: told[name] for name in WISHED if name in told}
        if wished:
            assert known.contact_id is not None  # noqa: S101 - a stored contact has its id
            await store.wish(uow, known.contact_id, wished, said_at, fill=True)
            # Read again: the wish was written beside the contact in hand.
            again = await store.by_key(uow, contact_id=known.contact_id, lock=True)
            assert again is not None  # noqa: S101 - its row is locked
            announce.written(uow, [Written(reference(again), changed=tuple(wished))], self._keys)
            known = again
        changed = _changed(known, told, stamps)
        await handlers.save(uow, known, changed, self._keys)

    async def _note(self, uow: UnitOfWork, people: Sequence[Any]) -> None:
        """Makes contacts of people in a list who are not known yet."""
        wanted: dict[str, Contact] = {}
        for one in people:
            if person := person_of(_mapping(one)):
                wanted.setdefault(person.user_id, _listed(person))
        contacts = [wanted[user_id] for user_id in sorted(wanted)]
        for start in range(0, len(contacts), _BLOCK):
            block = contacts[start : start + _BLOCK]
            known = await blocks.known(uow, block)
            if strangers := [one for one in block if one.external_id not in known]:
                made, _ = await blocks.upsert(uow, strangers, {})
                announce.written(uow, made, self._keys)

    async def _make(self, uow: UnitOfWork, contact: Contact) -> None:
        fresh = replace(contact, contact_id=uuid7())
        if await store.insert(uow, fresh):
            announce.written(uow, [Written(reference(fresh), created=True)], self._keys)


async def known(uow: UnitOfWork, person: Person | None) -> UUID | None:
    """Returns the contact of a person; None when nobody is meant, or nobody is known."""
    if person is None:
        return None
    found = await store.by_key(uow, external_id=person.user_id)
    return found.contact_id if found and found.state is not ContactState.ERASED else None


def branch_of(value: Any) -> UUID | None:
    """Returns the branch an event names; None when it is none of ours."""
    named = value.get("id") or value.get("ref") if isinstance(value, Mapping) else value
    try:
        return UUID(str(named)) if named else None
    except ValueError:
        return None


def _said(
    event: InboundEvent, person: Person, data: Mapping[str, Any], region: str
) -> Iterator[tuple[str, Any]]:
    """Yields what an event says of somebody, by field; what cannot be read is left out."""
    readers: dict[str, Callable[[Any], Any]] = {
        **_READERS,
        "phone": lambda text: parse_phone(text, region),
    }
    for field, name in _PERSONAL.items():
        yield from _read(name, getattr(person, field), readers)
    if event.type == "user.email_changed":
        yield from _read("email", event.data.get("new_email") or event.data.get("new_address"), readers)
    for field, name in _PROFILE.items():
        if field in data:
            yield from _read(name, data[field], readers)
    for key, value in (_mapping(data.get("attributes")) or {}).items():
        if 0 < len(key) <= MAX_KEY and isinstance(value, (str, bool, int, float)):
            yield f"attributes.{key}", value
    if home := branch_of(event.branch_ref):
        yield "home", home


def _read(name: str, value: Any, readers: Mapping[str, Callable[[Any], Any]]) -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    read = readers.get(name) or _text
    try:
        found = read(value)
    except (TypeError, ValueError):
        return
    if found is not None:
        yield name, found


def _text(value: Any) -> str | None:
    text = str(value).strip()[:100]
    return text if text and text.isprintable() else None


def _email(value: Any) -> str:
    text = str(value).strip()
    canonical_email(text)
    return text


def _tags(value: Any) -> tuple[str, ...] | None:
    found, violations = reading.tags([str(tag) for tag in value], "tags")
    return None if violations else found


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "email": _email,
    "time_zone": lambda value: zone(value).key,
    "region_code": region_code,
    "branch_id": branch_of,
    "tags": _tags,
    "birth_date": PartialDate.parse,
    "anniversary_date": PartialDate.parse,
}


def _changed(known: Contact, told: Mapping[str, Any], stamps: Mapping[str, Stamp]) -> Contact:
    """Returns a contact with what was told of it."""
    plain = {name: value for name, value in told.items() if name in Contact.__slots__ and name not in WISHED}
    if "email" in told:
        plain["email_canonical"] = canonical_email(told["email"])
    if "home" in told and "branch_id" not in stamps:
        plain["branch_id"] = told["home"]
    changed = replace(known, **plain)
    values = {
        name.removeprefix("attributes."): value
        for name, value in told.items()
        if name.startswith("attributes.")
    }
    if values and len(attributes := known.attributes | values) <= MAX_ATTRIBUTES:
        changed = replace(changed, attributes=attributes)
    if {"first_name", "last_name"} & set(told) and "name" not in stamps:
        changed = replace(changed, name=derived_name(changed.first_name, changed.last_name, None))
    return changed


def _listed(person: Person) -> Contact:
    contact = Contact(external_id=person.user_id, source=SOURCE)
    try:
        canonical = canonical_email(person.email) if person.email else None
    except ValueError:
        return contact
    return replace(contact, email=person.email, email_canonical=canonical) if canonical else contact


def _source(data: Mapping[str, Any]) -> str:
    return _text(data["source"]) or SOURCE if data.get("source") else SOURCE


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None
