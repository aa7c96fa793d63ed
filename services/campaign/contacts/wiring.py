"""What contacts give to the bootstrap."""

from angarium.campaign.v1 import contact_service_pb2, contact_service_pb2_grpc
from services.campaign import merges
from services.campaign.contacts import facts, merging
from services.campaign.contacts.servicer import ContactServicer
from services.campaign.orders import store as orders
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.jobs import Job
from services.common.service import Registration


def registration(database: Database, settings: CampaignSettings) -> Registration:
    """Returns the RPC service of contacts."""
    return Registration(
        contact_service_pb2.DESCRIPTOR.services_by_name["ContactService"],
        contact_service_pb2_grpc.add_ContactServiceServicer_to_server,
        ContactServicer(database, settings.hash_keys, [facts.move, orders.move, merges.move]),
    )


def jobs(database: Database) -> list[Job]:
    """Returns the jobs of contacts."""
    return [merging.job(database)]
