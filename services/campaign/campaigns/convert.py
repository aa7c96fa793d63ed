"""Between campaigns and the contract."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

import orjson

from angarium.campaign.v1 import campaign_pb2 as pb
from angarium.campaign.v1 import campaign_service_pb2 as service_pb
from services.campaign.campaigns.announce import counts_to_proto, key_of, variants_to_proto
from services.campaign.campaigns.domain import MARKETING, Campaign, Variant
from services.campaign.ledger.domain import Counts, Recipient, RecipientState, Tally
from services.campaign.ledger.reconcile import Proof
from services.campaign.runs.domain import Run
from services.common.errors import Violation, invalid, invalid_many
from services.common.ids import uuid7
from services.common.money import Money
from services.common.privacy import mask_email, mask_phone

EMAIL = 1
NOTHING = Tally(Counts())
# Fields an update mask may name, and the field of the domain each stands for.
MASKABLE = {
    "name": "name",
    "description": "description",
    "channel": "channel",
    "message_class": "message_class",
    "template_id": "template_id",
    "segment_id": "segment_id",
    "target_all_contacts": "target_all_contacts",
    "branch_ids": "branch_ids",
    "schedule_time": "scheduled_at",
    "variants": "variants",
    "variables_json": "variables",
    "daily_limit": "daily_limit",
    "monthly_limit": "monthly_limit",
}


def campaign_from_proto(message: pb.Campaign, actor: str) -> Campaign:
    """Returns the draft of a message; invalid names every field that cannot be read."""
    values, violations = _values(message)
    if violations:
        raise invalid_many(violations)
    return Campaign(campaign_id=uuid7(), created_by=actor, **values)


def changes_from_proto(message: pb.Campaign, paths: Sequence[str]) -> dict[str, Any]:
    """Returns the fields that `paths` name, as the message has them."""
    values, violations = _values(message)
    if wrong := [one for one in violations if one.field.removeprefix("campaign.").split("[")[0] in paths]:
        raise invalid_many(wrong)
    for name, text in (("template_id", message.template_id), ("channel", message.channel)):
        if name in paths and not text:
            raise invalid(f"campaign.{name}", "cannot be cleared")
    return {MASKABLE[path]: values[MASKABLE[path]] for path in paths}


def campaign_to_proto(campaign: Campaign, tally: Tally | None, currency: str) -> pb.Campaign:
    """Returns a campaign with what its runs add up to."""
    tally = tally or NOTHING
    message = pb.Campaign(
        campaign_id=str(campaign.campaign_id),
        name=campaign.name,
        description=campaign.description,
        kind=pb.Campaign.KIND_ONE_TIME,
        channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
        message_class=campaign.message_class,  # type: ignore[arg-type]
        template_id=str(campaign.template_id),
        template_version_id=str(campaign.template_version_id or ""),
        segment_id=str(campaign.segment_id or ""),
        target_all_contacts=campaign.target_all_contacts,
        branch_ids=[str(one) for one in campaign.branch_ids],
        variants=variants_to_proto(campaign.variants),
        variables_json=orjson.dumps(campaign.variables).decode() if campaign.variables else "",
        daily_limit=campaign.daily_limit,
        monthly_limit=campaign.monthly_limit,
        state=int(campaign.state),  # type: ignore[arg-type]
        requires_approval=campaign.requires_approval,
        submitted_by=campaign.submitted_by,
        approved_by=campaign.approved_by,
        rejection_reason=campaign.rejection_reason,
        pause_reason=campaign.pause_reason,
        counts=counts_to_proto(tally.counts),
        estimated_cost=Money(currency, campaign.estimated_cost).to_proto(),
        actual_cost=Money(currency, tally.actual_cost).to_proto(),
        created_by=campaign.created_by,
        etag=str(campaign.version),
    )
    for name, instant in (
        ("schedule_time", campaign.scheduled_at),
        ("start_time", campaign.started_at),
        ("complete_time", campaign.completed_at),
        ("create_time", campaign.created_at),
        ("update_time", campaign.updated_at),
    ):
        if instant is not None:
            getattr(message, name).FromDatetime(instant)
    return message


def run_to_proto(run: Run, tally: Tally | None) -> pb.CampaignRun:
    """Returns a run with its counts."""
    message = pb.CampaignRun(
        run_id=str(run.run_id),
        run_number=run.number,
        state=int(run.state),  # type: ignore[arg-type]  # numbered as in the contract
        counts=counts_to_proto((tally or NOTHING).counts),
    )
    message.plan_time.FromDatetime(run.planned_at)
    message.start_time.FromDatetime(run.started_at)
    if run.completed_at is not None:
        message.complete_time.FromDatetime(run.completed_at)
    return message


def recipient_to_proto(
    line: Recipient, keys: Sequence[str], channel: int, *, masked: bool
) -> pb.CampaignRecipient:
    """Returns a line of the ledger; `masked` hides the address from who may not see it."""
    address = line.address
    if masked and address:
        address = mask_email(address) if channel == EMAIL else mask_phone(address)
    message = pb.CampaignRecipient(
        message_id=str(line.recipient_id),
        contact_id=str(line.contact_id),
        variant_key=key_of(keys, line.variant),
        address=address,
        state=int(line.state),  # type: ignore[arg-type]  # numbered as in the contract
        reason=line.reason,
    )
    if line.sent_at is not None:
        message.send_time.FromDatetime(line.sent_at)
    if line.delivered_at is not None:
        message.deliver_time.FromDatetime(line.delivered_at)
    return message


def proof_to_proto(proof: Proof) -> service_pb.ReconcileCampaignResponse:
    """Returns what a reconciliation came to; the five counts sum to the total."""
    return service_pb.ReconcileCampaignResponse(
        total_count=proof.counts.total,
        sent_count=proof.sent,
        failed_count=proof.failed,
        skipped_count=proof.counts[RecipientState.SKIPPED],
        unknown_count=proof.counts[RecipientState.UNKNOWN],
        never_tried_count=proof.never_tried,
        mended_count=proof.mended,
        missing_count=proof.missing,
        reasons=[service_pb.ReasonCount(reason=reason, count=count) for reason, count in proof.reasons],
        is_settled=proof.is_settled,
    )


def _values(message: pb.Campaign) -> tuple[dict[str, Any], list[Violation]]:
    violations: list[Violation] = []

    def uuid(field: str, text: str) -> UUID | None:
        try:
            return UUID(text) if text else None
        except ValueError:
            violations.append(Violation(f"campaign.{field}", "must be a UUID"))
            return None

    branches = [uuid(f"branch_ids[{index}]", text) for index, text in enumerate(message.branch_ids)]
    return {
        "name": message.name,
        "description": message.description,
        "channel": message.channel,
        "message_class": message.message_class or MARKETING,
        "template_id": uuid("template_id", message.template_id) or UUID(int=0),
        "segment_id": uuid("segment_id", message.segment_id),
        "target_all_contacts": message.target_all_contacts,
        "branch_ids": tuple(branch for branch in branches if branch is not None),
        "scheduled_at": message.schedule_time.ToDatetime(tzinfo=UTC)
        if message.HasField("schedule_time")
        else None,
        "variants": tuple(
            Variant(
                one.key,
                one.name,
                one.share_basis_points,
                uuid(f"variants[{index}].template_id", one.template_id),
                one.subject,
            )
            for index, one in enumerate(message.variants)
        ),
        "variables": _variables(message.variables_json, violations),
        "daily_limit": message.daily_limit,
        "monthly_limit": message.monthly_limit,
    }, violations


def _variables(text: str, violations: list[Violation]) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        violations.append(Violation("campaign.variables_json", "must be a JSON object"))
        return {}
    return found
