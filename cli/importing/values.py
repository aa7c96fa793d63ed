"""The values of single cells: each is read or refused with a sentence that says how to mend it."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from uuid import UUID

from angarium.consent.v1 import suppression_service_pb2 as reasons
from services.common.addresses import canonical_email, parse_phone
from services.common.privacy import mask_email, mask_phone, redact_text
from services.common.regions import region_code
from services.common.zones import zone

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ANSWERS = {
    "yes": "yes",
    "no": "no",
    "revoked": "revoked",
    "y": "yes",
    "n": "no",
    "true": "yes",
    "false": "no",
}
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_PARTIAL_DATE = re.compile(r"(?:(\d{4})|-)-(\d\d)-(\d\d)", re.ASCII)
_COUNT = re.compile(r"\d{1,19}", re.ASCII)
_LEAP_YEAR = 2024
_SHOWN = 60
_BREAKS = {ord(mark): None for mark in "\r\n\t"}

MEMBERSHIPS = ("none", "active", "expired", "cancelled")
SUPPRESSIONS = {
    "hard_bounce": reasons.SUPPRESSION_REASON_HARD_BOUNCE,
    "complaint": reasons.SUPPRESSION_REASON_COMPLAINT,
    "invalid_address": reasons.SUPPRESSION_REASON_INVALID_ADDRESS,
    "customer_unsubscribe": reasons.SUPPRESSION_REASON_CUSTOMER_UNSUBSCRIBE,
    "sms_stop": reasons.SUPPRESSION_REASON_SMS_STOP,
    "manual": reasons.SUPPRESSION_REASON_MANUAL,
    "legal": reasons.SUPPRESSION_REASON_LEGAL,
}


class BadValue(Exception):
    """A cell that cannot be read; a sentence without its subject, and a word for programs where `invalid` says too little."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def text(value: str, limit: int, *, lines: bool = False) -> str:
    """Returns a text; BadValue when it is too long or holds control characters; `lines` allows line breaks and tabs."""
    if len(value) > limit:
        raise BadValue(f"has {len(value):,} characters; at most {limit:,} are allowed")
    if not (value.translate(_BREAKS) if lines else value).isprintable():
        raise BadValue(f"{shown(value)} holds a line break or another control character; remove it")
    return value


def email(value: str) -> str:
    """Returns an address as it was given; BadValue when it is not one (GEN-22)."""
    try:
        canonical_email(value)
    except ValueError:
        _, at, domain = value.rpartition("@")
        masked = mask_email(value) if at and domain else value
        raise BadValue(f"{shown(masked)} is not an e-mail address") from None
    return value


def phone(value: str, region: str) -> str:
    """Returns a number as it was given; BadValue when it is not one (GEN-21).

    A national number is read with the tenant's country; when that is not known here, the service decides.
    """
    if not region and not value.startswith("+"):
        return text(value, 40)
    try:
        parse_phone(value, region)
    except ValueError:
        raise BadValue(f"{shown(mask_phone(value))} is not a phone number; write +491701234567") from None
    return value


def language(value: str) -> str:
    """Returns a language tag in its usual spelling: `pt_br` gives `pt-BR` (GEN-23)."""
    tag = _language(value.replace("_", "-"))
    if not tag:
        raise BadValue(f"{shown(value)} is not a language; use en, de or a tag such as pt-BR")
    return tag


@lru_cache(maxsize=1024)
def _language(value: str) -> str:
    # Imported where it is needed: Babel knows which languages there are.
    from babel.localedata import exists

    if not _TAG.fullmatch(value):
        return ""
    base, *rest = value.split("-")
    if not exists(base.lower()):
        return ""
    return "-".join([base.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)])


def time_zone(value: str) -> str:
    """Returns an IANA name."""
    try:
        return zone(value).key
    except ValueError:
        raise BadValue(f"{shown(value)} is not an IANA time zone; use a name such as Europe/Lisbon") from None


def region(value: str) -> str:
    """Returns a code of ISO 3166."""
    try:
        return region_code(value)
    except ValueError:
        raise BadValue(
            f"{shown(value)} is not an ISO 3166 code; use a code such as DE, or US-FL for a state"
        ) from None


def branch(value: str) -> str:
    """Returns the id of a branch; empty when the value is a name."""
    try:
        return str(UUID(value)) if len(value) in (32, 36) else ""
    except ValueError:
        return ""


def tags(value: str) -> list[str]:
    """Returns the words between semicolons, each once."""
    found = list(dict.fromkeys(tag.strip() for tag in value.split(";") if tag.strip()))
    if len(found) > 100:
        raise BadValue(f"are {len(found)}; at most 100 are allowed")
    for tag in found:
        if len(tag) > 50 or not tag.isprintable():
            raise BadValue(f"{shown(tag)} is longer than 50 characters, or holds a control character")
    return found


def date_of_year(value: str) -> str:
    """Returns a day, with its year or, as `--03-14`, without."""
    match = _PARTIAL_DATE.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        date(int(match[1] or _LEAP_YEAR), int(match[2]), int(match[3]))
    except ValueError:
        raise BadValue(
            f"{shown(value)} is not a day; write 1990-03-14, or --03-14 without the year"
        ) from None
    return value


def calendar_day(value: str) -> str:
    """Returns a day with its year."""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValue(f"{shown(value)} is not a day; write 2026-03-01") from None


def count(value: str, most: int) -> int:
    """Returns a whole number that is not negative."""
    if not _COUNT.fullmatch(value) or int(value) > most:
        raise BadValue(f"{shown(value)} is not a whole number from 0 to {most:,}")
    return int(value)


def membership(value: str) -> str:
    """Returns the state of a membership."""
    found = value.casefold()
    if found not in MEMBERSHIPS:
        raise BadValue(f"{shown(value)} is no state of a membership; use {', '.join(MEMBERSHIPS)}")
    return found


def answer(value: str) -> str:
    """Returns `yes`, `no` or `revoked`."""
    found = _ANSWERS.get(value.casefold())
    if found is None:
        raise BadValue(f"{shown(value)} is not an answer; use yes, no or revoked")
    return found


def moment(value: str) -> datetime:
    """Returns an instant of RFC 3339."""
    try:
        found = datetime.fromisoformat(value.upper()) if _RFC3339.fullmatch(value) else None
        if found is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadValue(f"{shown(value)} is not a time with its zone; write 2026-03-01T09:30:00Z")


def instant(value: str, now: datetime, code: str = "future_consent_at") -> datetime:
    """Returns an instant of RFC 3339 that is not in the future."""
    found = moment(value)
    if found > now:
        raise BadValue(f"{shown(value)} lies in the future", code)
    return found


def number(value: str) -> float:
    """Returns a number with a decimal point."""
    if not _NUMBER.fullmatch(value):
        raise BadValue(f"{shown(value)} is not a number; write 42 or -1.5", "invalid_attribute")
    return float(value)


def truth(value: str) -> bool:
    """Returns a yes or no."""
    answer = _ANSWERS.get(value.casefold())
    if answer not in ("yes", "no"):
        raise BadValue(f"{shown(value)} is neither true nor false", "invalid_attribute")
    return answer == "yes"


def day(value: str) -> str:
    """Returns a day, as the value of an attribute."""
    try:
        return calendar_day(value)
    except BadValue as bad:
        raise BadValue(bad.reason, "invalid_attribute") from None


def suppression(value: str) -> reasons.SuppressionReason:
    """Returns the reason of a word."""
    found = SUPPRESSIONS.get(value.casefold().replace(" ", "_").replace("-", "_"))
    if found is None:
        words = ", ".join(SUPPRESSIONS)
        raise BadValue(f"{shown(value)} is not a reason; use {words}, or leave it empty")
    return found


def shown(value: str) -> str:
    """Returns a value as it may be shown: in quotes, addresses masked, of bounded length, without control characters."""
    short = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    plain = "".join(mark if mark.isprintable() else "�" for mark in short)
    return f"'{redact_text(plain)}'"
