"""Calls of URLs that tenants gave: guarded, bounded in time and size, without redirects (DEL-94)."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.common.net.guard import Guard, UnsafeUrl

MOST_BYTES: Final = 64 * 1024
TIMEOUT: Final = timedelta(seconds=10)
_KEEP_ALIVE: Final = 15.0
_NOTHING: Mapping[str, str] = MappingProxyType({})

Failure = Literal["unsafe", "unknown_host", "timeout", "tls", "connection"]


class CallFailed(Exception):
    """A call that brought no answer.

    Attributes:
        failure: What kind of failure it was; a word for logs and programs.
        latency: How long the caller waited for it.
    """

    def __init__(self, failure: Failure, message: str, latency: timedelta) -> None:
        super().__init__(message)
        self.failure = failure
        self.latency = latency


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers, as much of the body as was asked for, and how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    latency: timedelta


class Outbound:
    """Calls URLs of tenants; one per process, connections are kept open for a short while."""

    def __init__(
        self, guard: Guard, *, resolver: AbstractResolver | None = None, connections: int = 100
    ) -> None:
        self.guard = guard
        self._resolver = resolver
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes kept-open connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        method: Literal["GET", "POST"],
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes = b"",
        schemes: tuple[str, ...] = ("https",),
        within: timedelta = TIMEOUT,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """Calls a URL once; an answer of any status is an answer, a redirect is not followed.

        Args:
            method: The HTTP method.
            url: A URL of a tenant; its form is judged again, for the rules may have changed since it was stored.
            headers: Headers; the client adds Host, Content-Length and the like.
            body: The exact bytes sent.
            schemes: Schemes the caller allows.
            within: How long everything may take, the reading of the answer included.
            most_bytes: How much of the answer is read; the rest is not waited for.

        Raises:
            CallFailed: There is no answer.
        """
        started = time.monotonic()
        try:
            target = self.guard.check_url(url, schemes=schemes)
            async with asyncio.timeout(within.total_seconds()):
                return await self._call(method, target, headers, body, most_bytes, started)
        except UnsafeUrl as error:
            raise CallFailed("unsafe", str(error), _since(started)) from None
        except TimeoutError:
            raise CallFailed(
                "timeout", f"no answer within {within.total_seconds():g} s", _since(started)
            ) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure, message = _told(error)
            raise CallFailed(failure, message, _since(started)) from None

    async def _call(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        most_bytes: int,
        started: float,
    ) -> Answer:
        async with self._open().request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as response:
            parts: list[bytes] = []
            left = most_bytes + 1
            while left > 0 and (part := await response.content.read(left)):
                parts.append(part)
                left -= len(part)
            found = b"".join(parts)
            if left <= 0:
                # What follows is not read, so the connection cannot be used again.
                response.close()
            return Answer(response.status, response.headers, found[:most_bytes], left <= 0, _since(started))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = self.guard.connector(resolver=self._resolver, limit=self._connections)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A small answer could unpack to an endless one, so it is taken as it comes.
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
                trust_env=False,
            )
        return self._session


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)


def _told(error: Exception) -> tuple[Failure, str]:
    """Says what kind of failure it was; texts of libraries hold URLs and addresses, so they stay here."""
    if isinstance(error, aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError):
        return "tls", "the certificate or the TLS handshake is refused"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "unknown_host", "the host's name cannot be resolved"
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(inner, PermissionError):
        return "unsafe", "leads to an address that may not be called"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "connection", "the connection was closed without an answer"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection", "the connection was refused"
    return "connection", "the connection broke, or the answer is none of HTTP"
