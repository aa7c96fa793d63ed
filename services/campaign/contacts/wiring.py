"""What contacts give to the bootstrap."""

from datetime import datetime, timedelta
from typing import Final

from angarium.campaign.v1 import contact_service_pb2, contact_service_pb2_grpc
from services.campaign import merges
from services.campaign.automations import merging as automations
from services.campaign.automations.means import means_of
from services.campaign.contacts import facts, merge_store, merging
from services.campaign.contacts.cases import ContactCases
from services.campaign.contacts.servicer import ContactServicer
from services.campaign.notices import wiring as notices
from services.campaign.orders import store as orders
from services.campaign.referrals import merging as referrals
from services.campaign.settings import CampaignSettings
from services.campaign.staff.cases import StaffCases
from services.campaign.triggers import people_gone as triggers
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.jobs import Job
from services.common.service import Registration

FACTS_KEPT: Final = timedelta(days=730)
"""How long after its last event a visit or an order is told from one that never was."""
MERGES_KEPT: Final = timedelta(days=90)


def registration(database: Database, settings: CampaignSettings) -> Registration:
    """Returns the RPC service of contacts."""
    writing = notices.of(settings)
    moves: list[merging.Move] = [
        facts.move,
        orders.move,
        referrals.Move(writing),
        triggers.Merging(writing),
        automations.Merging(means_of(settings)),
        merges.move,
    ]
    return Registration(
        contact_service_pb2.DESCRIPTOR.services_by_name["ContactService"],
        contact_service_pb2_grpc.add_ContactServiceServicer_to_server,
        ContactServicer(ContactCases(database, settings.hash_keys, moves), StaffCases(database)),
    )


async def keep(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Forgets visits and orders long after their last event, and merges that are done; a step of the cleanup."""
    removed = await facts.forget_visits(uow, now - FACTS_KEPT, limit)
    removed += await orders.forget_old(uow, now - FACTS_KEPT, limit)
    removed += await merged.forget(uow, now, limit)
    return removed + await merge_store.forget_moved(uow, now - MERGES_KEPT, limit)


def jobs(database: Database) -> list[Job]:
    """Returns the jobs of contacts."""
    return [merging.job(database)]
