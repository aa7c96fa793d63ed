"""Texts cost what their segments cost, whoever learns that they left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from services.common.ids import uuid7
from services.delivery.accounts.domain import PLATFORM
from tests.delivery.kit import House, open_house, recipient

TEXT = "€" * 81  # 162 septets: two segments


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    async with open_house(clone_database(["delivery"]), redis_url, unknown_recheck_seconds=1) as opened:
        yield opened


async def text(house: House, unit: int, result: str) -> None:
    """A text of two segments to an account that answers as told."""
    rules: list[dict[str, Any]] = [{"address": "*", "result": result}]
    await house.add_account(config={"channel": "sms", "rules": rules})
    await house.rows("UPDATE provider_account SET channel = 2")
    await house.rows(
        """INSERT INTO rate_card (tenant_id, rate_card_id, provider, channel, unit, cost, currency, valid_from)
        VALUES (%s, %s, 'recording', 2, %s, %s, 'EUR', now() - interval '1 day')""",
        PLATFORM,
        uuid7(),
        unit,
        Decimal("0.004"),
    )
    template = house.template(channel=enums_pb2.CHANNEL_SMS, text=TEXT, required=False)
    content = house.content(template, channel=enums_pb2.CHANNEL_SMS)
    await house.send_one(content, recipient(1, address="+12025550100"))


@pytest.mark.req("DEL-88", "DEL-137")
@pytest.mark.parametrize("result", ["accepted", "unknown"])
@pytest.mark.parametrize(("unit", "cost"), [(1, "0.004"), (2, "0.008")])
async def test_a_text_costs_by_message_or_by_segment_as_the_rate_says(
    house: House, unit: int, cost: str, result: str
) -> None:
    async with house.worker():
        await text(house, unit, result)
        await house.until_states({"sent": 1})
    rows = await house.rows("SELECT segments, cost, currency FROM message")
    assert rows == [(2, Decimal(cost), "EUR")]
