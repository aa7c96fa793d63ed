"""A block is decided as each of its people alone, and both as a plain reading of the rules says."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.ids import uuid7
from services.consent.decisions.categories import CATEGORIES
from tests.consent.kit import ALLOW, PREVIEW, SEND, RunningConsent, Tenant, question, reason, stamp

BRANCH = uuid4()
CHANNELS = {"email": common.CHANNEL_EMAIL, "sms": common.CHANNEL_SMS, "whatsapp": common.CHANNEL_WHATSAPP}
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", None]


@dataclass
class Person:
    """Everything a test says about one contact."""

    contact_id: UUID = field(default_factory=uuid7)
    state: str = "active"
    zone: str | None = None
    consents: dict[tuple[str, str, UUID | None], tuple[str, datetime | None]] = field(default_factory=dict)
    suppressed: set[tuple[str, str]] = field(default_factory=set)
    preference: dict[str, Any] | None = None
    grid: dict[tuple[str, str], tuple[bool, str | None]] = field(default_factory=dict)
    usage: tuple[int, int, int] | None = None
    has_address: bool = True


def somebody(draw: random.Random, now: datetime) -> Person:
    person = Person()
    person.state = draw.choices(["active", "blocked", "erased"], [30, 1, 1])[0]
    person.zone = draw.choice(ZONES)
    person.has_address = draw.random() > 0.05
    for channel in CHANNELS:
        for message_class in ("marketing", "transactional"):
            for branch in (None, BRANCH):
                if draw.random() < (0.7 if branch is None and message_class == "marketing" else 0.15):
                    status = draw.choices(["granted", "revoked", "pending", "expired"], [6, 2, 1, 1])[0]
                    ends = draw.choice([None, now - timedelta(hours=1), now, now + timedelta(hours=1)])
                    person.consents[channel, message_class, branch] = (status, ends)
    if draw.random() < 0.12:
        person.suppressed.add((draw.choice([*CHANNELS, "all"]), draw.choice(["all", "marketing"])))
    if draw.random() < 0.5:
        person.preference = {
            "email_enabled": draw.random() < 0.9,
            "sms_enabled": draw.random() < 0.9,
            "whatsapp_enabled": draw.random() < 0.9,
            "email_frequency": draw.choices(["immediate", "daily", "weekly"], [8, 1, 1])[0],
            "sms_critical_only": draw.random() < 0.1,
            "time_zone": draw.choice([None, None, "Asia/Tokyo"]),
            "quiet_hours_enabled": draw.random() < 0.4,
            "quiet_hours_start": time(draw.randrange(24)),
            "quiet_hours_end": time(draw.randrange(24), 30),
            "max_emails_per_day": draw.choice([None, 0, 1, 10]),
            "max_sms_per_day": draw.choice([None, 2]),
            "marketing_opted_out": draw.random() < 0.08,
            "is_dnd": draw.random() < 0.08,
        }
    for name in ("offer", "marketing", "payment"):
        for channel in CHANNELS:
            if draw.random() < 0.15:
                person.grid[name, channel] = (draw.random() < 0.7, draw.choice([None, None, "daily"]))
    if draw.random() < 0.7:
        person.usage = (draw.choice([0, 0, 1, 3]), draw.choice([0, 0, 0, 1, 2]), draw.choice([0, 1, 4, 5]))
    return person


async def store(tenant: Tenant, people: list[Person], now: datetime) -> None:
    hasher = tenant.consent.hasher
    async with tenant.consent.database.tenant(tenant.tenant_id) as uow:
        for person in people:
            who = (tenant.tenant_id, person.contact_id)
            await uow.execute(
                "INSERT INTO contact (tenant_id, contact_id, state, time_zone, region_code, seen_at, created_at, updated_at)"
                " VALUES (%s, %s, %s, %s, 'DE', %s, %s, %s)",
                (*who, person.state, person.zone, now, now, now),
            )
            for (channel, message_class, branch), (status, ends) in person.consents.items():
                await uow.execute(
                    "INSERT INTO consent (tenant_id, consent_id, contact_id, channel, message_class, branch_id, status,"
                    " source, granted_at, expires_at, confirmation_expires_at, created_at, updated_at)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, 'staff', %s, %s, %s, %s, %s)",
                    (
                        who[0],
                        uuid7(),
                        who[1],
                        channel,
                        message_class,
                        branch,
                        status,
                        now - timedelta(days=9),
                        ends if status == "granted" else None,
                        (ends or now + timedelta(days=1)) if status == "pending" else None,
                        now,
                        now,
                    ),
                )
            for channel, scope in person.suppressed:
                address = tenant.address(who[1]) if channel in ("email", "all") else tenant.phone(who[1])
                await uow.execute(
                    "INSERT INTO suppression (tenant_id, suppression_id, channel, identifier_hash, key_id, scope,"
                    " reason, suppressed_at, updated_at) VALUES (%s, %s, %s, %s, 'k', %s, 'manual', %s, %s)",
                    (who[0], uuid7(), channel, hasher.one(who[0], channel, address), scope, now, now),
                )
            if person.preference:
                said = {**person.preference, "opted_out_at": now, "created_at": now, "updated_at": now}
                await uow.execute(
                    f"INSERT INTO preference (tenant_id, contact_id, {', '.join(said)})"
                    f" VALUES (%s, %s, {', '.join(['%s'] * len(said))})",
                    (*who, *said.values()),
                )
            for (name, channel), (enabled, frequency) in person.grid.items():
                await uow.execute(
                    "INSERT INTO category_preference VALUES (%s, %s, %s, %s, %s, %s, %s)",
                    (*who, name, channel, enabled, frequency, now),
                )


def quiet_until(start: time, end: time, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When quiet hours that hold the instant end; in this test no zone changes its clock."""
    local = at.astimezone(zone)
    if start == end:
        return None
    inside = start <= local.time() < end if start < end else local.time() >= start or local.time() < end
    if not inside:
        return None
    ends = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return ends if ends > local else ends + timedelta(days=1)


def expected(  # noqa: C901, PLR0912 - the rules, read from top to bottom
    person: Person, channel: str, category: str, branch: UUID | None, now: datetime, expires: datetime | None
) -> tuple[str, datetime | None]:
    """What the rules say, written as plainly as they are."""
    known = CATEGORIES[category]
    column = known.column
    marketing = column == "marketing"
    said = person.preference or {}
    if not person.has_address:
        return "no_address", None
    if person.state == "erased":
        return "contact_erased", None
    hits = {scope for on, scope in person.suppressed if on == channel or (on == "all" and channel == "email")}
    if person.state == "blocked" or "all" in hits or (marketing and hits):
        return "suppressed", None
    if marketing and said.get("marketing_opted_out"):
        return "opted_out", None
    if marketing and channel == "sms" and said.get("is_dnd"):
        return "dnd_registered", None
    row = person.consents.get((channel, "marketing" if marketing else "transactional", branch)) or (
        person.consents.get((channel, "marketing" if marketing else "transactional", None))
    )
    status = None
    if row:
        status, ends = row
        if status in ("granted", "pending") and ends is not None and ends <= now:
            status = "expired"
    if marketing and status != "granted":
        return ("no_consent" if status is None else f"consent_{status}"), None
    if column == "transactional" and status == "revoked":
        return "consent_revoked", None
    if category != "account_security":
        if said.get(f"{channel}_enabled") is False:
            return "channel_off", None
        if column != "critical":
            if channel == "sms" and said.get("sms_critical_only"):
                return "sms_critical_only", None
            on = person.grid.get((category, channel)) or person.grid.get((known.group, channel))
            if not (on[0] if on else not (known.group == "marketing" and channel == "sms")):
                return "category_off", None
    caps = {"email": "max_emails_per_day", "sms": "max_sms_per_day"}
    cap = None
    if channel in caps:
        cap = said[caps[channel]] if said else {"email": 10, "sms": 5}[channel]
    zone = ZoneInfo(said.get("time_zone") or person.zone or "Europe/Berlin")
    frequency = "immediate"
    if column in ("marketing", "transactional") and not known.time_critical:
        own, group = person.grid.get((category, channel)), person.grid.get((known.group, channel))
        frequency = (
            (own and own[1]) or (group and group[1]) or said.get(f"{channel}_frequency") or "immediate"
        )
    held = column != "critical" and not known.time_critical
    digest = now.astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    while frequency != "immediate" and (digest < now or (frequency == "weekly" and digest.weekday() != 0)):
        digest += timedelta(days=1)
    at, why = now, ""
    while True:
        waits: list[tuple[datetime, str]] = []
        same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
        if person.usage:
            sent, today, week = person.usage
            if marketing and (today if same_day else 0) >= 2:
                return "daily_cap_reached", None
            if marketing and week >= 5:
                return "weekly_cap_reached", None
            if cap is not None and held and (sent if same_day else 0) >= cap:
                if marketing:
                    return "daily_cap_reached", None
                midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
                waits.append((midnight + timedelta(days=1), "daily_cap_reached"))
        if held and said.get("quiet_hours_enabled"):
            until = quiet_until(said["quiet_hours_start"], said["quiet_hours_end"], at, zone)
            if until:
                waits.append((until, "quiet_hours"))
        if held and (
            (channel == "sms" and column in ("marketing", "transactional"))
            or (channel == "whatsapp" and marketing)
        ):
            until = quiet_until(time(21), time(8), at, zone)
            if until:
                waits.append((until, "sms_window"))
        if marketing:
            until = quiet_until(time(21), time(9), at, zone)
            if until:
                waits.append((until, "send_window"))
        if frequency != "immediate" and at < digest:
            waits.append((digest, "digest"))
        later = [wait for wait in waits if wait[0] > at]
        if not later:
            break
        latest = max(until for until, _ in later)
        at, why = latest, next(word for until, word in later if until == latest)
        if at > now + timedelta(days=14):
            return "no_window", None
    if not why:
        return "allow", None
    if expires is not None and column != "critical" and at >= expires:
        return "expires_before_window", None
    return why, at


CASES = [
    ("email", "offer", None, None),
    ("email", "offer", BRANCH, 6),
    ("email", "payment", None, None),
    ("email", "account", None, 10),
    ("sms", "offer", None, None),
    ("sms", "payment", BRANCH, None),
    ("sms", "reservation", None, 1),
    ("whatsapp", "offer", BRANCH, None),
    ("email", "payment_failed", None, None),
    ("sms", "account_security", None, None),
]


@pytest.mark.req("CON-48", "CON-69", "CON-86", "CON-89")
@pytest.mark.parametrize("hour", [3, 12, 22])
async def test_block_single_and_reference_agree_on_hundreds_of_people(
    consent: RunningConsent, hour: int
) -> None:
    tenant = await consent.tenant()
    now = datetime(2026, 1, 15, hour, 20, tzinfo=UTC)
    consent.clock.set(now)
    draw = random.Random(hour)
    people = [somebody(draw, now) for _ in range(250)]
    await store(tenant, people, now)
    seen: set[str] = set()
    for channel, category, branch, hours in CASES:
        expires = now + timedelta(hours=hours) if hours else None
        context = {
            "channel": CHANNELS[channel],
            "category": common.Category.Value(f"CATEGORY_{category.upper()}"),
            "branch_id": str(branch) if branch else "",
            "expire_time": stamp(expires) if expires else None,
            "explain": True,
        }
        items, singles = [], []
        for person in people:
            address = (
                tenant.address(person.contact_id) if channel == "email" else tenant.phone(person.contact_id)
            )
            if not person.has_address:
                address = ""
            usage = None
            if person.usage:
                usage = dict(
                    zip(("sent_today", "marketing_today", "marketing_week"), person.usage, strict=True)
                )
            items.append(
                pb.EvaluationItem(
                    contact_id=str(person.contact_id),
                    address=address,
                    usage=pb.Usage(**usage) if usage else None,
                )
            )
            singles.append(question(tenant, person.contact_id, address=address, usage=usage, **context))
        request = pb.EvaluateSendBatchRequest(
            context=pb.EvaluationContext(purpose=PREVIEW, **context), items=items
        )
        answer = await tenant.service().evaluate_batch(request)
        assert len(answer.decisions) == len(people)
        for place, (person, decision) in enumerate(zip(people, answer.decisions, strict=True)):
            until = decision.defer_time.ToDatetime(UTC) if decision.HasField("defer_time") else None
            told = (reason(decision), until)
            assert told == expected(person, channel, category, branch, now, expires), (
                category,
                channel,
                person,
            )
            seen.add(told[0])
            if place % 25 == 0:
                single = (await tenant.service().evaluate(singles[place])).decision
                single.unsubscribe_token = decision.unsubscribe_token
                assert single == decision
    assert len(seen) >= 15


@pytest.mark.req("CON-89")
async def test_a_block_needs_as_many_statements_for_a_thousand_people_as_for_ten(
    consent: RunningConsent,
) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(10)]
    context = pb.EvaluationContext(channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=SEND)
    statements: list[str] = []

    from services.common.db.uow import UnitOfWork

    run = UnitOfWork._run

    async def counting(self: UnitOfWork, query: Any, params: Any, prepare: bool | None) -> Any:
        statements.append(str(query))
        return await run(self, query, params, prepare)

    counts = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "_run", counting)
        for repeats in (1, 100):
            items = [
                pb.EvaluationItem(contact_id=str(one), address=tenant.address(one), message_id=str(uuid7()))
                for one in contacts * repeats
            ]
            statements.clear()
            answer = await tenant.service().evaluate_batch(
                pb.EvaluateSendBatchRequest(context=context, items=items)
            )
            assert len(answer.decisions) == 10 * repeats
            assert len({one.decision_id for one in answer.decisions}) == 10 * repeats
            counts.append(len(statements))
    assert counts == [5, 5]


@pytest.mark.req("CON-47")
async def test_each_person_of_a_block_gets_a_token_of_their_own(consent: RunningConsent) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(5)]
    for contact in contacts[:3]:
        await tenant.grant(contact)
    context = pb.EvaluationContext(
        channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=PREVIEW
    )
    items = [pb.EvaluationItem(contact_id=str(one), address=tenant.address(one)) for one in contacts]
    answer = await tenant.service().evaluate_batch(pb.EvaluateSendBatchRequest(context=context, items=items))
    assert [one.outcome == ALLOW for one in answer.decisions] == [True, True, True, False, False]
    tokens = [one.unsubscribe_token for one in answer.decisions]
    assert len(set(tokens[:3])) == 3
    assert tokens[3:] == ["", ""]
    assert not any(one.checks for one in answer.decisions)
