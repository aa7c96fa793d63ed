"""The SQL of what is known of accounts' health (DEL-37)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.accounts import domains, warmup
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.domains import Deferral
from services.delivery.accounts.warmup import WarmUp, schedule
from services.delivery.messages.domain import Channel

SHOWN: Final = 50
"""Domains that are shown of an account."""

# An account of the platform is seen with the circuit it has for the tenant, where that one is not closed.
_FOUND: Final = """
SELECT a.account_id, a.channel, a.provider, a.name, a.is_enabled, a.tenant_id = %(platform)s AND %(tenant_id)s <> %(platform)s,
    a.priority, CASE WHEN a.circuit = 1 THEN coalesce(t.circuit, 1) ELSE a.circuit END,
    CASE WHEN a.circuit = 1 AND t.circuit <> 1 THEN t.consecutive_failures ELSE a.consecutive_failures END,
    a.success_count, a.failure_count,
    CASE WHEN a.circuit = 1 THEN t.opened_at ELSE a.opened_at END,
    CASE WHEN a.circuit = 1 THEN t.probe_at ELSE a.probe_at END,
    a.last_check_at, CASE WHEN a.circuit = 1 AND t.circuit <> 1 THEN t.last_error ELSE a.last_error END,
    a.quota_remaining, a.warm_up
FROM provider_account a
LEFT JOIN tenant_circuit t ON t.tenant_id = %(tenant_id)s AND t.account_id = a.account_id
WHERE a.tenant_id IN (%(tenant_id)s, %(platform)s) AND a.deleted_at IS NULL
"""

_PAGE: Final = (
    _FOUND
    + """
  AND (%(channel)s = 0 OR a.channel = %(channel)s)
  AND (a.tenant_id = %(platform)s AND %(tenant_id)s <> %(platform)s, a.priority, a.account_id)
    > (%(is_platform)s, %(priority)s, %(account_id)s)
ORDER BY a.tenant_id = %(platform)s AND %(tenant_id)s <> %(platform)s, a.priority, a.account_id LIMIT %(limit)s
"""
)

_ONE: Final = _FOUND + " AND a.account_id = %(account_id)s"


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of one account."""

    account_id: UUID
    channel: Channel
    provider: str
    name: str
    is_enabled: bool
    is_platform: bool
    priority: int
    circuit: int
    failures: int
    success_count: int
    failure_count: int
    opened_at: datetime | None
    probe_at: datetime | None
    checked_at: datetime | None
    last_error: str
    quota: int | None
    warm_up: WarmUp | None
    used_today: int = 0
    deferrals: tuple[tuple[str, Deferral], ...] = ()


async def page(
    uow: UnitOfWork, tenant_id: UUID, channel: int, after: tuple[bool, int, UUID] | None, limit: int
) -> list[Condition]:
    """Returns accounts a tenant's messages may go by; needs a unit of work across tenants."""
    is_platform, priority, account_id = after or (False, 0, PLATFORM)
    values = {
        "tenant_id": tenant_id,
        "platform": PLATFORM,
        "channel": channel,
        "is_platform": is_platform,
        "priority": priority,
        "account_id": account_id,
        "limit": limit,
    }
    return await _with_more(uow, tenant_id, await uow.fetch_all(_PAGE, values))


async def one(uow: UnitOfWork, tenant_id: UUID, account_id: UUID) -> Condition | None:
    """Returns what is known of one account; needs a unit of work across tenants."""
    values = {"tenant_id": tenant_id, "platform": PLATFORM, "account_id": account_id}
    found = await _with_more(uow, tenant_id, await uow.fetch_all(_ONE, values))
    return found[0] if found else None


async def _with_more(uow: UnitOfWork, tenant_id: UUID, rows: Sequence[tuple[Any, ...]]) -> list[Condition]:
    found = [Condition(*(row[0], Channel(row[1]), *row[2:16], schedule(row[16]))) for row in rows]
    ids = [each.account_id for each in found]
    tenants = (tenant_id, PLATFORM)
    used = await warmup.used(uow, tenants, ids, uow.now())
    known = await domains.deferrals(uow, tenants, ids)
    return [
        replace(
            each,
            used_today=used.get(each.account_id, 0) if each.warm_up else 0,
            deferrals=tuple(known.get(each.account_id, {}).items())[:SHOWN],
        )
        for each in found
    ]
