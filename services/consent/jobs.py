"""Jobs of this service: consents and pauses that end by themselves (JOB-31), retention (JOB-38)."""

from datetime import datetime, time, timedelta
from uuid import UUID

from services.common.contact_data import merged
from services.common.db.partitions import drop_partitions_before
from services.common.db.uow import UnitOfWork
from services.common.housekeeping import cleanup_job
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, batches
from services.consent import announcements
from services.consent.consents import expiry_store
from services.consent.consents import store as consent_store
from services.consent.consents.trail import consent_change
from services.consent.dnd import freshness
from services.consent.ledger import erasure_store
from services.consent.locks import lock_subjects
from services.consent.preferences import fresh_link_store
from services.consent.suppression import bounce_store
from services.consent.suppression import expiry_store as suppression_expiry_store
from services.consent.suppression.domain import SOFT_BOUNCE_WINDOW

DECISIONS_KEPT = timedelta(days=90)
PROOF_KEPT = timedelta(days=730)
TEXTS_KEPT = timedelta(days=90)


def jobs() -> list[Job]:
    """Returns the jobs of this service."""
    return [
        Job("consent_expiry", timedelta(hours=1), expire),
        Job("dnd_freshness", timedelta(days=1), freshness.look, at=time(4, 0)),
        cleanup_job(
            (_soft_bounces, _decisions, _erased, _proof, _texts, fresh_link_store.delete_over, merged.forget),
            partitioned=("consent_audit", "decision", "verdict"),
        ),
    ]


async def expire(context: JobContext) -> JobCounts:
    """Ends what is past its time, tenant by tenant: a bad tenant does not stop the others."""
    now = context.clock.now()
    async with context.database.system() as uow:
        tenants = await expiry_store.tenants_due(uow, now)
    total = JobCounts()
    for tenant_id in tenants:
        if context.stopping:
            break

        async def batch(tenant_id: UUID = tenant_id) -> JobCounts:
            return await _expire(context, tenant_id, now)

        total = total.plus(await batches(context, batch))
    return total


async def _expire(context: JobContext, tenant_id: UUID, now: datetime) -> JobCounts:
    """Ends one batch of a tenant's consents and suppression entries, with their events."""
    async with context.database.tenant(tenant_id) as uow:
        due = await expiry_store.due(uow, now, BATCH_ROWS)
        await lock_subjects(uow, due.values())
        expired = await expiry_store.expire(uow, now, due) if due else []
        changes = [consent_change(consent, old_status, "system") for consent, old_status in expired]
        await consent_store.add_audit(uow, changes, None)
        announcements.consents_changed(uow, changes, "")
        ended = await suppression_expiry_store.end(uow, now, BATCH_ROWS)
        announcements.suppressions_removed(uow, ended)
    return JobCounts(seen=max(len(expired), len(ended)), done=len(expired) + len(ended))


async def _soft_bounces(uow: UnitOfWork, now: datetime, limit: int) -> int:
    return await bounce_store.delete_old(uow, now - SOFT_BOUNCE_WINDOW, limit)


async def _decisions(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Drops whole months of decisions, and removes what of the oldest month is past its time."""
    for table in ("decision", "verdict"):
        await drop_partitions_before(uow, table, now - DECISIONS_KEPT)
    return await expiry_store.delete_decisions(uow, now - DECISIONS_KEPT, limit)


async def _erased(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes the chains of people erased two years ago."""
    return await erasure_store.forget(uow, now - PROOF_KEPT, limit)


async def _proof(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes what proves the consents of people erased two years ago."""
    return await expiry_store.delete_proof(uow, now - PROOF_KEPT, limit)


async def _texts(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Forgets which texts were read; no provider repeats one that long."""
    return await expiry_store.delete_texts(uow, now - TEXTS_KEPT, limit)
