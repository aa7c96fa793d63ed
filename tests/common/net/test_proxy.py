"""Calls that leave by a proxy reach what they may reach without one, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from services.common.net.guard import Guard
from services.common.net.outbound import CallFailed, Outbound
from services.common.net.proxy import Proxy, ProxyRefusedError
from services.common.net.settings import OutboundSettings
from services.common.settings import SettingsError, read
from tests.common.net.test_guard import Names
from tests.fakes.proxy import proxying

WEB = frozenset({80})
PUBLIC = "93.184.216.34"


@pytest.fixture
async def partner() -> AsyncIterator[int]:
    """A server that says which host it was asked for."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.host)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    await runner.cleanup()


async def called(guard: Guard, url: str, **names: list[list[str]]) -> str:
    async with Outbound(guard, resolver=Names(**names)) as outbound:
        answer = await outbound.call("POST", url, body=b"{}", schemes=("http", "https"))
    return answer.body.decode()


@pytest.mark.req("DEL-94", "REL-19")
async def test_the_proxy_is_asked_for_the_address_that_was_checked_and_never_for_a_name(partner: int) -> None:
    async with proxying({f"{PUBLIC}:80": partner}) as proxy:
        guard = Guard(ports=WEB, proxy=Proxy(proxy.url))
        found = await called(guard, "http://partner.example/hook", partner_example=[[PUBLIC]])
    assert found == "partner.example"
    assert proxy.asked == [f"CONNECT {PUBLIC}:80"]


@pytest.mark.req("DEL-94")
@pytest.mark.parametrize("inside", ["10.0.0.7", "169.254.169.254", "127.0.0.1", "fd00::1", "64:ff9b::a00:1"])
async def test_a_name_that_leads_inside_is_refused_before_the_proxy_hears_of_it(inside: str) -> None:
    async with proxying({}) as proxy:
        guard = Guard(ports=WEB, proxy=Proxy(proxy.url))
        for answers in ([[inside]], [[PUBLIC, inside]]):
            with pytest.raises(CallFailed) as refused:
                await called(guard, "http://partner.example/", partner_example=answers)
            assert refused.value.failure == "unsafe"
        assert proxy.asked == []


async def test_a_name_is_judged_anew_for_each_connection(partner: int) -> None:
    async with proxying({f"{PUBLIC}:80": partner}) as proxy:
        guard = Guard(ports=WEB, proxy=Proxy(proxy.url))
        names = Names(partner_example=[[PUBLIC], ["192.168.0.1"]])
        async with Outbound(guard, resolver=names) as outbound:
            await outbound.call("GET", "http://partner.example/", schemes=("http",))
            await outbound.close()
            with pytest.raises(CallFailed):
                await outbound.call("GET", "http://partner.example/", schemes=("http",))
        assert len(proxy.asked) == 1


async def test_a_proxy_that_refuses_or_speaks_another_language_is_a_failed_connection() -> None:
    async with proxying({}) as proxy:
        guard = Guard(ports=WEB, proxy=Proxy(proxy.url))
        with pytest.raises(CallFailed) as refused:
            await called(guard, "http://partner.example/", partner_example=[[PUBLIC]])
        assert refused.value.failure == "connection"

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ProxyRefusedError):
            await Proxy(f"http://127.0.0.1:{port}").tunnel("example.org", 443)


async def test_credentials_of_the_proxy_are_given_to_it_and_shown_nowhere(partner: int) -> None:
    async with proxying({f"{PUBLIC}:80": partner}, needs_user=True) as proxy:
        stranger = Guard(ports=WEB, proxy=Proxy(proxy.url))
        with pytest.raises(CallFailed):
            await called(stranger, "http://partner.example/", partner_example=[[PUBLIC]])
        mine = Proxy(f"http://angarium:opens@127.0.0.1:{proxy.port}")
        await called(Guard(ports=WEB, proxy=mine), "http://partner.example/", partner_example=[[PUBLIC]])
    assert "opens" not in repr(Guard(proxy=mine))


async def test_this_machine_is_called_directly_where_it_may_be_called(partner: int) -> None:
    async with proxying({}) as proxy:
        guard = Guard(allow_local=True, proxy=Proxy(proxy.url))
        url = f"http://localhost:{partner}/"
        assert await called(guard, url, localhost=[["127.0.0.1"]]) == f"localhost:{partner}"
        assert proxy.asked == []


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize(
    "url", ["proxy:3128", "https://proxy.example", "http://", "http://proxy.example/path"]
)
def test_a_proxy_that_cannot_be_stops_the_start_without_showing_it(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(OutboundSettings, outbound_proxy=url)
    assert "OUTBOUND_PROXY" in str(refused.value)


def test_the_guard_of_a_process_has_the_proxy_of_its_settings() -> None:
    assert read(OutboundSettings).outbound_guard.proxy is None
    found = read(OutboundSettings, outbound_proxy="http://u:p@proxy.example:3128").outbound_guard.proxy
    assert found is not None
    assert (found.host, found.port) == ("proxy.example", 3128)
