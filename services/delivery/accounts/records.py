"""Provider accounts as their owners keep them: made, changed, read by the page, deleted (DEL-5, DEL-35)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domains import DomainLimit, limits
from services.delivery.accounts.store import HEARD_AFTERWARDS
from services.delivery.accounts.warmup import WarmUp, schedule
from services.delivery.messages.domain import Channel


@dataclass(frozen=True, slots=True)
class Record:
    """An account as its owner sees and changes it; secrets are sealed."""

    tenant_id: UUID
    account_id: UUID
    channel: Channel
    provider: str
    name: str
    config: dict[str, Any]
    credentials: bytes | None
    credentials_fingerprint: str
    priority: int
    message_classes: tuple[int, ...]
    rate_per_second: int
    max_concurrency: int
    timeout_ms: int
    is_enabled: bool
    webhook_token: bytes | None
    circuit: int
    last_error: str
    version: int
    created_at: datetime
    countries: tuple[str, ...] = ()
    warm_up: WarmUp | None = None
    domain_limits: tuple[DomainLimit, ...] = ()


_RECORD = """
tenant_id, account_id, channel, provider, name, config, credentials, credentials_fingerprint, priority,
coalesce(message_classes, '{}'), rate_per_second, max_concurrency, timeout_ms, is_enabled, webhook_token, circuit,
last_error, version, created_at, coalesce(countries, '{}'), warm_up, domain_limits
"""

_INSERT = """
INSERT INTO provider_account (
    tenant_id, account_id, channel, provider, name, config, credentials, credentials_fingerprint, priority,
    message_classes, rate_per_second, max_concurrency, timeout_ms, is_enabled, webhook_token, webhook_token_hash,
    version, created_at, updated_at, countries, warm_up, domain_limits)
VALUES (
    %(tenant_id)s, %(account_id)s, %(channel)s, %(provider)s, %(name)s, %(config)s, %(credentials)s, %(fingerprint)s,
    %(priority)s, nullif(%(message_classes)s::int2[], '{}'), %(rate_per_second)s, %(max_concurrency)s, %(timeout_ms)s,
    %(is_enabled)s, %(webhook_token)s, %(webhook_token_hash)s, 1, %(now)s, %(now)s,
    nullif(%(countries)s::text[], '{}'), %(warm_up)s, %(domain_limits)s)
"""

_UPDATE = """
UPDATE provider_account SET name = %(name)s, config = %(config)s, credentials = %(credentials)s,
    credentials_fingerprint = %(fingerprint)s, priority = %(priority)s,
    message_classes = nullif(%(message_classes)s::int2[], '{}'), rate_per_second = %(rate_per_second)s,
    max_concurrency = %(max_concurrency)s, timeout_ms = %(timeout_ms)s, is_enabled = %(is_enabled)s,
    version = %(version)s, updated_at = %(now)s, countries = nullif(%(countries)s::text[], '{}'),
    warm_up = %(warm_up)s, domain_limits = %(domain_limits)s
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s AND version = %(version)s - 1 AND deleted_at IS NULL
"""

_DELETE = """
UPDATE provider_account SET deleted_at = %(now)s, is_enabled = false, version = version + 1, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s AND deleted_at IS NULL
"""

# Later nothing is heard or asked any more, so nobody needs its secrets.
_WIPE = """
UPDATE provider_account SET credentials = NULL, webhook_token = NULL, webhook_token_hash = NULL,
    old_webhook_token_hash = NULL, version = version + 1
WHERE (tenant_id, account_id) IN (
    SELECT tenant_id, account_id FROM provider_account
    WHERE deleted_at < %s AND (credentials IS NOT NULL OR webhook_token IS NOT NULL) LIMIT %s)
"""

_ROTATE = """
UPDATE provider_account SET old_webhook_token_hash = CASE WHEN %(until)s::timestamptz IS NULL THEN NULL
        ELSE webhook_token_hash END,
    old_webhook_token_until = %(until)s, webhook_token = %(webhook_token)s, webhook_token_hash = %(webhook_token_hash)s,
    version = version + 1, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s AND deleted_at IS NULL
"""

_GET = (
    f"SELECT {_RECORD} FROM provider_account WHERE tenant_id = %s AND account_id = %s AND deleted_at IS NULL"
)

_PAGE = f"""
SELECT {_RECORD} FROM provider_account
WHERE tenant_id = %(tenant_id)s AND deleted_at IS NULL AND (%(channel)s = 0 OR channel = %(channel)s)
  AND (priority, account_id) > (%(priority)s, %(account_id)s)
ORDER BY priority, account_id LIMIT %(limit)s
"""

_WAS_MADE: Final = """
SELECT EXISTS (SELECT FROM provider_account WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s)
"""


async def was_made(uow: UnitOfWork, account_id: UUID) -> bool:
    """Returns whether an account was ever made; until the commit nobody else makes one of this id."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('delivery.account', 0) # hashtextextended(%s, 0))"
    await uow.execute(lock, (str(account_id),))
    values = {"tenant_id": uow.tenant_id, "account_id": account_id}
    return bool(await uow.fetch_value(_WAS_MADE, values))


async def insert(uow: UnitOfWork, record: Record, token_hash: bytes) -> None:
    """Stores a new account."""
    await uow.execute(_INSERT, {**_values(uow, record), "webhook_token_hash": token_hash})


async def update(uow: UnitOfWork, record: Record) -> bool:
    """Stores a changed account under its next version; false when somebody else was faster."""
    return await uow.execute(_UPDATE, _values(uow, record)) == 1


async def record(uow: UnitOfWork, account_id: UUID) -> Record | None:
    """Returns an account of the unit of work's tenant."""
    row = await uow.fetch_one(_GET, (uow.tenant_id, account_id))
    return None if row is None else _record(row)


async def page(uow: UnitOfWork, channel: int, after: tuple[int, UUID] | None, limit: int) -> list[Record]:
    """Returns accounts by priority, after the last one of the page before."""
    priority, account_id = after or (0, UUID(int=0))
    rows = await uow.fetch_all(
        _PAGE,
        {
            "tenant_id": uow.tenant_id,
            "channel": channel,
            "priority": priority,
            "account_id": account_id,
            "limit": limit,
        },
    )
    return [_record(row) for row in rows]


async def delete(uow: UnitOfWork, account_id: UUID) -> bool:
    """Deletes an account; false when there is none."""
    values = {"tenant_id": uow.tenant_id, "account_id": account_id, "now": uow.now()}
    return await uow.execute(_DELETE, values) == 1


async def wipe(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes the secrets of accounts that were deleted some days ago; needs a unit of work across tenants."""
    return await uow.execute(_WIPE, (now - HEARD_AFTERWARDS, limit))


async def rotate(
    uow: UnitOfWork, account_id: UUID, sealed: bytes, token_hash: bytes, old_until: datetime | None
) -> bool:
    """Gives an account another webhook token; the old one holds until an instant, or ends. False when there is none."""
    values = {
        "tenant_id": uow.tenant_id,
        "account_id": account_id,
        "webhook_token": sealed,
        "webhook_token_hash": token_hash,
        "until": old_until,
        "now": uow.now(),
    }
    return await uow.execute(_ROTATE, values) == 1


def _values(uow: UnitOfWork, one: Record) -> dict[str, Any]:
    return {
        "tenant_id": one.tenant_id,
        "account_id": one.account_id,
        "channel": int(one.channel),
        "provider": one.provider,
        "name": one.name,
        "config": Jsonb(one.config),
        "credentials": one.credentials,
        "fingerprint": one.credentials_fingerprint,
        "priority": one.priority,
        "message_classes": list(one.message_classes),
        "rate_per_second": one.rate_per_second,
        "max_concurrency": one.max_concurrency,
        "timeout_ms": one.timeout_ms,
        "is_enabled": one.is_enabled,
        "webhook_token": one.webhook_token,
        "version": one.version,
        "now": uow.now(),
        "countries": list(one.countries),
        "warm_up": Jsonb(one.warm_up.stored()) if one.warm_up else None,
        "domain_limits": Jsonb([limit._asdict() for limit in one.domain_limits]),
    }


def _record(row: tuple[Any, ...]) -> Record:
    classes = tuple(int(one) for one in row[9])
    more = (tuple(row[19]), schedule(row[20]), tuple(limits(row[21]).values()))
    return Record(*(row[0], row[1], Channel(row[2]), *row[3:9], classes, *row[10:19], *more))
