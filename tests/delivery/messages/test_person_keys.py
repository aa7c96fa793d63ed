"""What of a message is personal is sealed with a key of its person, and gone with the key."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, recipient


async def erase(house: House, contact_id: str) -> contact_data_pb2.EraseContactDataResponse:
    stub = contact_data_pb2_grpc.ContactDataServiceStub(house.channel)
    request = contact_data_pb2.EraseContactDataRequest(
        contact_id=contact_id, privacy_request_id=str(uuid4()), tombstone_id=str(uuid4())
    )
    found: contact_data_pb2.EraseContactDataResponse = await stub.EraseContactData(
        request, metadata=house.as_service("consent")
    )
    return found


async def message(house: House, message_id: str) -> Any:
    answer = await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=message_id), metadata=house.as_person()
    )
    return answer.message


@pytest.mark.req("W10", "CON-54", "GEN-36")
async def test_destroying_one_persons_key_leaves_the_neighbours_in_the_chunk_readable(house: House) -> None:
    people = [recipient(number) for number in range(120)]
    answer = await house.send_block(house.content(), people)
    assert await house.value("SELECT count(*) FROM person_key") == 120
    erased = people[60].contact_id
    done = await erase(house, erased)
    assert done.remaining_count == 0
    assert {one.store: one.shredded_key_count for one in done.stores}["delivery.person_key"] == 1
    ids = answer.message_ids
    assert (await message(house, ids[60])).masked_address == ""
    assert (await message(house, ids[60])).contact_id not in ("", erased)
    for place in (0, 59, 61, 119):
        assert (await message(house, ids[place])).masked_address.startswith("p***")
    again = await erase(house, erased)
    assert {one.store: one.shredded_key_count for one in again.stores} == {
        one.store: one.shredded_key_count for one in done.stores
    }


@pytest.mark.req("W10", "CON-91")
async def test_a_message_that_waits_for_an_erased_person_is_never_sent(house: House) -> None:
    await house.add_account()
    people = [recipient(number) for number in range(3)]
    answer = await house.send_block(house.content(), people)
    await erase(house, people[1].contact_id)
    async with house.worker():
        await house.until_states({"sent": 2, "skipped": 1})
    found = await message(house, answer.message_ids[1])
    assert (found.state, found.reason) == (message_pb2.Message.STATE_SKIPPED, "contact_erased")


@pytest.mark.req("W10", "CON-91")
async def test_who_was_erased_gets_no_new_key_and_is_skipped_at_acceptance(house: House) -> None:
    person = recipient(1)
    await house.send_block(house.content(), [person])
    await erase(house, person.contact_id)
    answer = await house.send_block(
        house.content(), [recipient(2), recipient(3, contact_id=person.contact_id)]
    )
    assert answer.accepted_count == 2
    late = await message(house, answer.message_ids[1])
    assert (late.state, late.reason) == (message_pb2.Message.STATE_SKIPPED, "contact_erased")
    assert late.contact_id != person.contact_id
    assert (
        await house.value("SELECT count(*) FROM person_key WHERE contact_id = %s", UUID(person.contact_id))
        == 0
    )
    assert (
        await house.value("SELECT count(*) FROM message WHERE contact_id = %s", UUID(person.contact_id)) == 0
    )


@pytest.mark.req("W10")
async def test_two_blocks_with_the_same_new_people_agree_on_their_keys(house: House) -> None:
    people = [recipient(number) for number in range(200)]
    blocks = [people, list(reversed(people)), people[50:150], people]
    answers = await asyncio.gather(*(house.send_block(house.content(), block) for block in blocks))
    assert await house.value("SELECT count(*) FROM person_key") == 200
    for answer in answers:
        for message_id in (answer.message_ids[0], answer.message_ids[-1]):
            assert (await message(house, message_id)).masked_address.startswith("p***")
