"""What intake gives to the bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

from angarium.campaign.v1 import event_intake_service_pb2, event_intake_service_pb2_grpc
from services.campaign.intake.cases import IntakeCases
from services.campaign.intake.handlers import Intake
from services.campaign.intake.keeping import forget_old
from services.campaign.intake.sealing import Vault
from services.campaign.intake.servicer import EventIntakeServicer
from services.campaign.intake.steps import Step
from services.campaign.intake.worker import IntakeWorker
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.security.envelope import Envelope
from services.common.service import Loop, Registration

__all__ = ["MAX_REQUEST", "Parts", "forget_old", "parts"]

MAX_REQUEST = 6 * 1024 * 1024
"""Bytes of the largest request: a signed body of 5 MB and what goes with it (GAT-20)."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of intake."""

    intake: Intake
    registrations: list[Registration]
    loops: list[Loop]


def parts(database: Database, settings: CampaignSettings, steps: Sequence[Step]) -> Parts:
    """Returns intake with the steps that events pass."""
    envelope = Envelope(settings.encryption_keys)
    vault = Vault(envelope, settings.hash_keys)
    intake = Intake(database, vault, steps)
    registration = Registration(
        event_intake_service_pb2.DESCRIPTOR.services_by_name["EventIntakeService"],
        event_intake_service_pb2_grpc.add_EventIntakeServiceServicer_to_server,
        EventIntakeServicer(IntakeCases(database, intake, envelope)),
    )
    loops = [Loop("inbound", IntakeWorker(database, vault, steps).loop)]
    if settings.rabbitmq_url:
        # Imported where it is needed: most deployments have no broker.
        from services.campaign.intake.broker import BrokerIntake, Deliveries, Place

        place = Place(settings.rabbitmq_url, settings.rabbitmq_exchange, settings.rabbitmq_queue)
        loops.append(Loop("broker", BrokerIntake(place, Deliveries(database, intake)).loop))
    return Parts(intake, [registration], loops)
