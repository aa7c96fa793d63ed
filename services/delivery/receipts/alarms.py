"""What receipts tell that somebody must look at: texts that carriers filter (DEL-86)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.delivery.receipts.domain import Item, Kind

log = structlog.get_logger("receipts")

FILTERED: Final = "filtered"
"""Code of a text that a carrier took for spam: it speaks of the sender or of the words, never of the recipient."""

_FILTERED = telemetry.counter(
    "messages_filtered_total", "Texts that carriers filtered; alert on any.", ("provider",)
)

_MARK: Final = """
INSERT INTO alert_mark (tenant_id, kind, subject_id, hour) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


async def raise_filtered(
    uow: UnitOfWork, account_id: UUID, provider: str, items: Iterable[Item], now: datetime
) -> None:
    """Counts filtered texts, and says so once an hour for each account: blindly sending on makes it worse."""
    count = sum(item.code == FILTERED and item.kind in (Kind.FAILED, Kind.BOUNCED) for item in items)
    if not count:
        return
    _FILTERED.labels(provider).inc(count)
    hour = now.replace(minute=0, second=0, microsecond=0)
    if await uow.execute(_MARK, (uow.tenant_id, "messages_filtered", account_id, hour)):
        log.error(
            "carriers filter texts of an account", provider=provider, account_id=str(account_id), count=count
        )
