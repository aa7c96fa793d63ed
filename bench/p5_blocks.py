"""P5: messages in blocks of a thousand over StreamMessages, each block accepted in one transaction."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench import given
from bench.figures import Figure, Floor, Target
from bench.load import stream
from bench.processes import Meter, own_seconds
from bench.quiet import events_settled
from bench.scripts import run_floor
from bench.stack import Stack, split

NAME = "blocks"
ITEMS = 100_000
BLOCK = 1000
STREAMS = 2


async def measure(stack: Stack, scale: float) -> Figure:
    """Streams messages that are due tomorrow, so that nothing but accepting is measured."""
    blocks = max(STREAMS, int(ITEMS * scale) // BLOCK // STREAMS * STREAMS)
    items = blocks * BLOCK
    async with given.tenant(stack) as cast:
        tenant_id = cast.tenant_id
        _, version_id = await given.template(cast.ada, enums_pb2.CATEGORY_ORDER)
        metadata = (("authorization", cast.ada.channels.credential()),)
    requests = [_request(version_id, number) for number in range(blocks)]
    async with grpc.aio.insecure_channel(stack.installation.address("delivery")) as channel:
        call = grpc_pb.MessageServiceStub(channel).StreamMessages
        await stream(call, [_request(version_id, number) for number in range(2)], metadata)
        await events_settled(stack)
        meter = stack.meter()
        meter.start()
        own, began = own_seconds(), time.perf_counter()
        answers = await asyncio.gather(
            *(stream(call, requests[number::STREAMS], metadata) for number in range(STREAMS))
        )
        seconds, own = time.perf_counter() - began, own_seconds() - own
        await events_settled(stack)
        settled = time.perf_counter() - began
        cpu, memory = meter.cpu(), meter.peak_memory()
    accepted = sum(answer.result.accepted_count for one in answers for answer in one)
    kept = await stack.count("SELECT count(*) FROM delivery.message WHERE tenant_id = %s", tenant_id)
    if accepted != items or kept != items + 2 * BLOCK:
        raise RuntimeError(f"{accepted} of {items} messages were accepted, {kept} are kept")
    inside, outside = split(cpu)
    return Figure(
        number="P5",
        name=NAME,
        title="StreamMessages in blocks of 1,000",
        items=items,
        rate=items / seconds,
        floor=await _floor(stack, str(tenant_id), items, requests[0].batch.recipients[0].ByteSize()),
        target=Target(ratio=0.40, cpu_us=40),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        seconds={"accepted": seconds, "events heard": settled},
        notes=(
            f"{STREAMS} streams; the floor copies over as many connections, one transaction per block",
            "CPU includes consent's preview of each block, the events and whoever hears them",
        ),
    )


async def _floor(stack: Stack, tenant_id: str, items: int, payload: int) -> Floor:
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "blocks",
        database_url=stack.database_url,
        tenant_id=tenant_id,
        items=items,
        connections=STREAMS,
        payload_bytes=payload,
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    return Floor(
        items / found["seconds"], cpu / items * 1e6, "COPY of the same rows, a transaction per 1,000"
    )


def _request(version_id: str, block: int) -> pb.StreamMessagesRequest:
    content = pb.MessageContent(
        channel=enums_pb2.CHANNEL_EMAIL,
        category=enums_pb2.CATEGORY_ORDER,
        template_version_id=version_id,
    )
    content.schedule_time.FromDatetime(datetime.now(UTC) + timedelta(days=1))
    numbers = range(block * BLOCK, (block + 1) * BLOCK)
    recipients = [
        pb.Recipient(address=given.ADDRESS.format(number), name=f"Ada{number % 97} Wolf{number % 89}")
        for number in numbers
    ]
    batch = pb.SendBatchRequest(content=content, recipients=recipients, idempotency_key=uuid4().hex)
    return pb.StreamMessagesRequest(batch=batch)
