"""The indexes that the catalogue names are those the database takes, within the policies that keep tenants apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from services.campaign.segments.audience import of_rule
from services.campaign.segments.catalogue import FIELDS, Op
from services.campaign.segments.domain import Condition, Join, Rule
from services.campaign.segments.explain import explain
from services.common.clock import FixedClock
from tests.campaign.segments.conftest import Surrounded
from tests.campaign.segments.given import BRANCHES, person, put

# For each field that has an index: a question that few contacts answer.
RARE: dict[str, tuple[Op, Any]] = {
    "last_visit_days": (Op.LTE, 1),
    "last_purchase_days": (Op.LTE, 1),
    "last_activity_days": (Op.LTE, 1),
    "total_spend": (Op.GT, 5_000),
    "has_active_membership": (Op.EQ, True),
    "has_active_package": (Op.EQ, True),
    "has_package": (Op.EQ, True),
    "attended_event": (Op.CONTAINS, "ev-1"),
    "birthday_month": (Op.EQ, 2),
    "anniversary_month": (Op.EQ, 2),
    "branch_id": (Op.EQ, str(BRANCHES[0])),
    "assigned_staff_id": (Op.EQ, "anna"),
    "name": (Op.EQ, "Rare OTT"),
    "email": (Op.EQ, "Rare@Example.com"),
    "phone": (Op.EQ, "+49301"),
    "package_expires_in_days": (Op.LT, 9),
}


@pytest.mark.req("CAM-82")
async def test_what_few_contacts_answer_is_found_by_the_index_the_catalogue_names(
    surrounded: Surrounded, clock: FixedClock
) -> None:
    campaign, now = surrounded.served, clock.now()
    soon = (now + timedelta(days=3)).isoformat()
    rare = person(
        last_visit_at=now.isoformat(),
        last_purchase_at=now.isoformat(),
        last_activity_at=now.isoformat(),
        total_spend_minor=6_000,
        membership_status="active",
        packages=[{"package_ref": "p", "name": "ten", "remaining": 3, "expires_at": soon}],
        attended_event_refs=["ev-1"],
        birth_month=2,
        anniversary_month=2,
        branch_id=str(BRANCHES[0]),
        assigned_staff_id="anna",
        name="Rare Ott",
        email_canonical="rare@example.com",
        phone="+49301",
    )
    ago = (now - timedelta(days=50)).isoformat()
    others = [
        person(
            last_visit_at=ago,
            last_purchase_at=ago,
            last_activity_at=ago,
            total_spend_minor=100,
            birth_month=7,
            anniversary_month=7,
            branch_id=str(BRANCHES[1]),
            assigned_staff_id="bert",
            name=f"Ann {number}",
            email_canonical=f"p{number}@example.com",
            phone=f"+4930{number:06d}",
        )
        for number in range(3_000)
    ]
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, [rare, *others])
    with psycopg.connect(surrounded.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE campaign.contact")
    assert set(RARE) == {name for name, entry in FIELDS.items() if entry.index}
    missed = []
    for name, (op, value) in RARE.items():
        asked = Rule(Join.AND, (Condition(name, op, value),))
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            told = await explain(uow, await of_rule(uow, asked, []))
        assert told.count == 1, name
        if FIELDS[name].index not in told.indexes:
            missed.append((name, told.indexes, [step.node for step in told.steps]))
    assert missed == []
