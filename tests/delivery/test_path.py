from __future__ import annotations

from angarium.delivery.v1 import message_pb2
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


async def test_a_block_of_a_campaign_is_handed_over_whole(house: House) -> None:
    await house.add_account()
    async with house.worker():
        answer = await house.send_block(house.campaign_content(), [recipient(n) for n in range(1000)])
        assert answer.accepted_count == 1000
        await house.until_states({"sent": 1000})
    assert await house.events() == [("message.accepted", 1000), ("message.sent", 1000)]
    assert house.neighbours.consent.asked == {"send": 1000}
