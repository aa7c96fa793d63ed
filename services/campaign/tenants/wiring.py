"""What tenants, branches, budgets and staff give to the bootstrap."""

from angarium.campaign.v1 import settings_service_pb2, settings_service_pb2_grpc
from services.campaign.branches.cases import BranchCases
from services.campaign.budgets import months
from services.campaign.budgets.cases import BudgetCases
from services.campaign.settings import CampaignSettings
from services.campaign.staff import alerts
from services.campaign.staff.worker import AlertWorker
from services.campaign.tenants.cases import TenantCases
from services.campaign.tenants.domain import Hours
from services.campaign.tenants.handlers import Seed
from services.campaign.tenants.orders import MarketingOrders
from services.campaign.tenants.senders import Senders
from services.campaign.tenants.servicer import SettingsServicer
from services.common.db.database import Database
from services.common.jobs import Job
from services.common.rpc.client import Channels
from services.common.service import Loop, Registration

CLEANED = (alerts.forget_old, months.forget_old)
"""Steps of the cleanup."""


def registrations(
    database: Database, channels: Channels, settings: CampaignSettings, seeds: list[Seed]
) -> list[Registration]:
    """Returns the RPC services; `seeds` add what every new tenant has."""
    hours = Hours.of(settings.sms_time_restriction_start, settings.sms_time_restriction_end)
    tenants = TenantCases(database, settings.default_timezone, hours, seeds, Senders(database, channels))
    return [
        Registration(
            settings_service_pb2.DESCRIPTOR.services_by_name["SettingsService"],
            settings_service_pb2_grpc.add_SettingsServiceServicer_to_server,
            SettingsServicer(tenants, BranchCases(database), BudgetCases(database)),
        )
    ]


def loops(database: Database, channels: Channels) -> list[Loop]:
    """Returns the loops: what delivery is told of marketing, and what staff is told."""
    return [
        Loop("marketing-orders", MarketingOrders(database, channels).loop),
        Loop("staff-alerts", AlertWorker(database, channels).loop),
    ]


def jobs() -> list[Job]:
    """Returns the jobs (JOB-22)."""
    return [months.JOB]
