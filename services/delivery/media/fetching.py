"""Fetching remote files: from public addresses only, without redirects, and never more than an asset may have (DEL-94)."""

from typing import Final

import aiohttp

from services.common.net.guard import Guard, UnsafeUrl
from services.delivery.media.files import LARGEST

_SECONDS: Final = 10.0
_CHUNK: Final = 65_536
_OK: Final = 200


class UnreachableError(Exception):
    """A URL that gave no file; the text says why and holds nothing of the answer."""


class Fetcher:
    """Fetches files of tenants; one session, opened with the first file."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, url: str) -> bytes:
        """Returns what a URL gives.

        Raises:
            UnsafeUrl: It may not be called, or leads where nothing may be called.
            UnreachableError: It gave no file, too large a one, or none in time.
        """
        target = self._guard.check_url(url)
        most = max(LARGEST.values())
        try:
            async with self._open().get(target, allow_redirects=False) as answer:
                if answer.status != _OK:
                    raise UnreachableError(f"answered {answer.status}")
                content = bytearray()
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    content += chunk
                    if len(content) > most:
                        raise UnreachableError("is larger than any file that is taken")
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error.__cause__, UnsafeUrl):
                raise error.__cause__ from None
            raise UnreachableError("could not be reached") from None

    async def close(self) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._guard.connector(), timeout=aiohttp.ClientTimeout(total=_SECONDS)
            )
        return self._session
