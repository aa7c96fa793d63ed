"""Twilio Messaging: one request per recipient, as many at a time as the account allows."""

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from services.delivery.providers.base import (
    Account,
    Asked,
    Block,
    ConfigurationError,
    Lookup,
    Outcome,
    Outgoing,
    PhoneFacts,
    Presence,
    Receipt,
    Result,
    Verification,
)
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.lookups import AT_ONCE, look_up
from services.delivery.providers.singles import one_by_one
from services.delivery.providers.twilio import codes
from services.delivery.providers.twilio.body import Form
from services.delivery.providers.twilio.events import of_message, parse_callback
from services.delivery.providers.twilio.kind import HOSTS
from services.delivery.providers.twilio.lost import LostMessages

BASE_URL: Final = "https://api.twilio.com"
LOOKUPS_URL: Final = "https://lookups.twilio.com"
LINES: Final = {
    "mobile": "mobile",
    "landline": "fixed",
    "fixedVoip": "voip",
    "nonFixedVoip": "voip",
    "tollFree": "toll_free",
}
ACCEPTED: Final = (200, 201)
ANSWER: Final = 64 * 1024
LISTED: Final = 100
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Twilio:
    """An account of Twilio for one channel: its sender is a number, or a messaging service that chooses one."""

    name = "twilio"
    max_batch = 1

    def __init__(self, account: Account) -> None:
        sid = account.text("account_sid")
        if not sid:
            raise ConfigurationError("the account has no account_sid")
        if not account.text("from") and not account.text("messaging_service_sid"):
            raise ConfigurationError("the account has no sender")
        key, secret = sid, account.credential("auth_token")
        if account.credentials.get("api_key_sid"):
            key, secret = account.credential("api_key_sid"), account.credential("api_key_secret")
        self.channel = account.channel or "sms"
        self._account = account
        self._path = f"/2010-04-01/Accounts/{sid}/Messages.json"
        authorization = "Basic " + b64encode(f"{key}:{secret}".encode()).decode()
        self._connection = Connection(
            account, account.text("base_url", BASE_URL), {"Authorization": authorization}
        )
        base = account.text("base_url", BASE_URL)
        self._lookups = Connection(
            account,
            LOOKUPS_URL if urlsplit(base).hostname in HOSTS else base,
            {"Authorization": authorization},
        )
        self._lost = LostMessages()

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per message; outcomes come as they are answered."""
        form = Form(self._account, block)
        hand_over = partial(self._hand_over, form)
        async for outcomes in one_by_one(
            block.outgoing, form.refusal, hand_over, self._account.max_concurrency
        ):
            yield outcomes

    async def _hand_over(self, form: Form, one: Outgoing) -> list[Outcome]:
        started, started_at = time.monotonic(), datetime.now(UTC)
        answer = await self._connection.post(self._path, form.body(one), FORM, limit=ANSWER)
        outcome = self._outcome(one.message_id, answer, time.monotonic() - started)
        if outcome.result is Result.UNKNOWN:
            self._lost.add(one.message_id, form.address(one), form.text(one), started_at)
        elif outcome.provider_message_id:
            self._lost.answered(outcome.provider_message_id)
        return [outcome]

    def _outcome(self, message_id: UUID, answer: Answer, latency: float) -> Outcome:
        outcome = answer.outcome(message_id, latency)
        if answer.status not in ACCEPTED:
            return outcome if answer.failure else codes.refusal(outcome, answer)
        # The status says all; an answer that cannot be read leaves the message without Twilio's name for it.
        outcome.provider_message_id = str(answer.json().get("sid") or "")[:200]
        outcome.result, outcome.code, outcome.reason, outcome.provider_fault = Result.ACCEPTED, "", "", False
        return outcome

    async def verify(self) -> Verification:
        """Checks that the credentials may read the account's messages, which every kind of key may that can send."""
        answer = await self._connection.get(self._path, {"PageSize": "1"})
        if answer.status == 200:
            return Verification(True, "the credentials are accepted")
        outcome = self._outcome(UUID(int=0), answer, 0.0)
        return answer.unverified(outcome.reason or "the credentials were refused")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Looks for lost messages by number, text and time; only the process that sent them knows these."""
        return await look_up(message_ids, self._ask)

    async def _ask(self, message_id: UUID) -> Lookup:
        lost = self._lost.get(message_id)
        if lost is None:
            return Lookup(Presence.UNKNOWABLE)
        # Not by the day it was sent: what still waits in a queue of Twilio's has none.
        answer = await self._connection.get(self._path, {"To": lost.address, "PageSize": str(LISTED)})
        listed = answer.json().get("messages")
        if answer.status != 200 or not isinstance(listed, list):
            return Lookup(Presence.UNKNOWABLE)
        return self._lost.sought(lost, listed, LISTED)

    async def poll(self, asked: Sequence[Asked]) -> list[Receipt]:
        """Fetches messages: callbacks tell no price, and Twilio itself knows it only some time after sending."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def fetch(one: Asked) -> Receipt | None:
            async with gate:
                answer = await self._connection.get(
                    f"{self._path[:-5]}/{quote(one.provider_message_id)}.json"
                )
                return of_message(answer.json(), one.message_id) if answer.status == 200 else None

        found = await asyncio.gather(*map(fetch, asked))
        return [receipt for receipt in found if receipt is not None]

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The receipt of a status callback; the gateway has checked its signature."""
        return parse_callback(raw)

    async def look_up_phone(self, number: str) -> PhoneFacts | None:
        """What Twilio Lookup says of a number; None when the account may not ask or Twilio does not answer."""
        answer = await self._lookups.get(f"/v2/PhoneNumbers/{number}", {"Fields": "line_type_intelligence"})
        found = answer.json()
        if answer.status == 404:
            return PhoneFacts(False)
        if answer.status != 200 or not isinstance(found.get("valid"), bool):
            return None
        line = found.get("line_type_intelligence")
        word = str(line.get("type") or "") if isinstance(line, dict) else ""
        return PhoneFacts(
            found["valid"], str(found.get("country_code") or "")[:2], LINES.get(word, "other" if word else "")
        )

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()
        await self._lookups.close()
