"""The reminder itself: staff is told of what is due, once (LIF-84, JOB-21)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.common.v1 import enums_pb2
from services.campaign.followups import store
from services.campaign.followups.domain import LATEST, Followup
from services.campaign.notices.domain import Mode, Notice, Reader, Source
from services.campaign.notices.notices import Notices
from services.common.db.database import Database
from services.common.events.event import Event
from services.common.jobs import BATCH_ROWS, JobContext, JobCounts, apart, batches

TEMPLATE: Final = "staff-followup"
CHANNELS: Final = (enums_pb2.CHANNEL_IN_APP, enums_pb2.CHANNEL_PUSH)


class Reminding:
    """Has staff told of follow-ups whose time has come."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def run(self, context: JobContext) -> JobCounts:
        """Tells of everything that is due, up to a day late; what is done, or about erased contacts, is left out."""

        async def batch() -> JobCounts:
            now = context.clock.now()
            async with context.database.system() as uow:
                due = await store.due(uow, now - LATEST, now, BATCH_ROWS)
            counts = JobCounts()
            for tenant_id, members in groupby(sorted(due), key=lambda one: one[0]):
                ids = [followup_id for _, followup_id in members]
                work = self._tell(context.database, tenant_id, ids, now - LATEST)
                counts = counts.plus(await apart(tenant_id, len(ids), work))
            return counts

        return await batches(context, batch)

    async def _tell(
        self, database: Database, tenant_id: UUID, ids: Sequence[UUID], not_before: datetime
    ) -> JobCounts:
        async with database.tenant(tenant_id) as uow:
            found = await store.claim(uow, ids, not_before)
            await self._notices.add(uow, [_notice(one, name) for one, name in found])
            for one, _ in found:
                uow.emit(_event(one))
        return JobCounts(seen=len(ids), done=len(found), skipped=len(ids) - len(found))


def _notice(one: Followup, name: str | None) -> Notice:
    return Notice(
        source=Source.FOLLOW_UP,
        key=one.reminder_key,
        reader=Reader(staff_id=one.staff_id),
        category=enums_pb2.CATEGORY_STAFF_ALERT,
        template=TEMPLATE,
        channels=CHANNELS,
        mode=Mode.ALL,
        variables={"contactName": name or "", "note": one.note},
        expires_at=one.due_at + LATEST,
        correlation_key=one.correlation_key,
        rule=TEMPLATE,
    )


def _event(one: Followup) -> Event:
    payload = events_pb2.FollowupDue(
        followup_id=str(one.followup_id), contact_id=str(one.contact_id), staff_id=one.staff_id
    )
    payload.due_time.FromDatetime(one.due_at)
    return Event("followup.due", "followup", str(one.followup_id), payload)
