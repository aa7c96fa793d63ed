"""Figures outlive the facts they were counted from: no recount takes away what it has no facts of any more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.analytics.rollups import handlers as rollups
from services.common.ids import uuid7, uuid7_of
from tests.analytics.conftest import NOON, Feed

YEARS_AGO = NOON - timedelta(days=3 * 365)
LONG_AGO = NOON - timedelta(days=500)


async def rows(feed: Feed, query: str, *params: Any) -> list[tuple[Any, ...]]:
    async with feed.database.tenant(feed.tenant_id) as uow:
        return await uow.fetch_all(query, params)  # type: ignore[arg-type]


async def put(feed: Feed, table: str, **values: Any) -> None:
    """Writes a row of a rollup whose facts are gone."""
    async with feed.database.tenant(feed.tenant_id) as uow:
        await uow.execute(
            f"INSERT INTO {table} (tenant_id, {', '.join(values)}) VALUES (%s{', %s' * len(values)})",  # type: ignore[arg-type]
            (feed.tenant_id, *values.values()),
        )


async def put_day(feed: Feed, day: date) -> None:
    nobody = UUID(int=0)
    await put(
        feed,
        "rollup_daily",
        day=day,
        branch_id=nobody,
        channel=1,
        message_class=3,
        category=1,
        template_name="",
        provider="",
        currency="",
        total_sent=7,
    )


DAYS = "SELECT day, total_sent FROM rollup_daily WHERE total_sent <> 0 ORDER BY day"


@pytest.mark.req("ANA-5", "ANA-62")
async def test_a_recount_of_years_ago_leaves_days_whose_facts_are_gone(feed: Feed) -> None:
    await put_day(feed, YEARS_AGO.date())
    await rollups.rebuild(
        feed.database, feed.tenant_id, YEARS_AGO - timedelta(days=2), YEARS_AGO + timedelta(days=2)
    )
    assert await rows(feed, DAYS) == [(YEARS_AGO.date(), 7)]


@pytest.mark.req("ANA-5", "ANA-62", "ANA-63")
async def test_another_zone_leaves_days_whose_facts_are_gone_and_cuts_the_others(feed: Feed) -> None:
    await put_day(feed, YEARS_AGO.date())
    messages = [uuid7()]
    await feed.accepted(messages)
    await feed.sent(messages)
    await feed.tenant("Pacific/Auckland")
    await rollups.recount_dirty(feed.database)
    # It was tomorrow already in Auckland.
    assert await rows(feed, DAYS) == [(YEARS_AGO.date(), 7), (NOON.date() + timedelta(days=1), 1)]


@pytest.mark.req("ANA-62")
async def test_a_recount_leaves_opens_and_clicks_of_campaigns_whose_hits_are_gone(feed: Feed) -> None:
    nobody, old = UUID(int=0), uuid7_of(LONG_AGO, b"campaign")
    await put(
        feed,
        "campaign_engagement",
        campaign_id=old,
        run_id=nobody,
        variant_key="",
        branch_id=nobody,
        kind=1,
        engagement_class=1,
        messages=40,
        hits=55,
    )
    await rollups.rebuild(feed.database, feed.tenant_id, NOON - timedelta(days=1), NOON + timedelta(days=1))
    found = await rows(feed, "SELECT messages, hits FROM campaign_engagement WHERE campaign_id = %s", old)
    assert found == [(40, 55)]


@pytest.mark.req("ANA-61")
async def test_a_late_event_of_years_ago_does_not_count_its_day_anew(feed: Feed) -> None:
    await put_day(feed, YEARS_AGO.date())
    await put(feed, "dirty_bucket", bucket=YEARS_AGO, marked_at=NOON)
    await rollups.recount_dirty(feed.database)
    assert await rows(feed, DAYS) == [(YEARS_AGO.date(), 7)]
