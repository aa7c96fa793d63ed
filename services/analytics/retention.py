"""What of analytics is kept, and for how long (GEN-47); steps of the daily cleanup."""

from datetime import datetime, timedelta
from typing import Final

from services.analytics.rollups import handlers as rollups
from services.analytics.rollups.ranges import FACTS_KEPT, HITS_KEPT
from services.analytics.spend import store as spend
from services.analytics.timeline import store as timeline
from services.common.contact_data import merged
from services.common.db.partitions import drop_partitions_before
from services.common.db.uow import UnitOfWork

PARTITIONED: Final = ("message_fact", "engagement_event")
"""Tables that get next month's partitions."""

TIMELINE_KEPT: Final = timedelta(days=730)
CHECKS_KEPT: Final = timedelta(days=730)
_KEPT: Final = {"message_fact": FACTS_KEPT, "engagement_event": HITS_KEPT}


async def partitions(uow: UnitOfWork, now: datetime, _limit: int) -> int:
    """Drops months of facts and hits that are over; their rollups by day stay."""
    for table, kept in _KEPT.items():
        await drop_partitions_before(uow, table, now - kept)
    return 0


async def tune(uow: UnitOfWork, _now: datetime, _limit: int) -> int:
    """Gives new partitions of facts room for changes in place."""
    await uow.execute("SELECT tune_partitions()")
    return 0


async def entries(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes old entries of timelines."""
    return await timeline.forget_old(uow, now - TIMELINE_KEPT, limit)


async def checks(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes old checks of spend."""
    return await spend.forget_checks(uow, f"{now - CHECKS_KEPT:%Y-%m}", limit)


STEPS: Final = (tune, partitions, rollups.forget_quarters, entries, checks, merged.forget)
