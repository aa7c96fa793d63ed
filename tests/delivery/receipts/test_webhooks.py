"""A provider's webhook is stored, answered, and then moves messages forward."""

from __future__ import annotations

import time

import pytest

from tests.delivery.kit import State
from tests.delivery.outside import Outside, event


@pytest.mark.req("DEL-31", "DEL-85", "DEL-86")
async def test_a_delivered_event_makes_a_sent_message_delivered(outside: Outside) -> None:
    [message_id] = await outside.left()
    at = int(time.time()) - 5
    answer = await outside.post([event(message_id, "processed"), event(message_id, "delivered", at=at)])
    assert (answer.stored_count, answer.duplicate_count) == (2, 0)
    await outside.applied()
    state, delivered_at = await outside.message(message_id, "state", "delivered_at")
    assert (state, delivered_at.timestamp()) == (State.STATE_DELIVERED, at)
    [told] = await outside.told("message.delivered")
    assert [one.message_id for one in told.messages] == [str(message_id)]
    assert await outside.house.events() == [("message.delivered", 1)]
