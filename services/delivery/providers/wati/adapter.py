"""WhatsApp by WATI: many recipients of a template in a request, texts one by one."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from services.delivery.providers.base import (
    Account,
    Block,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Verification,
)
from services.delivery.providers.http import Connection, in_flight
from services.delivery.providers.parting import waves
from services.delivery.providers.wati.answers import outcomes
from services.delivery.providers.wati.body import TEMPLATES, Requests
from services.delivery.providers.wati.events import parse_webhook
from services.delivery.providers.wati.kind import EXAMPLE

JSON: Final = {"Content-Type": "application/json"}


class Wati:
    """A workspace of WATI."""

    name = "wati"
    channel = "whatsapp"
    max_batch = 1000

    def __init__(self, account: Account) -> None:
        self._account = account
        authorization = f"Bearer {account.credential('access_token').removeprefix('Bearer ')}"
        self._connection = Connection(
            account, account.text("base_url", EXAMPLE), {"Authorization": authorization}
        )

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Recipients of a template together, texts one by one; outcomes come request by request."""
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
        # Answers name recipients by their numbers too, so none stands twice in a request.
        lots = [
            wave[start : start + requests.most]
            for wave in waves(sendable)
            for start in range(0, len(wave), requests.most)
        ]
        calls = (partial(self._hand_over, requests, lot) for lot in lots)
        async for found in in_flight(calls, self._account.max_concurrency):
            yield found

    async def _hand_over(self, requests: Requests, lot: Sequence[Outgoing]) -> list[Outcome]:
        started = time.monotonic()
        answer = await self._connection.post(requests.path, requests.body(lot), JSON)
        return outcomes(lot, answer, time.monotonic() - started)

    async def verify(self) -> Verification:
        """Checks that the token may read the workspace's templates, which sending needs too."""
        answer = await self._connection.get(TEMPLATES, {"page_size": "1", "page_number": "1"})
        if answer.status == 200:
            return Verification(True, "the token is accepted")
        reason = f"the token was refused ({answer.status})" if answer.status else "WATI did not answer"
        return answer.unverified(reason)

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """WATI cannot be asked for a message by our reference; its webhooks tell of those it took."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a webhook call; the gateway has checked who called."""
        return parse_webhook(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()
