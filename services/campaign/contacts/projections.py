"""What events of neighbours say of contacts, folded in whatever order they come (CAM-80)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts import announce, counters, facts, store
from services.campaign.contacts.counters import Gain
from services.campaign.contacts.domain import MAX_COUNT, MAX_PACKAGES, Package
from services.campaign.contacts.facts import Fact, FactKind
from services.campaign.contacts.people import People
from services.campaign.contacts.telling import Stamp, stamp
from services.campaign.intake.steps import EVERY_TYPE, InboundEvent
from services.common.db.uow import UnitOfWork
from services.common.security.keys import KeySet

_MEMBERSHIPS: Final = {
    "membership.purchased": "active",
    "membership.renewed": "active",
    "membership.expired": "expired",
    "membership.cancelled": "cancelled",
}
_COMPLETED: Final = "completed"
_APPOINTMENTS: Final = {
    "appointment.booked": "booked",
    "appointment.rescheduled": "booked",
    "appointment.cancelled": "cancelled",
    "appointment.no_show": "missed",
}
Touched = set[UUID | None]
"""Contacts that an event may have changed; None where it named nobody."""

_STRANGERS: Final = frozenset({"user.deleted"})
"""Types that make nobody a contact."""


class ContactStep:
    """Keeps contacts: who they are, how often they came, what they hold."""

    name: Final = "contacts"
    types: Final = EVERY_TYPE

    def __init__(self, keys: KeySet) -> None:
        self._people = People(keys)
        self._keys = keys

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Folds an event into the contacts it names; a repeat changes nothing."""
        contact_id = None if event.type in _STRANGERS else await self._people.meet(uow, event)
        if fold := _FOLDS.get(event.type):
            touched = await fold(uow, event, contact_id)
            await announce.touched(uow, touched, _CHANGES[fold], self._keys)


async def _visit(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    """Counts a visit once, and not while its latest word is that it was cancelled."""
    is_done = event.type == "visit.completed"
    before = known = await facts.claim(uow, FactKind.VISIT, event.data["visit_id"])
    after = _told(before, event, contact_id, state=_COMPLETED if is_done else "cancelled")
    await facts.save(uow, after)
    if before.contact_id != after.contact_id and before.contact_id:
        await counters.add(uow, before.contact_id, Gain(visits=-_visits(before)))
        before = replace(before, contact_id=None)
    if after.contact_id:
        visits = _visits(after) - (_visits(before) if before.contact_id else 0)
        at = (event.time("completed_at") or event.occurred_at) if is_done else None
        await counters.add(uow, after.contact_id, Gain(visits=visits, visited_at=at))
    return {known.contact_id, after.contact_id}


async def _appointment(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    """Keeps whether an appointment is booked, and for when; what ends it does not say for when it was."""
    before = await facts.claim(uow, FactKind.APPOINTMENT, event.data["appointment_id"])
    starts = event.time("start_at")
    said = {"start_at": _text(starts)} if starts else {}
    await facts.save(uow, _told(before, event, contact_id, state=_APPOINTMENTS[event.type], **said))
    # No field of the contact follows from it.
    return set()


async def _admitted(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    if contact_id:
        at = event.time("admitted_at") or event.occurred_at
        await counters.add(uow, contact_id, Gain(active_at=at, attended=event.data["event_ref"]))
    return {contact_id}


async def _seen(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    if contact_id:
        await counters.active(uow, {contact_id: event.occurred_at})
    # Too frequent to be told of each time; segments that look at days are refreshed by their job.
    return set()


async def _membership(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    """Keeps the membership that holds: one that is active, else the one that was told of last."""
    before = await facts.claim(uow, FactKind.MEMBERSHIP, event.data["membership_id"])
    ends = event.time("expires_at") or event.time("at")
    after = _told(before, event, contact_id, state=_MEMBERSHIPS[event.type], expires_at=_text(ends))
    await facts.save(uow, after)
    for one in {before.contact_id, after.contact_id} - {None}:
        assert one is not None  # noqa: S101 - taken out above
        held = [fact.data for fact in await facts.of_contact(uow, FactKind.MEMBERSHIP, one)]
        best = max(held, key=lambda data: (data["state"] == "active", data["stamp"]), default=None)
        await counters.write(
            uow,
            one,
            membership_status=best["state"] if best else None,
            membership_expires_at=_instant(best["expires_at"]) if best else None,
        )
    return {before.contact_id, after.contact_id}


async def _package(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    """Keeps what is left of a package, as it was told last."""
    data = event.data
    before = await facts.claim(uow, FactKind.PACKAGE, data["package_id"])
    left = 0 if event.type == "package.expired" else data["remaining"]
    after = _told(
        before,
        event,
        contact_id,
        name=data["name"],
        remaining=min(left, MAX_COUNT),
        expires_at=_text(event.time("expires_at")),
    )
    await facts.save(uow, after)
    for one in {before.contact_id, after.contact_id} - {None}:
        assert one is not None  # noqa: S101 - taken out above
        await _write_packages(uow, one, after.ref)
    return {before.contact_id, after.contact_id}


async def _write_packages(uow: UnitOfWork, contact_id: UUID, told: str) -> None:
    contact = await store.row(uow, contact_id=contact_id, lock=True)
    if contact is None:
        return
    known = await facts.of_contact(uow, FactKind.PACKAGE, contact_id)
    kept = {one.package_ref: one for one in contact.packages if one.package_ref != told}
    # Of more than there is room for, those stay that were told of last.
    newest = sorted(known, key=lambda fact: fact.data["stamp"])[-MAX_PACKAGES:]
    kept |= {fact.ref: _package_of(fact) for fact in newest}
    packages = tuple(kept[ref] for ref in sorted(kept))[-MAX_PACKAGES:]
    await counters.write(uow, contact_id, packages=packages)


async def _points(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    """Keeps the balance that was told last."""
    if contact_id is None:
        return set()
    after = await _latest(uow, FactKind.POINTS, event, contact_id, balance=event.data["balance"])
    await counters.write(uow, contact_id, loyalty_points=min(after["balance"], MAX_COUNT))
    return {contact_id}


async def _points_expiring(uow: UnitOfWork, event: InboundEvent, contact_id: UUID | None) -> Touched:
    if contact_id is None:
        return set()
    told = {"points": event.data["points"], "on": event.data["expires_on"]}
    after = await _latest(uow, FactKind.POINTS_EXPIRING, event, contact_id, **told)
    await counters.write(
        uow,
        contact_id,
        points_expiring=min(after["points"], MAX_COUNT),
        points_expire_on=date.fromisoformat(str(after["on"])[:10]),
    )
    return {contact_id}


async def _latest(
    uow: UnitOfWork, kind: FactKind, event: InboundEvent, contact_id: UUID, **told: Any
) -> Mapping[str, Any]:
    before = await facts.claim(uow, kind, str(contact_id))
    after = _told(before, event, contact_id, **told)
    await facts.save(uow, after)
    return after.data


def _told(before: Fact, event: InboundEvent, contact_id: UUID | None, **said: Any) -> Fact:
    """Returns what is known of a thing after an event: the latest word, and the person of the latest that names one."""
    now = stamp(event.occurred_at, event.event_id)
    data = dict(before.data)
    if _newer(data.get("stamp"), now):
        data |= {**said, "stamp": now}
    owner = before.contact_id
    if contact_id and _newer(data.get("owner"), now):
        owner = contact_id
        data["owner"] = now
    return replace(before, contact_id=owner, data=data)


def _newer(known: Stamp | None, said: Stamp) -> bool:
    return known is None or known <= said


def _visits(fact: Fact) -> int:
    return int(fact.data.get("state") == _COMPLETED)


def _package_of(fact: Fact) -> Package:
    data = fact.data
    return Package(fact.ref[:100], data["name"][:200], data["remaining"], _instant(data["expires_at"]))


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


_Fold = Callable[[UnitOfWork, InboundEvent, UUID | None], Awaitable[Touched]]
_FOLDS: Final[Mapping[str, _Fold]] = {
    "visit.completed": _visit,
    "visit.cancelled": _visit,
    **dict.fromkeys(_APPOINTMENTS, _appointment),
    "ticket.admitted": _admitted,
    "event.viewed": _seen,
    **dict.fromkeys(_MEMBERSHIPS, _membership),
    **dict.fromkeys(("package.purchased", "package.used", "package.expired"), _package),
    **dict.fromkeys(("loyalty.points_earned", "loyalty.points_redeemed", "loyalty.points_credited"), _points),
    "loyalty.points_expiring": _points_expiring,
}
_CHANGES: Final[Mapping[_Fold, tuple[str, ...]]] = {
    _visit: ("visit_count", "first_visit_at", "last_visit_at", "last_activity_at"),
    _appointment: (),
    _admitted: ("attended_event_refs", "last_activity_at"),
    _seen: ("last_activity_at",),
    _membership: ("membership_status", "membership_expires_at"),
    _package: ("packages",),
    _points: ("loyalty_points",),
    _points_expiring: ("points_expiring", "points_expire_on"),
}
