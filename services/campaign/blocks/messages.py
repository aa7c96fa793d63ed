"""A block of recipients as consent and delivery take it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from google.protobuf.struct_pb2 import Struct

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as delivery_pb
from services.campaign.blocks.domain import Block
from services.campaign.blocks.store import Person
from services.campaign.campaigns.domain import Campaign
from services.campaign.coupons.domain import CODE_VARIABLE, Coupon

FALLBACKS: Mapping[int, int] = {enums_pb2.CHANNEL_WHATSAPP: enums_pb2.CHANNEL_SMS}
"""What a message that fails for good is sent by once more, if the tenant allows it and has a template of the name (CAM-96)."""

NO_CODES: Mapping[UUID, str] = MappingProxyType({})
_REASON = "DECISION_REASON_"
REASON_WORDS = {
    number: name.removeprefix(_REASON).lower() for name, number in consent_pb.DecisionReason.items()
}


@dataclass(frozen=True, slots=True)
class Arm:
    """What everybody of one variant gets, and what of a contact it shows."""

    key: str
    version_id: UUID
    subject: str
    category: int
    fields: tuple[str, ...]
    attributes: tuple[str, ...]
    shared: Struct
    """Values that are the same for everybody."""
    media_urls: tuple[str, ...] = ()
    """Files of a text or a WhatsApp message."""
    shows_code: bool = False
    """True when each recipient is shown a coupon code of their own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a campaign its hand-over needs; it does not change once launched."""

    tenant_id: UUID
    campaign: Campaign
    planned_at: datetime
    arms: tuple[Arm, ...]
    coupon: Coupon | None = None
    """Whose codes the recipients get."""

    def arm_of(self, block: Block) -> Arm:
        """Returns the arm of a block."""
        return self.arms[max(block.variant - 1, 0)]


def charged_branch(campaign: Campaign) -> str:
    """Returns the branch that is charged: the only one named (CAM-75)."""
    branches = campaign.branch_ids
    return str(branches[0]) if len(branches) == 1 else ""


def key_of(block: Block, arm: Arm) -> str:
    """Returns the key that makes a repeat of a block safe."""
    parts = ["run", str(block.run_id), str(block.number)]
    parts += [arm.key] if arm.key else []
    parts += [str(block.spelling)] if block.spelling else []
    return ":".join(parts)


def question(
    campaign: Campaign,
    category: int,
    people: Iterable[tuple[UUID, str | None]],
    expires_at: datetime | None = None,
    purpose: int = consent_pb.EVALUATION_PURPOSE_PREVIEW,
) -> consent_pb.EvaluateSendBatchRequest:
    """Returns what consent is asked about people, contacts with their addresses: a forecast unless told."""
    request = consent_pb.EvaluateSendBatchRequest(
        context=consent_pb.EvaluationContext(
            channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
            category=category,  # type: ignore[arg-type]
            branch_id=charged_branch(campaign),
            purpose=purpose,  # type: ignore[arg-type]  # as above
            campaign_id=str(campaign.campaign_id),
        )
    )
    if expires_at is not None:
        request.context.expire_time.FromDatetime(expires_at)
    items = request.items
    for contact_id, address in people:
        items.add(contact_id=str(contact_id), address=address or "")
    return request


def batch(
    plan: Plan, block: Block, people: Sequence[Person], codes: Mapping[UUID, str] = NO_CODES
) -> delivery_pb.SendBatchRequest:
    """Returns the block as delivery accepts it; `codes` are those of recipients who get their own."""
    arm = plan.arm_of(block)
    campaign = plan.campaign
    request = delivery_pb.SendBatchRequest(
        content=delivery_pb.MessageContent(
            channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
            category=arm.category,  # type: ignore[arg-type]
            template_version_id=str(arm.version_id),
            priority=enums_pb2.PRIORITY_LOW,
            origin=message_pb2.ORIGIN_CAMPAIGN,
            branch_id=charged_branch(campaign),
            campaign_id=str(campaign.campaign_id),
            run_id=str(block.run_id),
            variant_key=arm.key,
            subject_override=arm.subject,
            correlation_id=str(campaign.campaign_id),
            media_urls=arm.media_urls,
            fallback_channel=FALLBACKS.get(campaign.channel, 0),  # type: ignore[arg-type]  # as above
        ),
        name=campaign.name,
        idempotency_key=key_of(block, arm),
    )
    if block.expires_at is not None:
        request.content.expire_time.FromDatetime(block.expires_at)
    recipients = request.recipients
    personal = bool(arm.fields or arm.attributes)
    for one in people:
        recipient = recipients.add(
            message_id=str(one.recipient_id),
            contact_id=str(one.contact_id),
            address=one.address or "",
            name=one.name or "",
            language_code=one.language_code or "",
            time_zone=one.time_zone or "",
        )
        if arm.shared.fields:
            recipient.variables.CopyFrom(arm.shared)
        if code := codes.get(one.recipient_id):
            recipient.variables.fields[CODE_VARIABLE].string_value = code
        if personal:
            _fill_contact(recipient.variables, arm, one)
    return request


def shared_values(values: dict[str, Any], used: Sequence[str]) -> Struct:
    """Returns the campaign's values that a version uses, as a Struct."""
    roots = {path.partition(".")[0] for path in used}
    struct = Struct()
    struct.update({name: value for name, value in values.items() if name in roots})
    return struct


def _fill_contact(variables: Struct, arm: Arm, one: Person) -> None:
    """Writes what the content shows of a contact, and nothing besides."""
    fields = variables.fields["contact"].struct_value.fields
    for name in arm.fields:
        value = getattr(one, name)
        if value is not None:
            fields[name].string_value = value
    if arm.attributes:
        known = one.attributes or {}
        attributes = fields["attributes"].struct_value
        attributes.update({key: known[key] for key in arm.attributes if key in known})
