"""SQL of referrals."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.referrals.domain import STANDING, Referral, ReferralState, Reward
from services.common.db.uow import UnitOfWork

_REWARDS: Final[Mapping[str, tuple[str, ...]]] = {
    "referrer_reward": ("referrer_points", "referrer_percentage", "referrer_service_id"),
    "referred_reward": ("referred_percentage", "referred_service_id"),
}
_PLAIN: Final = tuple(field.name for field in fields(Referral) if field.name not in _REWARDS)
_KEPT: Final = (*_PLAIN, *(name for names in _REWARDS.values() for name in names))
_COLUMNS: Final = ", ".join(f"r.{name}" for name in _KEPT)
_CASTS: Final = {"ended_coupon_ids": "::uuid[]"}
_STANDING: Final = sorted(int(state) for state in STANDING)
# Of callers limited to branches: whose referrer is a contact of these branches.
_VISIBLE: Final = """(cardinality(%(branches)s::uuid[]) = 0 OR EXISTS (
    SELECT FROM contact c WHERE c.tenant_id = r.tenant_id AND c.contact_id = r.referrer_contact_id
        AND c.branch_id = ANY (%(branches)s::uuid[])))"""


async def insert(uow: UnitOfWork, referral: Referral) -> bool:
    """Adds a referral; False when its contact or phone number was referred before."""
    values = ", ".join(f"%({name})s{_CASTS.get(name, '')}" for name in _KEPT)
    return bool(
        await uow.execute(
            f"INSERT INTO referral (tenant_id, {', '.join(_KEPT)}, updated_at) "
            f"VALUES (%(tenant_id)s, {values}, %(now)s) ON CONFLICT DO NOTHING",
            _values(uow, referral),
        )
    )


async def save(uow: UnitOfWork, referral: Referral) -> None:
    """Writes a referral that is locked."""
    changes = ", ".join(
        f"{name} = %({name})s{_CASTS.get(name, '')}" for name in _KEPT if name != "referral_id"
    )
    await uow.execute(
        f"UPDATE referral SET {changes}, updated_at = %(now)s "
        "WHERE tenant_id = %(tenant_id)s AND referral_id = %(referral_id)s",
        _values(uow, referral),
    )


async def by_id(
    uow: UnitOfWork, referral_id: UUID, *, branch_ids: Sequence[UUID] = (), lock: bool = False
) -> Referral | None:
    """Returns a referral, of these branches alone when any are named; None when there is none."""
    return await _one(
        uow,
        f"r.referral_id = %(key)s AND {_VISIBLE}",
        {"key": referral_id, "branches": list(branch_ids)},
        lock=lock,
    )


async def pending_of(uow: UnitOfWork, contact_id: UUID, phone: str | None) -> Referral | None:
    """Returns the referral of a person that waits to count, locked: by their contact, else by their phone number."""
    waits = f"r.state = {int(ReferralState.PENDING)}"
    found = await _one(uow, f"r.referred_contact_id = %(key)s AND {waits}", {"key": contact_id}, lock=True)
    if found is None and phone:
        found = await _one(uow, f"r.referred_phone = %(key)s AND {waits}", {"key": phone}, lock=True)
    return found


async def between(uow: UnitOfWork, one_id: UUID, other_id: UUID) -> list[Referral]:
    """Returns standing referrals of one of two contacts by the other, locked."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM referral r WHERE r.tenant_id = %s AND r.referrer_contact_id = ANY (%s)"
        " AND r.referred_contact_id = ANY (%s) AND r.state = ANY (%s) ORDER BY r.referral_id FOR UPDATE",
        (uow.tenant_id, [one_id, other_id], [one_id, other_id], _STANDING),
    )
    return [_referral(row) for row in rows]


async def standing_of(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> list[Referral]:
    """Returns standing referrals of any of these people, the earliest first, locked."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM referral r WHERE r.tenant_id = %s AND r.referred_contact_id = ANY (%s)"
        " AND r.state = ANY (%s) ORDER BY r.referral_id FOR UPDATE",
        (uow.tenant_id, list(contact_ids), _STANDING),
    )
    return [_referral(row) for row in rows]


async def by_invoice(uow: UnitOfWork, invoice_id: str) -> Referral | None:
    """Returns the referral that an invoice made count, locked; fraud is left out."""
    where = f"r.first_invoice_id = %(key)s AND r.state <> {int(ReferralState.FRAUD)}"
    return await _one(uow, where, {"key": invoice_id}, lock=True)


async def lock_referrer(uow: UnitOfWork, contact_id: UUID) -> None:
    """Lets referrals of one referrer follow each other until the commit."""
    await uow.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('campaign.referrer/' || %s || '/' || %s, 0))",
        (str(uow.tenant_id), str(contact_id)),
    )


async def count_since(uow: UnitOfWork, referrer_id: UUID, since: datetime) -> int:
    """Returns how many referrals somebody made since an instant, all but expired ones and fraud."""
    count: int = await uow.fetch_value(
        "SELECT count(*) FROM referral WHERE tenant_id = %s AND referrer_contact_id = %s AND created_at >= %s"
        " AND state = ANY (%s)",
        (uow.tenant_id, referrer_id, since, _STANDING),
    )
    return count


async def is_referred(uow: UnitOfWork, phone: str, contact_id: UUID | None) -> bool:
    """Returns whether a standing referral has this phone number or contact."""
    found: bool = await uow.fetch_value(
        "SELECT EXISTS (SELECT FROM referral WHERE tenant_id = %(tenant_id)s AND referred_phone = %(phone)s"
        " AND state = ANY (%(states)s)) OR EXISTS (SELECT FROM referral WHERE tenant_id = %(tenant_id)s"
        " AND referred_contact_id = %(contact_id)s::uuid AND state = ANY (%(states)s))",
        {"tenant_id": uow.tenant_id, "phone": phone, "contact_id": contact_id, "states": _STANDING},
    )
    return found


async def page(
    uow: UnitOfWork,
    *,
    state: int,
    referrer_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
    branch_ids: Sequence[UUID],
    before: UUID | None,
    limit: int,
) -> list[Referral]:
    """Returns referrals, newest first; of these branches alone when any are named."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM referral r
        WHERE r.tenant_id = %(tenant_id)s AND %(state)s IN (0, r.state) AND {_VISIBLE}
            AND (%(referrer)s::uuid IS NULL OR r.referrer_contact_id = %(referrer)s)
            AND (%(since)s::timestamptz IS NULL OR r.created_at >= %(since)s)
            AND (%(until)s::timestamptz IS NULL OR r.created_at < %(until)s)
            AND (%(before)s::uuid IS NULL OR r.referral_id < %(before)s)
        ORDER BY r.referral_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "state": state,
            "referrer": referrer_id,
            "since": since,
            "until": until,
            "branches": list(branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [_referral(row) for row in rows]


async def leaders(
    uow: UnitOfWork,
    *,
    since: datetime | None,
    until: datetime | None,
    branch_ids: Sequence[UUID],
    limit: int,
) -> list[tuple[UUID, str | None, int, int, datetime]]:
    """Returns referrers with name, counts of what counts and was rewarded, and when the last began to count."""
    rows = await uow.fetch_all(
        f"""
        SELECT r.referrer_contact_id, (SELECT c.name FROM contact c WHERE c.tenant_id = %(tenant_id)s
            AND c.contact_id = r.referrer_contact_id), count(*), count(*) FILTER (WHERE r.state = 3), max(r.converted_at)
        FROM referral r
        WHERE r.tenant_id = %(tenant_id)s AND r.state IN (2, 3) AND {_VISIBLE}
            AND (%(since)s::timestamptz IS NULL OR r.converted_at >= %(since)s)
            AND (%(until)s::timestamptz IS NULL OR r.converted_at < %(until)s)
        GROUP BY r.referrer_contact_id
        ORDER BY count(*) DESC, max(r.converted_at), r.referrer_contact_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "since": since,
            "until": until,
            "branches": list(branch_ids),
            "limit": limit,
        },
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenants and referrals whose time is over; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, referral_id FROM referral WHERE state = 1 AND expires_at <= %s"
        " ORDER BY expires_at, referral_id LIMIT %s",
        (now, limit),
    )
    return [(tenant_id, referral_id) for tenant_id, referral_id in rows]


async def expire(uow: UnitOfWork, referral_ids: Sequence[UUID]) -> list[Referral]:
    """Ends what waits in vain, and returns it."""
    rows = await uow.fetch_all(
        "UPDATE referral r SET state = 4, updated_at = %(now)s WHERE r.tenant_id = %(tenant_id)s"
        " AND r.referral_id = ANY (%(ids)s) AND r.state = 1 AND r.expires_at <= %(now)s"
        f" RETURNING {_COLUMNS}",
        {"tenant_id": uow.tenant_id, "ids": list(referral_ids), "now": uow.now()},
    )
    return [_referral(row) for row in rows]


async def forget_expired(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes referrals that expired long ago; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM referral WHERE (tenant_id, referral_id) IN (SELECT tenant_id, referral_id FROM referral"
        " WHERE state = 4 AND updated_at < %s LIMIT %s)",
        (before, limit),
    )


async def _one(uow: UnitOfWork, where: str, values: Mapping[str, Any], *, lock: bool) -> Referral | None:
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM referral r WHERE r.tenant_id = %(tenant_id)s AND {where}"
        f" ORDER BY r.referral_id LIMIT 1{' FOR UPDATE OF r' if lock else ''}",
        {"tenant_id": uow.tenant_id, **values},
    )
    return None if row is None else _referral(row)


def _referral(row: Sequence[Any]) -> Referral:
    values = dict(zip(_KEPT, row, strict=True))
    for name, columns in _REWARDS.items():
        points, percentage, service = [None, *(values.pop(one) for one in columns)][-3:]
        is_set = (points, percentage, service) != (None, None, None)
        values[name] = Reward(points, percentage, service) if is_set else None
    before = values["state_before"]
    found = Referral(**values)
    return replace(
        found,
        state=ReferralState(found.state),
        state_before=ReferralState(before) if before else None,
        ended_coupon_ids=tuple(found.ended_coupon_ids),
    )


def _values(uow: UnitOfWork, referral: Referral) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(referral, name) for name in _PLAIN}
    for name, columns in _REWARDS.items():
        reward: Reward = getattr(referral, name) or Reward()
        parts = (reward.points, reward.percentage, reward.free_service_id)
        values |= dict(zip(columns, parts[-len(columns) :], strict=True))
    values |= {
        "state": int(referral.state),
        "state_before": int(referral.state_before) if referral.state_before else None,
        "ended_coupon_ids": list(referral.ended_coupon_ids),
    }
    return values | {"tenant_id": uow.tenant_id, "now": uow.now()}
