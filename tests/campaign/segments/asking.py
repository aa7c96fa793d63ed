"""Rules as callers write them."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import segment_service_pb2 as pb

EQ, NE, GT, IN, CONTAINS = (
    pb.CONDITION_OPERATOR_EQ,
    pb.CONDITION_OPERATOR_NE,
    pb.CONDITION_OPERATOR_GT,
    pb.CONDITION_OPERATOR_IN,
    pb.CONDITION_OPERATOR_CONTAINS,
)


def rule(field: str, operator: pb.ConditionOperator, value: Any, **more: Any) -> pb.SegmentRule:
    """A rule of one condition, with more beside it."""
    found = pb.SegmentRule(operator=pb.SEGMENT_OPERATOR_AND, **more)
    condition = found.conditions.add(field=field, operator=operator)
    condition.value.CopyFrom(_value(value))
    return found


def segment(name: str, wanted: pb.SegmentRule | None = None, **more: Any) -> pb.CreateSegmentRequest:
    """A request for a segment."""
    return pb.CreateSegmentRequest(segment=pb.Segment(name=name, rule=wanted, **more))


def _value(value: Any) -> Value:
    found = Value()
    if isinstance(value, list):
        found.list_value.SetInParent()
        found.list_value.extend(value)
    elif isinstance(value, bool):
        found.bool_value = value
    elif isinstance(value, str):
        found.string_value = value
    else:
        found.number_value = value
    return found
