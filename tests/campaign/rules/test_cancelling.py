"""What waits for something ends with it, whatever order events come in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.campaign.rules.kit import NOON, Desk, person

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_smoke(desk: Desk) -> None:
    event = await desk.tell(
        "payment.succeeded",
        {
            "person": person("u-1"),
            "order_id": "o-12345678",
            "payment_id": "p-1",
            "amount": 1250,
            "currency": "JPY",
        },
    )
    [told] = await desk.notices(event)
    print(told)
    assert told.due == NOON
    assert told.expires == NOON + timedelta(hours=24)
