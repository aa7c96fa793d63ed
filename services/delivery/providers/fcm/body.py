"""Requests of FCM: what the messages of a block share is encoded once, a message adds its device and its words."""

import re
from typing import Any, Final

import orjson

from services.delivery.providers.base import Block, Code, Device, Outcome, Outgoing, Result, TokenKind
from services.delivery.providers.notice import INVALID_TOKEN, excess, gone, notice_of, of_device, seconds_left

_TOKEN: Final = re.compile(r"[A-Za-z0-9_:.=%-]{8,4096}")
_LABEL: Final = re.compile(r"[^a-zA-Z0-9._~%-]")
ADDRESSES: Final = {TokenKind.FCM_TOKEN: "token", TokenKind.FCM_INSTALLATION: "fid"}
"""How a request names a device, by what is known of it."""
URGENCIES: Final = {
    "low": ("NORMAL", "5", "low"),
    "normal": ("HIGH", "10", "normal"),
    "high": ("HIGH", "10", "high"),
}
"""Priority for Android, for Apple, and urgency for browsers."""


class Requests:
    """The requests of a block's messages."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._android, self._apple, self._web = URGENCIES[block.urgency]
        label = _LABEL.sub("-", block.template_name or block.category)[:50]
        self._options = orjson.Fragment(orjson.dumps({"analytics_label": label})) if label else None

    def refusal(self, one: Outgoing) -> Outcome | None:
        """Returns the outcome of a message that FCM would never take; None when it may leave."""
        device = one.device
        if device is None or device.kind not in ADDRESSES or not _TOKEN.fullmatch(device.token):
            return gone(one, INVALID_TOKEN, "not a token of FCM")
        if over := excess(notice_of(self._block, one), has_browser=False):
            words = f"{over} bytes over 4 KB"
            return of_device(one, Outcome(one.message_id, Result.PERMANENT, Code.TOO_LARGE, words))
        return None

    def body(self, one: Outgoing, device: Device) -> bytes:
        """Returns the request of a message: a repeat of it replaces what the device shows, it is not shown twice."""
        shown, left = notice_of(self._block, one), seconds_left(one)
        reference = one.message_id.hex
        message: dict[str, Any] = {
            ADDRESSES[device.kind]: device.token,
            "notification": {"title": shown.title, "body": shown.body},
            "data": shown.data,
            "android": {"ttl": f"{left}s", "priority": self._android, "notification": {"tag": reference}},
            "apns": {
                "headers": {"apns-priority": self._apple, "apns-collapse-id": reference},
                "payload": {"aps": {"sound": "default"}},
            },
            "webpush": {"headers": {"TTL": str(left), "Urgency": self._web, "Topic": reference}},
        }
        if one.expire_at is not None:
            message["apns"]["headers"]["apns-expiration"] = str(int(one.expire_at.timestamp()))
        if self._options is not None:
            message["fcm_options"] = self._options
        return orjson.dumps({"message": message})
