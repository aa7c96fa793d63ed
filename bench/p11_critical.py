"""P11: a critical message of one tenant while a large campaign of another runs."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench import given
from bench.figures import Figure, Floor, Target
from bench.launch import launch
from bench.quiet import events_settled
from bench.stack import Stack, split
from cli.demo.actors import Cast

NAME = "critical"
ITEMS = 100_000
CALLS = 300
PAUSE = 0.03
"""Seconds between the end of one call and the next: nobody sends single messages at full speed."""

_WARM_UP = 20

# The hand-over is written down and committed right before the provider is called.
_STARTED = """
SELECT m.message_id, m.last_attempt_at FROM delivery.message m
WHERE m.tenant_id = %s AND m.message_id = ANY (%s) AND m.sent_at IS NOT NULL
"""


async def measure(stack: Stack, scale: float) -> Figure:
    """Times critical messages on an idle system, then while the campaign is under way."""
    items = max(1000, int(ITEMS * scale))
    calls = max(50, int(CALLS * min(scale, 1.0)))
    async with given.tenant(stack) as crowd, given.tenant(stack) as single:
        await _account(stack, crowd)
        await _account(stack, single)
        template_id, _ = await given.template(crowd.ada, enums_pb2.CATEGORY_OFFER)
        _, version_id = await given.template(single.ada, enums_pb2.CATEGORY_ORDER)
        with tempfile.TemporaryDirectory() as folder:
            await given.contacts(crowd.ada, items, Path(folder))
        campaign_id = await given.approved_campaign(crowd, template_id)
        async with grpc.aio.insecure_channel(stack.installation.address("delivery")) as channel:
            send = _sending(channel, single, version_id)
            await _times(stack, single.tenant_id, send, _WARM_UP)
            await events_settled(stack)
            idle = await _times(stack, single.tenant_id, send, calls)
            meter = stack.meter()
            meter.start()
            running = asyncio.create_task(launch(stack, crowd, campaign_id, items))
            await _begun(stack, crowd.tenant_id)
            loaded = await _times(stack, single.tenant_id, send, calls, until=running)
            is_over = running.done()
            done = await running
            inside, outside = split(meter.cpu())
            memory = meter.peak_memory()
    return Figure(
        number="P11",
        name=NAME,
        title="critical message, accept to provider call, beside a campaign",
        items=len(loaded),
        rate=1000 / _quantile(loaded, 0.99),
        floor=Floor(1000 / _quantile(idle, 0.99), 0.0, "the same on the idle system; a second over its p99"),
        target=Target(ratio=1 / 3),
        cpu_seconds=inside,
        outside_seconds=outside,
        peak_memory=memory,
        seconds={"campaign": done.settled},
        milliseconds={
            "p50": _quantile(loaded, 0.5),
            "p99": _quantile(loaded, 0.99),
            "idle p50": _quantile(idle, 0.5),
            "idle p99": _quantile(idle, 0.99),
        },
        notes=(
            "from the call to the committed hand-over, right before the provider is called",
            f"{items:,} recipients of another tenant are under way",
            f"{len(idle)} calls idle, {len(loaded)} beside the campaign"
            + (", which ended before all calls were made" if is_over else ""),
            "CPU is the campaign's, and means nothing for one call",
        ),
    )


async def _account(stack: Stack, cast: Cast) -> None:
    config: dict[str, str | int] = {"base_url": stack.sandbox_url, "from_address": given.SENDER}
    await given.account(cast.ada, "sendgrid", config, concurrency=10, api_key=f"SG.{uuid4().hex}")


def _sending(
    channel: grpc.aio.Channel, cast: Cast, version_id: str
) -> Callable[[int], Awaitable[tuple[UUID, float]]]:
    call: Any = grpc_pb.MessageServiceStub(channel).SendMessage
    content = pb.MessageContent(
        channel=enums_pb2.CHANNEL_EMAIL,
        category=enums_pb2.CATEGORY_ORDER,
        priority=enums_pb2.PRIORITY_CRITICAL,
        template_version_id=version_id,
    )

    async def send(number: int) -> tuple[UUID, float]:
        recipient = pb.Recipient(address=given.ADDRESS.format(number), name=f"Ada Wolf {number}")
        request = pb.SendMessageRequest(content=content, recipient=recipient, idempotency_key=uuid4().hex)
        began = time.time()
        metadata = (("authorization", cast.ada.channels.credential()),)
        answer = await call(request, metadata=metadata, timeout=30)
        return UUID(answer.message_id), began

    return send


async def _times(
    stack: Stack,
    tenant_id: UUID,
    send: Callable[[int], Awaitable[tuple[UUID, float]]],
    calls: int,
    until: "asyncio.Task[Any] | None" = None,
) -> list[float]:
    """Returns milliseconds from each call to its hand-over, sorted."""
    began: dict[UUID, float] = {}
    for number in range(calls):
        if until is not None and until.done():
            break
        message_id, at = await send(number)
        began[message_id] = at
        await asyncio.sleep(PAUSE)
    found: dict[UUID, datetime] = {}
    async with asyncio.timeout(60):
        while len(found) < len(began):
            cursor = await stack.database.execute(_STARTED, (tenant_id, list(began)))
            found = dict(await cursor.fetchall())
            await asyncio.sleep(0.1)
    return sorted((found[id].astimezone(UTC).timestamp() - at) * 1000 for id, at in began.items())


async def _begun(stack: Stack, tenant_id: UUID) -> None:
    query = "SELECT count(*) FROM delivery.handover WHERE tenant_id = %s"
    while not await stack.count(query, tenant_id):  # noqa: ASYNC110 - other processes set no event of ours
        await asyncio.sleep(0.05)


def _quantile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))]
