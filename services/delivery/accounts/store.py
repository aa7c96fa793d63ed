"""The SQL of provider accounts as those use them who send and hear: which may carry a message (DEL-75)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domain import PLATFORM, PROBE_TIME
from services.delivery.accounts.domains import DomainLimit, limits
from services.delivery.accounts.warmup import WarmUp, schedule
from services.delivery.messages.domain import Channel, MessageClass

CLOSED, OPEN, HALF_OPEN = 1, 2, 3
HEARD_AFTERWARDS: Final = timedelta(hours=72)
"""So long a deleted account is told of what it sent, and asked for it."""

_COLUMNS = """
a.tenant_id, a.account_id, a.provider, a.name, a.credentials, a.config, a.priority, a.rate_per_second,
a.max_concurrency, a.timeout_ms, a.circuit, a.probe_at, a.version, a.channel, a.webhook_token, a.countries, a.warm_up,
a.domain_limits
"""

# An account of the platform has a circuit for everybody, and one for each tenant whose messages failed.
_SUITABLE = f"""
SELECT {_COLUMNS}, coalesce(t.circuit, 1), t.probe_at FROM provider_account a
LEFT JOIN tenant_circuit t ON t.tenant_id = %(tenant_id)s AND t.account_id = a.account_id
WHERE a.tenant_id IN (%(tenant_id)s, %(platform)s) AND a.channel = %(channel)s AND a.is_enabled AND a.deleted_at IS NULL
  AND (a.message_classes IS NULL OR %(message_class)s = ANY (a.message_classes))
ORDER BY a.tenant_id = %(platform)s, a.priority, a.account_id
"""


_FIRST = f"""
SELECT {_COLUMNS} FROM provider_account a
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND channel = %(channel)s AND is_enabled AND deleted_at IS NULL
  AND account_id <> %(apart_from)s
  AND (%(country)s = '' OR countries IS NULL OR %(country)s = ANY (countries))
ORDER BY tenant_id = %(platform)s, circuit <> 1, priority, account_id LIMIT 1
"""

_ALL = f"""
SELECT {_COLUMNS} FROM provider_account a
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND channel = %(channel)s AND is_enabled AND deleted_at IS NULL
ORDER BY tenant_id = %(platform)s, circuit <> 1, priority, account_id
"""

# Whoever gets an account back has it for one probe; everybody else sees that its time has not come.
_TAKE_PROBE = """
WITH shared AS (
    UPDATE provider_account SET circuit = 3, probe_at = %(until)s
    WHERE tenant_id = ANY (%(owners)s) AND account_id = ANY (%(ids)s) AND circuit <> 1 AND probe_at <= %(now)s
    RETURNING account_id
), own AS (
    UPDATE tenant_circuit SET circuit = 3, probe_at = %(until)s
    WHERE tenant_id = %(tenant_id)s AND account_id = ANY (%(ids)s) AND circuit <> 1 AND probe_at <= %(now)s
    RETURNING account_id
)
SELECT account_id FROM shared UNION SELECT account_id FROM own
"""

_BY_ID = f"""
SELECT {_COLUMNS} FROM provider_account a
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND account_id = %(account_id)s
"""


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account as dispatch sees it; credentials are still sealed."""

    tenant_id: UUID
    account_id: UUID
    provider: str
    name: str
    credentials: bytes | None
    config: dict[str, Any]
    priority: int
    rate_per_second: int
    max_concurrency: int
    timeout: timedelta
    circuit: int
    probe_at: datetime | None
    version: int
    channel: Channel = Channel.EMAIL
    webhook_token: bytes | None = None
    """Sealed."""
    countries: frozenset[str] = frozenset()
    warm_up: WarmUp | None = None
    domain_limits: Mapping[str, DomainLimit] = field(default_factory=dict)
    used_by: UUID | None = None
    """The tenant whose messages it carries, where that is known."""

    def is_usable(self, now: datetime) -> bool:
        """Returns whether a message may be handed to it: its circuit is closed, or may be probed."""
        return self.circuit == CLOSED or (self.probe_at is not None and self.probe_at <= now)


async def suitable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass
) -> list[ProviderAccount]:
    """Returns the enabled accounts for a message, the tenant's own first, then by priority.

    Accounts with an open circuit are among them. One whose probe is due is usable for this caller only (DEL-76).
    """
    async with database.system() as uow:
        now = uow.now()
        [read] = await uow.finish((_SUITABLE, _suiting(tenant_id, channel, message_class)))
    found = _own_first(tenant_id, read.rows)
    due = [one for one in found if one.circuit != CLOSED and one.is_usable(now)]
    if not due:
        return found
    async with database.system() as uow:
        taken = await take_probe(uow, due, now)
    lost = {one.account_id for one in due} - taken
    # Somebody else has its probe: it is an account all the same, and its time has not come.
    return [replace(one, probe_at=now + PROBE_TIME) if one.account_id in lost else one for one in found]


def _suiting(tenant_id: UUID, channel: Channel, message_class: MessageClass) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "platform": PLATFORM,
        "channel": int(channel),
        "message_class": int(message_class),
    }


def _own_first(tenant_id: UUID, rows: Sequence[tuple[Any, ...]]) -> list[ProviderAccount]:
    """Returns a tenant's accounts, and the platform's where the tenant has none of its own for all countries."""
    found = [_used_by(tenant_id, row) for row in rows]
    own = [account for account in found if account.tenant_id == tenant_id]
    return own if any(not one.countries for one in own) else found


async def carrying(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass
) -> list[ProviderAccount]:
    """Returns the same accounts, in whatever condition they are; nothing is taken by asking."""
    async with database.system() as uow:
        rows = await uow.fetch_all(_SUITABLE, _suiting(tenant_id, channel, message_class))
    return _own_first(tenant_id, rows)


async def take_probe(uow: UnitOfWork, due: Sequence[ProviderAccount], now: datetime) -> set[UUID]:
    """Takes the probes of accounts whose time has come, and returns of which; nobody else gets them for a while."""
    rows = await uow.fetch_all(
        _TAKE_PROBE,
        {
            "tenant_id": due[0].used_by or due[0].tenant_id,
            "owners": [one.tenant_id for one in due],
            "ids": [one.account_id for one in due],
            "now": now,
            "until": now + PROBE_TIME,
        },
    )
    return {account_id for (account_id,) in rows}


async def first(
    database: Database,
    tenant_id: UUID,
    channel: Channel,
    *,
    country: str = "",
    apart_from: UUID = PLATFORM,
) -> ProviderAccount | None:
    """Returns the account most messages of a channel, or to a country, go to first; nothing is taken by asking."""
    async with database.system() as uow:
        row = await uow.fetch_one(
            _FIRST,
            {
                "tenant_id": tenant_id,
                "platform": PLATFORM,
                "channel": int(channel),
                "country": country,
                "apart_from": apart_from,
            },
        )
    return None if row is None else _account(row)


async def all_of(database: Database, tenant_id: UUID, channel: Channel) -> list[ProviderAccount]:
    """Returns the enabled accounts of a channel, the tenant's own first; nothing is taken by asking."""
    async with database.system() as uow:
        rows = await uow.fetch_all(
            _ALL, {"tenant_id": tenant_id, "platform": PLATFORM, "channel": int(channel)}
        )
    return [_account(row) for row in rows]


async def by_id(database: Database, tenant_id: UUID, account_id: UUID) -> ProviderAccount | None:
    """Returns an account of a tenant or of the platform, also a disabled or deleted one."""
    async with database.system() as uow:
        row = await uow.fetch_one(
            _BY_ID, {"tenant_id": tenant_id, "platform": PLATFORM, "account_id": account_id}
        )
    return None if row is None else _account(row)


def _account(row: tuple[Any, ...]) -> ProviderAccount:
    timeout = timedelta(milliseconds=row[9])
    more = (frozenset(row[15] or ()), schedule(row[16]), limits(row[17]))
    return ProviderAccount(*(*row[:9], timeout, *row[10:13], Channel(row[13]), row[14], *more))


def _used_by(tenant_id: UUID, row: tuple[Any, ...]) -> ProviderAccount:
    """Returns an account as a tenant meets it: with the circuit that is not closed, where one of two is not."""
    account = replace(_account(row), used_by=tenant_id)
    circuit, probe_at = row[18:]
    return account if account.circuit != CLOSED else replace(account, circuit=circuit, probe_at=probe_at)


async def usable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass, now: datetime
) -> list[ProviderAccount]:
    """Returns the accounts that may take a message now, in the order they are tried."""
    accounts = await suitable(database, tenant_id, channel, message_class)
    return [account for account in accounts if account.is_usable(now)]


# What a deleted account sent before is told of for some days.
_BY_TOKEN = f"""
SELECT {_COLUMNS} FROM provider_account a
WHERE (webhook_token_hash = ANY (%(hashes)s)
    OR old_webhook_token_hash = ANY (%(hashes)s) AND old_webhook_token_until > %(now)s)
  AND (deleted_at IS NULL OR deleted_at > %(since)s)
LIMIT 1
"""

_DUE_CHECKS = f"""
SELECT {_COLUMNS} FROM provider_account a
WHERE is_enabled AND deleted_at IS NULL AND (
    circuit <> 1 AND probe_at <= %(now)s OR circuit = 1 AND coalesce(last_check_at, created_at) <= %(before)s)
ORDER BY circuit = 1, probe_at, last_check_at NULLS FIRST LIMIT %(limit)s
"""

_DUE_OF_TENANTS = f"""
SELECT {_COLUMNS}, t.circuit, t.probe_at, t.tenant_id FROM tenant_circuit t
JOIN provider_account a ON a.tenant_id = %(platform)s AND a.account_id = t.account_id
WHERE t.circuit <> 1 AND t.probe_at <= %(now)s AND a.is_enabled AND a.deleted_at IS NULL AND a.circuit = 1
ORDER BY t.probe_at LIMIT %(limit)s
"""

_OPEN = "SELECT provider, count(*) FROM provider_account WHERE circuit <> 1 AND deleted_at IS NULL GROUP BY 1"


async def by_webhook_token(uow: UnitOfWork, hashes: Sequence[bytes]) -> ProviderAccount | None:
    """Returns the account a webhook token belongs to; needs a unit of work across tenants."""
    now = uow.now()
    row = await uow.fetch_one(
        _BY_TOKEN, {"hashes": list(hashes), "now": now, "since": now - HEARD_AFTERWARDS}
    )
    return None if row is None else _account(row)


async def due_checks(uow: UnitOfWork, now: datetime, before: datetime, limit: int) -> list[ProviderAccount]:
    """Returns accounts to probe and accounts not checked since `before`; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_DUE_CHECKS, {"now": now, "before": before, "limit": limit})
    return [_account(row) for row in rows]


async def due_of_tenants(uow: UnitOfWork, now: datetime, limit: int) -> list[ProviderAccount]:
    """Returns accounts of the platform to probe for one tenant each; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_DUE_OF_TENANTS, {"now": now, "limit": limit, "platform": PLATFORM})
    return [_used_by(row[20], row[:20]) for row in rows]


async def open_circuits(uow: UnitOfWork) -> Mapping[str, int]:
    """Returns how many circuits are not closed, by provider; needs a unit of work across tenants."""
    return dict(await uow.fetch_all(_OPEN))
