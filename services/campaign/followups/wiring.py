"""What follow-ups give to the bootstrap."""

from datetime import datetime, timedelta
from typing import Final

from angarium.campaign.v1 import followup_service_pb2, followup_service_pb2_grpc
from services.campaign.followups import store
from services.campaign.followups.handlers import Followups
from services.campaign.followups.reminding import Reminding
from services.campaign.followups.servicer import FollowupServicer
from services.campaign.notices import wiring as notices
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.jobs import Job
from services.common.service import Registration

EVERY: Final = timedelta(minutes=1)
CLOSED_KEPT: Final = timedelta(days=730)
"""How long a follow-up that is done or dismissed is kept."""


def registration(database: Database, settings: CampaignSettings) -> Registration:
    """Returns the RPC service of follow-ups."""
    return Registration(
        followup_service_pb2.DESCRIPTOR.services_by_name["FollowupService"],
        followup_service_pb2_grpc.add_FollowupServiceServicer_to_server,
        FollowupServicer(Followups(database, notices.of(settings))),
    )


def job(settings: CampaignSettings) -> Job:
    """Returns the job that tells staff of what is due (JOB-21)."""
    return Job("followups", EVERY, Reminding(notices.of(settings)).run)


async def keep(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Forgets follow-ups that ended long ago; a step of the cleanup."""
    return await store.forget_closed(uow, now - CLOSED_KEPT, limit)
