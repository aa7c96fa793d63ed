"""A rule as JSON, as it is stored and as files of operators write it."""

from collections.abc import Mapping
from typing import Any

from services.campaign.segments.catalogue import Channel, Op
from services.campaign.segments.domain import Activity, Behaviour, Condition, Join, Rule, Split


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Returns a rule as it is stored."""
    stored: dict[str, Any] = {
        "join": rule.join.name,
        "conditions": [_condition_to_json(one) for one in rule.conditions],
        "groups": [rule_to_json(group) for group in rule.groups],
    }
    if rule.behaviours:
        stored["behaviours"] = [
            {
                "activity": one.activity.name,
                "within_days": one.within_days,
                "at_least": one.at_least,
                "is_negated": one.is_negated,
                "reference": one.reference,
            }
            for one in rule.behaviours
        ]
    if rule.splits:
        stored["splits"] = [{"salt": one.salt, "first": one.first, "end": one.end} for one in rule.splits]
    return stored


def rule_from_json(stored: Mapping[str, Any]) -> Rule:
    """Returns a stored rule."""
    return Rule(
        Join[stored["join"]],
        tuple(_condition_from_json(one) for one in stored["conditions"]),
        tuple(rule_from_json(group) for group in stored["groups"]),
        tuple(
            Behaviour(**{**one, "activity": Activity[one["activity"]]})
            for one in stored.get("behaviours", ())
        ),
        tuple(Split(**one) for one in stored.get("splits", ())),
    )


def _condition_to_json(one: Condition) -> dict[str, Any]:
    channel = {"channel": one.channel.name} if one.channel else {}
    return {"field": one.field, "op": one.op.name, "value": one.value, **channel}


def _condition_from_json(one: Mapping[str, Any]) -> Condition:
    channel = Channel[one["channel"]] if "channel" in one else None
    return Condition(one["field"], Op[one["op"]], one["value"], channel)
