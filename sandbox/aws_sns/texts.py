"""Texts as both services take them: checked, stored, and read again as what became of them."""

import sqlite3
import time
from typing import Any
from uuid import uuid4

import orjson

from sandbox.context import Sandbox
from sandbox.letter import Letter
from sandbox.recipients.phones import phone_behaviour
from sandbox.store.mail import Content, Recipient, accept
from sandbox.twilio.segments import segments_of

CHANNEL = "aws_sns"
MAX_TEXT = 1600
PRICE = 0.00645
INVALID = "5550111"
OPTED_OUT = "5550112"
OPTED_OUT_WORDS = "Phone number is opted out"


async def take(sandbox: Sandbox, given: dict[str, Any], account: str) -> str:
    """Stores a text and returns the name it gets; `given` is kept with it."""
    name, number, text = str(uuid4()), given["number"], given["text"]
    kept = {**given, "name": name}
    content = Content(CHANNEL, name, account, given["sender"], orjson.dumps(kept), time.time())
    recipient = Recipient(
        0, number, given["context"].get("angarium_message_id") or name,
        given["context"].get("angarium_campaign_id") or "", text[:200], orjson.dumps(kept).decode(),
        phone_behaviour(sandbox.settings.seed, number).name,
    )  # fmt: skip
    await accept(sandbox.database, content, [recipient])
    sandbox.to_plan.ring()
    return name


def letter(personal: str) -> Letter:
    """Returns a stored text."""
    kept = orjson.loads(personal)
    return Letter(headers=[("From", kept["sender"]), ("To", kept["number"])], html="", text=kept["text"])


def price_of(kept: dict[str, Any]) -> float:
    """Returns what a text costs: each of its parts the same."""
    return round(PRICE * segments_of(kept["text"]), 5)


def ended(
    connection: sqlite3.Connection, names: list[str] | None, since: float, limit: int
) -> list[tuple[dict[str, Any], str, str, float]]:
    """Returns texts that are over, with the kind of their end, its code and its time, in the order of their arrival."""
    rows = connection.execute(
        "SELECT personal, fact.kind, fact.detail, fact.at FROM message JOIN content ON content.id = content_id"
        " JOIN fact ON message_id = message.id WHERE channel = ? AND fact.kind IN ('delivered', 'bounced', 'dropped')"
        " AND message.accepted_at >= ? ORDER BY message.id",
        (CHANNEL, since),
    ).fetchall()
    found = [(orjson.loads(row[0]), row[1], row[2], row[3]) for row in rows]
    wanted = None if names is None else set(names)
    return [one for one in found if wanted is None or one[0]["name"] in wanted][:limit]
