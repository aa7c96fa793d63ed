"""Automations to be, from files: the fields of the contract, words and times as people write them."""

import re
from pathlib import Path
from typing import Any, Final

from angarium.campaign.v1 import automation_pb2
from cli import files

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def read(path: Path) -> automation_pb2.Automation:
    """Returns the automation of a file; times may be spelled `90s`, `2h`, `3d`, words of the contract without prefix."""
    return files.read(path, automation_pb2.Automation(), "automation", "docs/automations.md", _spelled)


def _spelled(found: dict[str, Any]) -> dict[str, Any]:
    spelled: dict[str, Any] = _message(automation_pb2.Automation.DESCRIPTOR, found)
    return spelled


def _message(descriptor: Any, found: Any) -> Any:
    """Returns the fields of a message as the contract spells them."""
    if not isinstance(found, dict) or descriptor.full_name.startswith("google.protobuf."):
        return found
    known = dict(found)
    for field in descriptor.fields:
        name = field.name if field.name in known else field.json_name
        if name not in known:
            continue
        value = known[name]
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        if field.is_repeated and isinstance(value, list) and not is_map:
            known[name] = [_value(field, one) for one in value]
        elif not is_map:
            known[name] = _value(field, value)
    return known


def _value(field: Any, value: Any) -> Any:
    if field.enum_type is not None and isinstance(value, str):
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return prefix + value.upper().removeprefix(prefix)
    if field.message_type is None:
        return value
    if field.message_type.full_name == "google.protobuf.Duration":
        return _duration(value)
    return _message(field.message_type, value)


def _duration(value: Any) -> Any:
    """Returns a time in seconds, as JSON of the contract has it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value}s"
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value
    seconds = float(match[1]) * _SECONDS[match[2]]
    return f"{seconds:g}s" if seconds < 1e6 else f"{int(seconds)}s"
