"""One HTTP client for all visitors: no cookies kept, no redirects followed, known by forwarded address."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from sandbox.recipients.networks import Visitor

_TIMEOUT = aiohttp.ClientTimeout(total=15)
_MAX_PAGE = 1_000_000


class TryAgainError(Exception):
    """The gateway gave no answer that counts; `after` is how long it asked to wait, or 0.

    When the answer was lost, nobody knows what became of the request.
    """

    def __init__(self, after: float = 0.0, *, was_lost: bool = False) -> None:
        super().__init__(after)
        self.after = after
        self.was_lost = was_lost


@dataclass(frozen=True)
class Answer:
    """What the gateway answered."""

    status: int
    location: str = ""
    text: str = ""
    cookies: dict[str, str] = field(default_factory=dict)


class Browser:
    """Requests as a visitor; the sandbox stands before the gateway like a trusted proxy."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, visitor: Visitor) -> Answer:
        """Fetches a URL."""
        return await self._request("GET", url, visitor)

    async def head(self, url: str, visitor: Visitor) -> Answer:
        """Asks for a URL's headers."""
        return await self._request("HEAD", url, visitor)

    async def post(
        self, url: str, fields: list[tuple[str, str]], visitor: Visitor, cookies: dict[str, str] | None = None
    ) -> Answer:
        """Posts a form."""
        return await self._request("POST", url, visitor, urlencode(fields), cookies)

    async def _request(
        self,
        method: str,
        url: str,
        visitor: Visitor,
        body: str | None = None,
        cookies: dict[str, str] | None = None,
    ) -> Answer:
        headers = {"User-Agent": visitor.user_agent, "X-Forwarded-For": visitor.ip, "Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False, timeout=_TIMEOUT
            ) as response:
                text = (await response.content.read(_MAX_PAGE)).decode("utf-8", "replace")
                if response.status == 429 or response.status >= 500:
                    wait = response.headers.get("Retry-After", "")
                    raise TryAgainError(min(60.0, float(wait)) if wait.isdigit() else 0.0)
                morsels = {name: morsel.value for name, morsel in response.cookies.items()}
                return Answer(response.status, response.headers.get("Location", ""), text, morsels)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise TryAgainError(was_lost=True) from None
