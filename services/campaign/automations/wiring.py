"""What automations give to the bootstrap."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import time, timedelta
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import automation_service_pb2, automation_service_pb2_grpc
from services.campaign.automations import behaviours, calls, causes, emitted, keeping, store
from services.campaign.automations.checks import Checks
from services.campaign.automations.domain import Automation, Behaviour, Kind
from services.campaign.automations.handlers import Automations
from services.campaign.automations.means import Means, means_of
from services.campaign.automations.servicer import AutomationServicer
from services.campaign.automations.starts import Runs
from services.campaign.automations.steps import AutomationStep
from services.campaign.automations.worker import AutomationWorker
from services.campaign.carts import store as carts
from services.campaign.carts.handlers import Carts
from services.campaign.carts.steps import CartStep, ViewStep
from services.campaign.intake.catalogue import CANONICAL
from services.campaign.intake.steps import Step
from services.campaign.settings import CampaignSettings
from services.campaign.tenants import store as tenants
from services.campaign.tenants.domain import TenantState
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, apart, each
from services.common.net.guard import Guard, UnsafeUrl
from services.common.rpc.client import Channels
from services.common.service import Loop, Registration
from services.common.zones import zone

CLEANED: Final = (keeping.forget_old, causes.forget_old, carts.forget_old)
"""Steps of the cleanup."""
INACTIVITY_AT: Final = time(10)
"""When contacts that became quiet are looked for, by the tenant's clock (JOB-17)."""

Start = Callable[[UnitOfWork, Means, Automation], Awaitable[int]]


def registrations(database: Database, settings: CampaignSettings) -> list[Registration]:
    """Returns the RPC service."""
    means = means_of(settings)
    checks = Checks(emitted.NAMES, frozenset(CANONICAL), _url_problem(settings.outbound_guard))
    return [
        Registration(
            automation_service_pb2.DESCRIPTOR.services_by_name["AutomationService"],
            automation_service_pb2_grpc.add_AutomationServiceServicer_to_server,
            AutomationServicer(
                Automations(database, means, checks), Runs(database, means), Carts(database, means)
            ),
        )
    ]


def loops(database: Database, channels: Channels, settings: CampaignSettings) -> list[Loop]:
    """Returns the loop that keeps runs going (JOB-18)."""
    return [Loop("automations", AutomationWorker(database, channels, means_of(settings)).loop)]


def projections(settings: CampaignSettings) -> tuple[Step, ...]:
    """Returns the steps that keep carts and views."""
    means = means_of(settings)
    return CartStep(means), ViewStep(means)


def step(settings: CampaignSettings) -> Step:
    """Returns the step by which automations hear inbound events."""
    return AutomationStep(means_of(settings))


def handlers(settings: CampaignSettings) -> Mapping[str, Handler]:
    """Returns what is consumed."""
    return {**emitted.handlers(means_of(settings)), "webhook.call_settled": calls.settled}  # type: ignore[dict-item]  # each names its own payload


def jobs(settings: CampaignSettings) -> list[Job]:
    """Returns the jobs that find carts that rest and contacts that are quiet (JOB-16, JOB-17)."""
    means = means_of(settings)

    async def rest(context: JobContext) -> JobCounts:
        counts = await _each_tenant(
            context, means, [Behaviour.CART_ABANDONED], behaviours.start_carts, _always
        )
        async with context.database.system() as uow:
            while expired := await carts.expire(uow, BATCH_ROWS):
                counts = counts.plus(JobCounts(seen=expired, done=expired))
        return counts

    async def quiet(context: JobContext) -> JobCounts:
        kinds = [Behaviour.INACTIVE, Behaviour.NO_PURCHASE]
        return await _each_tenant(context, means, kinds, behaviours.start_quiet, _is_morning)

    return [
        Job("abandoned-carts", timedelta(minutes=5), rest),
        # Daily by each tenant's clock: an hourly look picks those whose hour has come (JOB-5).
        Job("inactivity", timedelta(hours=1), quiet),
    ]


async def _each_tenant(
    context: JobContext,
    means: Means,
    kinds: list[Behaviour],
    start: Start,
    is_time: Callable[[JobContext, str], bool],
) -> JobCounts:
    """Starts runs of behaviours in each tenant that watches for them; one that fails does not stop the others."""
    counts = JobCounts()
    async with context.database.system() as uow:
        owners = await store.tenants_with(uow, [str(int(kind)) for kind in kinds])
    for tenant_id in owners:
        work = _in_tenant(context, means, kinds, start, is_time, tenant_id)
        counts = counts.plus(await apart(tenant_id, 1, work))
    return counts


async def _in_tenant(
    context: JobContext,
    means: Means,
    kinds: list[Behaviour],
    start: Start,
    is_time: Callable[[JobContext, str], bool],
    tenant_id: UUID,
) -> JobCounts:
    counts, is_more = JobCounts(), True
    while is_more and not context.stopping:
        async with context.database.tenant(tenant_id) as uow:
            found, is_more = await _start(context, uow, means, kinds, start, is_time, tenant_id)
        counts = counts.plus(found)
    return counts


async def _start(
    context: JobContext,
    uow: UnitOfWork,
    means: Means,
    kinds: list[Behaviour],
    start: Start,
    is_time: Callable[[JobContext, str], bool],
    tenant_id: UUID,
) -> tuple[JobCounts, bool]:
    owner = await tenants.tenant(uow, tenant_id)
    if (
        owner is None
        or owner.state is not TenantState.ACTIVE
        or not is_time(context, owner.default_time_zone)
    ):
        return JobCounts(), False
    full = False
    watching = [one for kind in kinds for one in await store.started_by(uow, Kind.BEHAVIOUR, str(int(kind)))]

    async def begin(automation: Automation) -> None:
        nonlocal full
        full |= await start(uow, means, automation) >= behaviours.AT_ONCE

    return await each(uow, watching, begin), full


def _always(_context: JobContext, _zone_name: str) -> bool:
    return True


def _is_morning(context: JobContext, zone_name: str) -> bool:
    """Returns whether the hour has come by a zone's clock; a job that was missed finds it later that day too."""
    return context.clock.now().astimezone(zone(zone_name)).time() >= INACTIVITY_AT


def _url_problem(guard: Guard) -> Callable[[str], str]:
    def problem(url: str) -> str:
        try:
            guard.check_url(url)
        except UnsafeUrl as error:
            return str(error)
        return ""

    return problem
