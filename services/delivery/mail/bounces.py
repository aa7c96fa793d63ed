"""Reads delivery reports (RFC 3464) and abuse reports (RFC 5965) into normalised receipts."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from typing import Final

from services.common.net.dates import written_date
from services.delivery.providers.base import Receipt, ReceiptKind, masked, reference
from services.delivery.providers.smtp.codes import INVALID_SUBJECTS, enhanced_in

MAXIMUM_BYTES: Final = 1 << 20
MESSAGE_LINE: Final = re.compile(
    rb"^X-Angarium-Message-Id:[ \t]*([0-9a-f-]{36})\s*$", re.IGNORECASE | re.MULTILINE
)
BLANK: Final = re.compile(r"\r?\n[ \t]*\r?\n")
ACTIONS: Final = {
    "failed": ReceiptKind.BOUNCED,
    "delayed": ReceiptKind.DEFERRED,
    "delivered": ReceiptKind.DELIVERED,
    "relayed": ReceiptKind.IGNORED,
    "expanded": ReceiptKind.IGNORED,
}


_CLAIM: Final = re.compile(
    rb"^(?:Original-Mail-From|Return-Path|X-Original-Return-Path):[ \t]*<?([^\s<>]{3,320})>?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
MAX_CLAIMS: Final = 5


def claimed_paths(raw: bytes) -> list[str]:
    """The return paths that a report says its message left with, for reports that come to another address.

    Feedback loops write to one address of ours, whatever message they tell of; the return path they quote proves as
    much as one they write to, for only we can make it.
    """
    found = _CLAIM.findall(raw[:MAXIMUM_BYTES])[:MAX_CLAIMS]
    return [one.decode("ascii", "replace") for one in found]


def parse_report(raw: bytes, received_at: datetime) -> list[Receipt]:
    """The receipts of one report mail, [] when it is none (an out-of-office answer, a conversation).

    The message is known by our own header in the returned part. Whoever calls must have verified the return path the
    report came to: a report alone proves nothing.
    """
    if len(raw) > MAXIMUM_BYTES:
        raw = raw[:MAXIMUM_BYTES]
    report = message_from_bytes(raw, policy=policy.compat32)
    kind = str(report.get_param("report-type", "")).lower()
    if report.get_content_type() != "multipart/report":
        return []
    at = _date(report, received_at)
    found = MESSAGE_LINE.search(raw)
    message_id = reference(found[1].decode()) if found else None
    key = _key(report, raw)
    if kind == "delivery-status":
        groups = _groups(report, "message/delivery-status") or _global_groups(report)
        receipts = [_delivery(group, f"{key}.{number}", at) for number, group in enumerate(groups)]
    elif kind == "feedback-report":
        receipts = [_feedback(group, key, at) for group in _groups(report, "message/feedback-report")]
    else:
        return []
    return [replace(receipt, message_id=message_id) for receipt in receipts if receipt is not None]


def _groups(report: Message, content_type: str) -> list[Message]:
    for part in report.walk():
        if part.get_content_type() == content_type:
            payload = part.get_payload()
            if isinstance(payload, list):
                return [group for group in payload if isinstance(group, Message)]
    return []


def _global_groups(report: Message) -> list[Message]:
    """The groups of a report about an international address (RFC 6533), which the parser takes for one message."""
    for part in report.walk():
        if part.get_content_type() == "message/global-delivery-status":
            payload = part.get_payload()
            first = payload[0] if isinstance(payload, list) and payload else payload
            inner = first.as_string() if isinstance(first, Message) else str(first)
            return [message_from_string(group) for group in BLANK.split(inner) if group.strip()]
    return []


def _delivery(group: Message, key: str, at: datetime) -> Receipt | None:
    action = str(group.get("Action", "")).strip().lower()
    if action not in ACTIONS:  # the first group speaks of the report, not of a recipient
        return None
    status = str(group.get("Status", "")).split("(")[0].strip()
    diagnostic = masked(str(group.get("Diagnostic-Code", "")).partition(";")[2])
    code = status or ".".join(enhanced_in(diagnostic) or ())
    kind = ACTIONS[action]
    bounce = ""
    if kind is ReceiptKind.BOUNCED:
        parts = code.split(".")
        detail = ".".join(parts[1:])
        bounce = (
            "hard"
            if parts[0] == "5" and detail in INVALID_SUBJECTS
            else "block"
            if detail.startswith("7.")
            else "soft"
        )
    return Receipt(
        provider_event_id=key,
        kind=kind,
        occurred_at=at,
        bounce_type=bounce,
        code=code[:50],
        reason=diagnostic,
        suppression="bounce" if bounce == "hard" else "",
    )


def _feedback(group: Message, key: str, at: datetime) -> Receipt | None:
    feedback = str(group.get("Feedback-Type", "")).strip().lower()
    if not feedback:
        return None
    complained = feedback in ("abuse", "fraud", "virus", "other")
    return Receipt(
        provider_event_id=key,
        kind=ReceiptKind.COMPLAINED if complained else ReceiptKind.IGNORED,
        occurred_at=at,
        code=feedback[:50],
        reason=masked(str(group.get("User-Agent", ""))),
        suppression="complaint" if complained else "",
    )


def _date(report: Message, otherwise: datetime) -> datetime:
    at = written_date(str(report["Date"]))
    return otherwise if at is None else min(at, otherwise)


def _key(report: Message, raw: bytes) -> str:
    own = str(report.get("Message-ID", "")).strip()
    return own[:200] if own else hashlib.sha256(raw).hexdigest()
