"""Firebase Cloud Messaging: one request per device, as many at a time as the account allows."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from services.delivery.providers.base import (
    Account,
    Block,
    Code,
    ConfigurationError,
    Lookup,
    MalformedReceiptError,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
)
from services.delivery.providers.fcm import codes
from services.delivery.providers.fcm.access import AccessError, AccessTokens
from services.delivery.providers.fcm.body import Requests
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.notice import of_device

BASE_URL: Final = "https://fcm.googleapis.com"
JSON: Final = "application/json; charset=UTF-8"
ANSWER: Final = 64 * 1024
PROBE: Final = b'{"validate_only":true,"message":{"topic":"angarium-verification"}}'
"""A message to nobody that is checked and not sent."""


class Fcm:
    """A Firebase project."""

    name = "fcm"
    max_batch = 1
    channel = "push"

    def __init__(self, account: Account) -> None:
        project = account.text("project_id")
        if not project:
            raise ConfigurationError("the account has no project_id")
        self._account = account
        self._access = AccessTokens(account)
        self._path = f"/v1/projects/{project}/messages:send"
        self._connection = Connection(account, account.text("base_url", BASE_URL))

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per device; outcomes come as they are answered."""
        requests = Requests(block)
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
        calls = (partial(self._hand_over, requests, one) for one in sendable)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    async def _hand_over(self, requests: Requests, one: Outgoing) -> list[Outcome]:
        assert one.device is not None  # noqa: S101 - messages without one were refused
        started = time.monotonic()
        answer = await self._post(requests.body(one, one.device))
        outcome = of_device(one, answer.outcome(one.message_id, time.monotonic() - started))
        if outcome.result is Result.ACCEPTED:
            # The status says all; an answer that cannot be read leaves the message without FCM's name for it.
            outcome.provider_message_id = str(answer.json().get("name") or "")[:200]
        elif not answer.failure:
            outcome = codes.refusal(one, outcome, answer)
        return [outcome]

    async def _post(self, body: bytes) -> Answer:
        """Posts with the access token, once more with a fresh one when it was refused."""
        answer = Answer(401, {}, b"")
        for _ in range(2):
            try:
                token = await self._access.token()
            except AccessError as error:
                return error.answer
            headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
            answer = await self._connection.post(self._path, body, headers, limit=ANSWER)
            if answer.status != 401 or b"THIRD_PARTY_AUTH_ERROR" in answer.body:
                return answer
            self._access.refuse(token)
        return answer

    async def verify(self) -> Verification:
        """Has a message checked that goes to nobody: the service account must be allowed to send for the project."""
        answer = await self._post(PROBE)
        result, code, _ = answer.judged()
        if result is Result.ACCEPTED:
            return Verification(True, "the service account may send for the project")
        words = "was refused" if code == Code.CREDENTIALS else f"could not be checked: {code}"
        return answer.unverified(f"the service account {words}")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """FCM cannot be asked for a message."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - there are none
        """FCM calls nobody."""
        raise MalformedReceiptError("FCM sends no receipts")

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._access.close()
        await self._connection.close()
