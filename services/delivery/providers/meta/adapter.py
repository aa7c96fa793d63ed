"""WhatsApp Cloud API: one request per recipient, as many at a time as the account allows."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from services.delivery.providers.base import (
    Account,
    Block,
    Code,
    ConfigurationError,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
    masked,
)
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.meanings import weighed
from services.delivery.providers.meta.body import Messages
from services.delivery.providers.meta.codes import meaning_of
from services.delivery.providers.meta.events import parse_webhook
from services.delivery.providers.meta.usage import regained_after
from services.delivery.providers.singles import one_by_one

BASE_URL: Final = "https://graph.facebook.com/v24.0"
JSON: Final = {"Content-Type": "application/json"}
ANSWER: Final = 64 * 1024


class Meta:
    """A number of a WhatsApp Business account."""

    name = "meta"
    channel = "whatsapp"
    max_batch = 1

    def __init__(self, account: Account) -> None:
        number = account.text("phone_number_id")
        if not number:
            raise ConfigurationError("the account has no phone_number_id")
        self._account = account
        self._number = f"/{number}"
        authorization = f"Bearer {account.credential('access_token')}"
        self._connection = Connection(
            account, account.text("base_url", BASE_URL), {"Authorization": authorization}
        )

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per message; outcomes come as they are answered."""
        messages = Messages(self._account, block)
        hand_over = partial(self._hand_over, messages)
        async for outcomes in one_by_one(
            block.outgoing, messages.refusal, hand_over, self._account.max_concurrency
        ):
            yield outcomes

    async def _hand_over(self, messages: Messages, one: Outgoing) -> list[Outcome]:
        started = time.monotonic()
        answer = await self._connection.post(
            f"{self._number}/messages", messages.body(one), JSON, limit=ANSWER
        )
        return [_outcome(one.message_id, answer, time.monotonic() - started)]

    async def verify(self) -> Verification:
        """Checks that the token may read the number."""
        fields = {"fields": "verified_name,quality_rating"}
        answer = await self._connection.get(self._number, fields)
        if answer.status == 200:
            found = answer.json()
            name, quality = str(found.get("verified_name") or ""), str(found.get("quality_rating") or "")
            return Verification(True, masked(f"the number is {name}, quality {quality or 'unknown'}"))
        outcome = _outcome(UUID(int=0), answer, 0.0)
        return answer.unverified(outcome.reason or "the token was refused")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Meta cannot be asked for a message; its webhooks tell of those it took."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The statuses of a webhook call; the gateway has checked its signature."""
        return parse_webhook(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def _outcome(message_id: UUID, answer: Answer, latency: float) -> Outcome:
    outcome = answer.outcome(message_id, latency)
    if answer.failure:
        return outcome
    if outcome.result is Result.ACCEPTED:
        outcome.provider_message_id = _wamid(answer.json())
        return outcome
    error = answer.json().get("error")
    code = error.get("code") if isinstance(error, dict) else None
    meaning = meaning_of(code) if code is not None else None
    if meaning is not None:
        weighed(outcome, meaning, answer)
        if outcome.result is Result.RETRYABLE:
            outcome.retry_after = regained_after(answer.headers) or outcome.retry_after
    elif isinstance(code, int) and outcome.code in (Code.REQUEST_REFUSED, f"http_{answer.status}"):
        outcome.code, outcome.provider_fault = f"meta_{code}", False
    # The provider's words may hold the number; its code says what is needed.
    outcome.reason = f"{answer.status} {code if code is not None else ''}".strip()
    return outcome


def _wamid(found: Mapping[str, Any]) -> str:
    """Meta's name for a message; the status says all, so an answer that cannot be read leaves it without one."""
    messages = found.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return str(first.get("id") or "")[:200] if isinstance(first, dict) else ""
