from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, recipient


async def test_an_accepted_message_is_handed_to_its_provider(house: House) -> None:
    await house.add_account()
    async with house.worker():
        answer = await house.send_one(house.content(), recipient(1))
        assert answer.state == message_pb2.Message.STATE_PENDING
        await house.until_states({"sent": 1})
    assert [type for type, _ in await house.events()] == ["message.accepted", "message.sent"]
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0
    assert await house.value("SELECT count(*) FROM handover WHERE finished_at IS NULL") == 0


@pytest.mark.req("CAM-16")
async def test_hand_overs_are_told_a_block_at_once(house: House) -> None:
    await house.add_account()
    async with house.worker():
        sent = await house.send_one(house.content(), recipient(1))
        await house.until_states({"sent": 1})
    waiting = await house.send_one(house.content(), recipient(2))
    ids = [sent.message_id, waiting.message_id, str(uuid4())]
    answer = await house.messages.BatchGetHandOvers(
        pb.BatchGetHandOversRequest(message_ids=ids), metadata=house.as_service("campaign")
    )
    known = {one.message_id: one for one in answer.hand_overs}
    assert set(known) == set(ids[:2])
    first, second = known[ids[0]], known[ids[1]]
    assert (first.attempt_count, first.provider_message_id) == (1, f"rec-{UUID(ids[0]).hex}")
    assert first.HasField("last_attempt_time")
    assert (second.attempt_count, second.provider_message_id) == (0, "")
    assert not second.HasField("last_attempt_time")
    assert not second.HasField("read_time")


@pytest.mark.req("ARC-8")
async def test_a_block_of_a_campaign_is_handed_over_whole(house: House) -> None:
    await house.add_account()
    async with house.worker():
        answer = await house.send_block(house.campaign_content(), [recipient(n) for n in range(1000)])
        assert answer.accepted_count == 1000
        await house.until_states({"sent": 1000})
    assert await house.events() == [("message.accepted", 1000), ("message.sent", 1000)]
    assert house.neighbours.consent.asked == {"send": 1000}
