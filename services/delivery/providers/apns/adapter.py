"""Apple Push Notification service: one request per device on a kept-open HTTP/2 connection."""

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from services.delivery.providers.apns import codes
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
from services.delivery.providers.http import Answer, in_flight
from services.delivery.providers.http2 import Http2
from services.delivery.providers.jose import Signed, p256_key
from services.delivery.providers.notice import (
    INVALID_TOKEN,
    MAX_PAYLOAD,
    apple_payload,
    gone,
    notice_of,
    of_device,
)

BASE_URL: Final = "https://api.push.apple.com"
SIGNED_FOR: Final = 50 * 60.0
"""Apple takes a provider token for an hour, and a new one at most every twenty minutes."""
SOONEST: Final = 20 * 60.0
NOBODY: Final = "0" * 64
PRIORITIES: Final = {"low": "5", "normal": "10", "high": "10"}
_TOKEN: Final = re.compile(r"(?:[0-9a-f]{2}){16,100}")


class Apns:
    """A developer team's key."""

    name = "apns"
    max_batch = 1
    channel = "push"

    def __init__(self, account: Account) -> None:
        key_id, team_id = account.text("key_id"), account.text("team_id")
        if not key_id or not team_id:
            raise ConfigurationError("the account has no key_id or no team_id")
        key = p256_key(account.credential("private_key"))
        self._account = account
        self._topic = account.text("topic")
        self._signed = Signed(
            key, "ES256", lambda now: {"iss": team_id, "iat": now}, {"kid": key_id}, SIGNED_FOR
        )
        self._connection = Http2(account, account.text("base_url", BASE_URL))

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per device; outcomes come as they are answered."""
        refused: list[Outcome] = []
        sendable: list[tuple[Outgoing, Device, bytes]] = []
        for one in block.outgoing:
            device = one.device
            if device is None or device.kind is not TokenKind.APNS or not _TOKEN.fullmatch(device.token):
                refused.append(gone(one, INVALID_TOKEN, "not a device token of APNs"))
                continue
            payload = apple_payload(notice_of(block, one))
            if len(payload) > MAX_PAYLOAD:
                words = f"{len(payload) - MAX_PAYLOAD} bytes over 4 KB"
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

    async def _hand_over(self, urgency: str, one: Outgoing, device: Device, payload: bytes) -> list[Outcome]:
        started = time.monotonic()
        headers = {
            "apns-topic": self._topic or device.app_id,
            "apns-push-type": "alert",
            "apns-priority": PRIORITIES[urgency],
            # A repeat of a message replaces what the device shows, it is not shown twice.
            "apns-collapse-id": one.message_id.hex,
        }
        if one.expire_at is not None:
            headers["apns-expiration"] = str(int(one.expire_at.timestamp()))
        answer = await self._post(device.token, payload, headers)
        outcome = of_device(one, answer.outcome(one.message_id, time.monotonic() - started))
        if outcome.result is Result.ACCEPTED:
            outcome.provider_message_id = answer.headers.get("Apns-Id", "")[:200]
        elif not answer.failure:
            outcome = codes.refusal(one, outcome, answer)
        return [outcome]

    async def _post(self, token: str, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts with the provider token, once more with a fresh one when it had expired."""
        answer = Answer(0, {}, b"")
        for _ in range(2):
            signed = self._signed.token()
            answer = await self._connection.post(
                f"/3/device/{token}", payload, {**headers, "authorization": f"bearer {signed}"}
            )
            is_stale = answer.status == 403 and answer.json().get("reason") == codes.STALE
            if not is_stale or not self._signed.refuse(signed, no_sooner_than=SOONEST):
                break
        return answer

    async def verify(self) -> Verification:
        """Asks for a device that does not exist: APNs says so only to those whose key it knows."""
        headers = {"apns-topic": self._topic or "angarium.verification", "apns-push-type": "alert"}
        answer = await self._post(NOBODY, b'{"aps":{}}', headers)
        reason = str(answer.json().get("reason") or "")
        if reason in codes.GONE or (not self._topic and reason in ("BadTopic", "TopicDisallowed")):
            return Verification(True, "the key is accepted")
        words = reason if reason in codes.MEANINGS else f"status {answer.status}"
        return answer.unverified(f"the key could not be checked: {words}")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """APNs cannot be asked for a message."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - there are none
        """APNs calls nobody."""
        raise MalformedReceiptError("APNs sends no receipts")

    async def close(self) -> None:
        """Closes the kept-open connection."""
        await self._connection.close()
