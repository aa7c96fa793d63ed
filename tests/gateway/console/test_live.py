"""Live pages: what changes is told as it changes; streams are few, and end with their session and their gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from gateway.console.streams import PER_SESSION, Streams, TooManyStreams
from tests.gateway.conftest import running
from tests.gateway.console.kit import Operator, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECONDS = 60


@asynccontextmanager
async def listening(operator: Operator, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with operator.session.get(operator.url + path) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer


async def told(answer: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """The next event of a stream; `end` when there is none any more."""
    name = ""
    async with asyncio.timeout(SECONDS):
        async for line in answer.content:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                return name, json.loads(text.removeprefix("data: "))
    return "end", {}


async def test_progress_is_told_as_it_is_made_and_nothing_is_told_twice(world: World) -> None:
    campaign_id = (await world.sending("Live")).campaign_id
    async with world.signed_in() as operator:
        page = await operator.get(f"/console/campaigns/{campaign_id}")
        (place,) = page.tree.css("[data-live]")
        async with listening(operator, str(place.attributes["data-live"])) as stream:
            name, first = await told(stream)
            assert (name, first["name"]) == ("part", "progress")
            assert "100 of 300" in first["html"]
            # It is the very part that the page came with.
            assert "100 of 300" in page.tree.css_first("#part-progress").html
            await world.count(campaign_id, pending=10, delivered=250)
            _, second = await told(stream)
            assert "290 of 300" in second["html"]


async def test_the_overview_is_told_part_by_part_and_only_what_one_may_see(world: World) -> None:
    async with world.signed_in() as owner, world.signed_in("platform_admin") as admin:
        async with listening(owner, "/console/live?view=overview") as stream:
            names = [(await told(stream))[1]["name"] for _ in range(3)]
            assert names == ["figures", "under_way", "providers"]
        async with listening(admin, "/console/live?view=overview") as stream:
            names = [(await told(stream))[1]["name"] for _ in range(2)]
            assert names == ["lanes", "providers"]
        assert (await owner.get("/console/live?view=nothing")).status == 404


async def test_a_stream_ends_when_its_person_signs_out(world: World) -> None:
    async with world.signed_in() as operator:
        await operator.get("/console")
        async with listening(operator, "/console/live?view=overview") as stream:
            await told(stream)
            await operator.submit("/console/sign-out")
            name = "part"
            while name == "part":
                name, _ = await told(stream)
            assert name == "over"
            assert (await told(stream))[0] == "end"
    async with world.browser() as nobody:
        assert (await nobody.get("/console/live?view=overview")).status == 401


async def test_a_session_has_a_handful_of_streams_and_gives_each_back(world: World) -> None:
    async with world.signed_in() as operator:
        path = "/console/live?view=overview"
        open_ones = [await operator.session.get(operator.url + path) for _ in range(PER_SESSION)]
        assert {one.status for one in open_ones} == {200}
        assert (await operator.get(path)).status == 429
        for one in open_ones:
            one.close()
        async with asyncio.timeout(SECONDS):
            while world.streams.count:  # noqa: ASYNC110 - a closed connection offers no event to wait for
                await asyncio.sleep(0.02)
        async with listening(operator, path) as stream:
            assert (await told(stream))[0] == "part"


async def test_a_stream_outlasts_what_other_requests_may_take_and_ends_when_the_gateway_drains(
    world: World,
) -> None:
    streams = Streams()
    patience = {"request_seconds": 1, "console_refresh_ms": 600, "shutdown_grace_seconds": 60}
    async with AsyncExitStack() as stack:
        _, url = await stack.enter_async_context(
            running(world.clock, streams, **{**world.behind, **patience})
        )
        operator = await stack.enter_async_context(world.signed_in(url=url))
        campaign_id = (await world.sending("Long")).campaign_id
        path = f"/console/live?view=campaign&campaign={campaign_id}"
        async with asyncio.timeout(SECONDS), listening(operator, path) as stream:
            for pending in range(200, 203):
                await world.count(campaign_id, pending=pending)
                assert f"of {pending + 100}" in (await told(stream))[1]["html"]
            streams.drain()
            assert (await told(stream))[0] == "end"


async def test_places_are_counted_for_each_session() -> None:
    streams = Streams()
    with streams.opened("a"), streams.opened("a"), streams.opened("b"):
        assert streams.count == 3
    assert streams.count == 0
    with streams.opened("a"), streams.opened("a"), streams.opened("a"), streams.opened("a"):
        with pytest.raises(TooManyStreams):
            streams.opened("a").__enter__()
        with streams.opened("b"):
            assert streams.count == 5
