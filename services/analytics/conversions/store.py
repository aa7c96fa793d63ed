"""SQL of the conversions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.analytics.conversions.domain import (
    CLICK_WINDOW,
    Attribution,
    Conversion,
    Credit,
    Kind,
    Observed,
    Reversed,
)
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7

COUPON_MARK: Final = "#"
"""Stands in the reference of a redemption between the invoice and what makes it unique."""

_CREDIT: Final = "message_id, campaign_id, run_id, variant_key, branch_id"
_NAMES: Final = (
    "conversion_id",
    "contact_id",
    "conversion_type",
    "order_ref",
    "occurred_at",
    "value",
    "reversed_value",
    "currency",
    "coupon_code",
    "message_id",
    "campaign_id",
    "variant_key",
    "attribution",
)


async def message(uow: UnitOfWork, message_id: UUID) -> Credit | None:
    """Returns a message; None when no event told of it."""
    row = await uow.fetch_one(
        f"SELECT {_CREDIT} FROM message_fact WHERE tenant_id = %s AND message_id = %s",
        (uow.tenant_id, message_id),
    )
    return Credit(*row) if row else None


async def message_of_campaign(
    uow: UnitOfWork, campaign_id: UUID, person: Sequence[UUID], before: datetime
) -> Credit | None:
    """Returns the last message of a campaign to a person, by all their ids, before an instant."""
    row = await uow.fetch_one(
        f"""
        SELECT {_CREDIT} FROM message_fact
        WHERE tenant_id = %s AND contact_id = ANY (%s::uuid[]) AND campaign_id = %s AND sent_at <= %s
        ORDER BY sent_at DESC, message_id DESC LIMIT 1
        """,
        (uow.tenant_id, list(person), campaign_id, before),
    )
    return Credit(*row) if row else None


async def campaign_of_coupon(uow: UnitOfWork, code: str) -> UUID | None:
    """Returns the campaign a coupon was last redeemed for; None when unknown."""
    found: UUID | None = await uow.fetch_value(
        """
        SELECT campaign_id FROM conversion
        WHERE tenant_id = %s AND coupon_code = %s AND campaign_id IS NOT NULL AND conversion_type = 3
        ORDER BY occurred_at DESC LIMIT 1
        """,
        (uow.tenant_id, code),
    )
    return found


async def last_clicked(uow: UnitOfWork, person: Sequence[UUID], before: datetime) -> Credit | None:
    """Returns the message a person, not a machine, clicked last in the seven days before an instant."""
    row = await uow.fetch_one(
        f"""
        SELECT {", ".join(f"f.{name.strip()}" for name in _CREDIT.split(","))}
        FROM message_fact AS f JOIN engagement_event AS e USING (tenant_id, message_id)
        WHERE f.tenant_id = %(tenant_id)s AND f.contact_id = ANY (%(contact_ids)s::uuid[]) AND f.first_click_at <= %(before)s
            AND e.kind = 2 AND e.engagement_class = 1
            AND e.occurred_at > %(since)s AND e.occurred_at <= %(before)s
        ORDER BY e.occurred_at DESC, e.engagement_id DESC LIMIT 1
        """,
        {
            "tenant_id": uow.tenant_id,
            "contact_ids": list(person),
            "before": before,
            "since": before - CLICK_WINDOW,
        },
    )
    return Credit(*row) if row else None


async def find(uow: UnitOfWork, kind: Kind, order_ref: str) -> Conversion | None:
    """Returns a conversion that was told of."""
    row = await uow.fetch_one(
        f"""
        SELECT {", ".join(_NAMES)} FROM conversion
        WHERE tenant_id = %s AND conversion_type = %s AND order_ref = %s AND occurred_at IS NOT NULL
        """,
        (uow.tenant_id, kind, order_ref),
    )
    if row is None:
        return None
    told: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    kind, attribution = Kind(told.pop("conversion_type")), Attribution(told.pop("attribution"))
    return Conversion(**told, kind=kind, attribution=attribution)


async def add(uow: UnitOfWork, told: Observed, credit: Credit | None, attribution: Attribution) -> bool:
    """Keeps a conversion once per type and reference; returns whether it is new."""
    inserted = await uow.fetch_value(
        """
        INSERT INTO conversion AS c (tenant_id, conversion_id, contact_id, conversion_type, order_ref, occurred_at, value,
            currency, coupon_code, message_id, campaign_id, run_id, variant_key, branch_id, attribution, rating)
        VALUES (%(tenant_id)s, %(conversion_id)s, %(contact_id)s, %(kind)s, %(order_ref)s, %(at)s, %(value)s,
            %(currency)s, %(coupon_code)s, %(message_id)s, %(campaign_id)s, %(run_id)s, %(variant_key)s, %(branch_id)s,
            %(attribution)s, %(rating)s)
        ON CONFLICT (tenant_id, conversion_type, order_ref) DO NOTHING RETURNING true
        """,
        {
            "tenant_id": uow.tenant_id,
            "conversion_id": uuid7(),
            "contact_id": told.contact_id,
            "kind": told.kind,
            "order_ref": told.order_ref,
            "at": told.occurred_at,
            "value": told.value,
            "currency": told.currency,
            "coupon_code": told.coupon_code,
            "message_id": credit.message_id if credit else None,
            "campaign_id": credit.campaign_id if credit else None,
            "run_id": credit.run_id if credit else None,
            "variant_key": credit.variant_key if credit else "",
            "branch_id": credit.branch_id if credit else None,
            "attribution": attribution,
            "rating": told.rating,
        },
    )
    return bool(inserted)


async def reverse(uow: UnitOfWork, told: Reversed) -> bool:
    """Keeps a refund once; returns whether it is new."""
    return bool(
        await uow.execute(
            """
            INSERT INTO conversion_reversal
                (tenant_id, conversion_type, order_ref, reversal_ref, value, currency, occurred_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            (
                uow.tenant_id,
                told.kind,
                told.order_ref,
                told.reversal_ref,
                told.value,
                told.currency,
                told.occurred_at,
            ),
        )
    )


async def settle(uow: UnitOfWork, kind: Kind, order_ref: str) -> None:
    """Makes what is taken back of a conversion the sum of its refunds, and never more than its value."""
    await uow.execute(
        """
        UPDATE conversion AS c SET reversed_value = (
            SELECT LEAST(c.value, sum(COALESCE(r.value, c.value))) FROM conversion_reversal AS r
            WHERE r.tenant_id = c.tenant_id AND r.conversion_type = c.conversion_type AND r.order_ref = c.order_ref
                AND r.currency IN ('', c.currency)
            HAVING count(*) > 0
        )
        WHERE c.tenant_id = %(tenant_id)s AND c.conversion_type = %(kind)s AND c.order_ref = %(order_ref)s
            AND c.value IS NOT NULL AND EXISTS (
                SELECT FROM conversion_reversal AS r
                WHERE r.tenant_id = c.tenant_id AND r.conversion_type = c.conversion_type
                    AND r.order_ref = c.order_ref AND r.currency IN ('', c.currency)
            )
        """,
        {"tenant_id": uow.tenant_id, "kind": kind, "order_ref": order_ref},
    )
