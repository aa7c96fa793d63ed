"""The guard of outbound calls: a tenant's URL is judged by its form when it is given, and by where it leads when called.

A name that was harmless when it was stored may resolve to this machine later, so the judgement that counts is made for
each connection: the name is resolved once, every address is checked, and the connection goes to a checked address.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from services.common.net import addresses
from services.common.net.addresses import Address, Network
from services.common.net.proxy import Proxy, TunnelConnector

MOST_CHARACTERS: Final = 2048
HTTPS_PORT: Final = 443


class UnsafeUrl(ValueError):
    """A URL that may not be called; the text says why and holds nothing of the URL."""

    reason = "UNSAFE_URL"


@dataclass(frozen=True, slots=True)
class Guard:
    """What outbound calls may reach.

    Attributes:
        ports: Ports that may be called; 443 is what partners have.
        own_networks: Networks of this deployment that are public and must not be reached from inside.
        allow_local: Whether this machine itself may be called, on any port and without TLS: for development and tests.
        proxy: What connections go by; none leads directly. It changes nothing of what may be reached.
    """

    ports: frozenset[int] = frozenset({HTTPS_PORT})
    own_networks: tuple[Network, ...] = ()
    allow_local: bool = False
    proxy: Proxy | None = None

    def check_url(self, text: str, *, schemes: Iterable[str] = ("https",)) -> URL:
        """Returns a URL that is fit to be stored and called; nothing is looked up.

        Raises:
            UnsafeUrl: It is no URL, has credentials, another scheme or port, or an address that may not be called.
        """
        url = _parsed(text)
        host = url.host
        if not host or not url.absolute:
            raise UnsafeUrl("must be a URL with a host")
        if url.user is not None or url.password is not None:
            raise UnsafeUrl("must not hold credentials")
        local = self.allow_local and _is_local_name(host)
        if url.scheme not in schemes and not (local and url.scheme == "http"):
            raise UnsafeUrl(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if not local and url.port not in self.ports:
            raise UnsafeUrl(f"must use port {_listed(self.ports)}")
        if address := _literal(host):
            self.check_address(address, url.port or HTTPS_PORT)
        elif not local and ("." not in host.strip(".") or _is_local_name(host)):
            raise UnsafeUrl("must name a host of the internet")
        return url

    def check_address(self, address: Address, port: int) -> None:
        """Passes an address and port that may be connected to; UnsafeUrl for any other."""
        if self.allow_local and addresses.is_loopback(address):
            return
        if not addresses.is_public(address) or any(
            address in network for network in self.own_networks if network.version == address.version
        ):
            raise UnsafeUrl("leads to an address that may not be called")
        if port not in self.ports:
            raise UnsafeUrl(f"must use port {_listed(self.ports)}")

    def connector(
        self, *, resolver: AbstractResolver | None = None, limit: int = 100
    ) -> aiohttp.TCPConnector:
        """Returns a connector whose connections lead to checked addresses only.

        Args:
            resolver: Where names are looked up; the machine's own resolver by default.
            limit: How many connections may be open at once.
        """
        options: dict[str, Any] = {
            "resolver": CheckedResolver(self, resolver or aiohttp.ThreadedResolver()),
            "socket_factory": self._socket,
            "use_dns_cache": False,
            "limit": limit,
        }
        if self.proxy is not None:
            return TunnelConnector(self.proxy, **options)
        return aiohttp.TCPConnector(**options)

    def _socket(self, info: Any) -> socket.socket:
        """Makes the socket of one connection attempt; the last look at where it goes, literal addresses included."""
        family, kind, protocol, _, target = info
        try:
            self.check_address(addresses.parse(str(target[0])), int(target[1]))
        except ValueError as refused:
            raise PermissionError(str(refused)) from None
        return socket.socket(family=family, type=kind, proto=protocol)


class CheckedResolver(AbstractResolver):
    """Looks names up and passes on what the guard lets through: all of a name's addresses, or none."""

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Returns a name's addresses; one bad address among good ones is how a name is made to lead inside."""
        found = await self._inner.resolve(host, port, family)
        for one in found:
            try:
                address = addresses.parse(one["host"])
            except ValueError:
                raise UnsafeUrl("leads to an address that may not be called") from None
            self._guard.check_address(address, port)
        return found

    async def close(self) -> None:
        """Closes what looks names up."""
        await self._inner.close()


def _parsed(text: str) -> URL:
    if len(text) > MOST_CHARACTERS or not text.isprintable() or " " in text or "\\" in text:
        raise UnsafeUrl(f"must be a URL of at most {MOST_CHARACTERS} characters")
    try:
        return URL(text)
    except ValueError:
        raise UnsafeUrl("must be a URL") from None


def _literal(host: str) -> Address | None:
    """Returns the address a host is written as; UnsafeUrl for a number that only some resolvers take for one."""
    try:
        return addresses.parse(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2].lower()
        if ":" in host or last.isdigit() or (last.startswith("0x") and last.isalnum()):
            raise UnsafeUrl("must name a host of the internet") from None
        return None


def _is_local_name(host: str) -> bool:
    bare = host.rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return addresses.is_loopback(addresses.parse(bare))
    except ValueError:
        return False


def _listed(ports: Iterable[int]) -> str:
    return " or ".join(str(port) for port in sorted(ports))
