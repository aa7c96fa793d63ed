"""Between segments and the contract."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import ListValue, Value

from angarium.campaign.v1 import segment_service_pb2 as pb
from services.campaign.segments.domain import Condition, Join, Op, Rule, Segment, problems
from services.common.errors import ServiceError, Violation, invalid, invalid_many


def rule_from_proto(message: pb.SegmentRule, path: str) -> Rule:
    """Returns the rule of a message; UNKNOWN_SEGMENT_FIELD or INVALID_SEGMENT_RULE name every place that is wrong."""
    rule = _rule(message)
    found = list(problems(rule, path))
    if found:
        raise _error([Violation(one.path, one.description) for one in found], {one.reason for one in found})
    return rule


def rule_to_proto(rule: Rule) -> pb.SegmentRule:
    """Returns a rule as the contract shows it."""
    message = pb.SegmentRule(operator=_JOINS[rule.join])
    for condition in rule.conditions:
        message.conditions.add(
            field=condition.field, operator=_OPS[condition.op], value=_value(condition.value)
        )
    message.groups.extend(rule_to_proto(group) for group in rule.groups)
    return message


def segment_to_proto(segment: Segment) -> pb.Segment:
    """Returns a segment as the contract shows it."""
    message = pb.Segment(
        segment_id=str(segment.segment_id),
        name=segment.name,
        description=segment.description,
        rule=rule_to_proto(segment.rule),
        branch_ids=[str(branch) for branch in segment.branch_ids],
        kind=pb.Segment.KIND_SYSTEM if segment.kind == 1 else pb.Segment.KIND_CUSTOM,
        contact_count=segment.contact_count,
        etag=str(segment.version),
    )
    if segment.refreshed_at:
        message.refresh_time.FromDatetime(segment.refreshed_at)
    if segment.created_at:
        message.create_time.FromDatetime(segment.created_at)
    return message


def branches_from_proto(texts: Iterable[str], field: str) -> tuple[UUID, ...]:
    """Returns branch ids; invalid when one is no UUID."""
    try:
        return tuple(UUID(text) for text in texts)
    except ValueError:
        raise invalid(field, "must be UUIDs") from None


def _rule(message: pb.SegmentRule) -> Rule:
    return Rule(
        Join(message.operator or Join.AND),
        tuple(
            Condition(one.field, Op(one.operator or Op.EQ), _plain(one.value)) for one in message.conditions
        ),
        tuple(_rule(group) for group in message.groups),
    )


def _error(violations: list[Violation], reasons: set[str]) -> ServiceError:
    # A rule of unknown fields only is told apart from a rule that is wrong in itself.
    reason = "UNKNOWN_SEGMENT_FIELD" if reasons == {"UNKNOWN_SEGMENT_FIELD"} else "INVALID_SEGMENT_RULE"
    return invalid_many(violations, reason=reason)


def _plain(value: Value) -> Any:
    found: Any = MessageToDict(value)
    if isinstance(found, list):
        return [_whole(one) for one in found]
    return _whole(found)


def _whole(value: Any) -> Any:
    """Returns a whole number as one: a Value knows floating point only."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _value(value: Any) -> Value:
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, (int, float)):
        return Value(number_value=value)
    if isinstance(value, (list, tuple)):
        return Value(list_value=ListValue(values=[_value(one) for one in value]))
    return Value(string_value=value)


_JOINS = {Join.AND: pb.SEGMENT_OPERATOR_AND, Join.OR: pb.SEGMENT_OPERATOR_OR}
_OPS = {
    Op.EQ: pb.CONDITION_OPERATOR_EQ,
    Op.NE: pb.CONDITION_OPERATOR_NE,
    Op.GT: pb.CONDITION_OPERATOR_GT,
    Op.GTE: pb.CONDITION_OPERATOR_GTE,
    Op.LT: pb.CONDITION_OPERATOR_LT,
    Op.LTE: pb.CONDITION_OPERATOR_LTE,
    Op.IN: pb.CONDITION_OPERATOR_IN,
    Op.CONTAINS: pb.CONDITION_OPERATOR_CONTAINS,
}
