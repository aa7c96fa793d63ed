"""What of delivery is kept, and for how long (GEN-47); steps of the daily cleanup."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.common.contact_data import merged
from services.common.db.partitions import drop_partitions_before, uuid7_floor
from services.common.db.uow import UnitOfWork
from services.common.housekeeping import Step
from services.delivery.accounts import domains, warmup
from services.delivery.accounts import records as accounts
from services.delivery.deadletters import store as dead_letters
from services.delivery.digests import store as digests
from services.delivery.engagement import link_store as links
from services.delivery.inbox import store as inbox
from services.delivery.limits import slots
from services.delivery.media import store as media
from services.delivery.messages import batches, duplicates, holds, secrets
from services.delivery.receipts import bodies, references
from services.delivery.sent import store as sent
from services.delivery.webhooks import keeping as webhooks

PARTITIONED: Final = (
    "message",
    "content",
    "message_content",
    "sent_content",
    "attachment",
    "attempt",
    "push_attempt",
    "message_log",
    "handover",
    "receipt",
    "engagement",
    "gate_record",
)
"""Tables that get next month's partitions."""

MESSAGES_KEPT: Final = timedelta(days=730)
ATTEMPTS_KEPT: Final = timedelta(days=90)
DEAD_LETTERS_KEPT: Final = timedelta(days=90)
BODIES_KEPT: Final = timedelta(days=30)
REFERENCES_KEPT: Final = timedelta(days=30)
ENGAGEMENT_KEPT: Final = timedelta(days=396)
LINKS_KEPT: Final = timedelta(days=396)
DIGEST_ITEMS_KEPT: Final = timedelta(days=90)
ALERTS_KEPT: Final = timedelta(days=2)
SOURCES_KEPT: Final = timedelta(days=1)
VOLUMES_KEPT: Final = timedelta(days=400)
DEFERRALS_KEPT: Final = timedelta(days=7)

_KEPT: Final = {
    "message": MESSAGES_KEPT,
    "content": MESSAGES_KEPT,
    "message_log": MESSAGES_KEPT,
    "attempt": ATTEMPTS_KEPT,
    "push_attempt": ATTEMPTS_KEPT,
    "handover": ATTEMPTS_KEPT,
    "receipt": ATTEMPTS_KEPT,
    "engagement": ENGAGEMENT_KEPT,
    "gate_record": ATTEMPTS_KEPT,
}


def steps(content_kept: timedelta) -> tuple[Step, ...]:
    """Returns the steps of the cleanup; `content_kept` is how long what was written to people stays (DATA_RETENTION_DAYS)."""

    async def partitions(uow: UnitOfWork, now: datetime, limit: int) -> int:
        written = {"message_content": content_kept, "sent_content": content_kept, "attachment": content_kept}
        return await _partitions(uow, now, limit, {**_KEPT, **written})

    async def variables(uow: UnitOfWork, now: datetime, limit: int) -> int:
        return await secrets.forget(uow, uuid7_floor(now - content_kept), limit)

    async def frames(uow: UnitOfWork, now: datetime, limit: int) -> int:
        return await sent.forget_frames(uow, now - content_kept - sent.FRAMES_LONGER, limit)

    return (partitions, variables, frames, *_STEPS)


async def _partitions(uow: UnitOfWork, now: datetime, _limit: int, tables: Mapping[str, timedelta]) -> int:
    """Drops months that are over, and gives new partitions of messages room for updates in place."""
    await uow.fetch_value("SELECT tune_partitions()")
    for table, kept in tables.items():
        await drop_partitions_before(uow, table, now - kept)
    return 0


async def _slots(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await slots.forget(uow, now, limit)


async def _dead_letters(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await dead_letters.forget(uow, now - DEAD_LETTERS_KEPT, limit)


async def _outlived_letters(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await dead_letters.close_outlived(uow, uuid7_floor(now - MESSAGES_KEPT), now, limit)


async def _digest_items(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await digests.forget(uow, now - DIGEST_ITEMS_KEPT, limit)


async def _batches(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await batches.forget(uow, now - MESSAGES_KEPT, limit)


async def _holds(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await holds.forget(uow, now - MESSAGES_KEPT, limit)


async def _alerts(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await uow.execute(
        "DELETE FROM alert_mark WHERE (tenant_id, kind, subject_id, hour) IN (SELECT tenant_id, kind, subject_id, hour"
        " FROM alert_mark WHERE hour < %s LIMIT %s)",
        (now - ALERTS_KEPT, limit),
    )


async def _volumes(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await uow.execute(
        "DELETE FROM tenant_volume WHERE (tenant_id, channel, period) IN (SELECT tenant_id, channel, period"
        " FROM tenant_volume WHERE updated_at < %s LIMIT %s)",
        (now - VOLUMES_KEPT, limit),
    )


async def _put_off(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await domains.forget_old(uow, now - DEFERRALS_KEPT, limit)


async def _bodies(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await bodies.forget(uow, now - BODIES_KEPT, limit)


async def _references(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await references.forget(uow, now - REFERENCES_KEPT, limit)


async def _links(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await links.forget_links(uow, now - LINKS_KEPT, limit)


async def _short_links(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await links.forget_short(uow, now - LINKS_KEPT, limit)


async def _sources(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await media.forget_sources(uow, now - SOURCES_KEPT, limit)


async def _inboxes(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await inbox.forget(uow, now, limit)


_STEPS: Final = (
    _slots,
    _dead_letters,
    _outlived_letters,
    _digest_items,
    duplicates.forget,
    _batches,
    _holds,
    _alerts,
    _volumes,
    warmup.forget,
    _put_off,
    accounts.wipe,
    _bodies,
    _references,
    _links,
    _inboxes,
    _sources,
    _short_links,
    webhooks.forget,
    merged.forget,
)
