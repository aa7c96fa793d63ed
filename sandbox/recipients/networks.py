"""Where a request comes from and which program made it, per class of visitor."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from sandbox.recipients.behaviours import draw, pick


@dataclass(frozen=True)
class Visitor:
    """The address and the user agent that the gateway shall see."""

    ip: str
    user_agent: str


Network = IPv4Network | IPv6Network

_HOMES: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "73.0.0.0/10", "81.128.0.0/12", "86.128.0.0/11", "91.0.0.0/10", "2.24.0.0/13", "79.192.0.0/11",
        "90.0.0.0/11", "101.160.0.0/12", "106.192.0.0/12", "2a02:c7c::/32", "2001:8003::/32",
    )
)  # fmt: skip
# Mail Privacy Protection fetches through Apple's own proxies; the user agent is exactly this word.
_APPLE: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("17.57.144.0/20", "17.58.0.0/18", "17.142.0.0/16")
)
_GOOGLE: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("66.249.80.0/20", "66.102.0.0/20", "74.125.208.0/20")
)

_BROWSERS = (
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.5 Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/142.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.4 Safari/605.1.15"
    ),
    (
        "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/142.0.0.0 Mobile Safari/537.36"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Thunderbird/144.0",
)
_GOOGLE_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
_APPLE_PROXY = "Mozilla/5.0"

# Who scans from where: Microsoft's link rewriter pretends to be a browser, the others name themselves.
_SCANNERS: tuple[tuple[Network, str], ...] = (
    (ip_network("40.94.0.0/16"), _BROWSERS[1]),
    (ip_network("52.100.0.0/14"), _BROWSERS[1]),
    (ip_network("148.163.128.0/17"), "Mozilla/5.0 (compatible; proofpoint-url-defense/2.0)"),
    (ip_network("207.211.30.0/23"), "Mozilla/5.0 (compatible; Mimecast-URL-Protect/1.0)"),
    (ip_network("209.222.80.0/21"), "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))"),
    (ip_network("34.192.0.0/10"), "Go-http-client/2.0"),
)


def person(seed: str, address: str) -> Visitor:
    """Returns the person's own device: the same browser and the same home address every time."""
    return Visitor(
        _host(_HOMES, seed, address, "home"), _BROWSERS[pick(seed, address, "browser", len(_BROWSERS))]
    )


def image_proxy(seed: str, address: str) -> Visitor:
    """Returns Google's image proxy, which fetches when the person opens the mail."""
    return Visitor(_host(_GOOGLE, seed, address, "proxy"), _GOOGLE_PROXY)


def privacy_relay(seed: str, address: str) -> Visitor:
    """Returns Apple's proxy, which fetches whether or not the person opens the mail."""
    return Visitor(_host(_APPLE, seed, address, "relay"), _APPLE_PROXY)


def scanner(seed: str, address: str) -> Visitor:
    """Returns the security scanner in front of the address's mailbox."""
    network, agent = _SCANNERS[pick(seed, address, "scanner", len(_SCANNERS))]
    return Visitor(_host((network,), seed, address, "scanner-host"), agent)


def _host(networks: tuple[Network, ...], seed: str, address: str, purpose: str) -> str:
    network = networks[pick(seed, address, purpose, len(networks))]
    hosts = min(network.num_addresses, 1 << 32)
    return str(network[1 + int(draw(seed, address, purpose + "-host") * (hosts - 2))])
