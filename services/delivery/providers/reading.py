"""Reading what providers post: objects, texts and instants out of bodies that may hold anything."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from services.delivery.providers.base import MalformedReceiptError


def instant(text: object) -> datetime:
    """An instant from ISO 8601 of a provider; nonsense becomes the epoch, so that it never wins an ordering."""
    try:
        found = datetime.fromisoformat(text if isinstance(text, str) else "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def event_list(raw: bytes, mark: str = "") -> list[dict[str, Any]]:
    """The objects of a callback body: a list of them, or one that holds `mark`; MalformedReceiptError otherwise."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError("not JSON") from None
    if isinstance(found, dict) and mark in found:
        return [found]
    if not isinstance(found, list):
        raise MalformedReceiptError("not an event")
    return [one for one in found if isinstance(one, dict)]


def text_of(event: Mapping[str, Any], name: str) -> str:
    """A text of an event, empty when it is something else."""
    value = event.get(name)
    return value if isinstance(value, str) else ""


def part_of(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an event, empty when it is something else."""
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def digest_of(event: Mapping[str, Any]) -> str:
    """A key of an event that has none of its own: the same event has the same."""
    return hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).hexdigest()
