"""The checks of a campaign, in their order, before anything is written (CAM-97 to CAM-99)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1.provider_service_pb2_grpc import ProviderServiceStub
from services.campaign.approvals import store as approvals
from services.campaign.approvals.domain import not_approved
from services.campaign.blocks.messages import FALLBACKS
from services.campaign.branches import handlers as branches
from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import Period, Share, shares
from services.campaign.campaigns.domain import (
    EMAIL,
    MARKETING,
    Campaign,
    Kind,
    input_problems,
    needs_approval,
)
from services.campaign.campaigns.schedules import check_recurrence, check_schedule
from services.campaign.campaigns.variants import InvalidVariants, Variant, check_test, check_variants
from services.campaign.coupons import eligibility as coupons
from services.campaign.coupons.domain import CODE_VARIABLE
from services.campaign.ledger.addresses import address_sql
from services.campaign.segments import store as segments
from services.campaign.segments.audience import audience
from services.campaign.templates import records as versions
from services.campaign.templates import rendering, resolving
from services.campaign.templates import store as templates
from services.campaign.templates.domain import WHATSAPP, MessageClass, Template, TemplateType, Version
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, failed, invalid, invalid_many, not_found
from services.common.money import Money
from services.common.rpc.client import Channels, as_tenant
from services.common.templating.spam import PASSING_SCORE
from services.common.zones import zone

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Content:
    """What one arm sends."""

    variant: Variant
    template: Template
    version: Version
    unapproved: tuple[str, ...] = ()
    """Languages of a WhatsApp template that WhatsApp has not approved."""
    fallback: Version | None = None
    """What is sent by another channel in its place, if it fails there (CAM-96)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks found: everything a decision about a campaign needs."""

    owner: Tenant
    settings: MarketingSettings
    contents: tuple[Content, ...]
    audience: int
    reachable: int
    periods: tuple[Period, ...] = ()
    """Budgets that hold it: the tenant's, and those of the branches it names."""
    by_branch: Mapping[UUID, int] = field(default_factory=dict)
    """How its audience is spread over the branches it names."""
    kind: Kind = Kind.ONE_TIME
    cost: Decimal = Decimal(0)

    def shares(self, cost: Decimal) -> list[Share]:
        """Returns what would be reserved of which budget."""
        return shares(cost, self.reachable, self.by_branch)

    @property
    def needs_approval(self) -> bool:
        """Returns whether a second person must approve; nobody knows how many a trigger will write to."""
        if self.kind is Kind.TRIGGER:
            return self.settings.campaign_approval_required
        return needs_approval(
            required=self.settings.campaign_approval_required,
            threshold=self.settings.campaign_approval_threshold_recipients,
            audience=self.audience,
        )

    @property
    def warnings(self) -> list[str]:
        """Returns what deserves a look."""
        if self.kind is Kind.TRIGGER:
            return []
        if not self.audience:
            return ["empty_audience"]
        return [] if self.reachable else ["nobody_has_an_address"]


class Checked(Generic[T]):
    """What came of checks: a value, or the error that is raised where the effect would happen.

    A repeated call is answered as the first one was, so an error of its own checks must not come before that answer.
    """

    def __init__(self, value: T | None = None, error: Exception | None = None) -> None:
        self._value = value
        self._error = error

    @classmethod
    async def of(cls, work: Callable[[], Awaitable[T]]) -> "Checked[T]":
        """Returns what work came to; an error that is not told to callers is raised at once."""
        try:
            return cls(value=await work())
        except ServiceError as error:
            return cls(error=error)
        except Exception as error:
            if isinstance(getattr(error, "reason", None), str):
                return cls(error=error)
            raise

    def value(self) -> T:
        """Returns the value, or raises the error."""
        if self._error is not None:
            raise self._error
        assert self._value is not None  # noqa: S101 - without an error there is a value
        return self._value


class Checks:
    """Checks campaigns against the tenant's settings, contents, audience, prices and budget."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._prices = channels.stub(ProviderServiceStub, "delivery")

    async def draft(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        """Checks a campaign as it is created or changed."""
        self.input(campaign)
        check_variants(campaign.variants)
        check_test(campaign.ab_test, campaign.variants, in_own_zones=campaign.in_own_zones)
        now = self._database.clock.now()
        check_schedule(campaign.scheduled_at, now)
        found = await self._found(tenant_id, campaign)
        check_recurrence(campaign.recurrence, zone(found.owner.default_time_zone), now)
        return found

    async def launchable(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        """Checks a campaign once more before it is submitted, launched or resumed."""
        found = await self._found(tenant_id, campaign)
        _check_sender(campaign, found)
        _check_variables(campaign, found)
        _check_spam(campaign, found)
        _check_approvals(campaign, found)
        return found

    async def again(self, tenant_id: UUID, campaign: Campaign, recipients: int) -> Findings:
        """Checks a launched campaign before it is sent again to some of its recipients."""
        found = replace(await self.contents(tenant_id, campaign), audience=recipients, reachable=recipients)
        found = await self._priced(tenant_id, campaign, found)
        _check_sender(campaign, found)
        _check_variables(campaign, found)
        _check_spam(campaign, found)
        _check_approvals(campaign, found)
        return found

    async def resumable(self, tenant_id: UUID, campaign: Campaign) -> None:
        """Checks a held campaign before it goes on; its budget is reserved already."""
        found = await self.contents(tenant_id, campaign)
        _check_switches(campaign, found)
        _check_sender(campaign, found)
        _check_spam(campaign, found)
        _check_approvals(campaign, found)
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

    async def _found(self, tenant_id: UUID, campaign: Campaign) -> Findings:
        async with self._database.tenant(tenant_id) as uow:
            found = await gather(uow, campaign)
        return await self._priced(tenant_id, campaign, found)

    async def _priced(self, tenant_id: UUID, campaign: Campaign, found: Findings) -> Findings:
        _check_switches(campaign, found)
        found = replace(found, cost=await self.cost(tenant_id, campaign, found, found.reachable))
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
        for check in (_check_switches, _check_sender, _check_variables, _check_spam, _check_approvals):
            try:
                check(campaign, found)
            except ServiceError as error:
                wrong.append(error.reason.lower())
        return wrong

    async def cost(
        self,
        tenant_id: UUID,
        campaign: Campaign,
        found: Findings,
        messages: int,
        *,
        countries: Mapping[str, int] | None = None,
    ) -> Decimal:
        """Returns what a number of messages would cost, by country where that is known; nothing without a rate."""
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
            return Decimal(0)
        if not answer.HasField("cost"):
            return Decimal(0)
        price = Money.from_proto(answer.cost)
        return price.amount if price.currency == found.owner.currency_code else Decimal(0)


async def gather(uow: UnitOfWork, campaign: Campaign) -> Findings:
    """Returns what a campaign sends, to how many and from which budgets; its cost is not asked for."""
    owner, settings = await tenants.current_settings(uow)
    await _check_branches(uow, campaign)
    if campaign.coupon_id is not None:
        await coupons.check_usable(uow, campaign.coupon_id, campaign.scheduled_at or uow.now(), owner)
    found = await audience(uow, segment_id=campaign.segment_id, branch_ids=campaign.branch_ids)
    contents = [await content_of(uow, campaign, one) for one in campaign.arms]
    _check_contents(campaign, contents)
    total, with_email, with_phone = await segments.count(uow, found.where, found.params)
    reachable = {"c.email": with_email, "c.phone": with_phone}.get(address_sql(campaign.channel), total)
    is_held = campaign.message_class == MARKETING
    periods = await budgets.present(uow, owner, campaign.branch_ids) if is_held else ()
    by_branch = await segments.count_by_branch(uow, found.where, found.params) if campaign.branch_ids else {}
    if campaign.kind is Kind.TRIGGER:
        total, reachable = 0, 0
    return Findings(
        owner, settings, tuple(contents), total, reachable, tuple(periods), by_branch, campaign.kind
    )


async def _check_branches(uow: UnitOfWork, campaign: Campaign) -> None:
    """Refuses branches that are not the tenant's, or that send nothing (CAM-20, CAM-116)."""
    for branch in await branches.named(uow, campaign.branch_ids):
        if branch.is_archived or (campaign.message_class == MARKETING and not branch.marketing_enabled):
            raise failed(
                "MARKETING_DISABLED", "a branch of the campaign sends nothing", branch_id=branch.branch_id
            )


async def content_of(uow: UnitOfWork, campaign: Campaign, variant: Variant) -> Content:
    """Returns what an arm sends: its pinned version, else the active one."""
    template_id = campaign.template_of(variant)
    template = await templates.by_id(uow, template_id)
    if template is None:
        raise not_found("template", template_id)
    if template.channel != campaign.channel:
        raise failed(
            "TEMPLATE_CHANNEL_MISMATCH", "the template is for another channel", template_id=template_id
        )
    version_id = variant.version_id or template.active_version_id
    version = await versions.by_id(uow, version_id) if version_id else None
    if version is None:
        raise invalid("campaign.template_id", "has no active version", "TEMPLATE_INVALID")
    if template.template_type is TemplateType.LAYOUT:
        raise invalid("campaign.template_id", "is a layout, which is never sent itself", "TEMPLATE_INVALID")
    return Content(
        variant,
        template,
        version,
        await _unapproved(uow, template, version),
        await _fallback(uow, template),
    )


async def _fallback(uow: UnitOfWork, template: Template) -> Version | None:
    channel = FALLBACKS.get(template.channel)
    found = await resolving.named(uow, template.name, channel) if channel else None
    return found[1] if found else None


async def _unapproved(uow: UnitOfWork, template: Template, version: Version) -> tuple[str, ...]:
    if template.channel != WHATSAPP:
        return ()
    known = await approvals.of_versions(uow, [version.version_id])
    languages = (one.language_code for one in version.contents)
    return tuple(not_approved(languages, known.get(version.version_id, ())))


def _check_contents(campaign: Campaign, contents: list[Content]) -> None:
    """Refuses templates of another class than the campaign's, and tests that mix classes."""
    classes = {one.template.message_class for one in contents}
    if campaign.variants and len(classes) > 1:
        raise InvalidVariants([("campaign.variants", "must have templates of one class")])
    if classes != {MessageClass(campaign.message_class)}:
        raise invalid("campaign.template_id", "is of another class than the campaign")


def _check_switches(campaign: Campaign, found: Findings) -> None:
    settings = found.settings
    if found.owner.state is TenantState.CLOSED:
        raise failed("MARKETING_DISABLED", "the tenant is closed")
    marketing = campaign.message_class == MARKETING
    is_off = marketing and campaign.channel not in settings.enabled_channels
    if is_off or campaign.channel in settings.blocked_channels:
        raise failed("CHANNEL_DISABLED", "the channel is switched off", channel=campaign.channel)
    if marketing and not settings.marketing_enabled:
        raise failed("MARKETING_DISABLED", "marketing is switched off")


def _check_sender(campaign: Campaign, found: Findings) -> None:
    """Refuses marketing mail that would not say who sends it (CAM-2)."""
    if (
        campaign.channel == EMAIL
        and campaign.message_class == MARKETING
        and not found.settings.postal_address
    ):
        raise failed(
            "INVALID_CONFIGURATION",
            "marketing e-mail needs the sender's postal address",
            field="postal_address",
        )


def _check_variables(campaign: Campaign, found: Findings) -> None:
    """Refuses contents whose required variables the campaign gives no value."""
    given = {**campaign.variables, **({CODE_VARIABLE: ""} if campaign.coupon_id else {})}
    missing = {
        one.name
        for content in found.contents
        for version in (content.version, content.fallback)
        for one in (version.variables if version else ())
        if one.required and one.default is None and given.get(one.name) is None
    }
    if missing:
        names = ",".join(sorted(missing))
        raise failed("MISSING_VARIABLES", f"variables have no value: {names}", variables=names)


def _check_approvals(_campaign: Campaign, found: Findings) -> None:
    """Refuses WhatsApp contents of which a language is approved nowhere (CAM-94, CAM-146)."""
    for one in found.contents:
        if one.unapproved:
            languages = ",".join(one.unapproved)
            raise failed(
                "WHATSAPP_TEMPLATE_NOT_APPROVED",
                f"WhatsApp has not approved the template {one.template.name} in {languages}",
                template=one.template.name,
                languages=languages,
            )


def _check_spam(_campaign: Campaign, found: Findings) -> None:
    """Refuses when any arm scores above 5 in any language (CAM-98)."""
    for one in found.contents:
        report = rendering.worst_score(one.template.channel, one.version.contents, one.variant.subject)
        if not report.passed:
            raise failed(
                "SPAM_SCORE_TOO_HIGH",
                f"the content scores {report.score}, above {PASSING_SCORE}",
                score=report.score,
                variant=one.variant.key,
                flags=",".join(report.flags),
            )
