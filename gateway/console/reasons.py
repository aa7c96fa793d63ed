"""What the console says in words: why a call was refused, and what was just done."""

from collections.abc import Mapping
from typing import Final

from services.common.errors import ServiceError

_SENTENCES: Final[Mapping[str, str]] = {
    "PERMISSION_DENIED": "Your roles do not allow this.",
    "NOT_FOUND": "There is no such thing in your tenant.",
    "DEPENDENCY_UNAVAILABLE": "A service does not answer at the moment. It is asked again when you reload.",
    "RATE_LIMITED": "That was asked too often. Wait a moment.",
    "VERSION_CONFLICT": "Somebody changed it at the same moment. Look again, and repeat if it is still needed.",
    "INTERNAL": "Something went wrong inside. The log of the service has the whole story.",
}
_TOLD: Final[Mapping[str, str]] = {
    "paused": "The campaign is paused; nothing more is handed over.",
    "resumed": "The campaign goes on.",
    "cancelled": "The campaign is stopped for good.",
    "lane_paused": "The lane is paused.",
    "lane_resumed": "The lane runs again.",
    "circuit_closed": "The circuit is closed; the account is used again.",
    "retried": "Pending again, with a fresh series of tries: {count}.",
    "retried_some": "Pending again: {count}. The others stay as they were; their pages say why.",
    "discarded": "Put aside: {count}.",
    "discarded_some": "Put aside: {count}. The others stay as they were.",
    "replayed": "The event is handled again.",
}


def sentence(error: ServiceError) -> str:
    """Returns a refusal in words for people, without any internal one."""
    known = _SENTENCES.get(error.reason)
    if known is not None:
        return known
    # What services say of a request is written for whoever made it.
    said = "; ".join(f"{one.field}: {one.description}" for one in error.violations) or error.message
    return said[:1].upper() + said[1:].rstrip(".") + "." if said else _SENTENCES["INTERNAL"]


def told(word: str, count: str) -> str:
    """Returns what an act came to; only words and numbers of ours are ever shown."""
    text = _TOLD.get(word, "")
    return text.format(count=int(count) if count.isascii() and count.isdigit() and len(count) < 8 else 0)
