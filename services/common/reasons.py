"""Every reason an error can carry: its number in the requirements and its canonical gRPC code.

Two rows follow the contract where the requirements name another code: a key reused with another body is an
invalid argument, and a spent budget is a failed precondition (waiting a moment does not help).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from grpc import StatusCode


class Reason(NamedTuple):
    """The number and the canonical code of one reason."""

    code: str
    status: StatusCode


_TABLE: dict[StatusCode, dict[str, str]] = {
    StatusCode.FAILED_PRECONDITION: {
        "MARKETING_DISABLED": "001",
        "CHANNEL_DISABLED": "002",
        "PROVIDER_NOT_CONFIGURED": "003",
        "NO_CONSENT": "010",
        "OPTED_OUT": "011",
        "DND_REGISTERED": "012",
        "SUPPRESSED": "013",
        "PREFERENCE_DISABLED": "014",
        "TOKEN_EXPIRED": "016",
        "CONTACT_ERASED": "018",
        "INVALID_CAMPAIGN_STATUS": "020",
        "WHATSAPP_TEMPLATE_NOT_APPROVED": "022",
        "BUDGET_EXCEEDED": "023",
        "SPAM_SCORE_TOO_HIGH": "024",
        "APPROVAL_REQUIRED": "025",
        "EMPTY_AUDIENCE": "027",
        "COUPON_EXPIRED": "031",
        "COUPON_MAX_USES": "032",
        "COUPON_CUSTOMER_LIMIT": "033",
        "COUPON_MIN_ORDER": "034",
        "COUPON_NOT_ELIGIBLE": "035",
        "COUPON_NOT_YET_VALID": "036",
        "COUPON_NOT_STACKABLE": "038",
        "COUPON_RESERVATION_INVALID": "039",
        "SELF_REFERRAL": "041",
        "REFERRAL_DISABLED": "044",
        "NOT_A_NEW_CONTACT": "045",
        "OUTSIDE_SEND_WINDOW": "050",
        "TEMPLATE_RENDER_FAILED": "053",
        "MESSAGE_EXPIRED": "054",
        "RECIPIENT_UNREACHABLE": "056",
        "SEGMENT_IN_USE": "072",
        "TEMPLATE_IN_USE": "073",
        "SYSTEM_OBJECT_READ_ONLY": "076",
        "TRIGGER_NOT_CONFIGURED": "081",
    },
    StatusCode.INVALID_ARGUMENT: {
        "INVALID_CONFIGURATION": "004",
        "INVALID_TOKEN": "015",
        "EVIDENCE_REQUIRED": "019",
        "TEMPLATE_CHANNEL_MISMATCH": "021",
        "INVALID_AB_TEST": "028",
        "INVALID_SCHEDULE": "029",
        "IDEMPOTENCY_CONFLICT": "055",
        "UNSAFE_URL": "058",
        "INVALID_RECIPIENT": "059",
        "VALIDATION_FAILED": "063",
        "UNKNOWN_SEGMENT_FIELD": "070",
        "INVALID_SEGMENT_RULE": "071",
        "TEMPLATE_INVALID": "074",
        "MISSING_VARIABLES": "075",
        "AUTOMATION_INVALID": "080",
        "RANGE_TOO_LARGE": "084",
    },
    StatusCode.OUT_OF_RANGE: {
        "EVENTS_LOST": "085",
    },
    StatusCode.UNAVAILABLE: {
        "COMPLIANCE_UNAVAILABLE": "017",
        "PROVIDER_ERROR": "052",
        "DEPENDENCY_UNAVAILABLE": "067",
    },
    StatusCode.PERMISSION_DENIED: {
        "SELF_APPROVAL": "026",
        "PERMISSION_DENIED": "064",
    },
    StatusCode.NOT_FOUND: {
        "INVALID_COUPON_CODE": "030",
        "INVALID_REFERRAL_CODE": "040",
        "NOT_FOUND": "060",
    },
    StatusCode.ALREADY_EXISTS: {
        "COUPON_CODE_TAKEN": "037",
        "ALREADY_REFERRED": "043",
        "ALREADY_EXISTS": "061",
    },
    StatusCode.RESOURCE_EXHAUSTED: {
        "REFERRAL_LIMIT_REACHED": "042",
        "THROTTLE_LIMIT": "051",
        "TENANT_VOLUME_LIMIT": "057",
        "RATE_LIMITED": "066",
    },
    StatusCode.ABORTED: {
        "VERSION_CONFLICT": "062",
    },
    StatusCode.UNAUTHENTICATED: {
        "UNAUTHENTICATED": "065",
        "SIGNATURE_INVALID": "082",
        "REPLAYED_REQUEST": "083",
    },
    StatusCode.INTERNAL: {
        "INTERNAL": "068",
    },
    StatusCode.DEADLINE_EXCEEDED: {
        "DEADLINE_EXCEEDED": "069",
    },
}

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        reason: Reason(f"MARKETING_{number}", status)
        for status, numbers in _TABLE.items()
        for reason, number in numbers.items()
    }
)
"""Reason word to its row (SEC-51)."""

DECISION_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no_consent": "NO_CONSENT",
        "consent_pending": "NO_CONSENT",
        "consent_expired": "NO_CONSENT",
        "consent_revoked": "NO_CONSENT",
        "opted_out": "OPTED_OUT",
        "dnd_registered": "DND_REGISTERED",
        "dnd_stale": "DND_REGISTERED",
        "suppressed": "SUPPRESSED",
        "channel_off": "PREFERENCE_DISABLED",
        "category_off": "PREFERENCE_DISABLED",
        "sms_critical_only": "PREFERENCE_DISABLED",
        "contact_erased": "CONTACT_ERASED",
        "channel_disabled": "CHANNEL_DISABLED",
        "marketing_disabled": "MARKETING_DISABLED",
        "daily_cap_reached": "THROTTLE_LIMIT",
        "weekly_cap_reached": "THROTTLE_LIMIT",
        "no_address": "RECIPIENT_UNREACHABLE",
        "expires_before_window": "MESSAGE_EXPIRED",
        "no_window": "MESSAGE_EXPIRED",
    }
)
"""Reason of a decision to the reason of the error a single call answers with (SEC-123)."""


def code_of_decision(reason: str) -> str:
    """Returns the code of a decision's reason, such as MARKETING_010 of `no_consent`; empty when it has none."""
    return REASONS[error].code if (error := DECISION_REASONS.get(reason)) else ""


PASSING: Final = frozenset(
    {
        "COMPLIANCE_UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "DEPENDENCY_UNAVAILABLE",
        "INTERNAL",
        "PROVIDER_ERROR",
        "RATE_LIMITED",
        "VERSION_CONFLICT",
    }
)
"""Reasons that say nothing about what was asked: the same call may go well a moment later."""
