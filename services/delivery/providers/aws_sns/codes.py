"""What Amazon's errors, events and log lines say of texts, as data."""

from typing import Any, Final

from services.delivery.providers.aws.errors import ACCOUNT, COMMON, REFUSED, name_of
from services.delivery.providers.base import Code, ReceiptKind, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.meanings import OPTED_OUT, Meaning, number, refused

_SENDER: Final = refused(Code.SENDER_REFUSED)
_COUNTRY: Final = refused("region_not_enabled")
_PRICE: Final = refused("price_exceeded")
_FILTERED: Final = refused("filtered")
_BLOCKED: Final = Meaning(Result.PERMANENT, "blocked", bounce="block")
_UNREACHABLE: Final = Meaning(Result.RETRYABLE, "unreachable", bounce="soft")
_CARRIER: Final = Meaning(Result.RETRYABLE, "carrier_unknown", bounce="soft")
_UNKNOWN_NUMBER: Final = number(bounce="hard")

ERRORS: Final = COMMON | {
    "InvalidParameter": REFUSED,
    "InvalidParameterException": REFUSED,
    "ParameterValueInvalid": REFUSED,
    "ValidationException": REFUSED,
    "ValidationError": REFUSED,
    "ConflictException": REFUSED,
    "ResourceNotFoundException": ACCOUNT,
    "NotFound": ACCOUNT,
    "ServiceQuotaExceededException": ACCOUNT,
    "KMSThrottling": COMMON["Throttling"],
}
"""Meanings of errors by name, where no reason says more."""

REASONS: Final = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": OPTED_OUT,
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED": refused("trial_unverified"),
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION": _COUNTRY,
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": refused("blocked"),
    "DESTINATION_COUNTRY_BLOCKED": _COUNTRY,
    "COUNTRY_NOT_ENABLED": _COUNTRY,
    "INTERNATIONAL_SENDING_NOT_SUPPORTED": _COUNTRY,
    "NO_ORIGINATION_IDENTITIES_FOUND": _SENDER,
    "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY": _SENDER,
    "MESSAGE_TYPE_MISMATCH": _SENDER,
    "NUMBER_CAPABILITIES_MISMATCH": _SENDER,
    "RESOURCE_NOT_ACTIVE": _SENDER,
    "REGISTRATION_NOT_COMPLETE": refused("sender_unregistered"),
    "SENDER_ID_NOT_REGISTERED": refused("sender_unregistered"),
    "SENDER_ID_REQUIRES_REGISTRATION": refused("sender_unregistered"),
    "SENDER_ID_NOT_SUPPORTED": _SENDER,
    "PRICE_OVER_THRESHOLD": _PRICE,
    "MAXIMUM_SIZE_EXCEEDED": refused(Code.TOO_LARGE),
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT": ACCOUNT,
    "ACCOUNT_DISABLED": ACCOUNT,
    "INSUFFICIENT_ACCOUNT_REPUTATION": ACCOUNT,
}
"""Meanings of the reasons End User Messaging gives beside an error."""

EVENTS: Final[dict[str, tuple[ReceiptKind, Meaning | None]]] = {
    "TEXT_QUEUED": (ReceiptKind.IGNORED, None),
    "TEXT_PENDING": (ReceiptKind.SENT, None),
    "TEXT_SENT": (ReceiptKind.SENT, None),
    "TEXT_SUCCESSFUL": (ReceiptKind.DELIVERED, None),
    "TEXT_DELIVERED": (ReceiptKind.DELIVERED, None),
    "TEXT_INVALID": (ReceiptKind.BOUNCED, _UNKNOWN_NUMBER),
    "TEXT_INVALID_MESSAGE": (ReceiptKind.FAILED, refused(Code.CONTENT_REFUSED)),
    "TEXT_UNREACHABLE": (ReceiptKind.BOUNCED, _UNREACHABLE),
    "TEXT_CARRIER_UNREACHABLE": (ReceiptKind.BOUNCED, _UNREACHABLE),
    "TEXT_BLOCKED": (ReceiptKind.BOUNCED, _BLOCKED),
    "TEXT_CARRIER_BLOCKED": (ReceiptKind.FAILED, _FILTERED),
    "TEXT_SPAM": (ReceiptKind.FAILED, _FILTERED),
    "TEXT_UNKNOWN": (ReceiptKind.BOUNCED, _CARRIER),
    "TEXT_TTL_EXPIRED": (ReceiptKind.FAILED, refused("expired")),
    "TEXT_PROTECT_BLOCKED": (ReceiptKind.FAILED, _COUNTRY),
}
"""What events of End User Messaging say."""

SENTENCES: Final[dict[str, tuple[ReceiptKind, Meaning]]] = {
    "Blocked as spam by phone carrier": (ReceiptKind.FAILED, _FILTERED),
    "Phone carrier has blocked this message": (ReceiptKind.FAILED, _FILTERED),
    "Destination is on a blocked list": (ReceiptKind.BOUNCED, _BLOCKED),
    "Destination is blacklisted": (ReceiptKind.BOUNCED, _BLOCKED),
    "Phone is on a blocked list": (ReceiptKind.BOUNCED, _BLOCKED),
    "Phone is blacklisted": (ReceiptKind.BOUNCED, _BLOCKED),
    "Phone has blocked SMS": (ReceiptKind.BOUNCED, _BLOCKED),
    "Phone number is opted out": (ReceiptKind.FAILED, OPTED_OUT),
    "Invalid phone number": (ReceiptKind.BOUNCED, _UNKNOWN_NUMBER),
    "Message body is invalid": (ReceiptKind.FAILED, refused(Code.CONTENT_REFUSED)),
    "This delivery would exceed max price": (ReceiptKind.FAILED, _PRICE),
    "No quota left for account": (ReceiptKind.FAILED, refused("quota")),
    "No origination entities available to send": (ReceiptKind.FAILED, _SENDER),
    "Phone is currently unreachable/unavailable": (ReceiptKind.BOUNCED, _UNREACHABLE),
    "Phone carrier is currently unreachable/unavailable": (ReceiptKind.BOUNCED, _UNREACHABLE),
    "Unknown error attempting to reach phone": (ReceiptKind.BOUNCED, _CARRIER),
}
"""SNS knows no codes: its logs hold one of these sentences, which stand in its documentation."""

_WRONG_NUMBER: Final = "Invalid parameter: PhoneNumber "
_NUMBER_FIELD: Final = "DestinationPhoneNumber"


def meaning_of(answer: Answer) -> Meaning | None:
    """What an error says: its reason first, then its name; None for one that is not listed."""
    body = answer.json()
    reason = body.get("Reason")
    if isinstance(reason, str) and reason in REASONS:
        return REASONS[reason]
    if _names_number(body.get("Fields")) or _WRONG_NUMBER.encode() in answer.body:
        return number()
    return ERRORS.get(name_of(answer))


def _names_number(fields: Any) -> bool:
    """Whether the one field that is wrong is the number."""
    named = [one.get("Name") for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    return bool(named) and all(name == _NUMBER_FIELD for name in named)
