"""P4: one message at a time, each accepted durably before it is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench import given
from bench.figures import Figure, Floor, Target
from bench.load import Load, unary
from bench.processes import Meter, own_seconds
from bench.quiet import events_settled
from bench.scripts import serving_floor
from bench.stack import Stack, split

NAME = "unary"
ITEMS = 6_000
IN_FLIGHT = 32
_WARM_UP = 300


async def measure(stack: Stack, scale: float) -> Figure:
    """Sends messages that are due tomorrow, so that nothing but accepting is measured."""
    items = max(100, int(ITEMS * scale))
    async with given.tenant(stack) as cast:
        tenant_id = cast.tenant_id
        _, version_id = await given.template(cast.ada, enums_pb2.CATEGORY_ORDER)
        metadata = (("authorization", cast.ada.channels.credential()),)
    async with grpc.aio.insecure_channel(stack.installation.address("delivery")) as channel:
        call = grpc_pb.MessageServiceStub(channel).SendMessage
        await unary(call, _requests(version_id, _WARM_UP), metadata, in_flight=IN_FLIGHT)
        await events_settled(stack)
        meter = stack.meter()
        meter.start()
        own = own_seconds()
        found = await unary(call, _requests(version_id, items), metadata, in_flight=IN_FLIGHT)
        own = own_seconds() - own
        await events_settled(stack)
        cpu, memory = meter.cpu(), meter.peak_memory()
        alone = await unary(call, _requests(version_id, max(50, items // 20)), metadata, in_flight=1)
    kept = await stack.count("SELECT count(*) FROM delivery.message WHERE tenant_id = %s", tenant_id)
    if kept != _WARM_UP + items + max(50, items // 20):
        raise RuntimeError(f"{kept} messages are kept, not all that were answered")
    inside, outside = split(cpu)
    floor, floor_load = await _floor(stack, version_id, items)
    return Figure(
        number="P4",
        name=NAME,
        title="unary SendMessage, accepted durably",
        items=items,
        rate=items / found.seconds,
        floor=floor,
        target=Target(ratio=0.50),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        milliseconds={
            "p50": found.quantile(0.5),
            "p99": found.quantile(0.99),
            "p50 alone": alone.quantile(0.5),
            "p99 alone": alone.quantile(0.99),
            "floor p50": floor_load.quantile(0.5),
            "floor p99": floor_load.quantile(0.99),
        },
        notes=(
            f"{IN_FLIGHT} calls in flight from one caller, whose own CPU is part of both times",
            "each call asks consent, stores message, content, work, idempotency key and event in one transaction",
        ),
    )


async def _floor(stack: Stack, version_id: str, items: int) -> tuple[Floor, Load]:
    postgres = stack.supervisor.pid("postgres")
    async with (
        serving_floor("unary", database_url=stack.database_url) as (pid, port),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        call = grpc_pb.MessageServiceStub(channel).SendMessage
        await unary(call, _requests(version_id, _WARM_UP), (), in_flight=IN_FLIGHT)
        meter = Meter({"floor": lambda: pid, "postgres": lambda: postgres})
        meter.start()
        found = await unary(call, _requests(version_id, items), (), in_flight=IN_FLIGHT)
        cpu = sum(meter.cpu().values())
    words = "bare grpc.aio server, one INSERT and COMMIT a call"
    return Floor(items / found.seconds, cpu / items * 1e6, words), found


def _requests(version_id: str, count: int) -> Iterator[pb.SendMessageRequest]:
    content = pb.MessageContent(
        channel=enums_pb2.CHANNEL_EMAIL,
        category=enums_pb2.CATEGORY_ORDER,
        template_version_id=version_id,
    )
    content.schedule_time.FromDatetime(datetime.now(UTC) + timedelta(days=1))
    run = uuid4().hex
    for number in range(count):
        recipient = pb.Recipient(address=given.ADDRESS.format(number), name=f"Ada Wolf {number}")
        yield pb.SendMessageRequest(content=content, recipient=recipient, idempotency_key=f"{run}-{number}")
