"""Postmark: batches of up to 500 whole messages, each with an answer of its own."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

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
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.lookups import look_up
from services.delivery.providers.postmark.body import MAX_MESSAGES, BodyBuilder, partition
from services.delivery.providers.postmark.codes import meaning_of
from services.delivery.providers.postmark.events import parse_events

BASE_URL: Final = "https://api.postmarkapp.com"
STREAM: Final = "outbound"
JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}


class Postmark:
    """A server of Postmark; `base_url`, streams and `message_search` by configuration."""

    name = "postmark"
    channel = "email"
    max_batch = MAX_MESSAGES

    def __init__(self, account: Account) -> None:
        self._account = account
        token = {"X-Postmark-Server-Token": account.credential("server_token")}
        self._connection = Connection(account, account.text("base_url", BASE_URL), token)
        self._stream = account.text("message_stream", STREAM)
        self._broadcast_stream = account.text("broadcast_stream", self._stream)

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per 500 messages; outcomes come request by request."""
        builder = BodyBuilder(block, self._stream, self._broadcast_stream)
        refused, found = partition(builder, block)
        if refused:
            yield refused
        calls = (partial(self._hand_over, builder, lot) for lot in found)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    async def _hand_over(self, builder: BodyBuilder, lot: Sequence[Outgoing]) -> list[Outcome]:
        content = builder.body(lot)
        started = time.monotonic()
        answer = await self._connection.post("/email/batch", content, JSON)
        latency = time.monotonic() - started
        if answer.status != 200:
            return [_of_request(one.message_id, answer, latency) for one in lot]
        items = answer.value()
        if not isinstance(items, list) or len(items) != len(lot):
            # It was taken in, but nobody can say which of it was accepted.
            return [_unreadable(one.message_id, latency) for one in lot]
        return [_of_item(one.message_id, item, latency) for one, item in zip(lot, items, strict=True)]

    async def verify(self) -> Verification:
        """Checks the token and the streams; the sender's signature shows with the first message only."""
        server = await self._connection.get("/server", headers=JSON)
        if server.status != 200:
            return server.unverified(_words(server) or "the token was refused")
        for stream in dict.fromkeys((self._stream, self._broadcast_stream)):
            found = await self._connection.get(f"/message-streams/{stream}", headers=JSON)
            if found.status != 200 or found.json().get("ArchivedAt"):
                words = _words(found) or f"there is no stream {stream}"
                return found.unverified(words)
        return Verification(True, "the token and the streams are accepted")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Asks the message search, where the account allows it; it lags behind, so ask late."""
        if not self._account.flag("message_search"):
            return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))
        return await look_up(message_ids, self._ask)

    async def _ask(self, message_id: UUID) -> Lookup:
        for stream in dict.fromkeys((self._stream, self._broadcast_stream)):
            query = {"count": "1", "offset": "0", f"metadata_{MESSAGE_ARGUMENT}": str(message_id)}
            answer = await self._connection.get(
                "/messages/outbound", query | {"messagestream": stream}, headers=JSON
            )
            found = answer.json().get("Messages")
            if answer.status != 200 or not isinstance(found, list):
                return Lookup(Presence.UNKNOWABLE)
            if found and isinstance(found[0], dict):
                return Lookup(
                    Presence.FOUND, str(found[0].get("MessageID") or ""), str(found[0].get("Status") or "")
                )
        return Lookup(Presence.NOT_FOUND)

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a webhook call; the gateway has checked who called."""
        return parse_events(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def _of_request(message_id: UUID, answer: Answer, latency: float) -> Outcome:
    """The outcome of every message of a request that was refused as a whole."""
    code = answer.json().get("ErrorCode")
    if answer.failure is None and isinstance(code, int) and code and answer.status < 500:
        return _outcome(message_id, code, _words(answer), latency, answer)
    return answer.outcome(message_id, latency, words=_words(answer))


def _of_item(message_id: UUID, item: Any, latency: float) -> Outcome:
    code = item.get("ErrorCode") if isinstance(item, dict) else None
    if not isinstance(code, int):
        return _unreadable(message_id, latency)
    if code == 0:
        return Outcome(
            message_id,
            Result.ACCEPTED,
            provider_message_id=str(item.get("MessageID") or "")[:200],
            latency=latency,
        )
    return _outcome(message_id, code, masked(str(item.get("Message") or "")), latency)


def _outcome(
    message_id: UUID, code: int, words: str, latency: float, answer: Answer | None = None
) -> Outcome:
    meaning = meaning_of(code)
    return Outcome(
        message_id,
        meaning.result,
        meaning.code,
        f"{code} {words}".strip(),
        retry_after=answer.retry_after() if answer and meaning.result is Result.RETRYABLE else None,
        recipient_fault=meaning.recipient_fault,
        provider_fault=meaning.provider_fault,
        latency=latency,
    )


def _unreadable(message_id: UUID, latency: float) -> Outcome:
    return Outcome(
        message_id,
        Result.UNKNOWN,
        Code.UNREADABLE_ANSWER,
        "the answer does not say what was accepted",
        provider_fault=True,
        latency=latency,
    )


def _words(answer: Answer) -> str:
    """The provider's words, without addresses."""
    return masked(str(answer.json().get("Message") or ""))
