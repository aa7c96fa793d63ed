"""A process that sends the same messages as its siblings at the same time, and prints what it was answered."""

from __future__ import annotations

import asyncio
import os
from uuid import uuid4

import grpc.aio

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb


def content(**more: object) -> pb.MessageContent:
    fields = {
        "channel": enums_pb2.CHANNEL_EMAIL,
        "category": enums_pb2.CATEGORY_OFFER,
        "template_version_id": os.environ["TEMPLATE"],
        **more,
    }
    return pb.MessageContent(**fields)


def recipient(name: str) -> pb.Recipient:
    found = pb.Recipient(contact_id=os.environ["CONTACT"], address="anna@example.com")
    found.variables.update({"name": name})
    return found


async def main() -> None:
    metadata = (("authorization", os.environ["TOKEN"]), ("x-tenant-id", os.environ["TENANT"]))
    async with grpc.aio.insecure_channel(os.environ["ADDRESS"]) as channel:
        stub = grpc_pb.MessageServiceStub(channel)

        async def call(word: str, request: pb.SendMessageRequest) -> None:
            while True:
                try:
                    answer = await stub.SendMessage(request, metadata=metadata)
                    break
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.ABORTED:
                        raise
                    await asyncio.sleep(0.01)
            print(word, answer.message_id, int(answer.state), flush=True)

        cause = pb.Cause(event_id="order-7", rule="confirmed")
        calls = []
        for _ in range(8):
            calls += [
                call(
                    "keyed",
                    pb.SendMessageRequest(
                        content=content(), recipient=recipient("keyed"), idempotency_key=os.environ["KEY"]
                    ),
                ),
                call(
                    "caused",
                    pb.SendMessageRequest(
                        content=content(cause=cause),
                        recipient=recipient("caused"),
                        idempotency_key=str(uuid4()),
                    ),
                ),
                call(
                    "marketing",
                    pb.SendMessageRequest(
                        content=content(), recipient=recipient("same"), idempotency_key=str(uuid4())
                    ),
                ),
            ]
        await asyncio.gather(*calls)


asyncio.run(main())
