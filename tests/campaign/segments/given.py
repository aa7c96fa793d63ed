"""People of all sorts, written straight into the tables that segments read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from services.campaign.activities import store as activities
from services.common.db.uow import UnitOfWork

WORDS = ["alpha", "Alpha", "beta", "Straße", "a b", "2026-01-02", "2025-12-31"]
BRANCHES = [UUID("0190aaaa-0000-7000-8000-000000000001"), UUID("0190aaaa-0000-7000-8000-000000000002")]
STAFF = ["anna", "bert"]
CHANNELS = ("email", "sms", "whatsapp", "push")
_EMPTY = {
    "tags": [],
    "attributes": {},
    "packages": [],
    "points_expiring": 0,
    "attended_event_refs": [],
    "visit_count": 0,
    "purchase_count": 0,
    "total_spend_minor": 0,
    "loyalty_points": 0,
    "state": 1,
    "version": 1,
}


@dataclass
class Person:
    """A contact as its columns, what reaches it, and what it did."""

    contact_id: UUID
    columns: dict[str, Any]
    reach: dict[str, bool] = field(default_factory=dict)
    done: list[tuple[int, datetime, str | None]] = field(default_factory=list)


def person(**columns: Any) -> Person:
    """One with these columns, and nothing else known."""
    return Person(uuid4(), columns)


def crowd(now: datetime, size: int, seed: int, moments: Sequence[datetime]) -> list[Person]:
    """A motley crowd: every field known and unknown, instants around the given moments."""
    draw = random.Random(seed)
    return [_somebody(draw, now, number, moments) for number in range(size)]


def _somebody(draw: random.Random, now: datetime, number: int, moments: Sequence[datetime]) -> Person:
    def maybe(value: Any, share: float = 0.7) -> Any:
        return value if draw.random() < share else None

    def moment() -> datetime:
        jitter = draw.choice(
            [timedelta(), timedelta(seconds=-1), timedelta(seconds=draw.randint(-90_000, 90_000))]
        )
        return draw.choice(moments) + jitter

    def attribute() -> Any:
        return draw.choice(
            [draw.choice(WORDS), draw.randint(-5, 5), draw.random() < 0.5, draw.choice([0.5, -1.25])]
        )

    packages = [
        {
            "package_ref": f"p{place}",
            "name": "ten",
            "remaining": draw.choice([0, 1, 7, None]),
            "expires_at": maybe(moment().isoformat(), 0.6),
        }
        for place in range(draw.choice([0, 0, 1, 2]))
    ]
    columns = {
        "external_id": f"p{number}",
        "visit_count": draw.randint(0, 4),
        "purchase_count": draw.randint(0, 4),
        "loyalty_points": draw.randint(-2, 30),
        "engagement_score": maybe(draw.randint(0, 60)),
        "total_spend_minor": draw.randint(0, 60),
        "customer_type": maybe(draw.choice(WORDS)),
        "source": maybe(draw.choice(WORDS)),
        "language_code": maybe(draw.choice(WORDS)),
        "assigned_staff_id": maybe(draw.choice([*STAFF, *WORDS])),
        "name": maybe(draw.choice([*WORDS, "ALPHA beta"])),
        "email_canonical": maybe(f"{draw.choice(['alpha', 'beta'])}+{number % 5}@example.com"),
        "phone": maybe(f"+4930123{number % 7}"),
        "tags": draw.sample(WORDS, draw.randint(0, 3)),
        "attended_event_refs": draw.sample(WORDS, draw.choice([0, 0, 1, 2])),
        "attributes": {key: attribute() for key in ("plan", "age") if draw.random() < 0.7},
        "packages": packages,
        "points_expire_on": maybe((now + timedelta(days=draw.randint(-5, 40))).date().isoformat(), 0.5),
        "membership_status": maybe(draw.choice(["none", "active", "active", "expired", "cancelled"])),
        "membership_expires_at": maybe(moment().isoformat()),
        "branch_id": maybe(str(draw.choice(BRANCHES))),
        "birth_month": maybe(draw.randint(1, 12)),
        "anniversary_month": maybe(draw.randint(1, 12)),
        "state": 1 if draw.random() < 0.9 else 2,
        **{
            name: maybe(moment().isoformat())
            for name in ("first_visit_at", "last_visit_at", "last_purchase_at", "last_activity_at")
        },
    }
    found = Person(UUID(int=draw.getrandbits(128), version=4), columns)
    if draw.random() < 0.7:
        names = (*(f"{channel}_consented" for channel in CHANNELS), "push_reachable")
        found.reach = {name: draw.random() < 0.5 for name in names}
    found.done = [
        (draw.choice([1, 2, 3, 4, 5, 7, 8]), moment(), maybe(draw.choice(WORDS), 0.5))
        for _ in range(draw.choice([0, 0, 1, 3, 8]))
    ]
    return found


async def put(uow: UnitOfWork, people: Sequence[Person]) -> None:
    """Writes people into the tables."""
    now = uow.now().isoformat()
    rows = [
        {
            **_EMPTY,
            "tenant_id": str(uow.tenant_id),
            "contact_id": str(one.contact_id),
            "created_at": now,
            "updated_at": now,
            **one.columns,
        }
        for one in people
    ]
    if not rows:
        return
    branches = sorted({row["branch_id"] for row in rows if row.get("branch_id")})
    await uow.execute(
        "INSERT INTO branch (tenant_id, branch_id, name, marketing_enabled, time_zone, region_code, version, created_at,"
        " updated_at) SELECT %s, one::uuid, one, true, '', '', 1, now(), now() FROM unnest(%s::text[]) AS one"
        " ON CONFLICT DO NOTHING",
        (uow.tenant_id, branches),
    )
    names = ", ".join(sorted({name for row in rows for name in row}))
    await uow.execute(
        f"INSERT INTO contact ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::contact, %s)",
        (Jsonb(rows),),
    )
    reached = [
        {
            "tenant_id": str(uow.tenant_id),
            "contact_id": str(one.contact_id),
            "has_whatsapp": False,
            "updated_at": now,
            **one.reach,
        }
        for one in people
        if one.reach
    ]
    await uow.execute(
        "INSERT INTO contact_reach SELECT (jsonb_populate_record(NULL::contact_reach, value)).*"
        " FROM jsonb_array_elements(%s)",
        (Jsonb(reached),),
    )
    await activities.add(
        uow,
        [
            activities.Activity(one.contact_id, kind, activities.activity_id(kind, str(uuid4()), at), ref)
            for one in people
            for kind, at, ref in one.done
        ],
    )


def parsed(value: str | None) -> datetime | None:
    """An instant of a column."""
    return None if value is None else datetime.fromisoformat(value)


def day(value: str | None) -> date | None:
    """A day of a column."""
    return None if value is None else date.fromisoformat(value)
