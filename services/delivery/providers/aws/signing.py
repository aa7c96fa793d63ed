"""Signature Version 4: a request is signed over everything of it that its receiver looks at."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import quote

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNRESERVED: Final = "-_.~"
TERMINATOR: Final = "aws4_request"


class Request(NamedTuple):
    """A request as it leaves: `path` is encoded as it stands on the wire."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Signer:
    """Signs requests with one key to one service of one region; the key of a day is derived once."""

    def __init__(self, key_id: str, secret: str, region: str, service: str) -> None:
        self._key_id, self._secret, self._region, self._service = key_id, secret, region, service
        self._day, self._key = "", b""

    def sign(self, request: Request, now: datetime) -> dict[str, str]:
        """Returns the headers that a request leaves with: its own, its time and its signature.

        Args:
            request: What leaves; among its headers is the host.
            now: The time in UTC; the receiver refuses what is more than five minutes off.
        """
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {**request.headers, "X-Amz-Date": stamp}
        lowered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
        names = sorted(lowered)
        signed = ";".join(names)
        canonical = "\n".join(
            (
                request.method,
                quote(request.path or "/", safe=UNRESERVED + "/"),
                canonical_query(request.query),
                *(f"{name}:{lowered[name]}" for name in names),
                "",
                signed,
                hashlib.sha256(request.body).hexdigest(),
            )
        )
        scope = f"{stamp[:8]}/{self._region}/{self._service}/{TERMINATOR}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        said = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
        signature = hmac.new(self._of_day(stamp[:8]), said.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={self._key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _of_day(self, day: str) -> bytes:
        if day != self._day:
            key = f"AWS4{self._secret}".encode()
            for word in (day, self._region, self._service, TERMINATOR):
                key = hmac.digest(key, word.encode(), "sha256")
            self._day, self._key = day, key
        return self._key


def canonical_query(query: Mapping[str, str]) -> str:
    """The query of a request in the order and the encoding it is signed in, which is also fit to travel."""
    pairs = sorted(
        (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED)) for name, value in query.items()
    )
    return "&".join(f"{name}={value}" for name, value in pairs)
