"""Certificates that notifications are signed with: fetched from where they are known to be, checked, remembered."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from services.common.clock import Clock
from services.common.errors import unavailable
from services.common.net.proxy import Proxy, connector

KEPT: Final = 86_400.0
REFUSED_KEPT: Final = 60.0
MAX_KEPT: Final = 100
MAX_BYTES: Final = 64 * 1024
MAX_FETCHES: Final = 30
"""Fetches in a minute: whoever knows an account's path must not make the gateway ask for whatever they name."""

TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
KEY_BITS: Final = 2048
NAMES: Final = frozenset({"sns.amazonaws.com", "sns.amazonaws.com.cn"})


class CertificateError(ValueError):
    """A certificate that nothing may be believed by."""


class Certificates:
    """Public keys by the URL of their certificate; the caller has checked whose URL it is."""

    def __init__(self, clock: Clock, proxy: Proxy | None = None) -> None:
        self._clock = clock
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._known: OrderedDict[str, tuple[float, RSAPublicKey | None, datetime | None]] = OrderedDict()
        self._fetches: deque[float] = deque(maxlen=MAX_FETCHES)
        self._locks: dict[str, asyncio.Lock] = {}

    async def key(self, url: str) -> RSAPublicKey | None:
        """Returns the key of a certificate, None for one that is not good.

        Raises:
            ServiceError: It cannot be fetched now; whoever is refused for that comes again.
        """
        lock = self._locks.setdefault(url, asyncio.Lock())
        try:
            async with lock:
                return await self._kept_or_fetched(url)
        finally:
            if not lock.locked():
                self._locks.pop(url, None)

    async def get(self, url: str) -> int:
        """Asks for something that is confirmed by being asked for, and returns the status; 0 when nobody answered."""
        try:
            async with self._open().get(url, allow_redirects=False) as response:
                await response.content.read(MAX_BYTES)
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def close(self) -> None:
        """Closes connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _kept_or_fetched(self, url: str) -> RSAPublicKey | None:
        kept = self._known.get(url)
        now = self._clock.now()
        if kept is not None:
            age, (_, key, until) = time.monotonic() - kept[0], kept
            if age < (KEPT if key else REFUSED_KEPT) and (until is None or now < until):
                return key
        body = await self._fetched(url)
        key, until = None, None
        if body is not None:
            try:
                key, until = checked(body, now, urlsplit(url).hostname or "")
            except (CertificateError, ValueError, InvalidSignature, TypeError):
                key = None
        self._known[url] = (time.monotonic(), key, until)
        while len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)
        return key

    async def _fetched(self, url: str) -> bytes | None:
        """Returns the file behind a URL; None when there is none."""
        now = time.monotonic()
        if len(self._fetches) == MAX_FETCHES and now - self._fetches[0] < 60:
            raise unavailable("certificates")
        self._fetches.append(now)
        try:
            async with self._open().get(url, allow_redirects=False) as response:
                if response.status >= 500:
                    raise unavailable("certificates")
                body = await _read(response)
                return body if response.status == 200 and len(body) <= MAX_BYTES else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise unavailable("certificates") from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=connector(self._proxy, is_secure=True),
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BYTES and (part := await response.content.read(MAX_BYTES + 1 - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def checked(pem: bytes, now: datetime, host: str) -> tuple[RSAPublicKey, datetime]:
    """Returns the key of a certificate and until when it holds.

    It must be the service's by name, in its time, of an RSA key that is long enough, and each certificate behind it in
    the file must have issued the one before.

    Raises:
        CertificateError: It is not.
    """
    chain: Sequence[x509.Certificate] = x509.load_pem_x509_certificates(pem)
    leaf = chain[0]
    if not _names(leaf) & (NAMES | {host}):
        raise CertificateError("not the service's certificate")
    for one in chain:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            raise CertificateError("not valid now")
    for one, issuer in pairwise(chain):
        one.verify_directly_issued_by(issuer)
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS:
        raise CertificateError("not a key of 2048 bits or more")
    return key, min(one.not_valid_after_utc for one in chain)


def _names(certificate: x509.Certificate) -> frozenset[str]:
    found = {str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset(found)
    return frozenset(found | set(extension.value.get_values_for_type(x509.DNSName)))
