"""Delivery reports of MSG91, normalised (DEL-86): version 2, a form whose one field is JSON, and version 3, JSON."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qs

import orjson

from services.delivery.providers.base import MalformedReceiptError, Receipt, ReceiptKind, moment
from services.delivery.providers.msg91.codes import REPORTS, STATUSES, TRAI
from services.delivery.providers.msg91.names import name_of
from services.delivery.providers.reading import text_of

SMALLEST: Final = Decimal("0.000001")
MOST: Final = Decimal(1_000_000)
INDIA: Final = timezone(timedelta(hours=5, minutes=30))
"""Reports give the time of India, and do not say so."""


def parse_reports(raw: bytes, auth_key: str, currency: str = "") -> list[Receipt]:
    """The receipts of a call; MalformedReceiptError for a body that is none of MSG91's.

    Prices are amounts of the account's wallet, whose `currency` no report names; without it they are not told.
    """
    return [_receipt(request_id, report, auth_key, currency) for request_id, report in _reports(_body(raw))]


def _body(raw: bytes) -> object:
    try:
        if raw.lstrip()[:1] in (b"{", b"["):
            return orjson.loads(raw)
        data = parse_qs(raw.decode(), max_num_fields=20).get("data", [""])[0]
        return orjson.loads(data)
    except ValueError:
        raise MalformedReceiptError("not a delivery report") from None


def _reports(found: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every report with the name of its request; a version 2 body names the request once for many."""
    if isinstance(found, dict) and isinstance(found.get("data"), str):
        try:
            found = orjson.loads(found["data"])
        except orjson.JSONDecodeError:
            raise MalformedReceiptError("not a delivery report") from None
    requests = found if isinstance(found, list) else [found]
    for request in requests:
        if not isinstance(request, dict):
            continue
        request_id = str(request.get("requestId") or "")
        reports = request.get("report")
        for report in reports if isinstance(reports, list) else [request]:
            if request_id and isinstance(report, dict) and report.get("number"):
                yield request_id, report


def _receipt(request_id: str, report: Mapping[str, Any], auth_key: str, currency: str) -> Receipt:
    number = str(report["number"])[:20]
    status = str(report.get("status") or "")
    word = text_of(report, "desc").strip().lower() or STATUSES.get(status, "")
    kind, code = REPORTS.get(word, (ReceiptKind.IGNORED, ""))
    reason = text_of(report, "failedReason").split()
    code = next((TRAI[one.strip(":,.")] for one in reason if one.strip(":,.") in TRAI), code) if code else ""
    if code in TRAI.values():
        kind = ReceiptKind.FAILED
    name = name_of(auth_key, request_id, number)
    price = _amount(report.get("amount")) if currency and kind is not ReceiptKind.IGNORED else None
    return Receipt(
        provider_event_id=f"{name}:{word or status}"[:200],
        kind=kind,
        occurred_at=_instant(text_of(report, "date")),
        provider_message_id=name,
        bounce_type="soft" if kind is ReceiptKind.BOUNCED else "",
        code=code,
        reason=f"{word} {status}".strip()[:500] if code else "",
        price=price,
        currency=currency if price is not None else "",
    )


def _amount(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return abs(found).quantize(SMALLEST) if found.is_finite() and abs(found) < MOST else None


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=INDIA)
    except ValueError:
        return moment(None)
