"""Who is on the other side of a request (GAT-27)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

from gateway.settings import Networks

USER_AGENT_LIMIT = 512
HOUSEHOLD = 64
"""Leading bits of an IPv6 address that one subscriber has; the rest is theirs to choose at will."""


class ClientAddresses:
    """Reads the client's address; a forwarding header is believed only from a trusted peer."""

    def __init__(self, trusted: Networks, hops: int) -> None:
        self._trusted = trusted
        self._hops = hops

    def of(self, request: Request) -> str:
        """Returns the client's address; empty when it cannot be told."""
        address = self._address(request)
        return "" if address is None else str(address)

    def counted_as(self, request: Request) -> str:
        """Returns whose visits are counted together: those of an address, of IPv6 those of a subscriber's network."""
        address = self._address(request)
        if isinstance(address, IPv6Address):
            return str(IPv6Network((int(address), HOUSEHOLD), strict=False))
        return "" if address is None else str(address)

    def _address(self, request: Request) -> IPv4Address | IPv6Address | None:
        peer = _read(request.client.host) if request.client else None
        if peer is None or not any(peer in network for network in self._trusted):
            return peer
        # A proxy may add a line of its own instead of going on with the one that came.
        lines = ",".join(request.headers.getlist("x-forwarded-for"))
        named = [part.strip() for part in lines.split(",") if part.strip()]
        if not named:
            return peer
        return _read(named[-self._hops] if len(named) >= self._hops else named[0])


def user_agent(request: Request) -> str:
    """Returns the user agent, cut to what the contract takes."""
    return request.headers.get("user-agent", "")[:USER_AGENT_LIMIT]


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Returns an address with or without a port; one of IPv4 that came over IPv6 as what it is."""
    host, _, port = text.rpartition(":")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif port.isdigit() and ":" not in host and host:
        text = host
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found
