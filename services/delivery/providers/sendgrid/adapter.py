"""SendGrid v3: blocks of up to 1,000 recipients share one content, with a substitution per slot."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import aiohttp
import orjson

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    Account,
    Block,
    Code,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
    masked,
)
from services.delivery.providers.sendgrid.body import BodyBuilder, Request, partition
from services.delivery.providers.sendgrid.events import parse_events

BASE_URL: Final = "https://api.sendgrid.com"
MAX_PERSONALIZATIONS: Final = 1000
PIECE: Final = 64 * 1024
ANSWER: Final = 64 * 1024
ACCEPTED: Final = (200, 202)
ROUNDS: Final = 20
LOOKUPS_AT_ONCE: Final = 4
LONGEST_WAIT: Final = timedelta(hours=1)
KEEP_ALIVE: Final = (
    15.0  # shorter than the provider's: a connection it has just closed would cost an unknown outcome
)


class SendGrid:
    """An API key of SendGrid; `base_url`, `email_activity` and `from_address` by configuration."""

    name = "sendgrid"
    channel = "email"
    max_batch = MAX_PERSONALIZATIONS

    def __init__(self, account: Account) -> None:
        self._account = account
        self._base = account.text("base_url", BASE_URL).rstrip("/")
        self._authorization = {"Authorization": f"Bearer {account.credential('api_key')}"}
        self._session: aiohttp.ClientSession | None = None

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per thousand recipients as a rule; outcomes come request by request."""
        builder = BodyBuilder(block)
        refused, requests = partition(builder, block, MAX_PERSONALIZATIONS)
        if refused:
            yield refused
        for request in requests:
            yield await self._hand_over(builder, request)

    async def _hand_over(self, builder: BodyBuilder, request: Request) -> list[Outcome]:
        """Sends a request; recipients the provider names as bad are taken out and the others sent again."""
        outcomes: list[Outcome] = []
        for _ in range(ROUNDS):
            started = time.monotonic()
            answer = await self._post("/v3/mail/send", builder.body(request))
            latency = time.monotonic() - started
            bad = answer.named_recipients() if answer.status == 400 else {}
            if not bad:
                return outcomes + [answer.outcome(one.message_id, latency) for one in request.outgoing]
            good: list[Outgoing] = []
            for number, one in enumerate(request.outgoing):
                if number in bad:
                    outcomes.append(
                        Outcome(
                            one.message_id,
                            Result.PERMANENT,
                            Code.INVALID_RECIPIENT,
                            bad[number],
                            recipient_fault=True,
                            latency=latency,
                        )
                    )
                else:
                    good.append(one)
            if not good:
                return outcomes
            request = Request(good, request.whole)
        return outcomes + [
            Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, "too many refused recipients")
            for one in request.outgoing
        ]

    async def verify(self) -> Verification:
        """Checks the key's scopes, and the sender identity by a request that SendGrid validates without sending."""
        scopes = await self._get("/v3/scopes", {})
        if scopes.status != 200:
            return Verification(False, scopes.words() or "the key was refused", provider_fault=True)
        if "mail.send" not in (scopes.json().get("scopes") or ()):
            return Verification(False, "the key may not send mail", provider_fault=True)
        address = self._account.text("from_address")
        if not address:
            return Verification(True, "the key may send mail")
        probe = {
            "personalizations": [{"to": [{"email": address}]}],
            "from": {"email": address},
            "subject": "Verification",
            "content": [{"type": "text/plain", "value": "Verification"}],
            "mail_settings": {"sandbox_mode": {"enable": True}},
        }
        answer = await self._post("/v3/mail/send", orjson.dumps(probe))
        if answer.status in ACCEPTED:
            return Verification(True, "the key may send mail, and the sender is accepted")
        return Verification(False, answer.words() or "the sender was refused", provider_fault=True)

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Asks Email Activity, where the account has it; the feed lags behind by minutes, so ask late."""
        if not self._account.flag("email_activity"):
            return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))
        gate = asyncio.Semaphore(LOOKUPS_AT_ONCE)

        async def ask(message_id: UUID) -> Lookup:
            query = f"(unique_args['{MESSAGE_ARGUMENT}']=\"{message_id}\")"
            async with gate:
                answer = await self._get("/v3/messages", {"limit": "1", "query": query})
            found = answer.json().get("messages")
            if answer.status != 200 or not isinstance(found, list):
                return Lookup(Presence.UNKNOWABLE)
            if not found or not isinstance(found[0], dict):
                return Lookup(Presence.NOT_FOUND)
            provider_id = str(found[0].get("msg_id") or "").partition(".")[0]
            return Lookup(Presence.FOUND, provider_id, str(found[0].get("status") or ""))

        return dict(zip(message_ids, await asyncio.gather(*map(ask, message_ids)), strict=True))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """Events of the Event Webhook; the gateway has checked its signature."""
        return parse_events(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # HTTP

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            seconds = self._account.timeout.total_seconds()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=max(1, self._account.max_concurrency),
                    keepalive_timeout=KEEP_ALIVE,
                    ttl_dns_cache=60,
                ),
                timeout=aiohttp.ClientTimeout(total=3 * seconds, sock_connect=seconds, sock_read=seconds),
                headers=self._authorization,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._base.startswith("https:"),
            )
        return self._session

    async def _post(self, path: str, content: bytes) -> "Answer":
        written = _Written(content)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        try:
            async with self._open().post(
                self._base + path, data=written.pieces(), headers=headers, allow_redirects=False
            ) as response:
                # An acceptance says all in its status: nothing that happens to its body can make it uncertain.
                accepted = response.status in ACCEPTED
                body = b"" if accepted else await response.content.read(ANSWER)
                return Answer(response.status, dict(response.headers), body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer.failed(error, written=written.finished)

    async def _get(self, path: str, query: Mapping[str, str]) -> "Answer":
        try:
            async with self._open().get(self._base + path, params=query, allow_redirects=False) as response:
                return Answer(
                    response.status, dict(response.headers), await response.content.read(16 * ANSWER)
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer.failed(error, written=False)


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

    def json(self) -> dict[str, Any]:
        """The body as an object, {} when it is none."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {"list": value}

    def errors(self) -> list[dict[str, Any]]:
        """The provider's errors."""
        found = self.json().get("errors")
        return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []

    def words(self) -> str:
        """The provider's words, without addresses."""
        return masked("; ".join(str(error.get("message") or "") for error in self.errors()))

    def named_recipients(self) -> dict[int, str]:
        """Personalizations whose address an error names, by position; empty when it names anything else too."""
        named: dict[int, str] = {}
        for error in self.errors():
            parts = str(error.get("field") or "").split(".")
            recipient = (
                len(parts) > 2 and parts[0] == "personalizations" and parts[2] == "to" and parts[-1] != "name"
            )
            if not recipient or not parts[1].isdigit():
                return {}
            named[int(parts[1])] = masked(str(error.get("message") or "refused"))
        return named

    def outcome(self, message_id: UUID, latency: float) -> Outcome:
        """The outcome of every message of the request."""
        result, code, provider_fault = self._judged()
        reason = (
            self.failure[2]
            if self.failure
            else ""
            if result is Result.ACCEPTED
            else f"{self.status} {self.words()}"
        )
        return Outcome(
            message_id,
            result,
            code,
            reason.strip(),
            self.headers.get("X-Message-Id", "") if result is Result.ACCEPTED else "",
            retry_after=self._retry_after() if result is Result.RETRYABLE else None,
            provider_fault=provider_fault,
            latency=latency,
        )

    def _judged(self) -> tuple[Result, str, bool]:
        status = self.status
        if self.failure:
            return self.failure[0], self.failure[1], True
        if status in ACCEPTED:
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
        if status == 400:
            return Result.PERMANENT, Code.REQUEST_REFUSED, False
        return Result.PERMANENT, f"http_{status}", True

    def _retry_after(self) -> timedelta | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        for name, origin in (("x-ratelimit-reset", time.time()), ("retry-after", 0.0)):
            value = headers.get(name, "")
            if value.isdigit() and len(value) < 12:
                seconds = max(0.0, float(value) - origin)
                return min(timedelta(seconds=seconds), LONGEST_WAIT)
        return None
