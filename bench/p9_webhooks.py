"""P9: signed webhooks of SendGrid at the gateway, each kept before it is answered, until all of it is applied to messages."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import provider_service_pb2
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from bench import given
from bench.figures import Figure, Floor, Target
from bench.processes import Meter, own_seconds
from bench.quiet import events_settled
from bench.scripts import run_floor
from bench.stack import Stack, split
from cli.demo.actors import Cast

NAME = "webhooks"
ITEMS = 20_000
EVENTS: Final = 500
IN_FLIGHT: Final = 4
_WARM_UP: Final = 2
_BLOCK: Final = 1_000
_LONGEST: Final = 180.0
_POLL: Final = 0.02
_SENT: Final = "SELECT count(*) FROM delivery.message WHERE tenant_id = %s AND sent_at IS NOT NULL"
_APPLIED: Final = "SELECT count(*) FROM delivery.message WHERE tenant_id = %s AND delivered_at IS NOT NULL"


async def measure(stack: Stack, scale: float) -> Figure:
    """Tells of the delivery of messages that left, in bodies of 500 events, and asks a bare script for the same."""
    webhooks = max(4, int(ITEMS * scale) // EVENTS)
    items = webhooks * EVENTS
    key = ec.generate_private_key(ec.SECP256R1())
    async with given.tenant(stack) as cast:
        path = await _account(stack, cast, key)
        ids = await _messages(stack, cast, items + _WARM_UP * EVENTS)
        tenant_id = cast.tenant_id
    bodies = [_body(ids[start : start + EVENTS]) for start in range(0, len(ids), EVENTS)]
    url = stack.installation.gateway_url + path
    await _post(url, iter(bodies[:_WARM_UP]), key)
    await _until(stack, _APPLIED, tenant_id, _WARM_UP * EVENTS)
    await events_settled(stack)
    meter = stack.meter()
    meter.start()
    own, began = own_seconds(), time.perf_counter()
    await _post(url, iter(bodies[_WARM_UP:]), key)
    answered = time.perf_counter() - began
    own = own_seconds() - own
    await _until(stack, _APPLIED, tenant_id, len(ids))
    applied = time.perf_counter() - began
    await events_settled(stack)
    heard = time.perf_counter() - began
    cpu, memory = meter.cpu(), meter.peak_memory()
    inside, outside = split(cpu)
    return Figure(
        number="P9",
        name=NAME,
        title="webhooks of 500 signed events, applied to messages",
        items=items,
        rate=items / applied,
        floor=await _floor(stack, items),
        target=Target(ratio=0.40),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        seconds={"answered": answered, "applied": applied, "events heard": heard},
        notes=(
            f"{IN_FLIGHT} webhooks in flight; each is in the database before its answer leaves, and applied afterwards",
            "CPU includes the receipts, the events and the three services that hear them; the floor keeps none of these",
        ),
    )


async def _account(stack: Stack, cast: Cast, key: ec.EllipticCurvePrivateKey) -> str:
    """Makes an account whose webhooks are signed with a key, and returns where they go."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL,
        provider="sendgrid",
        name="bench sendgrid",
        rate_per_second=10_000,
        max_concurrency=10,
    )
    made.config.update(
        {
            "base_url": stack.sandbox_url,
            "from_address": given.SENDER,
            "verification_key": base64.b64encode(public).decode(),
        }
    )
    request = provider_service_pb2.CreateProviderAccountRequest(
        provider_account=made, credentials={"api_key": f"SG.{uuid4().hex}"}
    )
    answer = await cast.ada.providers.CreateProviderAccount(request)
    return str(answer.provider_account.webhook_path)


async def _messages(stack: Stack, cast: Cast, count: int) -> list[UUID]:
    """Sends messages and returns their ids once all of them were taken."""
    _, version_id = await given.template(cast.ada, enums_pb2.CATEGORY_ORDER)
    messages = cast.ada.channels.stub(MessageServiceStub, "delivery")
    for start in range(0, count, _BLOCK):
        request = pb.SendBatchRequest(
            content=pb.MessageContent(
                channel=enums_pb2.CHANNEL_EMAIL,
                category=enums_pb2.CATEGORY_ORDER,
                template_version_id=version_id,
            ),
            name="bench",
            idempotency_key=uuid4().hex,
        )
        for number in range(start, min(start + _BLOCK, count)):
            request.recipients.add(address=given.ADDRESS.format(number), name=f"Ada Wolf {number}")
        await messages.SendBatch(request)
    await _until(stack, _SENT, cast.tenant_id, count)
    rows = await stack.database.execute(
        "SELECT message_id FROM delivery.message WHERE tenant_id = %s ORDER BY message_id", (cast.tenant_id,)
    )
    return [row[0] for row in await rows.fetchall()]


def _event(message_id: str) -> dict[str, Any]:
    """Returns an event as SendGrid tells it."""
    return {
        "email": given.ADDRESS.format(1),
        "timestamp": int(time.time()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": "delivered",
        "category": ["order"],
        "sg_event_id": uuid4().hex,
        "sg_message_id": f"{uuid4().hex}.filter0001.16648.5515E0B88.0",
        "response": "250 OK",
        "angarium_message_id": message_id,
    }


def _body(ids: Sequence[UUID]) -> bytes:
    return json.dumps([_event(str(one)) for one in ids]).encode()


async def _post(url: str, bodies: Iterator[bytes], key: ec.EllipticCurvePrivateKey) -> None:
    """Posts bodies, so many at once; one that is not taken ends it."""

    async def post(session: aiohttp.ClientSession) -> None:
        for body in bodies:
            at = str(int(time.time()))
            signature = key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
            headers = {
                "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
                "X-Twilio-Email-Event-Webhook-Timestamp": at,
                "Content-Type": "application/json",
            }
            async with session.post(url, data=body, headers=headers) as answer:
                await answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"the gateway answered {answer.status}")

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(post(session))


async def _until(stack: Stack, query: str, tenant_id: UUID, count: int) -> None:
    async with asyncio.timeout(_LONGEST):
        while await stack.count(query, tenant_id) < count:  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(_POLL)


async def _floor(stack: Stack, items: int) -> Floor:
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "webhooks", database_url=stack.database_url, items=items, events=EVENTS, event=_event("")
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    words = "signature, JSON, one bulk update per 500 events"
    return Floor(items / found["seconds"], cpu / items * 1e6, words)
