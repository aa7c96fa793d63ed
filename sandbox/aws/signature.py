"""Signature Version 4 as Amazon checks it: over the bytes that arrived."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from starlette.requests import Request

SECRET = "angarium-sandbox-secret-access-key"  # noqa: S105 - the sandbox's word, known to everybody
"""The secret of every access key here."""

SKEW = 900
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request,"
    r"\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})"
)


class SignatureError(Exception):
    """A caller that is not believed; `code` is Amazon's word for why."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Caller:
    """Whose key signed a request, and for what."""

    key_id: str
    region: str
    service: str


def caller_of(request: Request, body: bytes, known: frozenset[str]) -> Caller:
    """Returns who signed a request.

    Raises:
        SignatureError: Nobody did, or not these bytes.
    """
    given = request.headers.get("authorization", "")
    if not given:
        raise SignatureError("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = _AUTHORIZATION.fullmatch(given)
    if found is None:
        raise SignatureError("IncompleteSignatureException", "Authorization header is not understood")
    key_id, day, region, service, names, signature = found.groups()
    if key_id not in known if known else key_id.startswith("invalid"):
        raise SignatureError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    stamp = request.headers.get("x-amz-date", "")
    if not _is_now(stamp) or not stamp.startswith(day):
        raise SignatureError("InvalidSignatureException", "Signature expired")
    expected = _signature(request, body, names.split(";"), (stamp, region, service))
    if "host" not in names.split(";") or not hmac.compare_digest(signature, expected):
        raise SignatureError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        )
    return Caller(key_id, region, service)


def _is_now(stamp: str) -> bool:
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs((datetime.now(UTC) - at).total_seconds()) <= SKEW


def _signature(request: Request, body: bytes, names: list[str], scope: tuple[str, str, str]) -> str:
    stamp, region, service = scope
    raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string") or b""
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            request.method,
            quote(raw_path.partition(b"?")[0], safe="-_.~/"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(_header(request.headers, name).split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    key = f"AWS4{SECRET}".encode()
    for word in (stamp[:8], region, service, "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    place = f"{stamp[:8]}/{region}/{service}/aws4_request"
    said = f"AWS4-HMAC-SHA256\n{stamp}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "")
