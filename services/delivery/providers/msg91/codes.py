"""What MSG91 says of requests and of texts, as data: codes of refusals, and the words of delivery reports."""

from typing import Final

from services.delivery.providers.base import Code, ReceiptKind
from services.delivery.providers.meanings import Meaning, account, later, number, refused

MEANINGS: Final = {
    101: number(),
    102: refused(Code.CONTENT_REFUSED),
    103: refused(Code.SENDER_REFUSED),
    106: account(),
    201: account(),
    202: number(),
    203: refused(Code.SENDER_REFUSED),
    207: account(),
    208: account(),
    301: account(),
    302: account(),
    303: account(),
    306: later(Code.UNAVAILABLE),
    400: refused("template_unknown"),
    401: refused("template_unknown"),
    418: account(),
    506: later(Code.UNAVAILABLE),
    601: later(Code.UNAVAILABLE),
}
"""Meanings of refusals by MSG91's number."""

REPORTS: Final = {
    "delivered": (ReceiptKind.DELIVERED, ""),
    "submitted": (ReceiptKind.SENT, ""),
    "sent": (ReceiptKind.SENT, ""),
    "pending": (ReceiptKind.SENT, ""),
    "failed": (ReceiptKind.BOUNCED, "failed"),
    "ndnc": (ReceiptKind.FAILED, "do_not_disturb"),
    "rejected": (ReceiptKind.FAILED, "rejected"),
    "blocked number": (ReceiptKind.FAILED, "blocked"),
    "blocked": (ReceiptKind.FAILED, "blocked"),
}
"""What the words of a report mean, and our code where that is a failure."""

STATUSES: Final = {
    "1": "delivered",
    "2": "failed",
    "9": "ndnc",
    "16": "rejected",
    "25": "rejected",
    "17": "blocked number",
}
"""Words of the numbers of reports that come without words."""

TRAI: Final = {"651": "promotional_hours"}
"""Codes of the Indian registry that reports give as reasons."""


def meaning_of(code: object) -> Meaning | None:
    """The meaning of a refusal's code, None for one that is not listed."""
    try:
        return MEANINGS.get(int(str(code)))
    except ValueError:
        return None
