"""Every grpcurl line of the page about sending does what the page says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import grpc
import protovalidate
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2
from tests.delivery.kit import House, open_house
from tests.docs.test_operations import words

PAGE = Path(__file__).parents[2] / "docs" / "sending.md"
MADE_UP = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
METHODS = message_service_pb2.DESCRIPTOR.services_by_name["MessageService"].methods_by_name
ACCEPTED = {"SendMessage": 6, "SendBatch": 4}
"""How many messages the lines of a method make together."""


def lines() -> list[str]:
    return [line for line in PAGE.read_text().splitlines() if line.startswith("grpcurl ")]


async def answered(house: House, method: MethodDescriptor, request: Any) -> tuple[grpc.StatusCode, Any]:
    call = house.channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    try:
        return grpc.StatusCode.OK, await call(request, metadata=house.as_person())
    except grpc.aio.AioRpcError as error:
        return error.code(), None


@pytest.mark.req("W9", "DEL-20", "DEL-21")
async def test_every_line_of_the_page_about_sending_is_answered(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> None:
    made = dict.fromkeys(ACCEPTED, 0)
    async with open_house(clone_database(["delivery"]), redis_url) as house:
        for channel in (enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS):
            house.template(name="order-shipped", channel=channel)
        assert len(lines()) >= 12
        for line in lines():
            service, asked, body = words(line)
            name = asked.rpartition("/")[2]
            assert (service, asked) == ("delivery", f"angarium.delivery.v1.MessageService/{name}"), line
            method = METHODS[name]
            request = json_format.ParseDict(body, GetMessageClass(method.input_type)())
            protovalidate.validate(request)
            code, answer = await answered(house, method, request)
            # An example's made-up id names nothing, and cancelling nothing is no error.
            expected = grpc.StatusCode.OK
            if MADE_UP in line and name != "CancelMessages":
                expected = grpc.StatusCode.NOT_FOUND
            assert code is expected, line
            if name == "SendMessage":
                made[name] += len(answer.messages)
            elif name == "SendBatch":
                assert list(answer.errors) == [], line
                made[name] += answer.accepted_count
        assert made == ACCEPTED
        assert await house.states() == {"pending": 9, "cancelled": 1}
