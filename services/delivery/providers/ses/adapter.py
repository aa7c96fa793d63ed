"""Amazon SES: up to 50 recipients share a request and its content, the others get one each."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from services.delivery.mail.headers import HeaderError
from services.delivery.providers.aws.connection import Service
from services.delivery.providers.aws.errors import name_of, words_of
from services.delivery.providers.base import (
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
from services.delivery.providers.halving import sent
from services.delivery.providers.http import Answer, in_flight
from services.delivery.providers.meanings import weighed
from services.delivery.providers.parting import refused
from services.delivery.providers.ses.body import MAX_ENTRIES, BodyBuilder, Request, partition
from services.delivery.providers.ses.checking import sender_verified, verified
from services.delivery.providers.ses.codes import ERRORS, STATUSES, UNNAMED
from services.delivery.providers.ses.events import parse_notification
from services.delivery.providers.ses.kind import HOST
from services.delivery.providers.showing import shows_amp

JSON: Final = {"Content-Type": "application/json"}
BULK: Final = "/v2/email/outbound-bulk-emails"
SINGLE: Final = "/v2/email/outbound-emails"
RATE_KEPT: Final = 600.0
"""Seconds for which the account's rate is remembered."""


class Ses:
    """A key of one region; the configuration set and the topic of its events by configuration."""

    name = "ses"
    channel = "email"
    max_batch = MAX_ENTRIES

    def __init__(self, account: Account) -> None:
        self._account = account
        self._service = Service(account, "ses", HOST)
        self._configuration_set = account.text("configuration_set")
        self._most, self._asked_at = 0, 0.0
        self._asking = asyncio.Lock()

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per 50 recipients as a rule; outcomes come request by request."""
        if not block.outgoing:
            return
        builder = BodyBuilder(block, self._configuration_set, amp=shows_amp(self._account))
        refused, requests = partition(builder, block, await self._most_at_once())
        if refused:
            yield refused
        calls = (partial(self._hand_over, builder, request) for request in requests)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    async def _hand_over(self, builder: BodyBuilder, request: Request) -> list[Outcome]:
        if request.whole:
            (one,) = request.outgoing
            started = time.monotonic()
            try:
                body = builder.whole(one)
            except HeaderError as error:
                return [refused(one, str(error))]
            answer = await self._service.post(SINGLE, body, JSON)
            return [_of_request(one, answer, time.monotonic() - started)]

        async def send(part: Sequence[Outgoing]) -> Answer:
            return await self._service.post(BULK, builder.bulk(part), JSON)

        done = await sent(request.outgoing, send)
        outcomes = [
            _of_request(one, answer, latency, alone=done.accepted) for one, answer, latency in done.refused
        ]
        for part, answer, latency in done.answers:
            outcomes += _of_answer(part, answer, latency)
        return outcomes

    async def _most_at_once(self) -> int:
        """How many recipients a request may have: no more than the account may write to in a second."""
        async with self._asking:
            if not self._most or time.monotonic() - self._asked_at > RATE_KEPT:
                answer = await self._service.get("/v2/email/account")
                quota = answer.json().get("SendQuota")
                rate = quota.get("MaxSendRate") if isinstance(quota, dict) else None
                # A key that may not ask sends in full requests: what is too much is refused entry by entry.
                self._most = max(1, int(rate)) if isinstance(rate, int | float) else MAX_ENTRIES
                self._asked_at = time.monotonic()
            return self._most

    async def verify(self) -> Verification:
        """Checks the key, the account, the sender's identity and where its events go; sends nothing."""
        return await verified(self._account, self._service)

    async def verify_sender(self, address: str) -> Verification:
        """Asks for the identities of the address and its domain."""
        return await sender_verified(address, self._service)

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """SES cannot be asked for a message by our reference; its events tell."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a notification; the gateway has checked its signature and its topic."""
        return parse_notification(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._service.close()


def _of_request(one: Outgoing, answer: Answer, latency: float, *, alone: bool = False) -> Outcome:
    """The outcome of a message by the answer to its whole request; `alone`: what it shared was accepted with others."""
    name = str(answer.json().get("MessageId") or "")[:200] if answer.status == 200 else ""
    outcome = answer.outcome(one.message_id, latency, words=words_of(answer), provider_message_id=name)
    meaning = None if answer.failure or answer.status == 200 else ERRORS.get(name_of(answer))
    if meaning is not None:
        weighed(outcome, meaning, answer)
    if alone and outcome.code == Code.REQUEST_REFUSED:
        outcome.code, outcome.recipient_fault = Code.INVALID_RECIPIENT, True
    return outcome


def _of_answer(part: Sequence[Outgoing], answer: Answer, latency: float) -> list[Outcome]:
    """The outcomes of a bulk request: of its entries when it was taken, of all alike otherwise."""
    if answer.status != 200:
        return [_of_request(one, answer, latency) for one in part]
    entries = answer.json().get("BulkEmailEntryResults")
    if not isinstance(entries, list) or len(entries) != len(part):
        # It was taken in, but nobody can say what of it.
        return [_unreadable(one, latency) for one in part]
    is_taken = any(isinstance(entry, dict) and entry.get("Status") == "SUCCESS" for entry in entries)
    return [
        _of_entry(one, entry, answer, latency, alone=is_taken)
        for one, entry in zip(part, entries, strict=True)
    ]


def _of_entry(one: Outgoing, entry: Any, answer: Answer, latency: float, *, alone: bool) -> Outcome:
    status = entry.get("Status") if isinstance(entry, dict) else None
    if not isinstance(status, str):
        return _unreadable(one, latency)
    if status == "SUCCESS":
        name = str(entry.get("MessageId") or "")[:200]
        return Outcome(one.message_id, Result.ACCEPTED, provider_message_id=name, latency=latency)
    words = f"{status} {masked(str(entry.get('Error') or ''))}".strip()
    outcome = Outcome(one.message_id, Result.RETRYABLE, reason=words, latency=latency)
    weighed(outcome, STATUSES.get(status, UNNAMED), answer)
    if alone and status.startswith("INVALID_PARAMETER"):  # everything but the address was taken with others
        outcome.code, outcome.recipient_fault = Code.INVALID_RECIPIENT, True
    return outcome


def _unreadable(one: Outgoing, latency: float) -> Outcome:
    return Outcome(
        one.message_id,
        Result.UNKNOWN,
        Code.UNREADABLE_ANSWER,
        "the answer does not say what was accepted",
        provider_fault=True,
        latency=latency,
    )
