"""Who is on the other side of a request (GAT-27)."""

from ipaddress import ip_address

from starlette.requests import Request

from gateway.settings import Networks

USER_AGENT_LIMIT = 512


class ClientAddresses:
    """Reads the client's address; a forwarding header is believed only from a trusted peer."""

    def __init__(self, trusted: Networks, hops: int) -> None:
        self._trusted = trusted
        self._hops = hops

    def of(self, request: Request) -> str:
        """Returns the client's address; empty when it cannot be told."""
        peer = request.client.host if request.client else ""
        if not self._is_trusted(peer):
            return _valid(peer)
        forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
        named = [part for part in forwarded if part]
        if not named:
            return _valid(peer)
        return _valid(named[-self._hops] if len(named) >= self._hops else named[0])

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def user_agent(request: Request) -> str:
    """Returns the user agent, cut to what the contract takes."""
    return request.headers.get("user-agent", "")[:USER_AGENT_LIMIT]


def _valid(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
