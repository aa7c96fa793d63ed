"""The SQL of provider accounts: which may carry a message (DEL-75), and how they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domain import PLATFORM, PROBE_TIME, Circuit, CircuitState
from services.delivery.messages.domain import Channel, MessageClass

CLOSED, OPEN, HALF_OPEN = 1, 2, 3

_COLUMNS = """
tenant_id, account_id, provider, name, credentials, config, priority, rate_per_second, max_concurrency, timeout_ms,
circuit, probe_at, version, channel, webhook_token
"""

_SUITABLE = f"""
SELECT {_COLUMNS} FROM provider_account
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND channel = %(channel)s AND is_enabled AND deleted_at IS NULL
  AND (message_classes IS NULL OR %(message_class)s = ANY (message_classes))
ORDER BY tenant_id = %(platform)s, priority, account_id
"""


_FIRST = f"""
SELECT {_COLUMNS} FROM provider_account
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND channel = %(channel)s AND is_enabled AND deleted_at IS NULL
ORDER BY tenant_id = %(platform)s, circuit <> 1, priority, account_id LIMIT 1
"""

# Whoever gets an account back has it for one probe; everybody else sees that its time has not come.
_TAKE_PROBE = """
UPDATE provider_account SET circuit = 3, probe_at = %(until)s
WHERE tenant_id = %(tenant_id)s AND account_id = ANY (%(ids)s) AND circuit <> 1 AND probe_at <= %(now)s
RETURNING account_id
"""

_BY_ID = f"""
SELECT {_COLUMNS} FROM provider_account
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
        rows = await uow.fetch_all(
            _SUITABLE,
            {
                "tenant_id": tenant_id,
                "platform": PLATFORM,
                "channel": int(channel),
                "message_class": int(message_class),
            },
        )
        found = [_account(row) for row in rows]
        # The platform's accounts serve tenants that have none of their own.
        found = [account for account in found if account.tenant_id == tenant_id] or found
        now = uow.now()
        due = [one.account_id for one in found if one.circuit != CLOSED and one.is_usable(now)]
        if due:
            taken = await take_probe(uow, found[0].tenant_id, due, now)
            lost = set(due) - taken
            # Somebody else has its probe: it is an account all the same, and its time has not come.
            found = [
                replace(one, probe_at=now + PROBE_TIME) if one.account_id in lost else one for one in found
            ]
    return found


async def take_probe(uow: UnitOfWork, tenant_id: UUID, ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Takes the probes of accounts whose time has come, and returns of which; nobody else gets them for a while."""
    rows = await uow.fetch_all(
        _TAKE_PROBE,
        {"tenant_id": tenant_id, "ids": list(ids), "now": now, "until": now + PROBE_TIME},
    )
    return {account_id for (account_id,) in rows}


async def first(database: Database, tenant_id: UUID, channel: Channel) -> ProviderAccount | None:
    """Returns the account most messages of a channel go to first; nothing is taken by asking."""
    async with database.system() as uow:
        row = await uow.fetch_one(
            _FIRST, {"tenant_id": tenant_id, "platform": PLATFORM, "channel": int(channel)}
        )
    return None if row is None else _account(row)


async def by_id(database: Database, tenant_id: UUID, account_id: UUID) -> ProviderAccount | None:
    """Returns an account of a tenant or of the platform, also a disabled or deleted one."""
    async with database.system() as uow:
        row = await uow.fetch_one(
            _BY_ID, {"tenant_id": tenant_id, "platform": PLATFORM, "account_id": account_id}
        )
    return None if row is None else _account(row)


def _account(row: tuple[Any, ...]) -> ProviderAccount:
    timeout = timedelta(milliseconds=row[9])
    return ProviderAccount(*(*row[:9], timeout, *row[10:13], Channel(row[13]), row[14]))


async def usable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass, now: datetime
) -> list[ProviderAccount]:
    """Returns the accounts that may take a message now, in the order they are tried."""
    accounts = await suitable(database, tenant_id, channel, message_class)
    return [account for account in accounts if account.is_usable(now)]


# Keeping accounts


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


_RECORD = """
tenant_id, account_id, channel, provider, name, config, credentials, credentials_fingerprint, priority,
coalesce(message_classes, '{}'), rate_per_second, max_concurrency, timeout_ms, is_enabled, webhook_token, circuit,
last_error, version, created_at
"""

_INSERT = """
INSERT INTO provider_account (
    tenant_id, account_id, channel, provider, name, config, credentials, credentials_fingerprint, priority,
    message_classes, rate_per_second, max_concurrency, timeout_ms, is_enabled, webhook_token, webhook_token_hash,
    version, created_at, updated_at)
VALUES (
    %(tenant_id)s, %(account_id)s, %(channel)s, %(provider)s, %(name)s, %(config)s, %(credentials)s, %(fingerprint)s,
    %(priority)s, nullif(%(message_classes)s::int2[], '{}'), %(rate_per_second)s, %(max_concurrency)s, %(timeout_ms)s,
    %(is_enabled)s, %(webhook_token)s, %(webhook_token_hash)s, 1, %(now)s, %(now)s)
"""

_UPDATE = """
UPDATE provider_account SET name = %(name)s, config = %(config)s, credentials = %(credentials)s,
    credentials_fingerprint = %(fingerprint)s, priority = %(priority)s,
    message_classes = nullif(%(message_classes)s::int2[], '{}'), rate_per_second = %(rate_per_second)s,
    max_concurrency = %(max_concurrency)s, timeout_ms = %(timeout_ms)s, is_enabled = %(is_enabled)s,
    version = %(version)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s AND version = %(version)s - 1
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

_BY_TOKEN = f"""
SELECT {_COLUMNS} FROM provider_account WHERE webhook_token_hash = ANY (%s) AND deleted_at IS NULL
"""

_CIRCUIT = """
SELECT circuit, consecutive_failures, reopened_count, opened_at, probe_at FROM provider_account
WHERE tenant_id = %s AND account_id = %s FOR UPDATE
"""

_SAVE_CIRCUIT = """
UPDATE provider_account SET circuit = %(state)s, consecutive_failures = %(failures)s, reopened_count = %(reopened)s,
    opened_at = %(opened_at)s, probe_at = %(probe_at)s, success_count = success_count + %(successes)s,
    failure_count = failure_count + %(faults)s,
    last_error = CASE WHEN %(error)s = '' THEN last_error ELSE %(error)s END,
    last_check_at = coalesce(%(checked_at)s, last_check_at)
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s
"""

_DUE_CHECKS = f"""
SELECT {_COLUMNS} FROM provider_account
WHERE is_enabled AND deleted_at IS NULL AND (
    circuit <> 1 AND probe_at <= %(now)s OR circuit = 1 AND coalesce(last_check_at, created_at) <= %(before)s)
ORDER BY circuit = 1, probe_at, last_check_at NULLS FIRST LIMIT %(limit)s
"""

_OPEN = "SELECT provider, count(*) FROM provider_account WHERE circuit <> 1 AND deleted_at IS NULL GROUP BY 1"


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


async def by_webhook_token(uow: UnitOfWork, hashes: Sequence[bytes]) -> ProviderAccount | None:
    """Returns the account a webhook token belongs to; needs a unit of work across tenants."""
    row = await uow.fetch_one(_BY_TOKEN, (list(hashes),))
    return None if row is None else _account(row)


async def circuit(uow: UnitOfWork, account_id: UUID) -> Circuit | None:
    """Locks an account and returns its circuit."""
    row = await uow.fetch_one(_CIRCUIT, (uow.tenant_id, account_id))
    return None if row is None else Circuit(CircuitState(row[0]), *row[1:])


async def save_circuit(
    uow: UnitOfWork,
    account_id: UUID,
    circuit: Circuit,
    *,
    successes: int,
    faults: int,
    error: str = "",
    checked_at: datetime | None = None,
) -> None:
    """Writes the circuit of a locked account and adds to its counters."""
    await uow.execute(
        _SAVE_CIRCUIT,
        {
            "tenant_id": uow.tenant_id,
            "account_id": account_id,
            "state": int(circuit.state),
            "failures": circuit.failures,
            "reopened": circuit.reopened,
            "opened_at": circuit.opened_at,
            "probe_at": circuit.probe_at,
            "successes": successes,
            "faults": faults,
            "error": error[:500],
            "checked_at": checked_at,
        },
    )


async def due_checks(uow: UnitOfWork, now: datetime, before: datetime, limit: int) -> list[ProviderAccount]:
    """Returns accounts to probe and accounts not checked since `before`; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_DUE_CHECKS, {"now": now, "before": before, "limit": limit})
    return [_account(row) for row in rows]


async def open_circuits(uow: UnitOfWork) -> Mapping[str, int]:
    """Returns how many circuits are not closed, by provider; needs a unit of work across tenants."""
    return dict(await uow.fetch_all(_OPEN))


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
    }


def _record(row: tuple[Any, ...]) -> Record:
    classes = tuple(int(one) for one in row[9])
    return Record(*(row[0], row[1], Channel(row[2]), *row[3:9], classes, *row[10:]))
