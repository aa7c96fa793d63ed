"""What feedback gives to the bootstrap."""

from datetime import datetime, timedelta
from typing import Final

from angarium.campaign.v1 import feedback_service_pb2, feedback_service_pb2_grpc
from services.campaign.feedback import store
from services.campaign.feedback.handlers import Feedbacks
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.feedback.servicer import FeedbackServicer
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.service import Registration

KEPT: Final = timedelta(days=730)


def registration(database: Database, settings: CampaignSettings) -> Registration:
    """Returns the RPC service of feedback."""
    return Registration(
        feedback_service_pb2.DESCRIPTOR.services_by_name["FeedbackService"],
        feedback_service_pb2_grpc.add_FeedbackServiceServicer_to_server,
        FeedbackServicer(Feedbacks(database, FeedbackLinks(settings))),
    )


async def keep(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes requests whose links ended, and feedback after two years; a step of the cleanup (GEN-47)."""
    asked = await store.delete_expired(uow, now, limit)
    return asked + await store.delete_old(uow, now - KEPT, limit)
