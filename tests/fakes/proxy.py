"""A real, small HTTP proxy: it tunnels to wherever a test says that a target is."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

USER = "Basic " + base64.b64encode(b"angarium:opens").decode()


class FakeProxy:
    """Notes every target it is asked for; those it does not know are refused with 403."""

    def __init__(self, places: Mapping[str, int], *, needs_user: bool = False) -> None:
        self.places = dict(places)
        self.needs_user = needs_user
        self.asked: list[str] = []
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        self.asked.append(f"{method} {target}")
        if self.needs_user and headers.get("Proxy-Authorization") != USER:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        elif method != "CONNECT" or target not in self.places:
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        else:
            inside, outside = await asyncio.open_connection("127.0.0.1", self.places[target])
            writer.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
            for pair in ((reader, outside), (inside, writer)):
                task = asyncio.create_task(_carry(*pair))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return
        await writer.drain()
        writer.close()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


@asynccontextmanager
async def proxying(places: Mapping[str, int], *, needs_user: bool = False) -> AsyncIterator[FakeProxy]:
    proxy = FakeProxy(places, needs_user=needs_user)
    server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
