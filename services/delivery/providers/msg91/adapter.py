"""Texts by MSG91: many recipients of a registered template in a request."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from services.delivery.providers.base import (
    Account,
    Asked,
    Block,
    Code,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
)
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.meanings import weighed
from services.delivery.providers.msg91.body import MOST, Requests
from services.delivery.providers.msg91.codes import meaning_of
from services.delivery.providers.msg91.events import parse_reports
from services.delivery.providers.msg91.names import name_of
from services.delivery.providers.parting import waves

BASE_URL: Final = "https://control.msg91.com"
SEND: Final = "/api/v5/flow"
BALANCE: Final = "/api/balance.php"
JSON: Final = {"Content-Type": "application/json"}


class Msg91:
    """An account of MSG91."""

    name = "msg91"
    channel = "sms"
    max_batch = 1000

    def __init__(self, account: Account) -> None:
        self._account = account
        self._key = account.credential("auth_key")
        self._connection = Connection(account, account.text("base_url", BASE_URL), {"authkey": self._key})

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Up to 500 recipients a request; outcomes come request by request."""
        requests = Requests(self._account, block)
        refused: list[Outcome] = []
        sendable: list[Outgoing] = []
        for one in block.outgoing:
            outcome = requests.refusal(one)
            if outcome is None:
                sendable.append(one)
            else:
                refused.append(outcome)
        if refused:
            yield refused
        # Reports name the request and the number, so none stands twice in a request.
        lots = [wave[start : start + MOST] for wave in waves(sendable) for start in range(0, len(wave), MOST)]
        calls = (partial(self._hand_over, requests, lot) for lot in lots)
        async for found in in_flight(calls, self._account.max_concurrency):
            yield found

    async def _hand_over(self, requests: Requests, lot: Sequence[Outgoing]) -> list[Outcome]:
        """Sends a request; one that is refused for a number is halved until the number is found."""
        outcomes: list[Outcome] = []
        waiting = [lot]
        while waiting:
            part = waiting.pop()
            started = time.monotonic()
            answer = await self._connection.post(SEND, requests.body(part), JSON)
            found = [self._outcome(one, answer, time.monotonic() - started) for one in part]
            if found[0].recipient_fault and len(part) > 1:
                half = len(part) // 2
                waiting += [part[half:], part[:half]]
            else:
                outcomes += found
        return outcomes

    def _outcome(self, one: Outgoing, answer: Answer, latency: float) -> Outcome:
        outcome = answer.outcome(one.message_id, latency)
        if answer.failure:
            return outcome
        found = answer.json()
        # The type says what happened, whatever the status.
        if found.get("type") == "success":
            request_id = str(found.get("message") or found.get("request_id") or "")
            name = name_of(self._key, request_id, one.address) if request_id else ""
            return Outcome(one.message_id, Result.ACCEPTED, provider_message_id=name, latency=latency)
        if outcome.result is Result.ACCEPTED and not found:
            outcome.result, outcome.code = Result.UNKNOWN, Code.UNREADABLE_ANSWER
            outcome.reason = "the answer cannot be read"
            return outcome
        code = found.get("code") or found.get("msg91_code")
        meaning = meaning_of(code)
        if meaning is not None:
            weighed(outcome, meaning, answer)
        elif outcome.result is Result.ACCEPTED:
            # A refusal that nobody knows the reason of is tried once more (DEL-82).
            outcome.result = Result.RETRYABLE
        outcome.provider_message_id = ""
        outcome.reason = f"{answer.status} {str(code)[:20] if code is not None else ''}".strip()
        return outcome

    async def verify(self) -> Verification:
        """Checks the key by asking for the account's balance."""
        answer = await self._connection.get(BALANCE, {"authkey": self._key, "type": "4", "response": "json"})
        if answer.status == 200 and answer.json().get("type") != "error":
            return Verification(True, "the key is accepted")
        return answer.unverified(f"the key was refused ({answer.status})")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """MSG91 knows no reference of ours; its reports name requests and numbers."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    async def poll(self, asked: Sequence[Asked]) -> list[Receipt]:  # noqa: ARG002 - reports alone tell prices
        """Nothing: what texts cost comes with their reports, which may take three days."""
        return []

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The delivery reports of a webhook call; the gateway has checked who called."""
        return parse_reports(raw, self._key, self._account.text("currency"))

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()
