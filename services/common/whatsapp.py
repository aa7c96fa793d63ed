"""Words of Meta for where a WhatsApp template stands, which its partners hand on (CAM-94)."""

from collections.abc import Mapping
from typing import Final

STANDINGS: Final[Mapping[str, str]] = {
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "SUBMITTED": "pending",
    "RECEIVED": "pending",
    "APPROVED": "approved",
    "FLAGGED": "approved",
    "REINSTATED": "approved",
    "UNLOCKED": "approved",
    "UNARCHIVED": "approved",
    "REJECTED": "rejected",
    "FAILED": "rejected",
    "LIMIT_EXCEEDED": "rejected",
    "PAUSED": "paused",
    "LOCKED": "paused",
    "DISABLED": "disabled",
    "DEACTIVATED": "disabled",
    "ARCHIVED": "disabled",
    "PENDING_DELETION": "disabled",
    "DELETED": "disabled",
}
"""The standing a word stands for; an unknown one changes nothing."""


def standing_of(word: object) -> str | None:
    """Returns the standing a provider's word stands for, None for one nobody lists."""
    return STANDINGS.get(word.upper()) if isinstance(word, str) else None
