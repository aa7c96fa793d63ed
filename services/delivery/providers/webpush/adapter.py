"""Web Push: one request per browser, to the push service of the browser's maker."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from services.common.net.guard import UnsafeUrl
from services.delivery.providers.base import (
    Account,
    Block,
    Code,
    ConfigurationError,
    Device,
    Lookup,
    MalformedReceiptError,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    TokenKind,
    Verification,
)
from services.delivery.providers.http import Answer, Connection, in_flight
from services.delivery.providers.notice import (
    INVALID_TOKEN,
    MAX_WEB_PAYLOAD,
    UNREGISTERED,
    gone,
    notice_of,
    of_device,
    seconds_left,
    web_payload,
)
from services.delivery.providers.webpush.encryption import encrypted
from services.delivery.providers.webpush.vapid import Vapid

TAKEN: Final = frozenset({200, 201, 202, 204})
GONE: Final = frozenset({404, 410})
REFUSED: Final = frozenset({400, 401, 403})
ANSWER: Final = 1024
SERVICES: Final = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com")
"""Push services of browsers: what they do wrong counts for the account. An endpoint is whatever a subscriber says it
is, so what any other does wrong counts for its device only."""
WINDOWS: Final = ".notify.windows.com"


class WebPush:
    """A key that pages subscribed with."""

    name = "webpush"
    max_batch = 1
    channel = "push"

    def __init__(self, account: Account) -> None:
        subject = account.text("subject")
        if not subject:
            raise ConfigurationError("the account has no subject")
        self._account = account
        self._vapid = Vapid(account.credential("vapid_private_key"), subject)
        self._guard = account.guard
        self._services = frozenset((*SERVICES, *account.config.get("push_services", ())))
        self._connection = Connection(
            account, "", connector=partial(self._guard.connector, limit=max(1, account.max_concurrency))
        )

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per browser; outcomes come as they are answered."""
        refused: list[Outcome] = []
        sendable: list[tuple[Outgoing, Device, bytes]] = []
        for one in block.outgoing:
            device = one.device
            if device is None or not self._may_be_called(device):
                refused.append(gone(one, INVALID_TOKEN, "not an endpoint that may be called"))
                continue
            payload = web_payload(notice_of(block, one))
            if len(payload) > MAX_WEB_PAYLOAD:
                words = f"{len(payload) - MAX_WEB_PAYLOAD} bytes over what 4 KB hold once encrypted"
                refused.append(
                    of_device(one, Outcome(one.message_id, Result.PERMANENT, Code.TOO_LARGE, words))
                )
                continue
            sendable.append((one, device, payload))
        if refused:
            yield refused
        calls = (partial(self._hand_over, block.urgency, *each) for each in sendable)
        async for outcomes in in_flight(calls, self._account.max_concurrency):
            yield outcomes

    def _may_be_called(self, device: Device) -> bool:
        if device.kind is not TokenKind.WEB_PUSH:
            return False
        try:
            self._guard.check_url(device.token)
        except UnsafeUrl:
            return False
        return True

    async def _hand_over(self, urgency: str, one: Outgoing, device: Device, payload: bytes) -> list[Outcome]:
        started = time.monotonic()
        try:
            body = encrypted(payload, device.p256dh, device.auth)
        except ValueError as error:
            return [gone(one, INVALID_TOKEN, str(error))]
        headers = {
            "TTL": str(seconds_left(one)),
            "Urgency": urgency,
            # What still waits for the browser is replaced by a repeat, not joined by it.
            "Topic": one.message_id.hex,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": self._vapid.authorization(device.token),
        }
        try:
            answer = await self._connection.post(device.token, body, headers, telling=TAKEN, limit=ANSWER)
        except UnsafeUrl as error:
            return [gone(one, INVALID_TOKEN, str(error))]
        outcome = of_device(one, answer.outcome(one.message_id, time.monotonic() - started))
        if not answer.failure:
            outcome = self._judged(one, outcome, answer)
        if not self._is_known(device.token):
            outcome.provider_fault = False
        return [outcome]

    def _judged(self, one: Outgoing, outcome: Outcome, answer: Answer) -> Outcome:
        if answer.status in TAKEN:
            outcome.result, outcome.code, outcome.reason, outcome.provider_fault = (
                Result.ACCEPTED,
                "",
                "",
                False,
            )
            # Whoever has the whole address could take the message back.
            outcome.provider_message_id = answer.headers.get("Location", "").rpartition("/")[2][:200]
            return outcome
        if answer.status in GONE:
            return gone(one, UNREGISTERED, str(answer.status))
        if answer.status in REFUSED:
            # Mostly a browser that subscribed with another key; three in a row are the account's own fault.
            outcome.result, outcome.code, outcome.provider_fault = Result.PERMANENT, "vapid_refused", True
            outcome.retry_after = None
        return outcome

    def _is_known(self, endpoint: str) -> bool:
        host = urlsplit(endpoint).hostname or ""
        return host in self._services or host.endswith(WINDOWS)

    async def verify(self) -> Verification:
        """Shows the key that pages subscribe with: there is nobody to ask whether it is good."""
        return Verification(True, f"pages subscribe with the key {self._vapid.public_key}")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Push services of browsers cannot be asked for a message."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - there are none
        """Push services of browsers call nobody."""
        raise MalformedReceiptError("Web Push sends no receipts")

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()
