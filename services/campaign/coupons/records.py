"""SQL of holds and redemptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.campaign.coupons.domain import ReservationState
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reservation:
    """A use set aside for an order."""

    reservation_id: UUID
    coupon_id: UUID
    code: str
    contact_id: UUID
    order_ref: str
    discount: Decimal
    currency: str
    state: ReservationState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Redemption:
    """One use of a coupon."""

    redemption_id: UUID
    coupon_id: UUID
    code: str
    contact_id: UUID
    invoice_id: str
    branch_id: UUID | None
    order_amount: Decimal
    discount: Decimal
    currency: str
    campaign_id: UUID | None
    message_id: UUID | None
    redeemed_at: datetime
    reversed_at: datetime | None = None
    reversal_reason: str | None = None


_RESERVATION = "reservation_id, coupon_id, code, contact_id, order_ref, discount, currency, state, expires_at"
_REDEMPTION = (
    "redemption_id, coupon_id, code, contact_id, invoice_id, branch_id, order_amount, discount, currency, "
    "campaign_id, message_id, redeemed_at, reversed_at, reversal_reason"
)


async def insert_reservation(uow: UnitOfWork, one: Reservation) -> None:
    """Adds a hold."""
    await uow.execute(
        f"INSERT INTO coupon_reservation (tenant_id, {_RESERVATION}, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            one.reservation_id,
            one.coupon_id,
            one.code,
            one.contact_id,
            one.order_ref,
            one.discount,
            one.currency,
            int(one.state),
            one.expires_at,
            uow.now(),
            uow.now(),
        ),
    )


async def held(uow: UnitOfWork, coupon_id: UUID, order_ref: str) -> Reservation | None:
    """Returns the hold that stands for an order."""
    row = await uow.fetch_one(
        f"SELECT {_RESERVATION} FROM coupon_reservation "
        "WHERE tenant_id = %s AND coupon_id = %s AND order_ref = %s AND state = 1",
        (uow.tenant_id, coupon_id, order_ref),
    )
    return None if row is None else _reservation(row)


async def reservation(uow: UnitOfWork, reservation_id: UUID) -> Reservation | None:
    """Returns a hold as it stands."""
    row = await uow.fetch_one(
        f"SELECT {_RESERVATION} FROM coupon_reservation WHERE tenant_id = %s AND reservation_id = %s",
        (uow.tenant_id, reservation_id),
    )
    return None if row is None else _reservation(row)


async def close_reservation(uow: UnitOfWork, reservation_id: UUID, state: ReservationState) -> None:
    """Ends a hold that stands."""
    await uow.execute(
        "UPDATE coupon_reservation SET state = %s, updated_at = %s "
        "WHERE tenant_id = %s AND reservation_id = %s AND state = 1",
        (int(state), uow.now(), uow.tenant_id, reservation_id),
    )


async def expire(uow: UnitOfWork, coupon_id: UUID) -> int:
    """Ends the holds of a locked coupon whose time is over; returns how many uses go back."""
    now = uow.now()
    return await uow.execute(
        "UPDATE coupon_reservation SET state = 4, updated_at = %s "
        "WHERE tenant_id = %s AND coupon_id = %s AND state = 1 AND expires_at <= %s",
        (now, uow.tenant_id, coupon_id, now),
    )


async def expired_coupons(uow: UnitOfWork, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenant and coupon of holds whose time is over; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT tenant_id, coupon_id FROM "
        "(SELECT tenant_id, coupon_id FROM coupon_reservation WHERE state = 1 AND expires_at <= %s "
        "ORDER BY expires_at LIMIT %s) AS due",
        (uow.now(), limit),
    )
    return [(tenant, coupon) for tenant, coupon in rows]


async def uses_of(uow: UnitOfWork, coupon_id: UUID, contact_id: UUID) -> int:
    """Returns how often a contact used a coupon, or holds it."""
    found: int = await uow.fetch_value(
        """
        SELECT (SELECT count(*) FROM coupon_redemption
                WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND coupon_id = %(coupon_id)s
                    AND reversed_at IS NULL)
            + (SELECT count(*) FROM coupon_reservation
                WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND coupon_id = %(coupon_id)s
                    AND state = 1 AND expires_at > %(now)s)
        """,
        {"tenant_id": uow.tenant_id, "contact_id": contact_id, "coupon_id": coupon_id, "now": uow.now()},
    )
    return found


async def insert_redemption(uow: UnitOfWork, one: Redemption) -> None:
    """Adds a redemption."""
    await uow.execute(
        f"INSERT INTO coupon_redemption (tenant_id, {_REDEMPTION}) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (uow.tenant_id, *(getattr(one, name) for name in _REDEMPTION.split(", "))),
    )


async def on_invoice(
    uow: UnitOfWork, invoice_id: str, *, coupon_id: UUID | None = None, lock: bool = False
) -> list[Redemption]:
    """Returns the redemptions on an invoice, of one coupon when it is named."""
    rows = await uow.fetch_all(
        f"SELECT {_REDEMPTION} FROM coupon_redemption WHERE tenant_id = %s AND invoice_id = %s "
        "AND (%s::uuid IS NULL OR coupon_id = %s) ORDER BY redemption_id"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, invoice_id, coupon_id, coupon_id),
    )
    return [Redemption(*row) for row in rows]


async def redemption(uow: UnitOfWork, redemption_id: UUID, *, lock: bool = False) -> Redemption | None:
    """Returns a redemption, or None."""
    row = await uow.fetch_one(
        f"SELECT {_REDEMPTION} FROM coupon_redemption WHERE tenant_id = %s AND redemption_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, redemption_id),
    )
    return None if row is None else Redemption(*row)


async def reverse(uow: UnitOfWork, redemption_id: UUID, reason: str) -> None:
    """Notes that a redemption no longer stands."""
    await uow.execute(
        "UPDATE coupon_redemption SET reversed_at = %s, reversal_reason = %s "
        "WHERE tenant_id = %s AND redemption_id = %s AND reversed_at IS NULL",
        (uow.now(), reason, uow.tenant_id, redemption_id),
    )


async def page(uow: UnitOfWork, coupon_id: UUID, *, before: UUID | None, limit: int) -> list[Redemption]:
    """Returns what was redeemed of a coupon, newest first."""
    rows = await uow.fetch_all(
        f"SELECT {_REDEMPTION} FROM coupon_redemption WHERE tenant_id = %s AND coupon_id = %s "
        "AND (%s::uuid IS NULL OR redemption_id < %s) ORDER BY redemption_id DESC LIMIT %s",
        (uow.tenant_id, coupon_id, before, before, limit),
    )
    return [Redemption(*row) for row in rows]


def _reservation(row: Sequence[Any]) -> Reservation:
    values = dict(zip(_RESERVATION.split(", "), row, strict=True))
    return Reservation(**{**values, "state": ReservationState(values["state"])})


NAMED: Final = ("coupon", "coupon_code", "coupon_reservation", "coupon_redemption")
"""Tables that name contacts."""


async def forget(uow: UnitOfWork, contact_id: UUID, tombstone_id: UUID) -> dict[str, int]:
    """Puts a tombstone in the place of a contact: uses stay counted, and a personal coupon is nobody's."""
    changed = {}
    for table in NAMED:
        changed[table] = await uow.execute(
            f"UPDATE {table} SET contact_id = %s WHERE tenant_id = %s AND contact_id = %s",
            (tombstone_id, uow.tenant_id, contact_id),
        )
    await uow.execute(
        "UPDATE coupon_code SET last_contact_id = NULL, last_message_id = NULL "
        "WHERE tenant_id = %s AND last_contact_id = %s",
        (uow.tenant_id, contact_id),
    )
    return changed
