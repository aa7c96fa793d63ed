"""Test messages: to verified addresses of staff, a few a day, counted nowhere but in cost (CAM-66)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from google.protobuf.struct_pb2 import Struct

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.blocks.messages import charged_branch
from services.campaign.campaigns import store
from services.campaign.campaigns.domain import EMAIL, Campaign
from services.campaign.campaigns.findings import Content
from services.campaign.campaigns.gathering import content_of
from services.campaign.campaigns.variants import Variant
from services.campaign.staff import store as staff
from services.campaign.staff.domain import StaffMember
from services.campaign.templates import rendering
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, exhausted, invalid, invalid_many
from services.common.ids import uuid7s
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.status import from_status

MOST_A_DAY: Final = 50


@dataclass(frozen=True, slots=True)
class Trial:
    """A test that was allowed: whom to, and what."""

    content: Content
    members: tuple[StaffMember, ...]
    values: dict[str, Any]


async def prepare(
    uow: UnitOfWork,
    campaign: Campaign,
    variant_key: str,
    staff_ids: Sequence[str],
    addresses: Sequence[str],
    values: dict[str, Any],
) -> Trial:
    """Returns a test of a campaign; invalid names every staff member without a verified address."""
    if campaign.channel != EMAIL:
        raise invalid("campaign_id", "staff can be reached by e-mail only", "INVALID_RECIPIENT")
    members = (*await _members(uow, staff_ids), *await owners(uow, addresses, staff_ids))
    content = await content_of(uow, campaign, _variant(campaign, variant_key))
    assert uow.tenant_id is not None  # noqa: S101 - campaigns belong to a tenant's unit of work
    owner = await tenants.tenant(uow, uow.tenant_id)
    samples = rendering.sample_variables(content.version, owner)
    return Trial(content, members, {**samples, **campaign.variables, **values})


async def reserve(uow: UnitOfWork, campaign: Campaign, trial: Trial) -> list[UUID]:
    """Counts the messages against the day and returns their ids; RATE_LIMITED when the day has no more."""
    ids = await take(uow, len(trial.members))
    await audit.record(
        uow,
        action="campaign.test",
        resource_type="campaign",
        resource_id=campaign.campaign_id,
        before=None,
        after={"staff_ids": [member.staff_id for member in trial.members]},
    )
    return ids


async def take(uow: UnitOfWork, count: int) -> list[UUID]:
    """Counts test messages against the day and returns their ids; RATE_LIMITED when the day has no more."""
    assert uow.tenant_id is not None  # noqa: S101 - tests belong to a tenant's unit of work
    owner: Tenant = await tenants.tenant(uow, uow.tenant_id)
    day = uow.now().astimezone(ZoneInfo(owner.default_time_zone)).date()
    if not await store.take_tests(uow, day, count, MOST_A_DAY):
        raise exhausted("RATE_LIMITED", f"a tenant sends at most {MOST_A_DAY} test messages a day")
    return uuid7s(count)


class Trials:
    """Hands tests to delivery, after their reservation is committed; a repeat sends nothing twice."""

    def __init__(self, channels: Channels) -> None:
        self._delivery = channels.stub(MessageServiceStub, "delivery")

    async def send(
        self, tenant_id: UUID, campaign: Campaign, trial: Trial, ids: Sequence[str], language: str
    ) -> None:
        """Hands the messages of a test over, each with the id that was reserved for it."""
        found = trial.content
        content = pb.MessageContent(
            channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
            category=found.template.category,  # type: ignore[arg-type]
            template_version_id=str(found.version.version_id),
            branch_id=charged_branch(campaign),
            campaign_id=str(campaign.campaign_id),
            variant_key=found.variant.key,
            subject_override=found.variant.subject,
        )
        await self.hand_over(tenant_id, content, campaign.name, trial.members, ids, trial.values, language)

    async def hand_over(
        self,
        tenant_id: UUID,
        content: pb.MessageContent,
        what: str,
        members: Sequence[StaffMember],
        ids: Sequence[str],
        values: Mapping[str, Any],
        language: str = "",
    ) -> None:
        """Hands test messages of something to delivery, marked as tests, one for each member."""
        content.priority = enums_pb2.PRIORITY_NORMAL
        content.origin = message_pb2.ORIGIN_TEST
        request = pb.SendBatchRequest(
            content=content, name=f"Test of {what}"[:100], idempotency_key=f"test:{ids[0]}"
        )
        for member, message_id in zip(members, ids, strict=True):
            first, _, last = member.name.partition(" ")
            person: dict[str, Any] = {
                "name": member.name,
                "first_name": first,
                "last_name": last,
                "attributes": {},
            }
            variables = Struct()
            variables.update({**values, "contact": person})
            request.recipients.add(
                message_id=message_id,
                address=member.email,
                name=member.name,
                language_code=language or member.language_code,
                time_zone=member.time_zone,
                variables=variables,
            )
        with as_tenant(tenant_id):
            answer = await self._delivery.SendBatch(request)
        if answer.errors:
            raise from_status(answer.errors[0].status, "delivery")


async def _members(uow: UnitOfWork, staff_ids: Sequence[str]) -> tuple[StaffMember, ...]:
    found = await staff.by_ids(uow, staff_ids)
    wrong = []
    for index, staff_id in enumerate(staff_ids):
        member = found.get(staff_id)
        if member is None or not member.email or not member.is_email_verified:
            wrong.append(Violation(f"staff_ids[{index}]", "is nobody with a verified address"))
        elif staff_id in staff_ids[:index]:
            wrong.append(Violation(f"staff_ids[{index}]", "is named twice"))
    if wrong:
        raise invalid_many(wrong, "INVALID_RECIPIENT")
    return tuple(found[staff_id] for staff_id in staff_ids)


async def owners(
    uow: UnitOfWork, addresses: Sequence[str], staff_ids: Sequence[str] = (), *, field: str = "addresses[{}]"
) -> list[StaffMember]:
    """Returns whose verified addresses these are; invalid names every one that is nobody's, or named twice."""
    known = await staff.by_addresses(uow, addresses) if addresses else {}
    wrong, named, found = [], set(staff_ids), []
    for index, address in enumerate(addresses):
        owner = known.get(address.lower())
        if owner is None:
            wrong.append(Violation(field.format(index), "is nobody's verified address"))
        elif owner.staff_id in named:
            wrong.append(Violation(field.format(index), "is named twice"))
        else:
            named.add(owner.staff_id)
            found.append(owner)
    if wrong:
        raise invalid_many(wrong, "INVALID_RECIPIENT")
    return found


def _variant(campaign: Campaign, key: str) -> Variant:
    for one in campaign.arms:
        if not key or one.key == key:
            return one
    raise invalid("variant_key", "is no variant of the campaign")
