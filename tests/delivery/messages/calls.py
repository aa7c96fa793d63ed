"""Calling MessageService in few words, and what is found in the database afterwards."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2, message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House

EMAIL, SMS, WHATSAPP = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP
PUSH, IN_APP = enums_pb2.CHANNEL_PUSH, enums_pb2.CHANNEL_IN_APP
OFFER, ORDER = enums_pb2.CATEGORY_OFFER, enums_pb2.CATEGORY_ORDER
S = message_pb2.Message


def struct(**fields: Any) -> Struct:
    value = Struct()
    value.update(fields)
    return value


def person(**fields: Any) -> pb.Recipient:
    """A recipient whose template gets the one variable it needs."""
    return pb.Recipient(**{"variables": struct(name="Anna"), **fields})


async def send(house: House, *, key: str = "", as_service: str = "", **fields: Any) -> pb.SendMessageResponse:
    request = pb.SendMessageRequest(idempotency_key=key or str(uuid4()), **fields)
    metadata = house.as_service(as_service) if as_service else house.as_person()
    return await house.messages.SendMessage(request, metadata=metadata)


async def send_many(
    house: House, *, key: str = "", as_service: str = "", **fields: Any
) -> pb.SendBatchResponse:
    request = pb.SendBatchRequest(idempotency_key=key or str(uuid4()), **fields)
    metadata = house.as_service(as_service) if as_service else house.as_person()
    return await house.messages.SendBatch(request, metadata=metadata)


async def show(house: House, message_id: str) -> pb.GetMessageResponse:
    return await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=message_id), metadata=house.as_person()
    )


async def listed(house: House, **fields: Any) -> pb.ListMessagesResponse:
    return await house.messages.ListMessages(pb.ListMessagesRequest(**fields), metadata=house.as_person())


async def cancel(house: House, **selector: Any) -> int:
    answer = await house.messages.CancelMessages(
        pb.CancelMessagesRequest(selector=pb.MessageSelector(**selector)), metadata=house.as_person()
    )
    return answer.cancelled_count


async def rows(house: House, query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Rows of the house's tenant: the query's first parameter is the tenant."""
    return await house.rows(query, house.tenant_id, *params)


async def states(house: House) -> dict[str, int]:
    found = await rows(house, "SELECT state, count(*) FROM message WHERE tenant_id = %s GROUP BY 1")
    return {S.State.Name(state).removeprefix("STATE_").lower(): count for state, count in found}


async def told(house: House) -> list[tuple[str, int]]:
    """Types and sizes of the tenant's events, in their order."""
    return await rows(house, "SELECT type, item_count FROM outbox WHERE tenant_id = %s ORDER BY id")


async def stopped(house: House, kind: str) -> list[tuple[str, str]]:
    """Messages and reasons of the tenant's events of a kind."""
    found = []
    for (envelope,) in await rows(
        house, "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = %s ORDER BY id", f"message.{kind}"
    ):
        payload = delivery_events_pb2.MessagesStopped()
        assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found += [(one.message_id, one.reason) for one in payload.messages]
    return found


async def scheduled(house: House) -> list[str]:
    """Messages that the tenant's events told to wait for their time."""
    found = []
    for (envelope,) in await rows(
        house, "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = 'message.scheduled' ORDER BY id"
    ):
        payload = delivery_events_pb2.MessagesScheduled()
        assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found += [one.message_id for one in payload.messages]
    return found


async def refused(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str, str, list[str]]:
    """Status, reason, number and fields of the error a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    reason, number, fields = _told(caught.value)
    return caught.value.code(), reason, number, fields


async def fields_refused(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str, list[str]]:
    """Status, reason and fields of the error a call ends with."""
    code, reason, _, fields = await refused(call)
    return code, reason, fields


def told_by(error: grpc.aio.AioRpcError) -> tuple[str, list[str]]:
    """Reason and fields of an error."""
    reason, _, fields = _told(error)
    return reason, fields


def _told(error: grpc.aio.AioRpcError) -> tuple[str, str, list[str]]:
    status: Any = rpc_status.from_call(error)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return info.reason, info.metadata["code"], [one.field for one in bad.field_violations]


def ids(answer: pb.SendMessageResponse) -> list[UUID]:
    return [UUID(one.message_id) for one in answer.messages]
