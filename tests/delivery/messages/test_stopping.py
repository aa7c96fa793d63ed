from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7
from tests.delivery.kit import House, later, recipient
from tests.fakes.carrier import Carrier
from tests.fakes.neighbours import ALLOW, defer


async def cancel(house: House, key: str = "", **selector: Any) -> pb.CancelMessagesResponse:
    return await house.messages.CancelMessages(
        pb.CancelMessagesRequest(selector=pb.MessageSelector(**selector), idempotency_key=key),
        metadata=house.as_service(),
    )


@pytest.mark.req("DEL-25")
@pytest.mark.parametrize("scope", ["run_id", "campaign_id", "correlation_key", "tenant_marketing"])
async def test_cancelling_stops_what_was_not_handed_over_and_nothing_else(house: House, scope: str) -> None:
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    content = house.campaign_content(template, correlation_key="visit-7")
    await house.send_block(content, [recipient(n) for n in range(20)])
    other = house.content()
    await house.send_one(other, recipient(99))
    value = True if scope == "tenant_marketing" else getattr(content, scope)
    answer = await cancel(house, **{scope: value})
    assert answer.cancelled_count == 20
    assert await house.states() == {"cancelled": 20, "pending": 1}
    assert ("message.cancelled", 20) in await house.events()
    assert (await cancel(house, **{scope: value})).cancelled_count == 0
    await house.add_account()
    async with house.worker():
        await house.until_states({"cancelled": 20, "sent": 1})
        await house.until(lambda: _is_empty(house))


async def _is_empty(house: House) -> bool:
    return bool(await house.value("SELECT count(*) = 0 FROM dispatch_block"))


@pytest.mark.req("DEL-25", "DEL-115")
async def test_a_message_and_a_contact_can_be_cancelled_and_a_sent_message_cannot(house: House) -> None:
    await house.add_account()
    contact = str(uuid4())
    template = house.template()
    first = await house.send_one(house.content(template), recipient(1))
    await house.send_one(house.content(template), recipient(2, contact_id=contact))
    assert (await cancel(house, message_id=first.message_id)).cancelled_count == 1
    assert (await cancel(house, contact_id=contact)).cancelled_count == 1
    third = await house.send_one(house.content(template), recipient(3))
    async with house.worker():
        await house.until_states({"cancelled": 2, "sent": 1})
    assert (await cancel(house, message_id=third.message_id)).cancelled_count == 0
    assert (await cancel(house, message_id=str(uuid7()))).cancelled_count == 0


async def test_deferred_messages_are_cancelled_where_they_wait(house: House) -> None:
    house.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_QUIET_HOURS, later(hours=2))
    answer = await house.send_one(house.content(), recipient())
    assert (await cancel(house, message_id=answer.message_id)).cancelled_count == 1
    assert await house.value("SELECT count(*) FROM message_wait") == 0


@pytest.mark.req("GEN-29")
async def test_a_repeated_cancellation_gives_the_first_answer(house: House) -> None:
    content = house.campaign_content()
    await house.send_block(content, [recipient(n) for n in range(3)])
    first = await cancel(house, "key", run_id=content.run_id)
    again = await cancel(house, "key", run_id=content.run_id)
    assert (first.cancelled_count, first.deduplicated) == (3, False)
    assert (again.cancelled_count, again.deduplicated) == (3, True)
    await house.send_block(content, [recipient(9)])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await cancel(house, "key", campaign_id=content.campaign_id)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert await house.states() == {"cancelled": 3, "pending": 1}


async def test_what_is_cancelled_while_a_worker_prepares_it_does_not_leave(house: House) -> None:
    asked = asyncio.Event()

    def rule(context: Any, item: Any) -> Any:
        asked.set()
        return ALLOW

    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        house.neighbours.consent.rule = rule
        house.neighbours.consent.delay = 0.7
        content = house.campaign_content()
        people = [recipient(n, message_id=str(uuid7())) for n in range(10)]
        async with house.worker(provider_mode="live"):
            await house.send_block(content, people)
            await house.until(lambda: house.rows("SELECT 1 FROM send_slot"))
            for person in people[:4]:
                assert (await cancel(house, message_id=person.message_id)).cancelled_count == 1
            await house.until_states({"cancelled": 4, "sent": 6})
        assert carrier.taken.keys() == {person.message_id for person in people[4:]}
    assert await house.value("SELECT count(*) FROM send_slot") == 6
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0


async def test_what_is_being_handed_over_cannot_be_cancelled_any_more(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        content = house.campaign_content()
        async with house.worker(provider_mode="live"):
            await house.send_block(content, [recipient(n) for n in range(10)])
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            assert (await cancel(house, run_id=content.run_id)).cancelled_count == 0
            carrier.gate.set()
            await house.until_states({"sent": 10})


@pytest.mark.req("DEL-26")
async def test_held_messages_wait_until_they_are_released_also_those_accepted_later(house: House) -> None:
    await house.add_account()
    content = house.campaign_content()
    metadata = house.as_service()
    await house.send_block(content, [recipient(n) for n in range(5)])
    hold = pb.HoldMessagesRequest(selector=pb.MessageSelector(campaign_id=content.campaign_id))
    assert (await house.messages.HoldMessages(hold, metadata=metadata)).held_count == 5
    async with house.worker():
        await house.send_block(content, [recipient(n) for n in range(5, 8)])
        await house.send_block(house.campaign_content(), [recipient(9)])
        await house.until_states({"pending": 8, "sent": 1})
        await asyncio.sleep(0.5)
        assert await house.states() == {"pending": 8, "sent": 1}
        await house.assert_every_waiting_message_stands_in_one_place()
        release = pb.ReleaseMessagesRequest(selector=hold.selector)
        assert (await house.messages.ReleaseMessages(release, metadata=metadata)).released_count == 8
        await house.until_states({"sent": 9})
    assert (await house.messages.ReleaseMessages(release, metadata=metadata)).released_count == 0


@pytest.mark.req("DEL-26")
async def test_held_messages_expire_normally(house: House) -> None:
    await house.add_account()
    content = house.campaign_content()
    content.expire_time.FromDatetime(later(seconds=1))
    await house.send_block(content, [recipient(n) for n in range(3)])
    hold = pb.HoldMessagesRequest(selector=pb.MessageSelector(tenant_marketing=True))
    assert (await house.messages.HoldMessages(hold, metadata=house.as_service())).held_count == 3
    async with house.worker():
        await house.until_states({"expired": 3})


async def test_a_single_message_cannot_be_held(house: House) -> None:
    hold = pb.HoldMessagesRequest(selector=pb.MessageSelector(message_id=str(uuid7())))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.messages.HoldMessages(hold, metadata=house.as_service())
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert UUID(hold.selector.message_id)
