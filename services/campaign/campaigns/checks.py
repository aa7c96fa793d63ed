"""The checks of a campaign, in their order, before anything is written (CAM-97 to CAM-99)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1.provider_service_pb2_grpc import ProviderServiceStub
from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns.domain import (
    Campaign,
    input_problems,
)
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.gathering import gather
from services.campaign.campaigns.refusals import (
    check_approvals,
    check_route,
    check_sender,
    check_spam,
    check_switches,
    check_variables,
)
from services.campaign.campaigns.routes import Routes
from services.campaign.campaigns.schedules import check_recurrence, check_schedule
from services.campaign.campaigns.variants import check_test, check_variants
from services.campaign.templates import rendering
from services.common.db.database import Database
from services.common.errors import ServiceError, Violation, failed, invalid_many
from services.common.money import Money
from services.common.rpc.client import Channels, as_tenant
from services.common.zones import zone


class Checks:
    """Checks campaigns against the tenant's settings, contents, audience, prices and budget."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._prices = channels.stub(ProviderServiceStub, "delivery")
        self.routes = Routes(channels)

    async def draft(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        """Checks a campaign as it is created or changed."""
        self.input(campaign)
        check_variants(campaign.variants)
        check_test(campaign.ab_test, campaign.variants, in_own_zones=campaign.in_own_zones)
        now = self._database.clock.now()
        check_schedule(campaign.scheduled_at, now)
        found = await self._found(tenant_id, campaign)
        check_recurrence(campaign.recurrence, zone(found.owner.default_time_zone), now)
        return replace(found, route=await self.routes.known(tenant_id, campaign))

    async def launchable(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        """Checks a campaign once more before it is submitted, launched or resumed."""
        found = await self._found(tenant_id, campaign)
        return await self._sendable(tenant_id, campaign, found)

    async def again(self, tenant_id: UUID, campaign: Campaign, recipients: int) -> Findings:
        """Checks a launched campaign before it is sent again to some of its recipients."""
        found = replace(await self.contents(tenant_id, campaign), audience=recipients, reachable=recipients)
        found = await self._priced(tenant_id, campaign, found)
        return await self._sendable(tenant_id, campaign, found)

    async def resumable(self, tenant_id: UUID, campaign: Campaign) -> None:
        """Checks a held campaign before it goes on; its budget is reserved already."""
        found = await self.contents(tenant_id, campaign)
        check_switches(campaign, found)
        check_sender(campaign, found)
        check_spam(campaign, found)
        check_approvals(campaign, found)
        await self._routed(tenant_id, campaign, found)
        if budgets.is_overdrawn(found.owner, found.periods):
            raise failed("BUDGET_EXCEEDED", "the month's budget is spent")

    def schedule(self, campaign: Campaign) -> None:
        """Checks that a campaign's time still lies ahead."""
        check_schedule(campaign.scheduled_at, self._database.clock.now())

    async def contents(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        """Returns what a campaign sends and to how many, whatever the switches say."""
        async with self._database.tenant(tenant_id) as uow:
            return await gather(uow, campaign)

    @staticmethod
    def input(campaign: Campaign) -> None:
        """Checks what a campaign says by itself."""
        if wrong := [Violation(*problem) for problem in input_problems(campaign)]:
            raise invalid_many(wrong)

    async def _sendable(self, tenant_id: UUID, campaign: Campaign, found: Findings) -> Findings:
        """Refuses contents that could not be launched now, and what has nothing to leave by."""
        check_sender(campaign, found)
        check_variables(campaign, found)
        check_spam(campaign, found)
        check_approvals(campaign, found)
        return await self._routed(tenant_id, campaign, found)

    async def _routed(self, tenant_id: UUID, campaign: Campaign, found: Findings) -> Findings:
        found = replace(found, route=await self.routes.of(tenant_id, campaign))
        check_route(campaign, found)
        return found

    async def _found(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        async with self._database.tenant(tenant_id) as uow:
            found = await gather(uow, campaign)
        return await self._priced(tenant_id, campaign, found)

    async def _priced(self, tenant_id: UUID, campaign: Campaign, found: Findings) -> Findings:
        check_switches(campaign, found)
        price = await self.price(tenant_id, campaign, found, found.reachable)
        found = replace(found, cost=price or Decimal(0), is_unpriced=price is None)
        budgets.check_room(found.owner, found.periods, found.shares(found.cost))
        return found

    @staticmethod
    def segments(found: Findings) -> int:
        """Returns the segments of one message, of the longest language and variant."""
        return max(rendering.segments_of(one.template, one.version, found.owner) for one in found.contents)

    @staticmethod
    def problems(campaign: Campaign, found: Findings) -> list[str]:
        """Returns the reasons for which these contents could not be launched now."""
        wrong = []
        for check in (check_switches, check_sender, check_variables, check_spam, check_approvals):
            try:
                check(campaign, found)
            except ServiceError as error:
                wrong.append(error.reason.lower())
        return wrong

    async def price(
        self,
        tenant_id: UUID,
        campaign: Campaign,
        found: Findings,
        messages: int,
        *,
        countries: Mapping[str, int] | None = None,
    ) -> Decimal | None:
        """Returns what a number of messages would cost, by country where that is known; None without a rate."""
        if not messages:
            return Decimal(0)
        request = pb.QuoteCostRequest(
            channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
            message_count=messages,
            segments=self.segments(found),
            message_class=campaign.message_class,  # type: ignore[arg-type]  # the same
        )
        if countries and any(countries):
            request.message_count = 0
            for country, count in countries.items():
                request.counts.add(country_code=country, message_count=count)
        try:
            with as_tenant(tenant_id):
                answer = await self._prices.QuoteCost(request)
        except ServiceError:
            # Without a budget to hold, an estimate may be lacking; with one it may not.
            if any(one.limit is not None for one in found.periods):
                raise
            return None
        if not answer.HasField("cost"):
            return None
        price = Money.from_proto(answer.cost)
        return price.amount if price.currency == found.owner.currency_code else None
