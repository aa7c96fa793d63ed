"""P6: the compliance decision in blocks of a thousand, over a million contacts."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import grpc

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2_grpc as grpc_pb
from bench import given
from bench.contacts import address, contact_id, fill
from bench.figures import Figure, Floor, Target
from bench.load import Load, Metadata, unary
from bench.processes import Meter, own_seconds
from bench.scripts import run_floor
from bench.stack import Stack, split
from services.common.security.jwt import issue_service

NAME = "decisions"
CONTACTS = 1_000_000
BLOCK = 1000
BLOCKS = 200
IN_FLIGHT = 2
_NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)


async def measure(stack: Stack, scale: float) -> Figure:
    """Asks, for each block, whether an offer by e-mail may go, and then once more as delivery asks before it sends."""
    contacts = max(BLOCK * 10, int(CONTACTS * scale) // BLOCK * BLOCK)
    blocks = max(10, int(BLOCKS * min(scale, 1.0)))
    async with given.tenant(stack) as cast:
        tenant_id = cast.tenant_id
    await fill(stack.database, tenant_id, contacts)
    # A block is spread over the whole table, so that no page serves two of its people.
    stride = contacts // BLOCK
    chosen = [
        [(number * 7919) % stride + place * stride for place in range(BLOCK)] for number in range(blocks)
    ]
    token = issue_service(stack.settings, "delivery")
    metadata = (("authorization", f"Bearer {token}"), ("x-tenant-id", str(tenant_id)))
    async with grpc.aio.insecure_channel(stack.installation.address("consent")) as channel:
        call = grpc_pb.ComplianceServiceStub(channel).EvaluateSendBatch
        # Every page is read once before, by both sides alike: what is measured is the work, not the disk.
        await _ask(call, chosen, pb.EVALUATION_PURPOSE_PREVIEW, metadata)
        meter = stack.meter()
        meter.start()
        own = own_seconds()
        found = await _ask(call, chosen, pb.EVALUATION_PURPOSE_PREVIEW, metadata)
        own = own_seconds() - own
        cpu, memory = meter.cpu(), meter.peak_memory()
        kept = await _ask(call, chosen, pb.EVALUATION_PURPOSE_SEND, metadata)
    items = blocks * BLOCK
    stored = await stack.count("SELECT count(*) FROM consent.decision WHERE tenant_id = %s", tenant_id)
    if stored != items:
        raise RuntimeError(f"{stored} of {items} decisions are kept")
    inside, outside = split(cpu)
    return Figure(
        number="P6",
        name=NAME,
        title=f"consent decisions in blocks of 1,000, over {contacts:,} contacts",
        items=items,
        rate=items / found.seconds,
        floor=await _floor(stack, tenant_id, chosen),
        target=Target(ratio=0.50),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        seconds={"decided": found.seconds, "decided and kept": kept.seconds},
        milliseconds={"block p50": found.quantile(0.5), "block p99": found.quantile(0.99)},
        notes=(
            f"{IN_FLIGHT} blocks in flight; the floor reads the same rows over as many connections, and ends there",
            "the product also parses and hashes addresses, runs fifteen checks, signs a link for each allowed message",
        ),
    )


async def _ask(
    call: Callable[..., Awaitable[pb.EvaluateSendBatchResponse]],
    chosen: Sequence[Sequence[int]],
    purpose: pb.EvaluationPurpose,
    metadata: Metadata,
) -> Load:
    """Asks about every block; raises when an answer is not what the rows say."""
    allowed = 0

    async def counted(request: pb.EvaluateSendBatchRequest, **options: Any) -> pb.EvaluateSendBatchResponse:
        nonlocal allowed
        answer = await call(request, **options)
        allowed += sum(one.outcome == pb.OUTCOME_ALLOW for one in answer.decisions)
        return answer

    found = await unary(
        counted, (_request(block, purpose) for block in chosen), metadata, in_flight=IN_FLIGHT
    )
    share = allowed / (len(chosen) * BLOCK)
    if not 0.5 < share < 0.99:
        raise RuntimeError(f"{share:.0%} were allowed, which is not what the rows say")
    return found


def _request(block: Sequence[int], purpose: pb.EvaluationPurpose) -> pb.EvaluateSendBatchRequest:
    context = pb.EvaluationContext(
        channel=enums_pb2.CHANNEL_EMAIL, category=enums_pb2.CATEGORY_OFFER, purpose=purpose
    )
    context.evaluate_time.FromDatetime(_NOON)
    items = [
        pb.EvaluationItem(contact_id=str(contact_id(number)), address=address(number)) for number in block
    ]
    return pb.EvaluateSendBatchRequest(context=context, items=items)


async def _floor(stack: Stack, tenant_id: UUID, chosen: Sequence[Sequence[int]]) -> Floor:
    # Hashes of the right length that are on no list, as those of nearly everybody.
    blocks = [
        (
            [contact_id(number).hex for number in block],
            [sha256(address(number).encode()).hexdigest() for number in block],
        )
        for block in chosen
    ]
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "decisions",
        database_url=stack.database_url,
        tenant_id=str(tenant_id),
        connections=IN_FLIGHT,
        blocks=blocks,
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    items = len(chosen) * BLOCK
    return Floor(items / found["seconds"], cpu / items * 1e6, "one hand-written join per 1,000, rows fetched")
