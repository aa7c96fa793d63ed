"""The job `privacy_requests`: goes on with requests, looks after erased people, destroys old archives (JOB-32)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from services.common import telemetry
from services.common.errors import ServiceError
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts
from services.consent.privacy import store
from services.consent.privacy.domain import ALERT_BEFORE
from services.consent.privacy.workflow import Workflow

log = structlog.get_logger("privacy")

NAME: Final = "privacy_requests"
EVERY: Final = timedelta(minutes=1)

_late = telemetry.gauge(
    "privacy_requests_due_soon", "Open privacy requests that are due within 7 days, or overdue."
)


def privacy_job(workflow: Workflow) -> Job:
    """Returns the job; another process takes over where one died."""

    async def run(context: JobContext) -> JobCounts:
        return await work_off(workflow, context)

    return Job(NAME, EVERY, run)


async def work_off(workflow: Workflow, context: JobContext) -> JobCounts:
    """Does every step that is due; a request whose step fails does not hold up the others."""
    database, now = context.database, context.clock.now()
    async with database.system() as uow:
        due = await store.due(uow, now, BATCH_ROWS)
        cared = await store.due_aftercare(uow, now, BATCH_ROWS)
        expired = await store.expire_archives(uow, now, BATCH_ROWS)
        await _alert(await store.late(uow, now + ALERT_BEFORE), now)
    steps = 0
    for tenant_id, request_id in due:
        while not context.stopping and await workflow.advance(tenant_id, request_id):
            steps += 1
        steps += 1
    failed = 0
    for tenant_id, request_id, times in cared:
        if context.stopping:
            break
        try:
            await workflow.look_after(tenant_id, request_id, times)
        except ServiceError as error:
            # It stays due, and the next run looks again.
            failed += 1
            log.warning("an erased person could not be looked after", reason=error.reason)
    done = steps + len(cared) - failed + expired
    return JobCounts(len(due) + len(cared) + expired, done, failed=failed)


async def _alert(late: Sequence[tuple[UUID, UUID, datetime]], now: datetime) -> None:
    _late.set(len(late))
    for tenant_id, request_id, due_at in late:
        log.warning(
            "a privacy request is due soon" if due_at > now else "a privacy request is overdue",
            tenant_id=str(tenant_id),
            privacy_request_id=str(request_id),
            due_at=due_at.isoformat(),
        )
