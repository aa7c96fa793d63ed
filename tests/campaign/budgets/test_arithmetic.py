"""Months, shares and levels: exact, whatever the amounts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.budgets.domain import NO_BRANCH, Level, Period, month_of, rounded_up, shares

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
amounts = st.decimals(min_value=0, max_value=10**9, places=6)
branches = st.dictionaries(st.integers(1, 9).map(lambda number: UUID(int=number)), st.integers(0, 10**6))


@pytest.mark.req("CAM-74", "GEN-18")
@given(amounts, st.integers(0, 10**6), branches)
def test_shares_are_the_whole_cost_and_no_message_has_more_than_there_is(
    cost: Decimal, messages: int, by_branch: dict[UUID, int]
) -> None:
    found = shares(cost, messages, by_branch)
    assert sum((one.amount for one in found), Decimal(0)) == cost
    assert all(one.amount >= 0 and one.each * one.messages <= one.amount for one in found)
    if not sum(by_branch.values()):
        assert [(one.branch_id, one.messages, one.amount) for one in found] == [(NO_BRANCH, messages, cost)]
    else:
        assert {one.branch_id for one in found} == set(by_branch)


@pytest.mark.req("CAM-76", "GEN-18")
@given(amounts, amounts, amounts, st.integers(1, 100), st.sampled_from([0, 2, 3]))
def test_a_level_is_reached_exactly_when_its_share_of_the_limit_is(
    limit: Decimal, spent: Decimal, reserved: Decimal, threshold: int, places: int
) -> None:
    limit = rounded_up(limit, places)
    period = Period("2026-11", limit=limit, spent=spent, reserved=reserved)
    committed = rounded_up(spent + reserved, places)
    level = period.level(threshold, places)
    assert (level is Level.EXHAUSTED) == (committed >= limit)
    assert (level >= Level.THRESHOLD) == (committed * 100 >= limit * threshold or committed >= limit)
    assert period.is_overdrawn(places) == (committed > limit)
    told = list(period.untold(threshold, places))
    assert told == [one for one in (Level.THRESHOLD, Level.EXHAUSTED) if one <= level]
    assert not list(Period("2026-11", spent=spent, reserved=reserved).untold(threshold, places))
    assert period.remaining == limit - spent - reserved


@pytest.mark.req("CAM-75", "CAM-78")
@given(
    st.integers(0, 3650 * 86_400).map(lambda seconds: BEGINNING + timedelta(seconds=seconds)),
    st.sampled_from(["Pacific/Kiritimati", "Europe/Berlin", "Pacific/Pago_Pago", "Asia/Kolkata"]),
)
def test_a_month_is_the_tenants_and_follows_the_one_before(instant: datetime, zone: str) -> None:
    from zoneinfo import ZoneInfo

    assert month_of(instant, zone) == f"{instant.astimezone(ZoneInfo(zone)):%Y-%m}"
    assert month_of(instant, zone) <= month_of(instant + timedelta(days=1), zone)
