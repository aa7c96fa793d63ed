"""Between campaigns and the contract."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

import orjson

from angarium.campaign.v1 import campaign_pb2 as pb
from services.campaign.campaigns.announce import counts_to_proto, variants_to_proto
from services.campaign.campaigns.domain import MARKETING, Campaign, Kind, PassedTime, ScheduleZone
from services.campaign.campaigns.recurrences import Pattern, Recurrence
from services.campaign.campaigns.shown import Shown
from services.campaign.campaigns.variants import AbTest, Metric, Variant
from services.campaign.ledger.domain import Counts, Tally
from services.common.errors import Violation, invalid, invalid_many
from services.common.ids import uuid7
from services.common.money import Money

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
    "kind": "kind",
    "recurrence": "recurrence",
    "schedule_zone": "schedule_zone",
    "passed_policy": "passed_time",
    "ab_test": "ab_test",
    "coupon_id": "coupon_id",
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


def campaign_to_proto(shown: Shown) -> pb.Campaign:
    """Returns a campaign with what its runs add up to, and the names of what it names."""
    campaign, tally, currency = shown.campaign, shown.tally or NOTHING, shown.currency
    message = pb.Campaign(
        campaign_id=str(campaign.campaign_id),
        name=campaign.name,
        description=campaign.description,
        kind=int(campaign.kind),  # type: ignore[arg-type]  # numbered as in the contract
        schedule_zone=int(campaign.schedule_zone),  # type: ignore[arg-type]
        passed_policy=int(campaign.passed_time),  # type: ignore[arg-type]
        coupon_id=str(campaign.coupon_id or ""),
        template_name=shown.template_name,
        segment_name=shown.segment_name,
        rejected_by=campaign.rejected_by,
        cancelled_by=campaign.cancelled_by,
        estimated_recipients=campaign.audience_count,
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
        source_event_id=str(campaign.source_event_id or ""),
        etag=str(campaign.version),
    )
    if campaign.recurrence is not None:
        message.recurrence.CopyFrom(_recurrence_to_proto(campaign.recurrence))
    if campaign.ab_test is not None:
        message.ab_test.CopyFrom(_ab_test_to_proto(campaign.ab_test))
    for name, instant in (
        ("schedule_time", campaign.scheduled_at),
        ("next_run_time", campaign.next_run_at),
        ("submit_time", campaign.submitted_at),
        ("approve_time", campaign.approved_at),
        ("reject_time", campaign.rejected_at),
        ("pause_time", campaign.paused_at),
        ("cancel_time", campaign.cancelled_at),
        ("start_time", campaign.started_at),
        ("complete_time", campaign.completed_at),
        ("create_time", campaign.created_at),
        ("update_time", campaign.updated_at),
    ):
        if instant is not None:
            getattr(message, name).FromDatetime(instant)
    return message


def _recurrence_to_proto(recurrence: Recurrence) -> pb.Recurrence:
    message = pb.Recurrence(
        pattern=int(recurrence.pattern),  # type: ignore[arg-type]  # numbered as in the contract
        day=recurrence.day,
        local_time=recurrence.local_time,
    )
    if recurrence.end_at is not None:
        message.end_time.FromDatetime(recurrence.end_at)
    return message


def _ab_test_to_proto(test: AbTest) -> pb.AbTest:
    message = pb.AbTest(
        share_basis_points=test.share,
        metric=int(test.metric),  # type: ignore[arg-type]  # numbered as in the contract
        min_per_variant=test.min_per_variant,
        fallback_variant_key=test.fallback_key,
    )
    message.duration.FromTimedelta(test.duration)
    return message


def _values(message: pb.Campaign) -> tuple[dict[str, Any], list[Violation]]:
    violations: list[Violation] = []

    def uuid(field: str, text: str) -> UUID | None:
        try:
            return UUID(text) if text else None
        except ValueError:
            violations.append(Violation(f"campaign.{field}", "must be a UUID"))
            return None

    kind = Kind(message.kind or Kind.ONE_TIME)
    branches = [uuid(f"branch_ids[{index}]", text) for index, text in enumerate(message.branch_ids)]
    return {
        "name": message.name,
        "description": message.description,
        "channel": message.channel,
        "message_class": message.message_class or MARKETING,
        "template_id": uuid("template_id", message.template_id) or UUID(int=0),
        "segment_id": uuid("segment_id", message.segment_id),
        # What triggers it names the person: nothing limits it.
        "target_all_contacts": message.target_all_contacts
        or (kind is Kind.TRIGGER and not message.segment_id),
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
        "kind": kind,
        "recurrence": _recurrence(message, violations),
        "schedule_zone": ScheduleZone(message.schedule_zone or ScheduleZone.TENANT),
        "passed_time": PassedTime(message.passed_policy or PassedTime.AT_ONCE),
        "ab_test": _ab_test(message.ab_test) if message.HasField("ab_test") else None,
        "coupon_id": uuid("coupon_id", message.coupon_id),
        "variables": _variables(message.variables_json, violations),
        "daily_limit": message.daily_limit,
        "monthly_limit": message.monthly_limit,
    }, violations


def _recurrence(message: pb.Campaign, violations: list[Violation]) -> Recurrence | None:
    if not message.HasField("recurrence"):
        return None
    found = message.recurrence
    if not found.pattern:
        violations.append(Violation("campaign.recurrence.pattern", "is needed"))
        return None
    end_at = found.end_time.ToDatetime(tzinfo=UTC) if found.HasField("end_time") else None
    return Recurrence(Pattern(found.pattern), found.day, found.local_time, end_at)


def _ab_test(message: pb.AbTest) -> AbTest:
    return AbTest(
        message.share_basis_points,
        message.duration.ToTimedelta(),
        Metric(message.metric or Metric.OPENS),
        message.min_per_variant,
        message.fallback_variant_key,
    )


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
