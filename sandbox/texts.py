"""What the faces of providers of texts share: storing a text, and showing it."""

import re
import time
from typing import Any
from urllib.parse import parse_qsl

import orjson

from sandbox.context import Sandbox
from sandbox.faces import account_of
from sandbox.letter import Letter
from sandbox.recipients.phones import phone_behaviour
from sandbox.store.mail import Content, Recipient, accept

NUMBER = re.compile(r"[1-9][0-9]{6,14}")
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"


def filled(template: str, values: list[str]) -> str:
    """Returns what a person sees of an approved template, whose wording only its provider knows."""
    return f"[{template}] {', '.join(values)}".strip()


async def keep(
    sandbox: Sandbox, channel: str, key: str, sender: str, texts: list[dict[str, Any]], *, name: str
) -> None:
    """Stores the texts of one request, each with `to` (digits), `text` and what its provider's events need.

    Args:
        sandbox: Where they are stored.
        channel: The provider.
        key: The account's key, of which only a name is kept.
        sender: Who sends them.
        texts: The texts; `reference` and `campaign` are the sender's own.
        name: The provider's name for the request.
    """
    recipients = [
        Recipient(
            place,
            f"+{one['to']}",
            one.get("reference") or one.get("id") or name,
            one.get("campaign") or "",
            one["text"][:200],
            orjson.dumps(one).decode(),
            phone_behaviour(sandbox.settings.seed, f"+{one['to']}").name,
        )
        for place, one in enumerate(texts)
    ]
    body = orjson.dumps({"name": name, "from": sender})
    await accept(
        sandbox.database,
        Content(channel, name, account_of(key, channel), sender, body, time.time()),
        recipients,
    )
    sandbox.to_plan.ring()


def echoed(text: str) -> dict[str, str]:
    """Returns what of a sender's own words says which message it is."""
    own = dict(parse_qsl(text))
    return {"reference": own.get(REFERENCE, ""), "campaign": own.get(CAMPAIGN, "")}


def letter(personal: str, sender: str) -> Letter:
    """Returns a stored text."""
    kept = orjson.loads(personal)
    return Letter(headers=[("From", sender), ("To", f"+{kept['to']}")], html="", text=kept["text"])
