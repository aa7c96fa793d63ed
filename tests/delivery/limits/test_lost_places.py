"""Places that were taken and whose hand-over was not written down yet, when the store of the limits loses them."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from services.delivery.dispatch.rendering import Renderer
from tests.delivery.kit import House, recipient

LIMIT = 5


@pytest.mark.req("DEL-70", "DEL-71")
@pytest.mark.parametrize("dies", [False, True])
async def test_a_store_that_forgets_between_the_places_and_the_hand_over_lets_no_more_through(
    house: House, redis: Redis, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()
    render = Renderer.render

    async def paused(self: Renderer, *arguments: Any) -> Any:
        if not reached.is_set():
            reached.set()
            await go_on.wait()
            if dies:
                raise asyncio.CancelledError
        return await render(self, *arguments)

    monkeypatch.setattr(Renderer, "render", paused)
    other = uuid4()
    for tenant in (house.tenant_id, other):
        await house.add_account(tenant_id=tenant)
    await house.send_block(house.content(), [recipient(number) for number in range(LIMIT)])
    async with house.worker(rate_limit_global_email_per_min=LIMIT, lease_seconds=3600) as first:
        await asyncio.wait_for(reached.wait(), 10)
        await redis.flushdb()
        template = house.neighbours.templates.add(other)
        await house.send_block(
            house.content(template), [recipient(number) for number in range(LIMIT)], tenant_id=other
        )
        async with house.worker(rate_limit_global_email_per_min=LIMIT):
            await house.until(lambda: house.value("SELECT count(*) = 5 FROM message WHERE state = 7"))
        go_on.set()
        assert first is not None
        # Whoever was stopped comes back to the queue, or dies: either way none of its messages left.
        if not dies:
            await house.until(
                lambda: house.value("SELECT count(*) = 0 FROM dispatch_block WHERE status = 2"), seconds=10
            )
    rows = await house.rows("SELECT tenant_id, sum(cardinality(message_ids)) FROM handover GROUP BY 1")
    assert rows == [(other, LIMIT)]
    assert await house.states() == {"sent": LIMIT, "pending": LIMIT}
    if not dies:
        await house.assert_every_waiting_message_stands_in_one_place()
        # Nothing was held back for good: with the places of the next minute they leave.
        await redis.flushdb()
        await house.rows("DELETE FROM handover")
        async with house.worker(rate_limit_global_email_per_min=LIMIT):
            await house.rows("UPDATE dispatch_block SET due_at = now()")
            await house.until_states({"sent": 2 * LIMIT})
