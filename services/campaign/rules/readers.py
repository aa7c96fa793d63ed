"""Whom a rule tells: contacts, staff, members of groups and the service team, each once (EVT-2, EVT-42, EVT-63)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts import facts
from services.campaign.contacts.facts import FactKind
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.domain import Reader
from services.campaign.orders.domain import OrderReference
from services.campaign.rules.domain import Rule
from services.campaign.rules.table import LISTS, PEOPLE, Table
from services.campaign.staff import store as staff
from services.campaign.staff.domain import Filter, StaffMember
from services.common.db.uow import UnitOfWork

_DEEPEST: Final = 5
_MOST_STAFF: Final = 1000
_HELD: Final = {
    "appointment": (FactKind.APPOINTMENT, "appointment_id"),
    "membership": (FactKind.MEMBERSHIP, "membership_id"),
}
"""Areas whose events may name a thing alone; whose it is was told before."""


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as rules see it."""

    contact_id: UUID
    name: str = ""
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One whom a rule tells."""

    ident: str
    """What tells them from others, without an address."""
    reader: Reader
    name: str = ""
    first_name: str = ""
    item: Mapping[str, Any] = field(default_factory=dict)
    mine: int = 0
    also: frozenset[str] = frozenset()
    """By what else of the event they are recognised: somebody may stand in it as a contact and by their address."""


@dataclass(frozen=True, slots=True)
class People:
    """Who is known of those whom an event names."""

    by_user: Mapping[str, Known]
    names: Mapping[str, str]
    """What they are called, by the neighbour's ids."""
    person: Known | None
    """Whom the event is about."""
    buyer: Known | None
    """Who bought the order that it names, where it names nobody."""
    holders: Sequence[Known] = ()
    """Who holds tickets of the venue event that an announcement is for."""


_SELECT: Final = (
    "SELECT external_id, contact_id, merged_into, name, first_name FROM contact WHERE tenant_id = %s"
)
_HOLDERS: Final = """
SELECT DISTINCT c.contact_id, coalesce(c.name, ''), coalesce(c.first_name, '')
FROM order_reference AS o JOIN contact AS c ON c.tenant_id = o.tenant_id AND c.contact_id = o.contact_id
WHERE o.tenant_id = %s AND o.event_ref = %s AND o.paid_at IS NOT NULL
    AND o.status NOT IN ('cancelled', 'refunded', 'expired') AND c.state < 3
ORDER BY c.contact_id
"""


async def people(
    uow: UnitOfWork,
    event: InboundEvent,
    data: Mapping[str, Any],
    order: OrderReference | None,
    rules: Iterable[Rule],
) -> People:
    """Looks up everybody whom an event names, in one go."""
    words = {word for rule in rules for word in rule.recipients}
    users = set(_users(data, words))
    if event.person:
        users.add(event.person.user_id)
    by_user = await by_users(uow, users)
    buyer = None
    if event.person is None and order is not None and order.contact_id is not None:
        buyer = await _by_id(uow, order.contact_id)
    person = by_user.get(event.person.user_id) if event.person else await _owner(uow, event)
    holders: Sequence[Known] = ()
    if "audience" in words and (event_ref := _audience(data)):
        holders = [Known(*row) for row in await uow.fetch_all(_HOLDERS, (uow.tenant_id, event_ref))]
    names = {user_id: one.name for user_id, one in by_user.items() if one.name}
    return People(by_user, names, person, buyer, holders)


async def told(
    uow: UnitOfWork,
    rule: Rule,
    event: InboundEvent,
    data: Mapping[str, Any],
    who: People,
    table: Table,
    cs_team: str,
) -> list[Told]:
    """Returns whom a rule tells of an event, each once; people nobody knows are left out."""
    found: list[Told] = []
    seen: set[str] = set()
    for word in rule.recipients:
        if word.startswith("staff "):
            given = [_staff(one) for one in await _members(uow, word, data, table)]
        elif word == "cs_team":
            given = [Told("cs_team", Reader(email=cs_team))]
        else:
            given = list(_contacts(word, event, data, who))
        for one in given:
            names = {one.ident, *one.also}
            if not names & seen:
                found.append(one)
            seen |= names
    return found


def _contacts(word: str, event: InboundEvent, data: Mapping[str, Any], who: People) -> Iterator[Told]:
    zone = str(data.get("event_time_zone") or "")
    if word in LISTS:
        yield from _listed(data.get(word), who, zone)
    elif word in ("members", "member", "paid_members"):
        yield from _bare(word, data, who)
    elif word == "old_email":
        old = data.get("old_email") or data.get("old_address")
        if old:
            yield Told("old_email", Reader(email=str(old), name=who.person.name if who.person else ""))
    elif word == "audience":
        for one in who.holders:
            yield _contact(one, zone)
    elif (known := _single(word, event, data, who)) is not None:
        yield replace(_contact(known, zone), also=_address(data.get(word)))


def _single(word: str, event: InboundEvent, data: Mapping[str, Any], who: People) -> Known | None:
    if word in ("person", "buyer"):
        return who.person or (who.buyer if word == "buyer" else None)
    field_name = {"buyer in data": "buyer", "other": _other(event.type)}.get(word, word)
    return who.by_user.get(_user(data.get(field_name)))


def other(event_type: str, data: Mapping[str, Any], rule: Rule) -> Mapping[str, Any]:
    """Returns the party of a transfer that is not told."""
    if "other" not in rule.recipients:
        return {}
    found = data.get("from" if _other(event_type) == "to" else "to")
    return found if isinstance(found, Mapping) else {}


def member_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the member of a group that an event is about."""
    wanted = data.get("member_id")
    return next((one for one in _mappings(data.get("members")) if one.get("member_id") == wanted), {})


def _other(event_type: str) -> str:
    """Returns who learns of a transfer's end: whoever did not act, else whose ticket it still is."""
    return "to" if event_type == "transfer.cancelled" else "from"


def _listed(value: Any, who: People, zone: str) -> Iterator[Told]:
    """Yields each person of a list once, with how often they stand in it."""
    entries: dict[UUID, list[Mapping[str, Any]]] = {}
    known: dict[UUID, Known] = {}
    for one in _mappings(value):
        if (found := who.by_user.get(_user(one))) is not None:
            known[found.contact_id] = found
            entries.setdefault(found.contact_id, []).append(one)
    for contact_id, mine in entries.items():
        yield _contact(known[contact_id], zone, mine[0], len(mine))


def _bare(word: str, data: Mapping[str, Any], who: People) -> Iterator[Told]:
    """Yields members of a group, who may be nobody's contacts."""
    if word == "member":
        wanted = {data.get("member_id")}
    elif word == "paid_members":
        wanted = {one.get("member_id") for one in _mappings(data.get(word))}
    else:
        wanted = {one.get("member_id") for one in _mappings(data.get("members"))}
    for one in _mappings(data.get("members")):
        if one.get("member_id") in wanted and one.get("email"):
            name = str(one.get("name") or "")
            known = who.by_user.get(_user(one))
            yield Told(
                f"member/{one['member_id']}",
                Reader(email=str(one["email"]), name=name),
                name,
                item=one,
                also=_address(one) | ({str(known.contact_id)} if known else set()),
            )


def _address(person: Any) -> frozenset[str]:
    email = person.get("email") if isinstance(person, Mapping) else None
    return frozenset({str(email).lower()} if email else ())


def _contact(known: Known, zone: str, item: Mapping[str, Any] | None = None, mine: int = 0) -> Told:
    reader = Reader(contact_id=known.contact_id, time_zone=zone)
    return Told(str(known.contact_id), reader, known.name, known.first_name, item or {}, mine)


def _staff(member: StaffMember) -> Told:
    reader = Reader(staff_id=member.staff_id, language_code=member.language_code, time_zone=member.time_zone)
    return Told(f"staff/{member.staff_id}", reader, member.name, member.name.partition(" ")[0])


async def _members(uow: UnitOfWork, word: str, data: Mapping[str, Any], table: Table) -> list[StaffMember]:
    if word == "staff payee":
        payee = data.get("payee")
        staff_id = str(payee.get("staff_id") or "") if isinstance(payee, Mapping) else ""
        found = await staff.by_ids(uow, [staff_id]) if staff_id else {}
    else:
        found = {}
        for role in table.staff[word.removeprefix("staff ")]:
            members = await staff.page(uow, Filter(role, active_only=True), limit=_MOST_STAFF)
            found |= {one.staff_id: one for one in members}
    return [found[key] for key in sorted(found) if found[key].email and found[key].is_email_verified]


def _users(data: Mapping[str, Any], words: set[str]) -> Iterator[str]:
    for name in PEOPLE | {"buyer"}:
        if user := _user(data.get(name)):
            yield user
    for name in (LISTS & words) | {"members"}:
        for one in _mappings(data.get(name)):
            if user := _user(one):
                yield user


async def by_users(uow: UnitOfWork, users: set[str]) -> dict[str, Known]:
    """Returns contacts by the neighbour's ids; an id of one that became part of another leads there."""
    if not users:
        return {}
    rows = await uow.fetch_all(f"{_SELECT} AND external_id = ANY(%b::text[])", (uow.tenant_id, sorted(users)))
    merged = {row[2] for row in rows if row[2]}
    kept = await _kept(uow, merged)
    found = {}
    for external_id, contact_id, merged_into, name, first_name in rows:
        known = kept.get(merged_into) if merged_into else Known(contact_id, name or "", first_name or "")
        if known is not None:
            found[external_id] = known
    return found


async def _kept(uow: UnitOfWork, wanted: set[UUID]) -> dict[UUID, Known]:
    """Returns the contacts that others became part of, by each id on the way there."""
    ways = {one: one for one in wanted}
    found: dict[UUID, Known] = {}
    for _ in range(_DEEPEST):
        open_ids = sorted(set(ways.values()) - found.keys())
        if not open_ids:
            break
        rows = await uow.fetch_all(
            f"{_SELECT} AND contact_id = ANY(%b::uuid[]) AND state <> 3", (uow.tenant_id, open_ids)
        )
        further = {contact_id: merged_into for _, contact_id, merged_into, _, _ in rows if merged_into}
        found |= {row[1]: Known(row[1], row[3] or "", row[4] or "") for row in rows if not row[2]}
        ways = {one: further.get(end, end) for one, end in ways.items()}
        if not further:
            break
    return {one: found[end] for one, end in ways.items() if end in found}


async def _by_id(uow: UnitOfWork, contact_id: UUID) -> Known | None:
    return (await _kept(uow, {contact_id})).get(contact_id)


async def _owner(uow: UnitOfWork, event: InboundEvent) -> Known | None:
    """Returns whose thing an event is about that names nobody."""
    kind, name = _HELD.get(event.type.partition(".")[0], (None, ""))
    if kind is None:
        return None
    fact = await facts.claim(uow, kind, str(event.data[name]))
    return await _by_id(uow, fact.contact_id) if fact.contact_id else None


def _audience(data: Mapping[str, Any]) -> str:
    audience = data.get("audience")
    found = audience.get("event_ref") or audience.get("eventRef") if isinstance(audience, Mapping) else ""
    return str(found or "")


def _user(value: Any) -> str:
    return str(value.get("user_id") or "") if isinstance(value, Mapping) else ""


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
