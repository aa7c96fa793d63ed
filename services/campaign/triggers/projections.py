"""What events of neighbours mean to triggers: what waits from now on, and what waits no longer (LIF-3, LIF-61)."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts import facts
from services.campaign.contacts import people as contacts
from services.campaign.contacts.facts import Fact, FactKind
from services.campaign.contacts.people import branch_of
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.notices import Notices
from services.campaign.tenants import handlers as tenants
from services.campaign.triggers import anchors, configs, people, stopping, timing, variables
from services.campaign.triggers.domain import (
    OF_VISIT,
    SINCE_VISIT,
    STALE_AFTER,
    Anchor,
    Config,
    TriggerType,
    is_first,
    qualifies,
)
from services.campaign.triggers.people import Person
from services.common.db.uow import UnitOfWork

_VISIT: Final = (*OF_VISIT, *SINCE_VISIT)
_REFUNDS: Final = frozenset({"invoice.refunded", "invoice.cancelled", "refund.completed"})


@dataclass(frozen=True, slots=True)
class _Work:
    """One event, with what it takes to follow it."""

    uow: UnitOfWork
    event: InboundEvent
    configs: Mapping[TriggerType, Config]
    window_start: str
    notices: Notices

    async def wait(self, person: Person, wanted: Collection[Anchor]) -> None:
        """Lets those occurrences wait whose trigger is on, and was when they happened."""
        now = self.uow.now()
        timed = [
            (self.configs[one.trigger_type], replace(one, due_at=due))
            for one in wanted
            if (config := self.configs.get(one.trigger_type))
            and (due := timing.due(config, one, person.zone, self.window_start)) > now - STALE_AFTER
        ]
        await anchors.put(self.uow, [one for config, one in timed if qualifies(config, one, one.due_at)])

    async def person(self, contact_id: UUID | None) -> Person | None:
        """Returns a contact that there still is."""
        return (await people.known(self.uow, [contact_id])).get(contact_id) if contact_id else None

    def anchor(
        self,
        kind: TriggerType,
        person: Person,
        reference: str,
        at: datetime,
        shown: Mapping[str, Any],
        *,
        key: str = "",
    ) -> Anchor:
        """Returns an occurrence that is timed when it is written."""
        branch_id = branch_of(self.event.data.get("branch")) or branch_of(self.event.branch_ref)
        return Anchor(
            trigger_type=kind,
            contact_id=person.contact_id,
            reference_id=reference,
            occurrence_key=key or reference,
            anchor_at=at,
            due_at=at,
            branch_id=branch_id or person.branch_id,
            variables=shown,
        )


class TriggerStep:
    """Keeps what triggers wait for; what is known of contacts was folded before."""

    name: Final = "triggers"

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    @property
    def types(self) -> frozenset[str]:
        """Returns the types it wants."""
        return frozenset(_FOLDS)

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Writes down what waits from now on, and voids what an event makes pointless; a repeat changes nothing."""
        _, settings = await tenants.current_settings(uow)
        work = _Work(uow, event, await configs.every(uow), settings.send_window_start, self._notices)
        await _FOLDS[event.type](work)


async def _visit(work: _Work) -> None:
    """Follows a visit: thanks, a question, and what waits for the next one."""
    uow, event = work.uow, work.event
    reference = event.data["visit_id"]
    fact = await facts.claim(uow, FactKind.VISIT, reference)
    person = await work.person(fact.contact_id)
    if fact.data.get("state") != "completed" or person is None:
        return
    at = event.time("completed_at") or event.occurred_at
    shown = variables.of_visit(event.data, at, person.zone)
    wanted = [
        work.anchor(kind, person, reference, at, shown)
        for kind in OF_VISIT
        if kind is not TriggerType.FIRST_VISIT_FOLLOWUP
        or is_first(person.visit_count, person.first_visit_at, at)
    ]
    if person.last_visit_at is None or person.last_visit_at <= at:
        await anchors.void(uow, SINCE_VISIT, contact_id=person.contact_id, before=at)
        await stopping.stop_since_visit(uow, work.notices, person.contact_id)
        back = variables.of_last_visit(shown)
        wanted += [work.anchor(kind, person, reference, at, back) for kind in SINCE_VISIT]
    await work.wait(person, wanted)


async def _visit_cancelled(work: _Work) -> None:
    await _give_up(work, work.event.data["visit_id"], _VISIT)


async def _give_up(work: _Work, reference: str, kinds: Collection[TriggerType]) -> None:
    """Voids what waits of a visit, and stops what is on its way."""
    fact = await facts.claim(work.uow, FactKind.VISIT, reference)
    if fact.contact_id:
        await anchors.void(work.uow, kinds, contact_id=fact.contact_id, reference_id=reference)
        await stopping.stop_of_visit(work.uow, work.notices, fact.contact_id, reference)


async def _refunded(work: _Work) -> None:
    """Voids what thanks for a visit that was refunded whole, where the event names it."""
    data = work.event.data
    reference = data.get("visit_id")
    is_whole = (
        work.event.type == "invoice.cancelled" or data.get("is_full") or data.get("is_partial") is False
    )
    if reference and is_whole:
        await _give_up(work, str(reference), OF_VISIT)


async def _booked(work: _Work) -> None:
    fact = await facts.claim(work.uow, FactKind.APPOINTMENT, work.event.data["appointment_id"])
    if fact.contact_id and fact.data.get("state") == "booked":
        await anchors.void(work.uow, [TriggerType.REBOOKING_REMINDER], contact_id=fact.contact_id)


async def _unbooked(work: _Work) -> None:
    """Lets the reminder of the last visit wait again, unless another appointment is booked."""
    fact = await facts.claim(work.uow, FactKind.APPOINTMENT, work.event.data["appointment_id"])
    person = await work.person(fact.contact_id)
    config = work.configs[TriggerType.REBOOKING_REMINDER]
    if person is None or person.has_appointment or person.last_visit_at is None or not config.enabled_at:
        return
    await anchors.revive(
        work.uow,
        TriggerType.REBOOKING_REMINDER,
        person.contact_id,
        max(person.last_visit_at, config.enabled_at),
        work.uow.now() - STALE_AFTER,
    )


async def _membership(work: _Work) -> None:
    fact = await facts.claim(work.uow, FactKind.MEMBERSHIP, work.event.data["membership_id"])
    plan = variables.label(work.event.data.get("plan"))
    await _ending(
        work,
        TriggerType.MEMBERSHIP_EXPIRY,
        fact,
        fact.data.get("state") == "active",
        lambda person, ends: variables.of_membership(plan, ends, person.zone),
    )


async def _package(work: _Work) -> None:
    fact = await facts.claim(work.uow, FactKind.PACKAGE, work.event.data["package_id"])
    name, left = fact.data.get("name", ""), fact.data.get("remaining", 0)
    await _ending(
        work,
        TriggerType.PACKAGE_EXPIRY,
        fact,
        left > 0,
        lambda person, ends: variables.of_package(name, left, ends, person.zone),
    )


async def _ending(
    work: _Work,
    kind: TriggerType,
    fact: Fact,
    holds: bool,
    shown: Callable[[Person, datetime], Mapping[str, Any]],
) -> None:
    """Waits for the end of something that is held, and for nothing once it is not."""
    person = await work.person(fact.contact_id)
    ends = fact.data.get("expires_at")
    # The time of the end may be another now, or its owner.
    await anchors.void(work.uow, [kind], reference_id=fact.ref)
    if person is None or not holds or not ends:
        return
    at = datetime.fromisoformat(ends).astimezone(UTC)
    key = timing.term(fact.ref, at)
    await work.wait(person, [work.anchor(kind, person, fact.ref, at, shown(person, at), key=key)])


async def _earned(work: _Work) -> None:
    event = work.event
    person = await work.person(await contacts.known(work.uow, event.person))
    if person is not None:
        shown = variables.of_points(event.data["points"], event.data["balance"])
        reference = str(event.data["batch_id"])
        kind = TriggerType.LOYALTY_POINTS_EARNED
        await work.wait(person, [work.anchor(kind, person, reference, event.occurred_at, shown)])


async def _expiring(work: _Work) -> None:
    kind = TriggerType.LOYALTY_POINTS_EXPIRING
    person = await work.person(await contacts.known(work.uow, work.event.person))
    if person is None:
        return
    # One date is known of a contact: the one that was told last.
    await anchors.void(work.uow, [kind], contact_id=person.contact_id)
    day = person.points_expire_on
    if day is None or person.points_expiring <= 0:
        return
    shown = variables.of_expiring_points(person.points_expiring, day)
    anchor = work.anchor(kind, person, day.isoformat(), timing.beginning(day), shown)
    await work.wait(person, [replace(anchor, anchor_on=day)])


_Fold = Callable[[_Work], Awaitable[None]]
_FOLDS: Final[Mapping[str, _Fold]] = {
    "visit.completed": _visit,
    "visit.cancelled": _visit_cancelled,
    **dict.fromkeys(_REFUNDS, _refunded),
    **dict.fromkeys(("appointment.booked", "appointment.rescheduled"), _booked),
    **dict.fromkeys(("appointment.cancelled", "appointment.no_show"), _unbooked),
    **dict.fromkeys(
        ("membership.purchased", "membership.renewed", "membership.expired", "membership.cancelled"),
        _membership,
    ),
    **dict.fromkeys(("package.purchased", "package.used", "package.expired"), _package),
    "loyalty.points_earned": _earned,
    "loyalty.points_expiring": _expiring,
}
