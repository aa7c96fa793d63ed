"""Leaving by way of a proxy: each connection is a tunnel (HTTP CONNECT) to where it would have led without one.

What is tunnelled to is an address that was checked here, wherever the guard judges; the proxy looks up no name for it.
So a proxy is one more station on the way, and no way around the guard.
"""

import asyncio
import base64
import socket
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.common.net import addresses

_MOST_BYTES: Final = 8192
_END: Final = b"\r\n\r\n"


class ProxyRefusedError(ConnectionError):
    """The proxy opened no tunnel."""


class Proxy:
    """A proxy that tunnels; its credentials show nowhere."""

    __slots__ = ("_authorization", "host", "port")

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must be a URL such as http://user:password@proxy.example:3128")
        self.host, self.port = parts.hostname, parts.port or 80
        self._authorization = b""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._authorization = b"Proxy-Authorization: Basic " + base64.b64encode(pair.encode()) + b"\r\n"

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"

    async def tunnel(self, host: str, port: int) -> socket.socket:
        """Returns a connected socket that leads to a host and port; ProxyRefusedError when the proxy opens none."""
        loop = asyncio.get_running_loop()
        name = f"[{host}]" if ":" in host else host
        target = f"{name}:{port}".encode("idna" if not name.isascii() else "ascii")
        tunnel = await self._connect()
        try:
            request = b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (target, target, self._authorization)
            await loop.sock_sendall(tunnel, request)
            head = bytearray()
            # Byte by byte would be slow, and more than the head is never there: the other side waits for us to speak.
            while _END not in head:
                part = await loop.sock_recv(tunnel, 1024)
                if not part or len(head) > _MOST_BYTES:
                    raise ProxyRefusedError("the proxy does not speak HTTP")
                head += part
            status = bytes(head).split(b"\r\n", 1)[0].split(b" ")
            if len(status) < 2 or not status[0].startswith(b"HTTP/1.") or status[1] != b"200":
                raise ProxyRefusedError(
                    f"the proxy answered {status[1][:3].decode('latin-1') if status[1:] else ''}"
                )
        except BaseException:
            tunnel.close()
            raise
        return tunnel

    async def _connect(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        failure: OSError = ProxyRefusedError("the proxy has no address")
        for family, kind, protocol, _, address in found:
            one = socket.socket(family, kind, protocol)
            one.setblocking(False)
            try:
                await loop.sock_connect(one, address)
            except OSError as error:
                one.close()
                failure = error
            except BaseException:
                one.close()
                raise
            else:
                return one
        raise failure


class TunnelConnector(aiohttp.TCPConnector):
    """Connections by way of a proxy; those to this machine go directly."""

    def __init__(self, proxy: Proxy, **options: Any) -> None:
        super().__init__(**options)
        self._proxy = proxy

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: list[Any],
        req: Any,
        timeout: Any,  # noqa: ASYNC109 - the signature is the library's
        **options: Any,
    ) -> Any:
        # The one place of the library where an address becomes a connection; tests hold it to that.
        [*_, target] = addr_infos[0]
        host, port = str(target[0]), int(target[1])
        if _is_local(host):
            return await super()._wrap_create_connection(
                *args, addr_infos=addr_infos, req=req, timeout=timeout, **options
            )
        client_error = options.pop("client_error", aiohttp.ClientConnectorError)
        if self._socket_factory is not None:
            # The guard's last look; the socket itself is not needed.
            try:
                self._socket_factory(addr_infos[0]).close()
            except OSError as error:
                raise client_error(req.connection_key, error) from error
        try:
            async with asyncio.timeout(timeout.sock_connect):
                tunnel = await self._proxy.tunnel(host, port)
                return await self._loop.create_connection(*args, **options, sock=tunnel)
        except aiohttp.client_exceptions.cert_errors as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except aiohttp.client_exceptions.ssl_errors as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise client_error(req.connection_key, error) from error


class NoLookup(AbstractResolver):
    """Passes names on: a proxy looks up those of providers, for inside a closed network nobody else can."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Returns the name as its own address."""
        return [
            ResolveResult(
                hostname=host, host=host, port=port, family=family or socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Has nothing to close."""


def connector(proxy: Proxy | None, *, is_secure: bool, **options: Any) -> aiohttp.TCPConnector:
    """Returns a connector for the service of a provider, whose name its operator chose: by the proxy where TLS protects it."""
    if proxy is None or not is_secure:
        return aiohttp.TCPConnector(ttl_dns_cache=60, **options)
    return TunnelConnector(proxy, resolver=NoLookup(), use_dns_cache=False, **options)


def _is_local(host: str) -> bool:
    try:
        return addresses.is_loopback(addresses.parse(host))
    except ValueError:
        return host == "localhost"
