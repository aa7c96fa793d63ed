"""WhatsApp by Gupshup: one request per recipient, as many at a time as the account allows."""

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
)
from services.delivery.providers.gupshup.body import Forms
from services.delivery.providers.gupshup.codes import meaning_of
from services.delivery.providers.gupshup.events import parse_webhook
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.meanings import weighed
from services.delivery.providers.singles import one_by_one

BASE_URL: Final = "https://api.gupshup.io"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
ANSWER: Final = 64 * 1024


class Gupshup:
    """An app of Gupshup."""

    name = "gupshup"
    channel = "whatsapp"
    max_batch = 1

    def __init__(self, account: Account) -> None:
        if not account.text("from") or not account.text("app_name"):
            raise ConfigurationError("the account has no sender or no app_name")
        self._account = account
        self._connection = Connection(
            account, account.text("base_url", BASE_URL), {"apikey": account.credential("api_key")}
        )

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per message; outcomes come as they are answered."""
        forms = Forms(self._account, block)
        hand_over = partial(self._hand_over, forms)
        async for outcomes in one_by_one(
            block.outgoing, forms.refusal, hand_over, self._account.max_concurrency
        ):
            yield outcomes

    async def _hand_over(self, forms: Forms, one: Outgoing) -> list[Outcome]:
        started = time.monotonic()
        answer = await self._connection.post(forms.path, forms.body(one), FORM, limit=ANSWER)
        return [_outcome(one.message_id, answer, time.monotonic() - started)]

    async def verify(self) -> Verification:
        """Checks that the key may read the app's wallet, which every key of the account may."""
        answer = await self._connection.get("/wa/api/v1/wallet/balance")
        if answer.status == 200:
            return Verification(True, "the key is accepted")
        outcome = _outcome(UUID(int=0), answer, 0.0)
        return answer.unverified(outcome.reason or "the key was refused")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Gupshup knows no reference of ours; its webhooks name messages by its own."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a webhook call; the gateway has checked who called."""
        return parse_webhook(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def _outcome(message_id: UUID, answer: Answer, latency: float) -> Outcome:
    outcome = answer.outcome(message_id, latency)
    if answer.failure:
        return outcome
    found = answer.json()
    if outcome.result is Result.ACCEPTED and found.get("status") != "error":
        # The status of the answer says all; one that cannot be read leaves the message without Gupshup's name for it.
        outcome.provider_message_id = str(found.get("messageId") or "")[:200]
        return outcome
    code = _code(found)
    meaning = meaning_of(code) if code is not None else None
    if meaning is not None:
        weighed(outcome, meaning, answer)
    elif outcome.result is Result.ACCEPTED:
        # It says that it failed, whatever its status: nobody knows the reason, so it is tried once more (DEL-82).
        outcome.result = Result.RETRYABLE
    elif isinstance(code, int) and outcome.code in (Code.REQUEST_REFUSED, f"http_{answer.status}"):
        outcome.code, outcome.provider_fault = f"gupshup_{code}", False
    outcome.reason = f"{answer.status} {code if code is not None else ''}".strip()
    return outcome


def _code(found: Mapping[str, Any]) -> object:
    """The code of a refusal, which stands beside its words or within them."""
    message = found.get("message")
    inner = message if isinstance(message, dict) else {}
    return found.get("code") if found.get("code") is not None else inner.get("code")
