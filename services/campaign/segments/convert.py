"""Between segments and the contract."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from google.protobuf.struct_pb2 import ListValue, Value

from angarium.campaign.v1 import segment_service_pb2 as pb
from services.campaign.segments.catalogue import Channel, Op
from services.campaign.segments.checks import problems
from services.campaign.segments.domain import (
    EVERYBODY,
    Activity,
    Behaviour,
    Condition,
    Holdout,
    Join,
    Rule,
    Segment,
    SegmentKind,
    Split,
    of_filter,
)
from services.campaign.segments.explain import Explanation
from services.campaign.segments.previews import Preview
from services.common import objects
from services.common.errors import ServiceError, Violation, invalid, invalid_many

_KINDS = {SegmentKind.SYSTEM: pb.Segment.KIND_SYSTEM, SegmentKind.CUSTOM: pb.Segment.KIND_CUSTOM}
_JOINS = {Join.AND: pb.SEGMENT_OPERATOR_AND, Join.OR: pb.SEGMENT_OPERATOR_OR}
_CHANNELS = frozenset(map(int, Channel))
_WITHIN = "within"


def rule_from_proto(message: pb.SegmentRule, path: str) -> Rule:
    """Returns the rule of a message; UNKNOWN_SEGMENT_FIELD or INVALID_SEGMENT_RULE name every place that is wrong."""
    return _checked(_rule(message), path)


def rule_from_filter(message: pb.SegmentFilter, path: str) -> Rule:
    """Returns the rule that a filter of the older form means (CAM-85)."""
    has_purchase = message.HasField("last_purchase")
    rule = of_filter(
        customer_type=message.customer_type,
        attended=message.event_attendance,
        purchase_days=message.last_purchase.days if has_purchase else None,
        within=message.last_purchase.operator == _WITHIN,
    )
    return _checked(rule, path)


def either_rule(request: Any, rule: pb.SegmentRule, path: str, *, is_given: bool) -> Rule | None:
    """Returns the rule of a request that takes either form; None when it has neither, invalid when it has both."""
    if not request.HasField("filter"):
        return rule_from_proto(rule, path) if is_given else None
    if is_given:
        raise invalid("filter", "stands in place of a rule, not beside one")
    return rule_from_filter(request.filter, "filter")


def rule_to_proto(rule: Rule) -> pb.SegmentRule:
    """Returns a rule as the contract shows it."""
    message = pb.SegmentRule(operator=_JOINS[rule.join])
    for condition in rule.conditions:
        message.conditions.add(
            field=condition.field,
            operator=condition.op,
            value=_value(condition.value),
            channel=condition.channel or 0,
        )
    for behaviour in rule.behaviours:
        message.behaviours.add(
            activity=behaviour.activity,
            is_negated=behaviour.is_negated,
            at_least=behaviour.at_least,
            within_days=behaviour.within_days,
            reference=behaviour.reference,
        )
    for split in rule.splits:
        message.splits.add(salt=split.salt, first_bucket=split.first, end_bucket=split.end)
    message.groups.extend(rule_to_proto(group) for group in rule.groups)
    return message


def segment_from_proto(message: pb.Segment, rule: Rule, *, segment_id: UUID, actor: str = "") -> Segment:
    """Returns a segment of the tenant's own with the rule that was read from it; absent flags are true."""
    return Segment(
        segment_id,
        message.name,
        rule,
        message.description,
        ids_from_proto(message.branch_ids, "segment.branch_ids"),
        is_dynamic=message.is_dynamic if message.HasField("is_dynamic") else True,
        is_active=message.is_active if message.HasField("is_active") else True,
        created_by=actor,
    )


def segment_to_proto(segment: Segment) -> pb.Segment:
    """Returns a segment as the contract shows it."""
    message = pb.Segment(
        segment_id=str(segment.segment_id),
        name=segment.name,
        description=segment.description,
        rule=rule_to_proto(segment.rule) if segment.rule.size else None,
        branch_ids=[str(branch) for branch in segment.branch_ids],
        kind=_KINDS[segment.kind],
        is_dynamic=segment.is_dynamic,
        is_active=segment.is_active,
        contact_count=segment.contact_count,
        etag=str(segment.version),
    )
    if segment.refreshed_at:
        message.refresh_time.FromDatetime(segment.refreshed_at)
    if segment.created_at:
        message.create_time.FromDatetime(segment.created_at)
    return message


def preview_to_proto(preview: Preview) -> pb.PreviewSegmentResponse:
    """Returns a preview without its sample."""
    return pb.PreviewSegmentResponse(
        contact_count=preview.count,
        with_email_count=preview.with_email,
        with_phone_count=preview.with_phone,
        eligibility=[
            pb.SegmentEligibility(
                channel=one.channel,  # type: ignore[arg-type]
                eligible_count=one.eligible,
                asked_count=one.asked,
            )
            for one in preview.eligibility
        ],
    )


def explanation_to_proto(explanation: Explanation) -> pb.ExplainSegmentResponse:
    """Returns how a rule was evaluated as the contract shows it."""
    return pb.ExplainSegmentResponse(
        sql=explanation.sql,
        steps=[
            pb.SegmentPlanStep(
                depth=step.depth,
                node=step.node,
                table=step.table,
                index=step.index,
                expected_row_count=step.expected,
                row_count=step.rows,
                removed_row_count=step.removed,
                milliseconds=step.milliseconds,
            )
            for step in explanation.steps
        ],
        indexes=explanation.indexes,
        contact_count=explanation.count,
        planning_milliseconds=explanation.planning,
        execution_milliseconds=explanation.execution,
        is_cut_short=explanation.execution is None,
    )


def holdout_to_proto(holdout: Holdout) -> pb.Holdout:
    """Returns a holdout as the contract shows it."""
    segment_id = "" if holdout.segment_id == EVERYBODY else str(holdout.segment_id)
    return pb.Holdout(segment_id=segment_id, basis_points=holdout.basis_points, salt=holdout.salt)


def ids_from_proto(texts: Iterable[str], field: str) -> tuple[UUID, ...]:
    """Returns ids; invalid when one is no UUID."""
    try:
        return tuple(UUID(text) for text in texts)
    except ValueError:
        raise invalid(field, "must be UUIDs") from None


def _rule(message: pb.SegmentRule) -> Rule:
    return Rule(
        Join(message.operator or Join.AND),
        tuple(_condition(one) for one in message.conditions),
        tuple(_rule(group) for group in message.groups),
        tuple(
            Behaviour(
                Activity(one.activity), one.within_days, one.at_least or 1, one.is_negated, one.reference
            )
            for one in message.behaviours
        ),
        tuple(Split(one.salt, one.first_bucket, one.end_bucket) for one in message.splits),
    )


def _condition(message: pb.SegmentCondition) -> Condition:
    channel = Channel(message.channel) if message.channel in _CHANNELS else None
    return Condition(message.field, Op(message.operator or Op.EQ), objects.plain(message.value), channel)


def _checked(rule: Rule, path: str) -> Rule:
    found = list(problems(rule, path))
    if found:
        raise _error([Violation(one.path, one.description) for one in found], {one.reason for one in found})
    return rule


def _error(violations: list[Violation], reasons: set[str]) -> ServiceError:
    # A rule of unknown fields only is told apart from a rule that is wrong in itself.
    reason = "UNKNOWN_SEGMENT_FIELD" if reasons == {"UNKNOWN_SEGMENT_FIELD"} else "INVALID_SEGMENT_RULE"
    return invalid_many(violations, reason=reason)


def _value(value: Any) -> Value:
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, (int, float)):
        return Value(number_value=value)
    if isinstance(value, (list, tuple)):
        return Value(list_value=ListValue(values=[_value(one) for one in value]))
    return Value(string_value=value)
