"""Settings of processes that call URLs of tenants (DEL-94)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from services.common.net.addresses import parse_networks
from services.common.net.guard import HTTPS_PORT, Guard
from services.common.net.proxy import Proxy
from services.common.settings import BaseSettings, Boolean

EXTRA_PORTS = frozenset({80, 8443})


def _ports(value: str) -> str:
    try:
        extra = {int(part) for part in value.split(",") if part.strip()}
    except ValueError:
        raise ValueError("must be a list of port numbers") from None
    if not extra <= EXTRA_PORTS:
        raise ValueError("may add 80 and 8443 only")
    return value


def _networks(value: str) -> str:
    parse_networks(value)
    return value


def _proxy(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        Proxy(value.get_secret_value())
    return value


class ProxySettings(BaseSettings):
    """What calls to the outside go by."""

    outbound_proxy: Annotated[SecretStr, AfterValidator(_proxy)] = SecretStr("")

    @property
    def proxy(self) -> Proxy | None:
        """Returns the proxy; None when calls go directly."""
        url = self.outbound_proxy.get_secret_value()
        return Proxy(url) if url else None


class OutboundSettings(ProxySettings):
    """Which ports may be called beside 443, which networks are the deployment's own, whether this machine may be."""

    outbound_extra_ports: Annotated[str, AfterValidator(_ports)] = ""
    outbound_refused_networks: Annotated[str, AfterValidator(_networks)] = ""
    outbound_allow_local: Boolean = False

    @property
    def outbound_guard(self) -> Guard:
        """Returns the guard of this process."""
        extra = {int(part) for part in self.outbound_extra_ports.split(",") if part.strip()}
        return Guard(
            ports=frozenset({HTTPS_PORT} | extra),
            own_networks=parse_networks(self.outbound_refused_networks),
            allow_local=self.outbound_allow_local,
            proxy=self.proxy,
        )

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings."""
        yield from super().problems()
        if self.production and self.outbound_allow_local:
            yield "OUTBOUND_ALLOW_LOCAL: may not be true in production"
