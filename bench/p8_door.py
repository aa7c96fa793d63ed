"""P8: the pixel and the redirect of the gateway, each hit stored before it is answered."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import aiohttp

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from bench import given
from bench.figures import Figure, Floor, Target
from bench.load import Load
from bench.processes import Meter, own_seconds
from bench.quiet import events_settled
from bench.scripts import serving_floor
from bench.stack import Stack, split
from cli.client import ConsoleSettings, client_settings
from cli.demo.actors import Cast
from services.common.security.tokens import Purpose, TokenSigner

NAME = "door"
ITEMS = 20_000
IN_FLIGHT = 32
MESSAGES: Final = 1_000
"""Messages that are opened and clicked, each several times."""
_WARM_UP = 500
_LONGEST = 60.0
_TARGET: Final = "https://shop.example/winter"
_STORED: Final = """
SELECT (SELECT count(*) FROM delivery.engagement_hit WHERE tenant_id = %s)
    + (SELECT count(*) FROM delivery.engagement WHERE tenant_id = %s)
"""


async def measure(stack: Stack, scale: float) -> Figure:
    """Opens and clicks messages of one tenant by turns, and asks a bare script for the same."""
    items = max(200, int(ITEMS * scale))
    async with given.tenant(stack) as cast:
        config: dict[str, str | int] = {"base_url": stack.sandbox_url, "from_address": given.SENDER}
        await given.account(cast.ada, "sendgrid", config, concurrency=10, api_key=f"SG.{uuid4().hex}")
        _, paths = await links(stack, cast, MESSAGES)
        tenant_id = cast.tenant_id
    url = stack.installation.gateway_url
    await visits(url, _by_turns(paths, _WARM_UP))
    await events_settled(stack)
    stored = await _stored(stack, tenant_id)
    meter = stack.meter()
    meter.start()
    own = own_seconds()
    found = await visits(url, _by_turns(paths, items))
    own = own_seconds() - own
    kept = await _stored(stack, tenant_id) - stored
    if kept != items:
        raise RuntimeError(f"{kept} of {items} hits are kept")
    await events_settled(stack)
    cpu, memory = meter.cpu(), meter.peak_memory()
    inside, outside = split(cpu)
    floor, bare = await _floor(paths, items)
    return Figure(
        number="P8",
        name=NAME,
        title="opens and clicks at the gateway, each stored",
        items=items,
        rate=items / found.seconds,
        floor=floor,
        target=Target(ratio=0.60),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        milliseconds={
            "p50": found.quantile(0.5),
            "p99": found.quantile(0.99),
            "floor p50": bare.quantile(0.5),
            "floor p99": bare.quantile(0.99),
        },
        notes=(
            f"{IN_FLIGHT} requests in flight from one caller, whose own CPU is part of both times",
            "half pixels, half redirects; every hit is in the database before its answer leaves, the floor keeps nothing",
            f"p99 is {found.quantile(0.99) / bare.quantile(0.99):.1f} times the floor's",
        ),
    )


async def visits(url: str, paths: Iterator[str]) -> Load:
    """Gets each path, so many at once, and times each; an answer that is neither pixel nor redirect ends it."""
    times: list[float] = []

    async def visitor(session: aiohttp.ClientSession) -> None:
        for path in paths:
            began = time.perf_counter()
            async with session.get(url + path, allow_redirects=False) as answer:
                await answer.read()
            if answer.status != (302 if "/click/" in path else 200):
                raise RuntimeError(f"the door answered {answer.status}")
            times.append((time.perf_counter() - began) * 1000)

    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(IN_FLIGHT):
                group.create_task(visitor(session))
        return Load(time.perf_counter() - began, sorted(times))


async def links(stack: Stack, cast: Cast, count: int) -> tuple[str, list[str]]:
    """Sends messages, and returns their version with the paths of their pixels and of one of their links."""
    _, version_id = await given.template(cast.ada, enums_pb2.CATEGORY_ORDER)
    request = pb.SendBatchRequest(
        content=pb.MessageContent(
            channel=enums_pb2.CHANNEL_EMAIL,
            category=enums_pb2.CATEGORY_ORDER,
            template_version_id=version_id,
        ),
        name="bench",
        idempotency_key=uuid4().hex,
    )
    for number in range(count):
        request.recipients.add(address=given.ADDRESS.format(number), name=f"Ada Wolf {number}")
    await cast.ada.channels.stub(MessageServiceStub, "delivery").SendBatch(request)
    sent = "SELECT count(*) FROM delivery.message WHERE tenant_id = %s AND sent_at IS NOT NULL"
    async with asyncio.timeout(_LONGEST):
        while await stack.count(sent, cast.tenant_id) < count:  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.1)
    rows = await stack.database.execute(
        "SELECT message_id FROM delivery.message WHERE tenant_id = %s", (cast.tenant_id,)
    )
    messages = [row[0] for row in await rows.fetchall()]
    found = await stack.database.execute(
        "SELECT link_id FROM delivery.tracked_link WHERE tenant_id = %s AND url = %s",
        (cast.tenant_id, _TARGET),
    )
    [(link_id,)] = await found.fetchall()
    return version_id, _signed(stack, cast.tenant_id, messages, link_id)


def _signed(stack: Stack, tenant_id: UUID, messages: Sequence[UUID], link_id: UUID) -> list[str]:
    """Returns the paths, signed as delivery signs them; reading each out of its mail would measure the mail."""
    signer = TokenSigner(client_settings(stack.installation.state, ConsoleSettings).token_keys)
    now = datetime.now(UTC)
    times = {"issued": now, "expires": now + timedelta(days=30)}
    opens = signer.sign_many(Purpose.OPEN, tenant_id, [one.bytes for one in messages], **times)
    clicks = signer.sign_many(
        Purpose.CLICK, tenant_id, [one.bytes + link_id.bytes for one in messages], **times
    )
    return [
        path
        for opened, clicked in zip(opens, clicks, strict=True)
        for path in (f"/track/open/{opened}.gif", f"/track/click/{clicked}")
    ]


def _by_turns(paths: Sequence[str], count: int) -> Iterator[str]:
    return (paths[number % len(paths)] for number in range(count))


async def _stored(stack: Stack, tenant_id: UUID) -> int:
    """Returns how many hits are kept: those that wait to be judged, and those that were."""
    return await stack.count(_STORED, tenant_id, tenant_id)


async def _floor(paths: Sequence[str], items: int) -> tuple[Floor, Load]:
    async with serving_floor("door", target=_TARGET) as (pid, port):
        url = f"http://127.0.0.1:{port}"
        await visits(url, _by_turns(paths, _WARM_UP))
        meter = Meter({"floor": lambda: pid})
        meter.start()
        found = await visits(url, _by_turns(paths, items))
        cpu = sum(meter.cpu().values())
    words = "bare Starlette on uvicorn with the same answers"
    return Floor(items / found.seconds, cpu / items * 1e6, words), found
