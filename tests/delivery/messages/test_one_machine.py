"""However a message comes, it is the same message with the same states and lanes (DEL-118, DEL-149)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import grpc
import pytest
from google.protobuf import json_format

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.delivery.messages.domain import MOVES, Lane, State
from tests.delivery.kit import House
from tests.delivery.messages.calls import listed, person, refused, rows, send, send_many, show, states

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.req("DEL-118")
async def test_messages_of_every_call_are_rows_of_one_table_with_the_states_of_the_contract(
    office: House,
) -> None:
    content = office.content()
    to = person(address="a@example.com")

    async def blocks() -> AsyncIterator[pb.StreamMessagesRequest]:
        yield pb.StreamMessagesRequest(
            batch=pb.SendBatchRequest(content=content, recipients=[to], idempotency_key=str(uuid4()))
        )

    single = (await send(office, content=content, recipient=to)).message_id
    several = (await send(office, content=content, recipients=[to])).messages[0].message_id
    batch = (await send_many(office, content=content, recipients=[to])).message_ids[0]
    [streamed] = [one async for one in office.messages.StreamMessages(blocks(), metadata=office.as_person())]
    campaign = await send_many(
        office, as_service="campaign", content=office.campaign_content(), recipients=[to]
    )
    made = {single, several, batch, *streamed.result.message_ids, *campaign.message_ids}
    assert len(made) == 5
    assert {one.message_id for one in (await listed(office)).messages} == made
    assert await states(office) == {"pending": 5}
    named = {f"STATE_{state.name}": state.value for state in State}
    assert dict(message_pb2.Message.State.items()) == {"STATE_UNSPECIFIED": 0, **named}
    assert set(MOVES) == set(State)


@pytest.mark.req("DEL-149")
async def test_lanes_have_four_names_and_other_words_for_them_are_refused(office: House) -> None:
    assert {f"PRIORITY_{lane.name}": lane.value for lane in Lane} == {
        name: number for name, number in enums_pb2.Priority.items() if number
    }
    for word in ("PRIORITY_MEDIUM", "PRIORITY_BULK", "urgent"):
        with pytest.raises(json_format.ParseError):
            json_format.ParseDict({"priority": word}, pb.MessageContent())
    unknown = office.content()
    unknown.priority = 9  # type: ignore[assignment]
    found = await refused(send(office, content=unknown, recipient=person(address="a@example.com")))
    assert found == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_FAILED",
        "MARKETING_063",
        ["content.priority"],
    )
    for lane in Lane:
        answer = await send(
            office, content=office.content(priority=int(lane)), recipient=person(address="a@example.com")
        )
        assert (await show(office, answer.message_id)).message.priority == lane
    assert await rows(office, "SELECT lane FROM dispatch_block WHERE tenant_id = %s ORDER BY lane") == [
        (lane.value,) for lane in Lane
    ]
