"""Taking push messages: what a device shows, stored like every other message."""

import time
from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.context import Sandbox
from sandbox.letter import Letter
from sandbox.push.devices import DeviceBehaviour
from sandbox.store.mail import Content, Message, Recipient, accept
from sandbox.store.work import Fact

CHANNELS = frozenset(("fcm", "apns", "webpush"))
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"


async def take(
    sandbox: Sandbox,
    channel: str,
    public_id: str,
    account: str,
    device: tuple[str, str, DeviceBehaviour],
    shown: Mapping[str, Any],
) -> None:
    """Stores a message; returns once it is on disk.

    `device` is the app, the token and the behaviour; `shown` has title, body, data and whatever else came.
    """
    app, token, behaviour = device
    kept = orjson.dumps({**shown, "app": app})
    data = shown.get("data")
    data = data if isinstance(data, dict) else {}
    content = Content(channel, public_id, account, app, kept, time.time())
    recipient = Recipient(
        0,
        token,
        str(data.get(REFERENCE) or public_id),
        str(data.get(CAMPAIGN) or ""),
        str(shown.get("title") or "")[:200],
        kept.decode(),
        behaviour.name,
    )
    await accept(sandbox.database, content, [recipient])
    sandbox.to_plan.ring()


def plan(message: Message, facts: list[Fact]) -> None:
    """Notes what becomes of a message: a device shows it as soon as it came."""
    facts.append(Fact(message.id, "delivered", "", "", message.accepted_at))


def letter(personal: str) -> Letter:
    """Returns a stored message: its headers are all that came beside title and text."""
    kept = orjson.loads(personal)
    data = kept.get("data") or {}
    headers = [
        ("From", str(kept.get("app") or "")),
        ("Subject", str(kept.get("title") or "")),
        *((str(name), str(value)) for name, value in sorted((kept.get("how") or {}).items())),
        *((f"data.{name}", str(value)) for name, value in sorted(data.items())),
    ]
    return Letter(headers=headers, html="", text=str(kept.get("body") or ""))
