from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7
from tests.delivery.kit import House, recipient
from tests.fakes.carrier import Carrier

S = message_pb2.Message


async def get(house: House, id: str) -> pb.GetMessageResponse:
    return await house.messages.GetMessage(pb.GetMessageRequest(message_id=id), metadata=house.as_person())


async def listed(house: House, **fields: Any) -> pb.ListMessagesResponse:
    return await house.messages.ListMessages(pb.ListMessagesRequest(**fields), metadata=house.as_person())


@pytest.mark.req("DEL-23")
async def test_a_message_is_shown_with_its_tries_and_history_and_a_masked_address(house: House) -> None:
    account = await house.add_account(
        config={"rules": [{"result": "retryable", "code": "unavailable", "reason": "try later", "times": 1}]}
    )
    answer = await house.send_one(house.content(), recipient(1, language_code="en"))
    async with house.worker(retry_delay_ms=20):
        await house.until_states({"sent": 1})
    found = await get(house, answer.message_id)
    assert found.message.state == S.STATE_SENT
    assert found.message.masked_address == "p***@example.com"
    assert found.message.provider_account_id == str(account)
    assert found.message.attempt_count == 2
    assert found.message.send_time.seconds > 0
    outcomes = [(one.number, one.outcome, one.code) for one in found.attempts]
    assert outcomes == [
        (1, message_pb2.ATTEMPT_OUTCOME_RETRYABLE, "unavailable"),
        (2, message_pb2.ATTEMPT_OUTCOME_ACCEPTED, ""),
    ]
    assert [one.type for one in found.log] == ["accepted", "sending", "retrying", "sending", "sent"]
    assert {one.actor.split()[0] for one in found.log} == {"person-1", "worker"}
    assert "person1" not in str(found)


async def test_an_unknown_message_is_not_found(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await get(house, str(uuid7()))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.req("DEL-119")
async def test_a_message_in_hand_is_shown_as_sending(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        answer = await house.send_one(house.content(), recipient())
        async with house.worker(provider_mode="live"):
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            assert (await get(house, answer.message_id)).message.state == S.STATE_SENDING
            assert len((await listed(house, state=S.STATE_SENDING)).messages) == 1
            assert len((await listed(house, state=S.STATE_QUEUED)).messages) == 0
            carrier.gate.set()
            await house.until_states({"sent": 1})


@pytest.mark.req("DEL-24", "GEN-26")
async def test_pages_go_through_all_messages_newest_first_without_repeating_any(house: House) -> None:
    content = house.campaign_content()
    await house.send_block(content, [recipient(n) for n in range(120)])
    await house.send_one(house.content(), recipient(0))
    ids: list[str] = []
    token = ""
    while True:
        page = await listed(house, campaign_id=content.campaign_id, page_size=50, page_token=token)
        ids += [one.message_id for one in page.messages]
        token = page.next_page_token
        if not token:
            break
    assert len(ids) == len(set(ids)) == 120
    assert ids == sorted(ids, reverse=True)
    first = await listed(house, campaign_id=content.campaign_id, page_size=50)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await listed(house, page_size=50, page_token=first.next_page_token)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.req("DEL-24")
async def test_lists_are_filtered_by_contact_state_and_category(house: House) -> None:
    contact = str(uuid4())
    content = house.content()
    await house.send_one(content, recipient(1, contact_id=contact))
    await house.send_one(content, recipient(2))
    assert len((await listed(house, contact_id=contact)).messages) == 1
    assert len((await listed(house, state=S.STATE_PENDING)).messages) == 2
    assert len((await listed(house, state=S.STATE_SENT)).messages) == 0
    assert len((await listed(house, category=content.category)).messages) == 2


@pytest.mark.req("GEN-11")
async def test_a_caller_limited_to_branches_sees_messages_of_those_only(house: House) -> None:
    from services.common.security.jwt import issue_person

    branch = str(uuid4())
    template = house.template()
    mine = await house.send_one(house.content(template, branch_id=branch), recipient(1))
    other = await house.send_one(house.content(template, branch_id=str(uuid4())), recipient(2))
    token = issue_person(house.settings, house.tenant_id, "manager", ["branch_manager"], [branch])
    metadata = (("authorization", f"Bearer {token}"),)
    page = await house.messages.ListMessages(pb.ListMessagesRequest(), metadata=metadata)
    assert [one.message_id for one in page.messages] == [mine.message_id]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.messages.GetMessage(pb.GetMessageRequest(message_id=other.message_id), metadata=metadata)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


async def test_the_states_of_a_run_come_in_blocks_by_id(house: House) -> None:
    await house.add_account()
    content = house.campaign_content()
    ids = [str(uuid7()) for _ in range(1500)]
    for start in (0, 1000):
        people = [recipient(n, message_id=id) for n, id in enumerate(ids[start : start + 1000])]
        await house.send_block(content, people)
    await house.send_block(house.campaign_content(campaign_id=content.campaign_id), [recipient(1)])
    async with house.worker():
        await house.until_states({"sent": 1501})
    blocks = [
        block
        async for block in house.messages.StreamRunStates(
            pb.StreamRunStatesRequest(run_id=content.run_id), metadata=house.as_service()
        )
    ]
    assert [len(block.message_ids) for block in blocks] == [1000, 500]
    assert [id for block in blocks for id in block.message_ids] == ids
    assert {state for block in blocks for state in block.states} == {S.STATE_SENT}
    none = house.messages.StreamRunStates(
        pb.StreamRunStatesRequest(run_id=str(uuid4())), metadata=house.as_service()
    )
    assert [block async for block in none] == []
