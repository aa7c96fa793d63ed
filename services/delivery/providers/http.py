"""What providers spoken to over HTTP share: kept-open connections, what an answer means, requests in flight."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import aiohttp
import orjson
from yarl import URL

from services.common.net import proxy
from services.common.net.dates import asked_wait
from services.delivery.providers.base import Account, Code, Outcome, Result, Verification

PIECE: Final = 64 * 1024
ANSWER: Final = 1 << 20
LONGEST_WAIT: Final = timedelta(hours=1)
KEEP_ALIVE: Final = (
    15.0  # shorter than the provider's: a connection it has just closed would cost an unknown outcome
)

Call = Callable[[], Awaitable[list[Outcome]]]


class Connection:
    """Kept-open connections of one account, as many as it may have requests in flight.

    To one origin; with an empty base to whatever URL a request names, by connections that `connector` makes.
    """

    def __init__(
        self,
        account: Account,
        base: str,
        headers: Mapping[str, str] | None = None,
        *,
        connector: Callable[[], aiohttp.TCPConnector] | None = None,
    ) -> None:
        self._account = account
        self._connector = connector or self._direct
        self._base = base.rstrip("/")
        self._headers = dict(headers or {})
        # Who waits for a connection waits here, where no time runs out: its provider has nothing to do with it.
        self._room = asyncio.Semaphore(max(1, account.max_concurrency))
        self._session: aiohttp.ClientSession | None = None
        self._under_way = 0
        self._ended = asyncio.Event()
        self._is_closing = False

    async def post(
        self,
        path: str,
        content: bytes,
        headers: Mapping[str, str],
        *,
        telling: Collection[int] = (),
        limit: int = ANSWER,
    ) -> "Answer":
        """Posts bytes; what fails before all of them left did not arrive, what fails later is unknown.

        Args:
            path: What follows the account's origin.
            content: The body.
            headers: Headers of this request, its content type among them.
            telling: Statuses that say all by themselves: nothing that happens to such an answer's body can make it
                uncertain, so it is not read.
            limit: How much of the answer is read.
        """
        written = _Written(content)
        headers = {**headers, "Content-Length": str(len(content))}
        try:
            async with (
                self._turn() as session,
                session.post(
                    self._url(path), data=written.pieces(), headers=headers, allow_redirects=False
                ) as response,
            ):
                body = b"" if response.status in telling else await _read(response, limit)
                return Answer(response.status, response.headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer.failed(error, written=written.finished)

    async def get(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> "Answer":
        """Asks for something; nothing changes by asking."""
        try:
            async with (
                self._turn() as session,
                session.get(
                    self._url(path), params=query, headers=headers, allow_redirects=False
                ) as response,
            ):
                return Answer(response.status, response.headers, await _read(response, ANSWER))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer.failed(error, written=False)

    async def close(self) -> None:
        """Closes kept-open connections once what is under way has ended; a request that comes later closes its own."""
        self._is_closing = True
        if self._under_way:
            await self._ended.wait()
        await self._end()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Waits for a connection, and holds it for one request."""
        async with self._room:
            self._under_way += 1
            self._ended.clear()
            try:
                yield self._open()
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._ended.set()
                    if self._is_closing:
                        await self._end()

    async def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _url(self, path: str) -> URL:
        # As it is: what is signed must travel unchanged.
        return URL(self._base + path, encoded=True)

    def _direct(self) -> aiohttp.TCPConnector:
        return proxy.connector(
            self._account.guard.proxy,
            is_secure=self._base.startswith("https:"),
            limit=max(1, self._account.max_concurrency),
            keepalive_timeout=KEEP_ALIVE,
        )

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            seconds = self._account.timeout.total_seconds()
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                timeout=aiohttp.ClientTimeout(total=3 * seconds, sock_connect=seconds, sock_read=seconds),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


class _Written:
    """A body on its way: knows whether all of it was given to the connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.finished = False

    async def pieces(self) -> AsyncIterator[bytes]:
        last = max(0, len(self._body) - 1) // PIECE * PIECE
        for start in range(0, len(self._body), PIECE):
            if start == last:  # from here on the provider may have it all
                self.finished = True
            yield self._body[start : start + PIECE]


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Returns the body of an answer; of one that breaks off what came, where its status says enough by itself."""
    parts: list[bytes] = []
    left = limit
    try:
        while left > 0 and (part := await response.content.read(left)):
            parts.append(part)
            left -= len(part)
    except (aiohttp.ClientError, TimeoutError, OSError):
        if response.status != 429 and not (response.status >= 500 and response.status != 504):
            raise
    return b"".join(parts)


class Answer:
    """What came back, or why nothing did."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body
        self.failure: tuple[Result, Code, str] | None = None

    @classmethod
    def failed(cls, error: Exception, *, written: bool) -> "Answer":
        """No answer: known not to have arrived unless the whole body had been written."""
        answer = cls(0, {}, b"")
        timed_out = isinstance(error, TimeoutError)
        code = Code.TIMEOUT if timed_out else Code.CONNECTION
        if isinstance(error, aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError):
            code = Code.TLS
        if written:
            answer.failure = (Result.UNKNOWN, code, "no answer after the request was sent")
        else:
            answer.failure = (Result.RETRYABLE, code, "the request could not be sent")
        return answer

    def value(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def json(self) -> dict[str, Any]:
        """The body as an object, {} when it is none."""
        value = self.value()
        return value if isinstance(value, dict) else {}

    def judged(self, accepted: Collection[int] = (200, 202)) -> tuple[Result, str, bool]:
        """Result, code and whether it is the provider's fault, by the status alone."""
        status = self.status
        if self.failure:
            return self.failure[0], self.failure[1], True
        if status in accepted:
            return Result.ACCEPTED, "", False
        if status in (401, 403):  # a key, a scope or a sender identity: nothing a message can help
            return Result.RETRYABLE, Code.CREDENTIALS, True
        if status == 429:
            return Result.RETRYABLE, Code.RATE_LIMITED, True
        if status == 504:  # a gateway gave up waiting; what it had passed on may have been accepted
            return Result.UNKNOWN, Code.TIMEOUT, True
        if status in (408, 425) or status >= 500:
            return Result.RETRYABLE, Code.UNAVAILABLE, True
        if status == 413:
            return Result.PERMANENT, Code.TOO_LARGE, False
        if status in (400, 422):
            return Result.PERMANENT, Code.REQUEST_REFUSED, False
        return Result.PERMANENT, f"http_{status}", True

    def outcome(
        self, message_id: UUID, latency: float, *, words: str = "", provider_message_id: str = ""
    ) -> Outcome:
        """The outcome of a message of the request, by the status alone; `words` are the provider's, masked."""
        result, code, provider_fault = self.judged()
        reason = (
            self.failure[2] if self.failure else "" if result is Result.ACCEPTED else f"{self.status} {words}"
        )
        return Outcome(
            message_id,
            result,
            code,
            reason.strip(),
            provider_message_id if result is Result.ACCEPTED else "",
            retry_after=self.retry_after() if result is Result.RETRYABLE else None,
            provider_fault=provider_fault,
            latency=latency,
        )

    def unverified(self, words: str) -> Verification:
        """What it says of an account that it does not vouch for: refused, or nothing at all."""
        said = not self.failure and self.status not in (0, 408, 425, 429) and self.status < 500
        return Verification(False, words, provider_fault=True, is_answer=said)

    def retry_after(self) -> timedelta | None:
        """How long the provider asks to wait, at most an hour; None when it says nothing."""
        now = datetime.now(UTC)
        wait = asked_wait(self.headers.get("Retry-After", ""), now)
        if wait is None:
            reset = self.headers.get("X-RateLimit-Reset", "")
            # Seconds since 1970; some write milliseconds, which are no instant that anybody waits for.
            if not (reset.isascii() and reset.isdigit() and len(reset) < 12):
                return None
            wait = timedelta(seconds=int(reset) - int(now.timestamp()))
        return min(max(wait, timedelta()), LONGEST_WAIT)


async def in_flight(calls: Iterable[Call], most: int) -> AsyncIterator[list[Outcome]]:
    """Runs calls with at most so many at a time and yields what each brings as it comes."""
    waiting = iter(calls)
    running: set[asyncio.Future[list[Outcome]]] = set()
    try:
        while True:
            while len(running) < max(1, most) and (call := next(waiting, None)) is not None:
                running.add(asyncio.ensure_future(call()))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                yield one.result()
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
