"""Mailgun: blocks of up to 1,000 recipients share one content, with a recipient variable per slot."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

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
from services.delivery.providers.form import multipart
from services.delivery.providers.halving import sent
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.mailgun.body import MAX_RECIPIENTS, BodyBuilder, Request, partition
from services.delivery.providers.mailgun.events import parse_events
from services.delivery.providers.showing import shows_amp

BASE_URL: Final = "https://api.mailgun.net"
_STATE: Final = "the domain is"


class Mailgun:
    """A sending domain of Mailgun; `base_url` and `domain` by configuration."""

    name = "mailgun"
    channel = "email"
    max_batch = MAX_RECIPIENTS

    def __init__(self, account: Account) -> None:
        self._account = account
        key = b64encode(f"api:{account.credential('api_key')}".encode()).decode()
        base = account.text("base_url", BASE_URL)
        self._connection = Connection(account, base, {"Authorization": f"Basic {key}"})
        self._domain = account.text("domain")
        self._path = f"/v3/{self._domain}/messages"

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per thousand recipients as a rule; outcomes come request by request."""
        builder = BodyBuilder(block, amp=shows_amp(self._account))
        refused, requests = partition(builder, block)
        if refused:
            yield refused
        calls = (partial(self._hand_over, builder, request) for request in requests)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    async def _hand_over(self, builder: BodyBuilder, request: Request) -> list[Outcome]:
        """Sends a request; a refused one is halved until the addresses are found for which it was refused."""

        async def send(part: Sequence[Outgoing]) -> Answer:
            return await self._post(*builder.body(Request(list(part), request.whole)))

        done = await sent(request.outgoing, send)
        outcomes = [_outcome(one, answer, latency) for part, answer, latency in done.answers for one in part]
        for one, answer, latency in done.refused:
            outcome = _outcome(one, answer, latency)
            if done.accepted:  # everything but the address was taken with others
                outcome.code, outcome.recipient_fault = Code.INVALID_RECIPIENT, True
            outcomes.append(outcome)
        return outcomes

    async def verify(self) -> Verification:
        """Checks key and domain; a key that may only send shows it with a message in test mode, which goes nowhere."""
        found = await self._connection.get(f"/v3/domains/{self._domain}")
        if found.status == 200:
            domain = found.json().get("domain")
            state = domain.get("state") if isinstance(domain, dict) else ""
            if state in ("active", ""):
                return Verification(True, "the key and the domain are accepted")
            return Verification(False, f"{_STATE} {masked(str(state))}", provider_fault=True)
        address = self._account.text("from_address")
        if found.status not in (401, 403) or not address:
            return found.unverified(_words(found) or "the domain was refused")
        probe = {"from": address, "to": address, "subject": "Verification", "text": "Verification"}
        answer = await self._post(*multipart([*probe.items(), ("o:testmode", "yes")]))
        if answer.status == 200:
            return Verification(True, "the key may send mail")
        return answer.unverified(_words(answer) or "the key was refused")

    async def verify_sender(self, address: str) -> Verification:
        """Asks for the account's domain, which what is sent must come from: it, one above it or one below."""
        domain = address.rpartition("@")[2].lower()
        own = self._domain.lower()
        if domain != own and not domain.endswith(f".{own}") and not own.endswith(f".{domain}"):
            return Verification(False, f"the account sends for {own}")
        found = await self.verify()
        # What Mailgun says of the domain is an answer; that the key may not ask is none.
        return replace(found, provider_fault=found.provider_fault and not found.details.startswith(_STATE))

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Mailgun's events cannot be asked for by our reference."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a webhook call; the gateway has checked its signature and that it is no replay."""
        return parse_events(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()

    async def _post(self, content_type: str, content: bytes) -> Answer:
        return await self._connection.post(self._path, content, {"Content-Type": content_type})


def _outcome(one: Outgoing, answer: Answer, latency: float) -> Outcome:
    name = str(answer.json().get("id") or "").strip("<>")[:200]
    outcome = answer.outcome(
        one.message_id, latency, words=_words(answer), provider_message_id=name or str(one.message_id)
    )
    if answer.status == 404:  # no such domain: nothing a message can help
        outcome.result, outcome.code, outcome.provider_fault = Result.RETRYABLE, Code.CREDENTIALS, True
    return outcome


def _words(answer: Answer) -> str:
    """The provider's words, without addresses."""
    return masked(str(answer.json().get("message") or ""))
