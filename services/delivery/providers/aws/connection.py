"""Signed requests to one of Amazon's services over kept-open connections."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import orjson

from services.delivery.providers.aws.signing import Request, Signer, canonical_query
from services.delivery.providers.base import Account
from services.delivery.providers.http import ANSWER, Answer, Connection

PORTS: Final = {"http": 80, "https": 443}


class Service:
    """One service in the region of an account; `name` is the one it is signed for, `host` begins its address."""

    def __init__(self, account: Account, name: str, host: str) -> None:
        region = account.text("region")
        base = _base(account, host) or endpoint(host, region)
        self._host = _host(base)
        self._signer = Signer(
            account.credential("access_key_id"), account.credential("secret_access_key"), region, name
        )
        self._connection = Connection(account, base)

    async def post(
        self, path: str, body: bytes, headers: Mapping[str, str], *, limit: int = ANSWER
    ) -> Answer:
        """Posts bytes, signed."""
        signed = self._signed("POST", path, {}, headers, body)
        return await self._connection.post(path, body, signed, limit=limit)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Asks for something; `path` is encoded."""
        signed = self._signed("GET", path, query or {}, {}, b"")
        return await self._connection.get(
            f"{path}?{canonical_query(query)}" if query else path, headers=signed
        )

    async def call(self, target: str, version: str, values: Mapping[str, object]) -> Answer:
        """Calls an operation of a JSON protocol; changes nothing that asking twice would change again."""
        headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target}
        return await self.post("/", orjson.dumps(values), headers)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()

    def _signed(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        request = Request(method, path, query, {"Host": self._host, **headers}, body)
        return self._signer.sign(request, datetime.now(UTC))


def _base(account: Account, host: str) -> str:
    """Another address of the service; in production it may be one of a service beside it, which is none of this one."""
    base = account.text("base_url")
    is_own = (urlsplit(base).hostname or "").startswith((f"{host}.", f"{host}-fips."))
    return base if is_own or not account.production else ""


def endpoint(host: str, region: str) -> str:
    """The address of a service in a region; regions of China have their own domain."""
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://{host}.{region}.amazonaws.com{suffix}"


def _host(base: str) -> str:
    """The Host header as a client writes it: without a port that its scheme implies."""
    parts = urlsplit(base)
    is_default = parts.port is None or parts.port == PORTS.get(parts.scheme)
    return parts.hostname or "" if is_default else f"{parts.hostname}:{parts.port}"
