"""Carts, and what events say of them in whatever order they come (LIF-7, EVT-83). Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

EXPIRES: Final = timedelta(days=30)
VIEWS_KEPT: Final = timedelta(days=30)
MOST_VIEWS: Final = 200
"""Views of one subject by one contact that are kept."""


class CartState(IntEnum):
    """Lifecycle, numbered as in the contract."""

    ACTIVE = 1
    COMPLETED = 2
    EXPIRED = 3


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody is about to buy."""

    cart_ref: str
    contact_id: UUID | None = None
    branch_id: UUID | None = None
    items: Sequence[Mapping[str, Any]] = ()
    amount: Decimal | None = None
    currency: str | None = None
    state: CartState = CartState.ACTIVE
    last_activity_at: datetime | None = None
    filled_at: datetime | None = None
    state_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a cart at an instant; None where they say nothing."""

    at: datetime
    state: CartState | None = None
    contact_id: UUID | None = None
    branch_id: UUID | None = None
    items: Sequence[Mapping[str, Any]] | None = None
    amount: Decimal | None = None
    currency: str | None = None
    is_activity: bool = True
    """Whether the contact did something, or time alone."""


def folded(cart: Cart, told: Told) -> Cart:
    """Returns a cart after what was told; what was bought stays bought, else the latest word counts."""
    changes: dict[str, Any] = {}
    if told.contact_id is not None and cart.contact_id is None:
        changes["contact_id"] = told.contact_id
    if told.items is not None and (cart.filled_at is None or told.at >= cart.filled_at):
        changes |= {
            "items": told.items,
            "amount": told.amount,
            "currency": told.currency,
            "filled_at": told.at,
            "branch_id": told.branch_id or cart.branch_id,
        }
    if told.is_activity:
        changes["last_activity_at"] = max(told.at, cart.last_activity_at or told.at)
    if told.state is CartState.COMPLETED:
        first = min(told.at, cart.completed_at or told.at)
        changes |= {"state": told.state, "completed_at": first, "state_at": told.at}
    elif (
        told.state is not None
        and cart.state is not CartState.COMPLETED
        and (cart.state_at is None or told.at >= cart.state_at)
    ):
        changes |= {"state": told.state, "state_at": told.at}
    changed = replace(cart, **changes)
    return changed if changed.last_activity_at else replace(changed, last_activity_at=told.at)


def counted(views: Sequence[datetime], view: datetime, now: datetime) -> list[datetime]:
    """Returns the views of a subject with one more, those that are too old left out."""
    kept = sorted(one for one in {*views, view} if now - VIEWS_KEPT < one <= now)
    return kept[-MOST_VIEWS:]
