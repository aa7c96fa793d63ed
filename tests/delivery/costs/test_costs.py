"""What sending costs, by the rate card in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.clock import FixedClock
from services.common.ids import uuid7
from services.delivery.accounts.domain import PLATFORM
from services.delivery.costs.cards import RateCards
from services.delivery.messages.domain import Channel
from tests.delivery.outside import Outside


async def quote(
    outside: Outside, count: int, segments: int = 0, channel: Any = enums_pb2.CHANNEL_EMAIL, **who: Any
) -> pb.QuoteCostResponse:
    request = pb.QuoteCostRequest(channel=channel, message_count=count, segments=segments)
    return await outside.providers.QuoteCost(request, metadata=outside.house.as_service(**who))


async def add_rate(
    outside: Outside,
    tenant_id: UUID,
    cost: str,
    *,
    account_id: UUID | None = None,
    days: int = -1,
    unit: int = 1,
    channel: int = 1,
    provider: str = "sendgrid",
) -> None:
    await outside.house.rows(
        """INSERT INTO rate_card (tenant_id, rate_card_id, provider, account_id, channel, unit, cost, currency, valid_from)
        VALUES (%s, %s, %s, %s, %s, %s, %s, 'EUR', now() + make_interval(days => %s))""",
        tenant_id, uuid7(), provider, account_id, channel, unit, Decimal(cost), days,
    )  # fmt: skip


@pytest.mark.req("DEL-6", "DEL-40", "GEN-18")
async def test_a_deployment_knows_the_first_rates(outside: Outside) -> None:
    answer = await quote(outside, 12_345)
    assert (answer.cost.currency_code, answer.cost.units, answer.cost.nanos) == ("USD", 1, 234_500_000)
    assert (await quote(outside, 0)).cost.units == 0
    largest = await quote(outside, 10**12)
    assert largest.cost.units == 10**8
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await quote(outside, 10**12 + 1)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.req("DEL-40")
async def test_without_an_account_or_a_rate_nothing_is_quoted(outside: Outside) -> None:
    assert not (await quote(outside, 5, channel=enums_pb2.CHANNEL_SMS)).HasField("cost")
    assert not (await quote(outside, 5, tenant_id=uuid4())).HasField("cost")


@pytest.mark.req("DEL-6", "DEL-88", "DEL-137")
async def test_the_nearest_and_newest_rate_applies(outside: Outside) -> None:
    tenant_id = outside.house.tenant_id
    clock = FixedClock(datetime.now(UTC))
    cards = RateCards(outside.house.service.database, clock)

    async def price(**more: Any) -> str:
        clock.advance(timedelta(minutes=2))
        found = await cards.cost_of(
            tenant_id, "sendgrid", outside.account_id, Channel.EMAIL, count=1000, segments=3
        )
        assert found is not None
        return f"{found.currency} {found.amount}"

    assert await price() == "USD 0.100000"
    await add_rate(outside, PLATFORM, "0.0003")
    assert await price() == "EUR 0.300000"
    await add_rate(outside, tenant_id, "0.0004", days=-9)
    await add_rate(outside, tenant_id, "0.0005", days=9)
    assert await price() == "EUR 0.400000"
    await add_rate(outside, tenant_id, "0.0002", account_id=outside.account_id, days=-30)
    assert await price() == "EUR 0.200000"
    await add_rate(outside, tenant_id, "0.0001", account_id=uuid7())
    assert await price() == "EUR 0.200000"


async def test_texts_are_charged_by_the_segment(outside: Outside) -> None:
    cards = RateCards(outside.house.service.database, FixedClock(datetime.now(UTC)))
    found = await cards.cost_of(outside.house.tenant_id, "twilio", uuid7(), Channel.SMS, count=10, segments=3)
    assert found is not None
    assert (found.currency, found.amount) == ("USD", Decimal("0.237000"))


async def test_another_tenants_rates_are_nobodys(outside: Outside) -> None:
    await add_rate(outside, uuid4(), "9")
    assert (await quote(outside, 10_000)).cost.units == 1
