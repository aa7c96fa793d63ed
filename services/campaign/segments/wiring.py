"""What segments and activities give to the bootstrap."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2, segment_service_pb2, segment_service_pb2_grpc
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.activities import store as activities
from services.campaign.automations import store as automations
from services.campaign.campaigns import store as campaigns
from services.campaign.coupons import store as coupons
from services.campaign.segments import handlers, members, store
from services.campaign.segments.cases import SegmentCases
from services.campaign.segments.incremental import contacts_changed, follow, followed
from services.campaign.segments.previews import Previews
from services.campaign.segments.servicer import SegmentServicer
from services.common.db.database import Database
from services.common.db.partitions import drop_partitions_before
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.events.consumer import Handler
from services.common.jobs import Job, JobContext, JobCounts
from services.common.rpc.client import Channels
from services.common.service import Registration

logger = logging.getLogger(__name__)

PARTITIONED: Final = ("contact_activity",)
EVERY: Final = timedelta(hours=6)
_LONGEST: Final = "5min"
"""How long the job may work at one segment; callers wait for less."""
_USERS: Final = (campaigns.uses_segment, coupons.uses_segment, automations.uses_segment)
"""Who says whether a segment is needed (CAM-36)."""
_PAGE: Final = 500
_FIRST: Final = UUID(int=0)


def registration(database: Database, channels: Channels) -> Registration:
    """Returns the RPC service."""
    return Registration(
        segment_service_pb2.DESCRIPTOR.services_by_name["SegmentService"],
        segment_service_pb2_grpc.add_SegmentServiceServicer_to_server,
        SegmentServicer(
            SegmentCases(database, Previews(database, channels), _USERS, campaigns.is_going_out_to)
        ),
    )


def refresh_job() -> Job:
    """Returns the job that evaluates all active dynamic segments anew: days pass without an event (JOB-15)."""
    return Job("refresh-segments", EVERY, _refresh_all)


async def keep(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Drops what rules no longer look back to, and members of archived segments; a step of the cleanup (GEN-47)."""
    for table in PARTITIONED:
        await drop_partitions_before(uow, table, now - activities.KEPT)
    return await members.forget_archived(uow, limit)


async def contact_merged(uow: UnitOfWork, _envelope: EventEnvelope, payload: Message) -> None:
    """Follows the contact that stays, which now has all that both did, and the one that is no more."""
    merged = cast("campaign_events_pb2.ContactMerged", payload)
    await follow(uow, [UUID(merged.kept.contact_id), UUID(merged.merged_contact_id)])


HANDLERS: Final[dict[str, Handler]] = {
    "contact.created": contacts_changed,
    "contact.updated": contacts_changed,
    "contact.address_changed": contacts_changed,
    "contact.merged": contact_merged,
}


FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Iterable[str]]]]] = {
    "consent.updated": ("opted_in", lambda payload: (one.contact_id for one in payload.consents)),
    "consent.opted_out": ("opted_in", lambda payload: [payload.contact_id]),
    "engagement.scored": ("engagement_score", lambda payload: (one.contact_id for one in payload.scores)),
}
"""Of events that change a field of contacts without their being told of as changed: the field, and the contacts."""


def following(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Returns handlers that also let the contacts they change enter and leave segments."""
    return {
        kind: followed(handler, *FIELDS[kind]) if kind in FIELDS else handler
        for kind, handler in handlers.items()
    }


async def _refresh_all(context: JobContext) -> JobCounts:
    total = JobCounts()
    async for tenant_id, segment_id in _followed(context.database):
        if context.stopping:
            break
        total = total.plus(await _refresh_one(context.database, tenant_id, segment_id))
    return total


async def _followed(database: Database) -> AsyncIterator[tuple[UUID, UUID]]:
    after = (_FIRST, _FIRST)
    while True:
        async with database.system() as uow:
            page = await store.followed(uow, after, _PAGE)
        for key in page:
            yield key
        if len(page) < _PAGE:
            return
        after = page[-1]


async def _refresh_one(database: Database, tenant_id: UUID, segment_id: UUID) -> JobCounts:
    """Refreshes one segment in a transaction of its own, so that one that fails stops no other (JOB-4)."""
    try:
        async with database.tenant(tenant_id) as uow:
            await uow.execute("SELECT set_config('statement_timeout', %s, true)", (_LONGEST,))
            segment = await store.by_id(uow, segment_id, lock=True)
            if segment is None:
                return JobCounts(seen=1, skipped=1)
            await handlers.refreshed(uow, segment)
    except (ServiceError, psycopg.errors.QueryCanceled) as error:
        logger.warning("segment %s could not be refreshed: %s", segment_id, type(error).__name__)
        return JobCounts(seen=1, failed=1)
    return JobCounts(seen=1, done=1)
