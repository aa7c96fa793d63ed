"""The fields a rule may name, each with its type, its operators, where it stands and what finds it (CAM-82).

Standard library only. The SQL speaks of the alias `c` of table contact; `%(a_tenant)s` and `%(a_now)s` are the tenant
and the instant of the evaluation. Nothing a rule says ever becomes part of it (CAM-84).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

ATTRIBUTES = "attributes."
CURRENT = "current"
MAX_DAYS = 36_500


class Op(IntEnum):
    """How a field is compared, numbered as in the contract."""

    EQ = 1
    NE = 2
    GT = 3
    GTE = 4
    LT = 5
    LTE = 6
    IN = 7
    CONTAINS = 8


class Channel(IntEnum):
    """Channels a contact may have opted in to, numbered as in the contract."""

    EMAIL = 1
    SMS = 2
    WHATSAPP = 3
    PUSH = 4


class Kind(Enum):
    """What kind of value a field has."""

    NUMBER = auto()
    MONEY = auto()
    DAYS_SINCE = auto()
    DAYS_UNTIL = auto()
    DAYS_UNTIL_DATE = auto()
    DAYS_UNTIL_PACKAGE = auto()
    FLAG = auto()
    FLAG_OF_CHANNEL = auto()
    TEXT = auto()
    FOLDED = auto()
    SET = auto()
    MONTH = auto()
    UUID = auto()
    ATTRIBUTE = auto()


WORDS: Mapping[Kind, str] = {
    Kind.NUMBER: "a whole number",
    Kind.MONEY: "a whole number of minor units",
    Kind.DAYS_SINCE: f"a whole number of days, at most {MAX_DAYS:,}",
    Kind.DAYS_UNTIL: f"a whole number of days, at most {MAX_DAYS:,}",
    Kind.DAYS_UNTIL_DATE: f"a whole number of days, at most {MAX_DAYS:,}",
    Kind.DAYS_UNTIL_PACKAGE: f"a whole number of days, at most {MAX_DAYS:,}",
    Kind.FLAG: "true or false",
    Kind.FLAG_OF_CHANNEL: "true or false",
    Kind.TEXT: "a text",
    Kind.FOLDED: "a text, compared without regard to case",
    Kind.SET: "a text that is a member",
    Kind.MONTH: "a month 1-12, or `current`",
    Kind.UUID: "a UUID",
    Kind.ATTRIBUTE: "a text, number, boolean or date (YYYY-MM-DD)",
}
"""What a condition's value must be."""

DAYS = frozenset({Kind.DAYS_SINCE, Kind.DAYS_UNTIL, Kind.DAYS_UNTIL_DATE, Kind.DAYS_UNTIL_PACKAGE})
WHOLE = frozenset({Kind.NUMBER, Kind.MONEY}) | DAYS

_EQUAL = frozenset({Op.EQ})
_ORDER = frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE})
_UNTIL = _ORDER - {Op.NE}
_COUNT = _ORDER | {Op.IN}
_WORDS = frozenset({Op.EQ, Op.NE, Op.IN})
_MEMBER = frozenset({Op.CONTAINS, Op.IN})
_MONTHS = frozenset({Op.EQ, Op.IN})
_LETTERS = frozenset({Op.EQ, Op.CONTAINS})


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        kind: Its type.
        ops: The operators it takes.
        sql: The column or expression over `c`; of a flag, a condition.
        index: What finds contacts by it; empty when every contact is looked at.
        choices: The only texts it can have; empty means any.
        says: What it means, where its name does not say.
    """

    kind: Kind
    ops: frozenset[Op]
    sql: str
    index: str = ""
    choices: tuple[str, ...] = ()
    says: str = ""


# The guard before EXISTS is what the partial index knows; without it every contact's packages would be looked into.
_ACTIVE_PACKAGE = (
    "(c.packages <> '[]'::jsonb AND EXISTS (SELECT FROM jsonb_to_recordset(c.packages) AS p"
    " (remaining integer, expires_at timestamptz) WHERE p.remaining > 0"
    " AND (p.expires_at IS NULL OR p.expires_at > %(a_now)s::timestamptz)))"
)
_REACH = (
    "EXISTS (SELECT FROM contact_reach r WHERE r.tenant_id = c.tenant_id"
    " AND r.contact_id = c.contact_id AND r.{})"
)

FIELDS: Mapping[str, Field] = {
    "last_visit_days": Field(Kind.DAYS_SINCE, _ORDER, "c.last_visit_at", "ix_contact_last_visit"),
    "last_purchase_days": Field(Kind.DAYS_SINCE, _ORDER, "c.last_purchase_at", "ix_contact_last_purchase"),
    "last_activity_days": Field(
        Kind.DAYS_SINCE,
        _ORDER,
        "c.last_activity_at",
        "ix_contact_last_activity",
        says="Since any sign of life: visit, purchase, open, click, login.",
    ),
    "first_visit_days": Field(Kind.DAYS_SINCE, _ORDER, "c.first_visit_at"),
    "visit_count": Field(Kind.NUMBER, _COUNT, "c.visit_count", says="`eq 0` is how `never` is written."),
    "purchase_count": Field(Kind.NUMBER, _COUNT, "c.purchase_count"),
    "loyalty_points": Field(Kind.NUMBER, _COUNT, "c.loyalty_points"),
    "engagement_score": Field(Kind.NUMBER, _COUNT, "c.engagement_score", says="0-100; unknown until scored."),
    "total_spend": Field(
        Kind.MONEY, _ORDER, "c.total_spend_minor", "ix_contact_total_spend", says="Net of refunds."
    ),
    "membership_status": Field(
        Kind.TEXT,
        _WORDS,
        "COALESCE(c.membership_status, 'none')",
        choices=("none", "active", "expired", "cancelled"),
    ),
    "has_active_membership": Field(
        Kind.FLAG,
        _EQUAL,
        "(c.membership_status = 'active'"
        " AND (c.membership_expires_at IS NULL OR c.membership_expires_at > %(a_now)s::timestamptz))",
        "ix_contact_membership",
        says="Active, and not past its end.",
    ),
    "has_active_package": Field(
        Kind.FLAG,
        _EQUAL,
        _ACTIVE_PACKAGE,
        "ix_contact_packages",
        says="A package with something left that has not expired.",
    ),
    "has_package": Field(
        Kind.FLAG,
        _EQUAL,
        "(c.packages <> '[]'::jsonb)",
        "ix_contact_packages",
        says="Any package, used up or expired ones included.",
    ),
    "opted_in": Field(
        Kind.FLAG_OF_CHANNEL,
        _EQUAL,
        _REACH.format("{}_consented"),
        says="With `channel`: email, sms, whatsapp or push. A copy for segments; consent decides at send.",
    ),
    "push_reachable": Field(
        Kind.FLAG,
        _EQUAL,
        _REACH.format("push_reachable"),
        says="Has a device that takes push messages.",
    ),
    "tags": Field(Kind.SET, _MEMBER, "c.tags"),
    "attended_event": Field(
        Kind.SET,
        _MEMBER,
        "c.attended_event_refs",
        "ix_contact_attended",
        says="Reference of an event.",
    ),
    "birthday_month": Field(Kind.MONTH, _MONTHS, "c.birth_month", "ix_contact_birthday"),
    "anniversary_month": Field(Kind.MONTH, _MONTHS, "c.anniversary_month", "ix_contact_anniversary"),
    "customer_type": Field(Kind.TEXT, _WORDS, "c.customer_type"),
    "source": Field(Kind.TEXT, _WORDS, "c.source"),
    "language": Field(Kind.TEXT, _WORDS, "c.language_code", says="BCP 47, as stored."),
    "branch_id": Field(Kind.UUID, _WORDS, "c.branch_id", "ix_contact_branch", says="Home branch."),
    "assigned_staff_id": Field(Kind.TEXT, _WORDS, "c.assigned_staff_id", "ix_contact_staff"),
    "name": Field(Kind.FOLDED, _LETTERS, "c.name_folded", "ix_contact_name"),
    # Stored in lower case and in E.164: folding what is looked for is enough, and the plain indexes find it.
    "email": Field(Kind.FOLDED, _LETTERS, "c.email_canonical", "ix_contact_email"),
    "phone": Field(Kind.FOLDED, _LETTERS, "c.phone", "ix_contact_phone", says="E.164."),
    "membership_expires_in_days": Field(
        Kind.DAYS_UNTIL, _UNTIL, "c.membership_expires_at", says="Below 0 when it ended."
    ),
    "package_expires_in_days": Field(
        Kind.DAYS_UNTIL_PACKAGE,
        _UNTIL,
        "c.packages",
        "ix_contact_packages",
        says="Holds when any package with something left meets it.",
    ),
    "points_expire_in_days": Field(
        Kind.DAYS_UNTIL_DATE, _UNTIL, "c.points_expire_on", says="The next points to expire."
    ),
}
ATTRIBUTE = Field(
    Kind.ATTRIBUTE,
    _ORDER | {Op.IN, Op.CONTAINS},
    "c.attributes",
    says="A value of another type than the condition's does not match.",
)


def field_of(name: str) -> Field | None:
    """Returns the entry of a field; None for one that is in no catalogue."""
    if name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES):
        return ATTRIBUTE
    return FIELDS.get(name)
