"""Rules of segments and what they may say (CAM-83), segments themselves, splits and holdouts. Standard library only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from services.campaign.segments.catalogue import CURRENT, Channel, Op

BUCKETS = 10_000
MAX_HOLDOUT = 5_000
MAX_SALT = 100
EVERYBODY = UUID(int=0)
"""Stands for all contacts where a holdout names a segment."""


class Join(IntEnum):
    """How the parts of a rule are joined, numbered as in the contract."""

    AND = 1
    OR = 2


class Activity(IntEnum):
    """What a contact may have done, numbered as in the contract."""

    VISIT = 1
    PURCHASE = 2
    TICKET = 3
    ATTENDANCE = 4
    VIEW = 5
    RECEIVED = 6
    OPEN = 7
    CLICK = 8


OF_CAMPAIGNS = frozenset({Activity.RECEIVED, Activity.OPEN, Activity.CLICK})
"""Activities whose reference is a campaign."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    field: str
    op: Op
    value: Any
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something done, or not done, at least so often within so many days."""

    activity: Activity
    within_days: int
    at_least: int = 1
    is_negated: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """A random share of all contacts: the buckets from the first up to the end, which is not in it."""

    salt: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, behaviours, splits, and groups of them; without any of them it matches nobody."""

    join: Join = Join.AND
    conditions: tuple[Condition, ...] = ()
    groups: tuple["Rule", ...] = ()
    behaviours: tuple[Behaviour, ...] = ()
    splits: tuple[Split, ...] = ()

    @property
    def size(self) -> int:
        """Returns how many conditions of all kinds it has, those of its groups included."""
        own = len(self.conditions) + len(self.behaviours) + len(self.splits)
        return own + sum(group.size for group in self.groups)

    @property
    def has_behaviours(self) -> bool:
        """Returns whether what contacts do decides."""
        return bool(self.behaviours) or any(group.has_behaviours for group in self.groups)

    @property
    def fields(self) -> frozenset[str]:
        """Returns the fields it names, those of its groups included."""
        own = frozenset(condition.field for condition in self.conditions)
        return own.union(*(group.fields for group in self.groups))


class SegmentKind(IntEnum):
    """Kinds of segments, numbered as in the contract."""

    SYSTEM = 1
    CUSTOM = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved audience."""

    segment_id: UUID
    name: str
    rule: Rule
    description: str = ""
    branch_ids: tuple[UUID, ...] = ()
    kind: SegmentKind = SegmentKind.CUSTOM
    is_dynamic: bool = True
    is_active: bool = True
    contact_count: int = 0
    refreshed_at: datetime | None = None
    version: int = 1
    created_at: datetime | None = None
    created_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Holdout:
    """Whom campaigns leave out of a segment, or of all contacts."""

    segment_id: UUID
    basis_points: int
    salt: str


class SystemSegmentError(Exception):
    """A system segment is only switched on and off."""

    reason = "SYSTEM_OBJECT_READ_ONLY"


def bucket(salt: str, contact_id: UUID) -> int:
    """Returns the bucket (0-9,999) of a contact under a salt; it never changes."""
    digest = hashlib.sha256(f"{salt}:{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def _one(field: str, op: Op, value: Any) -> Rule:
    return Rule(Join.AND, (Condition(field, op, value),))


def system_segments(major_unit_in_minor: int) -> Mapping[str, Rule]:
    """Returns the segments that every tenant has (CAM-86), for a currency with that many minor units."""
    return {
        "New Customers": _one("visit_count", Op.EQ, 1),
        "Repeat Customers": _one("visit_count", Op.GT, 1),
        "Inactive Customers 30+ days": _one("last_visit_days", Op.GT, 30),
        "High-Value Customers": _one("total_spend", Op.GT, 10_000 * major_unit_in_minor),
        "Package Holders": _one("has_active_package", Op.EQ, True),
        "Members": _one("has_active_membership", Op.EQ, True),
        "Birthday This Month": _one("birthday_month", Op.EQ, CURRENT),
    }


def of_filter(
    *, customer_type: str = "", attended: str = "", purchase_days: int | None = None, within: bool = True
) -> Rule:
    """Returns the rule that a filter of the older form means (CAM-85)."""
    conditions = []
    if purchase_days is not None:
        conditions.append(Condition("last_purchase_days", Op.LTE if within else Op.GT, purchase_days))
    if customer_type:
        conditions.append(Condition("customer_type", Op.EQ, customer_type))
    if attended:
        conditions.append(Condition("attended_event", Op.CONTAINS, attended))
    return Rule(Join.AND, tuple(conditions))
