"""Providers are called by way of the proxy, under their names: inside a closed network nobody else can look those up."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp.connector
import pytest
from aiohttp import web

from services.common.net.guard import Guard
from services.common.net.proxy import Proxy
from services.delivery.providers.base import Account, Code, Result
from services.delivery.providers.http import Connection
from services.delivery.providers.http2 import Http2
from tests.delivery.providers.test_http2 import certificate
from tests.fakes.proxy import proxying


@pytest.mark.req("DEL-109", "REL-13")
async def test_a_providers_requests_go_through_a_tunnel_that_its_certificate_protects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path, "api.provider.example")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(cert, key)

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"host": request.host, "body": await request.text()})

    app = web.Application()
    app.router.add_post("/send", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=theirs)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    async with proxying({"api.provider.example:443": port}) as proxy:
        account = Account(
            uuid4(), "sendgrid", timeout=timedelta(seconds=5), guard=Guard(proxy=Proxy(proxy.url))
        )
        stranger = Connection(account, "https://api.provider.example")
        refused = await stranger.post("/send", b"hello", {})
        await stranger.close()
        assert refused.failure is not None
        assert refused.failure[:2] == (Result.RETRYABLE, Code.TLS)
        trusted = ssl.create_default_context(cafile=str(cert))
        monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusted)
        known = Connection(account, "https://api.provider.example")
        found = [(await known.post("/send", b"hello", {})).json() for _ in range(2)]
        await known.close()
        assert found == [{"host": "api.provider.example", "body": "hello"}] * 2
        # The second request went through the tunnel of the first.
        assert proxy.asked == ["CONNECT api.provider.example:443"] * 2
        lost = Connection(account, "https://unknown.provider.example")
        refused = await lost.post("/send", b"hello", {})
        await lost.close()
        assert refused.failure is not None
        assert refused.failure[:2] == (Result.RETRYABLE, Code.CONNECTION)
    await runner.cleanup()


async def test_http2_goes_through_a_tunnel_too(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "push.provider.example")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(cert, key)
    theirs.set_alpn_protocols(["h2"])
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=theirs)
    port = server.sockets[0].getsockname()[1]
    async with server, proxying({"push.provider.example:443": port}) as proxy:
        account = Account(uuid4(), "apns", timeout=timedelta(seconds=2), guard=Guard(proxy=Proxy(proxy.url)))
        ours = ssl.create_default_context(cafile=str(cert))
        http = Http2(account, "https://push.provider.example", tls=ours)
        await http.post("/x", b"body", {})
        await http.close()
        assert proxy.asked[0] == "CONNECT push.provider.example:443"
