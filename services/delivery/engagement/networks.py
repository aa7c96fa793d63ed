"""Networks from which machines ask, as data: each with where it is published and when it was looked up.

Addresses are cut to 24 bits (IPv4) or 48 bits (IPv6) before anything is decided or stored, so no network here may be
narrower. Rules that rest on the network alone are for networks nobody browses from.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from services.delivery.engagement.classes import Class

IPV4_BITS: Final = 24
IPV6_BITS: Final = 48


@dataclass(frozen=True, slots=True)
class Network:
    """A network and what a hit from it means; None leaves the decision to other rules."""

    cidr: str
    name: str
    on_open: Class | None
    on_click: Class | None
    source: str
    looked_up: str


_S, _P, _A = Class.SCANNER, Class.PROXY, Class.PRIVACY_PREFETCH
_GOOGLE: Final = "TXT _netblocks.google.com, by support.google.com/a/answer/60764"
_EXCHANGE: Final = "TXT spf.protection.outlook.com"
_ARIN: Final = "registry allocation (ARIN)"

NETWORKS: Final = (
    # Apple's own network: images are fetched from here for mail programs; people browse through other ones.
    Network("17.0.0.0/8", "apple", _A, None, _ARIN, "2026-11"),
    # Google's mail system: image proxy for opens, checks of links for clicks.
    Network("64.233.160.0/19", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("66.102.0.0/20", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("66.249.64.0/19", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("72.14.192.0/18", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("74.125.0.0/16", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("108.177.8.0/21", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    Network("209.85.128.0/17", "google_mail", _P, _S, _GOOGLE, "2026-11"),
    # Exchange Online Protection and the link checks of Microsoft, which pretend to be browsers.
    Network("40.92.0.0/15", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    Network("40.94.0.0/16", "microsoft_links", _S, _S, _ARIN, "2026-11"),
    Network("40.107.0.0/16", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    Network("52.100.0.0/14", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    Network("104.47.0.0/17", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    Network("2a01:111:f400::/48", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    Network("2a01:111:f403::/48", "microsoft_mail", _S, _S, _EXCHANGE, "2026-11"),
    # Gateways of security vendors.
    Network("148.163.128.0/19", "proofpoint", _S, _S, "published ranges of hosted Proofpoint", "2026-11"),
    Network("67.231.144.0/20", "proofpoint", _S, _S, "published ranges of hosted Proofpoint", "2026-11"),
    Network("209.222.80.0/21", "barracuda", _S, _S, "campus.barracuda.com, Email Gateway Defense", "2026-11"),
    Network("207.211.30.0/23", "mimecast", _S, _S, "published ranges of Mimecast, United States", "2026-11"),
    # Data centres: nobody reads mail there, but scanners are rented there.
    Network("3.128.0.0/9", "aws", _S, _S, _ARIN, "2026-11"),
    Network("34.192.0.0/10", "aws", _S, _S, _ARIN, "2026-11"),
    Network("44.192.0.0/10", "aws", _S, _S, _ARIN, "2026-11"),
    Network("54.224.0.0/11", "aws", _S, _S, _ARIN, "2026-11"),
    Network("34.64.0.0/10", "google_cloud", _S, _S, _ARIN, "2026-11"),
    Network("35.192.0.0/12", "google_cloud", _S, _S, _ARIN, "2026-11"),
    Network("13.64.0.0/11", "azure", _S, _S, _ARIN, "2026-11"),
    Network("104.40.0.0/13", "azure", _S, _S, _ARIN, "2026-11"),
)


def _sorted(version: int) -> tuple[list[int], list[tuple[int, Network]]]:
    found = []
    for network in NETWORKS:
        parsed = ip_network(network.cidr)
        if parsed.version == version:
            found.append((int(parsed.network_address), int(parsed.broadcast_address), network))
    found.sort(key=lambda one: (one[0], -one[1]))
    return [start for start, _, _ in found], [(end, network) for _, end, network in found]


_BY_VERSION: Final = {version: _sorted(version) for version in (4, 6)}


@lru_cache(maxsize=65536)
def truncated(address: str) -> str:
    """Returns an address without its last octet or 80 bits; empty when it is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, IPv4Address):
        return str(IPv4Address(int(parsed) >> 8 << 8))
    return str(IPv6Address(int(parsed) >> 80 << 80))


@lru_cache(maxsize=65536)
def network_of(truncated_ip: str) -> Network | None:
    """Returns the narrowest network a truncated address lies in."""
    if not truncated_ip:
        return None
    parsed = ip_address(truncated_ip)
    starts, networks = _BY_VERSION[parsed.version]
    # A network may lie inside another one, so the nearest start is not always the one that reaches far enough.
    for place in range(bisect_right(starts, int(parsed)) - 1, -1, -1):
        end, network = networks[place]
        if int(parsed) <= end:
            return network
    return None
