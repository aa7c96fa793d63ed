"""Rules of segments as people write them in TOML or JSON, and as the contract takes them."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.common.v1 import enums_pb2
from cli.output import CommandError

_KEYS = {"join", "conditions", "groups", "behaviours", "splits"}
_MEND = "docs/segments.md shows every form a rule may have"


def read(path: Path) -> pb.SegmentRule:
    """Returns the rule of a file; a fault is told with its place."""
    try:
        text = path.read_text(encoding="utf-8")
        found: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}", _MEND) from None
    return rule_of(found.get("rule", found) if isinstance(found, dict) else found, "rule")


def rule_of(found: Any, place: str) -> pb.SegmentRule:
    """Returns a rule; `place` names it where it is wrong."""
    known = _mapping(found, place)
    if more := set(known) - _KEYS:
        raise _wrong(place, f"does not know {', '.join(sorted(more))}")
    return pb.SegmentRule(
        operator=_number(pb.SegmentOperator, "SEGMENT_OPERATOR", known.get("join", "and"), f"{place}.join"),
        conditions=[_condition(one, at) for one, at in _each(known, "conditions", place)],
        behaviours=[_behaviour(one, at) for one, at in _each(known, "behaviours", place)],
        splits=[_split(one, at) for one, at in _each(known, "splits", place)],
        groups=[rule_of(one, at) for one, at in _each(known, "groups", place)],
    )


def shown(rule: pb.SegmentRule) -> dict[str, Any]:
    """Returns a rule as people write it."""
    found: dict[str, Any] = {"join": _word(pb.SegmentOperator, "SEGMENT_OPERATOR", rule.operator)}
    if rule.conditions:
        found["conditions"] = [_shown_condition(one) for one in rule.conditions]
    if rule.behaviours:
        found["behaviours"] = [_shown_behaviour(one) for one in rule.behaviours]
    if rule.splits:
        found["splits"] = [
            {"salt": one.salt, "from": one.first_bucket, "until": one.end_bucket} for one in rule.splits
        ]
    if rule.groups:
        found["groups"] = [shown(one) for one in rule.groups]
    return found


def _condition(one: Mapping[str, Any], place: str) -> pb.SegmentCondition:
    if missing := {"field", "op", "value"} - set(one):
        raise _wrong(place, f"lacks {', '.join(sorted(missing))}")
    channel = one.get("channel")
    try:
        value = ParseDict(one["value"], Value())
    except ParseError:
        raise _wrong(f"{place}.value", "is no text, number, boolean or list of these") from None
    return pb.SegmentCondition(
        field=str(one["field"]),
        operator=_number(pb.ConditionOperator, "CONDITION_OPERATOR", one["op"], f"{place}.op"),
        value=value,
        channel=_number(enums_pb2.Channel, "CHANNEL", channel, f"{place}.channel") if channel else 0,  # type: ignore[arg-type]  # numbered as in the contract
    )


def _behaviour(one: Mapping[str, Any], place: str) -> pb.SegmentBehaviour:
    is_negated = "did_not" in one
    word = one.get("did_not" if is_negated else "did")
    if word is None or "within_days" not in one:
        raise _wrong(place, "needs `did` or `did_not`, and `within_days`")
    return pb.SegmentBehaviour(
        activity=_number(pb.SegmentActivity, "SEGMENT_ACTIVITY", word, place),
        is_negated=is_negated,
        at_least=_whole(one.get("times", 1), f"{place}.times"),
        within_days=_whole(one["within_days"], f"{place}.within_days"),
        reference=str(one.get("reference", "")),
    )


def _split(one: Mapping[str, Any], place: str) -> pb.SegmentSplit:
    return pb.SegmentSplit(
        salt=str(one.get("salt", "")),
        first_bucket=_whole(one.get("from", 0), f"{place}.from"),
        end_bucket=_whole(one.get("until", 0), f"{place}.until"),
    )


def _shown_condition(one: pb.SegmentCondition) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict

    found = {
        "field": one.field,
        "op": _word(pb.ConditionOperator, "CONDITION_OPERATOR", one.operator),
        "value": MessageToDict(one.value),
    }
    if one.channel:
        found["channel"] = _word(enums_pb2.Channel, "CHANNEL", one.channel)
    return found


def _shown_behaviour(one: pb.SegmentBehaviour) -> dict[str, Any]:
    word = _word(pb.SegmentActivity, "SEGMENT_ACTIVITY", one.activity)
    found = {
        "did_not" if one.is_negated else "did": word,
        "times": one.at_least,
        "within_days": one.within_days,
    }
    return {**found, "reference": one.reference} if one.reference else found


def _each(known: Mapping[str, Any], name: str, place: str) -> list[tuple[Mapping[str, Any], str]]:
    found = known.get(name, [])
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise _wrong(f"{place}.{name}", "must be a list")
    places = [f"{place}.{name}[{number}]" for number in range(len(found))]
    return [(_mapping(one, at), at) for one, at in zip(found, places, strict=True)]


def _mapping(found: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise _wrong(place, "must be a table of names and values")
    return found


def _whole(found: Any, place: str) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) >= 2**31:
        raise _wrong(place, "must be a whole number")
    return found


def _number(of: Any, prefix: str, word: Any, place: str) -> Any:
    name = f"{prefix}_{str(word).upper()}"
    if name not in of.keys() or of.Value(name) == 0:  # noqa: SIM118 - an enum's wrapper is no mapping
        words = ", ".join(one.removeprefix(f"{prefix}_").lower() for one in of.keys() if of.Value(one))  # noqa: SIM118
        raise _wrong(place, f"{word!r} is unknown; take one of {words}")
    return of.Value(name)


def _word(of: Any, prefix: str, number: int) -> str:
    return str(of.Name(number)).removeprefix(f"{prefix}_").lower()


def _wrong(place: str, what: str) -> CommandError:
    return CommandError(f"{place}: {what}", _MEND)
