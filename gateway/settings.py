"""What the gateway needs to know before it starts."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from services.common.net.settings import ProxySettings
from services.common.settings import Address, Boolean, CallingSettings, Keys, NotNegative, Positive


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]

Seconds = Annotated[float, Field(gt=0)]


class GatewaySettings(ProxySettings, CallingSettings):
    """Settings of the public door."""

    bind_address: Address
    redis_url: Annotated[str, Field(pattern=r"^(rediss?|unix)://", repr=False)]
    token_keys: Keys
    bounce_address: str = ""
    """Where bounce mails are taken by SMTP (`host:port`); empty switches it off."""
    trusted_proxies: Networks = (ip_network("127.0.0.1/32"), ip_network("::1/128"))
    """Peers whose X-Forwarded-For is believed."""
    trusted_hops: Positive = 1
    """How many proxies stand in front; the client is that many entries from the right."""
    webhook_max_bytes: Positive = 1_048_576
    intake_max_bytes: Positive = 5_242_880
    intake_per_minute: Positive = 600
    """Signed requests with events, of each key."""
    pages_per_minute: Positive = 30
    media_per_minute: Positive = 600
    unsubscribe_forms_per_minute: Positive = 10
    receipts_per_minute: Positive = 1000
    enable_console: Boolean = True
    """Whether operators may sign in at /console of this door."""
    console_refresh_ms: Positive = 2000
    """How often a live page of the console asks anew."""
    header_seconds: Seconds = 5.0
    """How long the headers of a request may take."""
    body_seconds: Seconds = 15.0
    """How long the whole body of a request may take."""
    request_seconds: Seconds = 10.0
    """How long a request may take us, apart from the time we wait for its body."""
    engagement_linger_ms: NotNegative = 5
    """How long a hit waits for company before its block leaves."""

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        if self.bounce_address and ":" not in self.bounce_address:
            yield "BOUNCE_ADDRESS: must be host:port"

    @property
    def listen(self) -> tuple[str, int]:
        """Returns host and port of the public listener."""
        return split_address(self.bind_address)

    @property
    def uses_tls(self) -> bool:
        """Returns whether people reach the door by https."""
        return self.public_base_url.startswith("https://")


def split_address(text: str) -> tuple[str, int]:
    """Returns host and port of `host:port`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def grpc_targets(settings: GatewaySettings) -> dict[str, Any]:
    """Returns the RPC target of each service, by name."""
    return {name: settings.address_of(name) for name in ("consent", "campaign", "delivery", "analytics")}
