"""SendGrid v3: blocks of up to 1,000 recipients share one content, with a substitution per slot."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson

from services.delivery.providers.base import (
    MESSAGE_ARGUMENT,
    Account,
    Block,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Verification,
    masked,
)
from services.delivery.providers.halving import cleaned
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.lookups import look_up
from services.delivery.providers.sendgrid.body import BodyBuilder, Request, partition
from services.delivery.providers.sendgrid.events import parse_events
from services.delivery.providers.showing import shows_amp

BASE_URL: Final = "https://api.sendgrid.com"
MAX_PERSONALIZATIONS: Final = 1000
ACCEPTED: Final = (200, 202)
JSON: Final = {"Content-Type": "application/json"}


class SendGrid:
    """An API key of SendGrid; `base_url`, `email_activity` and `from_address` by configuration."""

    name = "sendgrid"
    channel = "email"
    max_batch = MAX_PERSONALIZATIONS

    def __init__(self, account: Account) -> None:
        self._account = account
        key = {"Authorization": f"Bearer {account.credential('api_key')}"}
        self._connection = Connection(account, account.text("base_url", BASE_URL), key)

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per thousand recipients as a rule; outcomes come request by request."""
        builder = BodyBuilder(block, amp=shows_amp(self._account))
        refused, requests = partition(builder, block, MAX_PERSONALIZATIONS)
        if refused:
            yield refused
        calls = (partial(self._hand_over, builder, request) for request in requests)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    async def _hand_over(self, builder: BodyBuilder, request: Request) -> list[Outcome]:
        """Sends a request; recipients the provider names as bad are taken out and the others sent again."""

        async def send(part: Sequence[Outgoing]) -> Answer:
            return await self._post(builder.body(Request(list(part), request.whole)))

        done = await cleaned(request.outgoing, send, _named_recipients)
        outcomes = done.outcomes
        for part, answer, latency in done.answers:
            words, name = _words(answer), answer.headers.get("X-Message-Id", "")
            outcomes += [
                answer.outcome(one.message_id, latency, words=words, provider_message_id=name) for one in part
            ]
        return outcomes

    async def verify(self) -> Verification:
        """Checks the key's scopes, and the sender identity by a request that SendGrid validates without sending."""
        scopes = await self._connection.get("/v3/scopes")
        if scopes.status != 200:
            return scopes.unverified(_words(scopes) or "the key was refused")
        if "mail.send" not in (scopes.json().get("scopes") or ()):
            return Verification(False, "the key may not send mail", provider_fault=True)
        address = self._account.text("from_address")
        if not address:
            return Verification(True, "the key may send mail")
        return await self.verify_sender(address)

    async def verify_sender(self, address: str) -> Verification:
        """Has SendGrid validate a request from the address, without sending it."""
        probe = {
            "personalizations": [{"to": [{"email": address}]}],
            "from": {"email": address},
            "subject": "Verification",
            "content": [{"type": "text/plain", "value": "Verification"}],
            "mail_settings": {"sandbox_mode": {"enable": True}},
        }
        answer = await self._post(orjson.dumps(probe))
        if answer.status in ACCEPTED:
            return Verification(True, "the key may send mail, and the sender is accepted")
        words = _words(answer) or "the sender was refused"
        return Verification(False, words) if answer.status in (400, 403) else answer.unverified(words)

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Asks Email Activity, where the account has it; the feed lags behind by minutes, so ask late."""
        if not self._account.flag("email_activity"):
            return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))
        return await look_up(message_ids, self._ask)

    async def _ask(self, message_id: UUID) -> Lookup:
        query = f"(unique_args['{MESSAGE_ARGUMENT}']=\"{message_id}\")"
        answer = await self._connection.get("/v3/messages", {"limit": "1", "query": query})
        found = answer.json().get("messages")
        if answer.status != 200 or not isinstance(found, list):
            return Lookup(Presence.UNKNOWABLE)
        if not found or not isinstance(found[0], dict):
            return Lookup(Presence.NOT_FOUND)
        provider_id = str(found[0].get("msg_id") or "").partition(".")[0]
        return Lookup(Presence.FOUND, provider_id, str(found[0].get("status") or ""))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """Events of the Event Webhook; the gateway has checked its signature."""
        return parse_events(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()

    async def _post(self, content: bytes) -> Answer:
        return await self._connection.post("/v3/mail/send", content, JSON, telling=ACCEPTED)


def _errors(answer: Answer) -> list[dict[str, Any]]:
    """The provider's errors."""
    found = answer.json().get("errors")
    return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []


def _words(answer: Answer) -> str:
    """The provider's words, without addresses."""
    return masked("; ".join(str(error.get("message") or "") for error in _errors(answer)))


def _named_recipients(answer: Answer) -> dict[int, str]:
    """Personalizations whose address an error names, by position; empty when it names anything else too."""
    named: dict[int, str] = {}
    for error in _errors(answer):
        parts = str(error.get("field") or "").split(".")
        recipient = (
            len(parts) > 2 and parts[0] == "personalizations" and parts[2] == "to" and parts[-1] != "name"
        )
        if not recipient or not parts[1].isdigit():
            return {}
        named[int(parts[1])] = masked(str(error.get("message") or "refused"))
    return named
