"""Which provider accounts may carry a message (DEL-75)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.common.db.database import Database
from services.delivery.messages.domain import Channel, MessageClass

PLATFORM: Final = UUID(int=0)
"""Stands for the tenant of accounts that all tenants may use."""

CLOSED, OPEN, HALF_OPEN = 1, 2, 3

_COLUMNS = """
tenant_id, account_id, provider, name, credentials, config, priority, rate_per_second, max_concurrency, timeout_ms,
circuit, probe_at, version
"""

_SUITABLE = f"""
SELECT {_COLUMNS} FROM provider_account
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND channel = %(channel)s AND is_enabled AND deleted_at IS NULL
  AND (message_classes IS NULL OR %(message_class)s = ANY (message_classes))
ORDER BY tenant_id = %(platform)s, priority, account_id
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

    def is_usable(self, now: datetime) -> bool:
        """Returns whether a message may be handed to it: its circuit is closed, or may be probed."""
        return self.circuit == CLOSED or (self.probe_at is not None and self.probe_at <= now)


async def suitable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass
) -> list[ProviderAccount]:
    """Returns the enabled accounts for a message, the tenant's own first, then by priority; circuits are not looked at."""
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
    own = [account for account in found if account.tenant_id == tenant_id]
    return own or found


async def by_id(database: Database, tenant_id: UUID, account_id: UUID) -> ProviderAccount | None:
    """Returns an account of a tenant or of the platform, also a disabled or deleted one."""
    async with database.system() as uow:
        row = await uow.fetch_one(
            _BY_ID, {"tenant_id": tenant_id, "platform": PLATFORM, "account_id": account_id}
        )
    return None if row is None else _account(row)


def _account(row: tuple[Any, ...]) -> ProviderAccount:
    timeout = timedelta(milliseconds=row[9])
    return ProviderAccount(*(*row[:9], timeout, *row[10:]))


async def usable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass, now: datetime
) -> list[ProviderAccount]:
    """Returns the accounts that may take a message now, in the order they are tried."""
    accounts = await suitable(database, tenant_id, channel, message_class)
    return [account for account in accounts if account.is_usable(now)]
