"""What triggers give to the bootstrap."""

from typing import Final

from angarium.campaign.v1 import trigger_service_pb2, trigger_service_pb2_grpc
from angarium.delivery.v1.media_service_pb2_grpc import MediaServiceStub
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.notices import wiring as notices
from services.campaign.settings import CampaignSettings
from services.campaign.templates.workshop import Workshop
from services.campaign.tenants.domain import Tenant
from services.campaign.triggers import anchors, calendar, configs, history
from services.campaign.triggers.firing import Triggers
from services.campaign.triggers.handlers import Configs
from services.campaign.triggers.projections import TriggerStep
from services.campaign.triggers.servicer import TriggerServicer
from services.campaign.triggers.trying import Trying
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.jobs import Job
from services.common.rpc.client import Channels
from services.common.service import Registration

__all__ = ["CLEANED", "jobs", "registration", "seed", "step"]

CLEANED: Final = (anchors.forget_old, history.forget_old)
"""Steps of the cleanup."""


def registration(database: Database, channels: Channels, settings: CampaignSettings) -> Registration:
    """Returns the RPC service of triggers."""
    workshop = Workshop(database, channels.stub(MediaServiceStub, "delivery"), settings.production)
    return Registration(
        trigger_service_pb2.DESCRIPTOR.services_by_name["TriggerService"],
        trigger_service_pb2_grpc.add_TriggerServiceServicer_to_server,
        TriggerServicer(Configs(database), Trying(database, channels, workshop)),
    )


def jobs(settings: CampaignSettings) -> list[Job]:
    """Returns the jobs: what is due, and the dates that come (JOB-10, JOB-11)."""
    return [firing(settings).job(), calendar.job()]


def firing(settings: CampaignSettings) -> Triggers:
    """Returns what fires triggers."""
    return Triggers(notices.of(settings), FeedbackLinks(settings), f"{settings.frontend_url}/book")


def step(settings: CampaignSettings) -> TriggerStep:
    """Returns the step that keeps what triggers wait for."""
    return TriggerStep(notices.of(settings))


async def seed(uow: UnitOfWork, _: Tenant) -> None:
    """Gives a new tenant its eleven triggers (CAM-1)."""
    await configs.seed(uow)
