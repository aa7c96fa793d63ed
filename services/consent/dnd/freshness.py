"""The daily look at registries: those whose newest list is too old are told of (JOB-33)."""

import logging

from services.common import telemetry
from services.common.jobs import JobContext, JobCounts
from services.consent.dnd import store
from services.consent.policy.store import DND_FRESHNESS

logger = logging.getLogger(__name__)

_age = telemetry.gauge("consent_dnd_age_seconds", "Age of the newest list of a registry.", ["registry"])
_stale = telemetry.gauge(
    "consent_dnd_stale",
    "1 when the newest list of a registry is over 7 days old, or there is none.",
    ["registry"],
)


async def look(context: JobContext) -> JobCounts:
    """Measures every registry that tenants obey or that was ever imported, and logs an error for each stale one."""
    now = context.clock.now()
    async with context.database.system() as uow:
        await store.fail_abandoned(uow)
        registries = await store.freshness(uow)
    stale = 0
    for registry, newest, tenants in registries:
        is_stale = newest is None or now - newest > DND_FRESHNESS
        _stale.labels(registry).set(is_stale)
        if newest is not None:
            _age.labels(registry).set((now - newest).total_seconds())
        if is_stale and tenants:
            stale += 1
            logger.error(
                "the newest list of %s is %s: %d tenants that obey it send no marketing to its country",
                registry,
                f"of {newest:%Y-%m-%d}" if newest else "missing",
                tenants,
            )
    return JobCounts(seen=len(registries), done=stale)
