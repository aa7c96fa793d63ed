"""Notifications of SNS as they are stored: what a service published, out of the envelope that the gateway checked."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.delivery.providers.base import MalformedReceiptError
from services.delivery.providers.reading import text_of


def published(raw: bytes) -> Mapping[str, Any] | None:
    """What a notification tells; None for one that tells nothing, MalformedReceiptError for a body that is none.

    Besides events there are confirmations of subscriptions, and the plain sentence with which a service tries a topic.
    """
    try:
        envelope = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError("not JSON") from None
    if not isinstance(envelope, dict) or not text_of(envelope, "Type"):
        raise MalformedReceiptError("not a notification")
    if text_of(envelope, "Type") != "Notification":
        return None
    try:
        found = orjson.loads(text_of(envelope, "Message"))
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
