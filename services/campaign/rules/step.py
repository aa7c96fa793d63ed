"""From an inbound event to the notices that its rules ask for, and to those that it ends or moves (EVT-14 to EVT-83)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts.people import branch_of
from services.campaign.intake.sealing import Vault
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.domain import Mode, Notice, Source
from services.campaign.notices.notices import Notices
from services.campaign.orders import store as orders
from services.campaign.orders.domain import OrderReference
from services.campaign.passes.fields import of_purchase
from services.campaign.passes.offers import VARIABLE as PASS_URL
from services.campaign.rules import courses, keys, limits, overrides, readers, recalls
from services.campaign.rules.domain import FIRST, Rule, Test, overridden
from services.campaign.rules.readers import People, Told
from services.campaign.rules.sources import Scene, dig
from services.campaign.rules.stop_links import StopLinks
from services.campaign.rules.table import CATEGORIES, CHANNELS, PRIORITIES, Table
from services.campaign.rules.variables import Variable, parted, values_of
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork

BLOCK: Final = 1000
_OVER: Final = "no longer true"
_MOVED: Final = "another time"


@dataclass(frozen=True, slots=True)
class Site:
    """What messages name of where they come from."""

    frontend_url: str
    support_email: str
    cs_team_email: str
    stop_links: StopLinks


@dataclass(frozen=True, slots=True)
class _Case:
    """One event with everything that its rules go by."""

    uow: UnitOfWork
    event: InboundEvent
    data: Mapping[str, Any]
    order: OrderReference | None
    who: People
    currency: str
    time_zone: str
    branch_id: UUID | None

    @property
    def person(self) -> str:
        """Returns the contact the event is about, as text."""
        return str(self.who.person.contact_id) if self.who.person else ""


class RuleStep:
    """Tells people what events mean for them, each once, and stops what is no longer true."""

    name: Final = "rules"

    def __init__(self, table: Table, notices: Notices, vault: Vault, site: Site) -> None:
        self._table = table
        self._notices = notices
        self._vault = vault
        self._site = site
        self.types = frozenset(
            kind for one in table.rules for kind in (*one.events, *one.cancelled_by, *one.moved_by)
        )

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Adds, ends and moves notices for one event; a repeat changes nothing."""
        mine = [one for one in self._table.rules if event.type in one.events]
        moved = [one for one in self._table.rules if event.type in one.moved_by]
        ended = [one for one in self._table.rules if event.type in one.cancelled_by]
        changed = await overrides.of_rules(uow, [one.name for one in {*mine, *moved, *ended}])
        mine, moved, ended = (
            [overridden(one, changed.get(one.name)) for one in rules] for rules in (mine, moved, ended)
        )
        case = await self._case(uow, event, mine)
        await self._end(case, ended)
        for rule in moved:
            if rule.is_enabled and event.type not in rule.events:
                await self._move(case, rule)
        for rule in mine:
            if rule.is_enabled and _holds(rule.tests, case):
                await self._tell(case, rule)

    async def _case(self, uow: UnitOfWork, event: InboundEvent, rules: Sequence[Rule]) -> _Case:
        data: Mapping[str, Any] = event.data
        # Also for what an event ends, whatever a tenant has disabled.
        if recall := next((one.recall for one in rules if one.recall), None):
            data = await recalls.recalled(uow, self._vault, recall, data)
        rules = [one for one in rules if one.is_enabled]
        order_ref = data.get("order_id")
        order = await orders.by_ref(uow, str(order_ref)) if order_ref and rules else None
        who = await readers.people(uow, event, data, order, rules)
        mine = await tenants.tenant(uow, event.tenant_id) if rules else None
        currency, zone = (mine.currency_code, mine.default_time_zone) if mine else ("", "")
        return _Case(uow, event, data, order, who, currency, zone, await _branch(uow, event.branch_ref))

    async def _end(self, case: _Case, rules: Sequence[Rule]) -> None:
        """Ends what waits for something that an event says is over, and remembers that it is."""
        done: set[str] = set()
        for rule in rules:
            assert rule.correlation is not None  # noqa: S101 - the table was checked
            word = rule.correlation.word
            for subject in keys.subjects(rule.correlation, case.data, case.person):
                key = keys.correlation(word, subject)
                if key in done:
                    continue
                done.add(key)
                if rule.is_enabled and _same_area(rule, case.event.type):
                    course = await courses.claim(case.uow, word, subject)
                    course.end(courses.stamp_of(case.event))
                    await courses.save(case.uow, course)
                await self._notices.cancel(case.uow, key, _OVER)
            await self._end_also(case, rule, done)

    async def _end_also(self, case: _Case, rule: Rule, done: set[str]) -> None:
        """Ends what an event names in other words: the holds of who paid for the same thing."""
        values = keys.values_of(rule.also_by, case.data, case.person)
        if not values or not all(values):
            return
        course = await courses.known(case.uow, f"{rule.name}/also", values)
        for key in sorted(set(course.data.get("keys", ())) - done):
            done.add(key)
            await self._notices.cancel(case.uow, key, _OVER)

    async def _move(self, case: _Case, rule: Rule) -> None:
        """Gives what waits for a time another one, if that is news."""
        assert rule.correlation is not None  # noqa: S101 - the table was checked
        at = _time(case.data, rule.timing.anchor)
        for subject in keys.subjects(rule.correlation, case.data, case.person):
            course = await courses.claim(case.uow, rule.correlation.word, subject)
            is_news = at is not None and course.tell_time(courses.stamp_of(case.event), at)
            await courses.save(case.uow, course)
            if not is_news:
                continue
            key = keys.correlation(rule.correlation.word, subject)
            if window := _window(rule, {**case.data, rule.timing.anchor: _written(at)}, case):
                await self._notices.move(case.uow, key, rule.name, *window)
            else:
                await self._notices.cancel(case.uow, key, _MOVED, rule=rule.name)

    async def _tell(self, case: _Case, rule: Rule) -> None:
        data: Mapping[str, Any] | None = case.data
        if rule.correlation is not None and "member_id" not in rule.correlation.fields:
            subject = keys.values_of(rule.correlation.fields, case.data, case.person)
            data = await self._followed(case, rule, subject)
        if data is None:
            return
        window = _window(rule, data, case)
        if window is None:
            return
        told = await readers.told(
            case.uow, rule, case.event, data, case.who, self._table, self._site.cs_team_email
        )
        told = [one for one in told if not await self._is_over(case, rule, one)]
        if not told or not await limits.admitted(case.uow, rule, case.event, data):
            return
        alike, own = parted(self._table.variables[rule.name])
        shared = values_of(alike, self._scene(case, rule, data, told[0]))
        notices = [self._notice(case, rule, data, one, window, shared, own) for one in told]
        for start in range(0, len(notices), BLOCK):
            await self._notices.add(case.uow, notices[start : start + BLOCK])

    async def _followed(self, case: _Case, rule: Rule, subject: Sequence[str]) -> Mapping[str, Any] | None:
        """Returns the data with what is known of the course of things; None once that is over."""
        assert rule.correlation is not None  # noqa: S101 - the caller has looked
        if not all(subject):
            return case.data
        now = courses.stamp_of(case.event)
        course = await courses.claim(case.uow, rule.correlation.word, subject)
        if rule.cancelled_by and course.ended(now):
            return None
        course.fill(now, {name: case.data[name] for name in rule.remembers if case.data.get(name)})
        data = course.filled(case.data)
        key = keys.correlation(rule.correlation.word, subject)
        if rule.moved_by:
            if (at := _time(data, rule.timing.anchor)) is not None:
                course.tell_time(now, at)
            data[rule.timing.anchor] = _written(course.time())
            keyed = course.data.get("keyed")
            if keyed is not None and keyed != data[rule.timing.anchor]:
                # It is told anew, with what is true now.
                await self._notices.cancel(case.uow, key, _MOVED, rule=rule.name)
            course.data["keyed"] = data[rule.timing.anchor]
        await courses.save(case.uow, course)
        values = keys.values_of(rule.also_by, data, case.person)
        if values and all(values):
            also = await courses.claim(case.uow, f"{rule.name}/also", values)
            also.data["keys"] = sorted({*also.data.get("keys", ()), key})
            await courses.save(case.uow, also)
        return data

    async def _is_over(self, case: _Case, rule: Rule, told: Told) -> bool:
        """Returns whether a member's part, or the whole group, ended before its beginning was told."""
        if rule.correlation is None or "member_id" not in rule.correlation.fields or not rule.cancelled_by:
            return False
        values = keys.values_of(rule.correlation.fields, {**case.data, **told.item}, case.person)
        now = courses.stamp_of(case.event)
        for subject in (values, values[:-1]):
            if (await courses.known(case.uow, rule.correlation.word, subject)).ended(now):
                return True
        return False

    def _notice(
        self,
        case: _Case,
        rule: Rule,
        data: Mapping[str, Any],
        told: Told,
        window: tuple[datetime, datetime],
        shared: dict[str, Any],
        own: Mapping[str, Variable],
    ) -> Notice:
        event = case.event
        scene = self._scene(case, rule, data, told)
        whole = {**data, **told.item}
        correlation = ""
        # What nothing ends or moves is not found by the key: the end of a thing must not silence what it brings about.
        if rule.correlation is not None and (rule.cancelled_by or rule.moved_by):
            values = keys.values_of(rule.correlation.fields, whole, case.person)
            correlation = keys.correlation(rule.correlation.word, values) if all(values) else ""
        return Notice(
            source=Source.RULE,
            key=keys.notice_key(rule, event.fact, keys.values_of(rule.once, whole, case.person), told.ident),
            reader=told.reader,
            category=CATEGORIES[rule.category],
            template=rule.template,
            channels=tuple(CHANNELS[one] for one in rule.channels),
            mode=Mode.FIRST if rule.mode == FIRST else Mode.ALL,
            variables=shared | values_of(own, scene),
            passes=of_purchase(event, told.name, case.time_zone) if PASS_URL in rule.variables else None,
            countdown_to=_time(data, rule.countdown) if rule.countdown else None,
            priority=PRIORITIES[rule.priority],
            due_at=window[0],
            expires_at=window[1],
            correlation_key=correlation,
            correlation_id=event.correlation_id or str(event.event_id),
            rule=rule.name,
            event_id=event.event_id,
            branch_id=case.branch_id,
        )

    def _scene(self, case: _Case, rule: Rule, data: Mapping[str, Any], told: Told) -> Scene:
        return Scene(
            data=data,
            kind=case.event.type,
            occurred_at=case.event.occurred_at.isoformat(),
            aggregate_id=case.event.aggregate_id,
            order=case.order,
            currency=case.currency,
            frontend_url=self._site.frontend_url,
            support_email=self._site.support_email,
            name=told.name,
            first_name=told.first_name,
            item=told.item,
            mine=told.mine,
            other=readers.other(case.event.type, data, rule),
            member=readers.member_of(data),
            names=case.who.names,
            stop_link=self._site.stop_links.of(case.uow, rule, told.reader.email),
        )


def _holds(tests: Sequence[Test], case: _Case) -> bool:
    return not tests or any(_test(one, case) for one in tests)


def _test(test: Test, case: _Case) -> bool:
    if test.operator == "paid":
        return case.order is not None and case.order.paid_at is not None
    value = case.event.type if test.field == "type" else dig(case.data, test.field)
    if test.operator in ("known", "no"):
        is_there = value not in (None, "", [], {}, False)
        return is_there if test.operator == "known" else not is_there
    if test.operator == ">=":
        return isinstance(value, int) and value >= int(test.value)
    said = str(value).lower()
    return said == test.value if test.operator == "=" else said != test.value


def _window(rule: Rule, data: Mapping[str, Any], case: _Case) -> tuple[datetime, datetime] | None:
    times = {name: _time(data, name) for name in (rule.timing.anchor, rule.timing.until) if name}
    return rule.timing.window(case.event.occurred_at, times, case.uow.now())


def _time(data: Mapping[str, Any], name: str) -> datetime | None:
    value = dig(data, name)
    if not isinstance(value, str) or not value:
        return None
    found = datetime.fromisoformat(value)
    return found.astimezone(UTC) if found.tzinfo else None


def _written(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _same_area(rule: Rule, event_type: str) -> bool:
    """Returns whether an event is one of the thing's own, and so may come before what began it."""
    return event_type.partition(".")[0] in {one.partition(".")[0] for one in rule.events}


async def _branch(uow: UnitOfWork, branch_ref: str) -> UUID | None:
    """Returns the branch an event names, if it is one of the tenant's."""
    wanted = branch_of(branch_ref)
    if wanted is None:
        return None
    found: UUID | None = await uow.fetch_value(
        "SELECT branch_id FROM branch WHERE tenant_id = %s AND branch_id = %s", (uow.tenant_id, wanted)
    )
    return found
