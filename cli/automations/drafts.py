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
    spelled: dict[str, Any] = files.words(
        automation_pb2.Automation.DESCRIPTOR, found, {"google.protobuf.Duration": _duration}
    )
    return spelled


def _duration(value: Any) -> Any:
    """Returns a time in seconds, as JSON of the contract has it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value}s"
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value
    seconds = float(match[1]) * _SECONDS[match[2]]
    return f"{seconds:g}s" if seconds < 1e6 else f"{int(seconds)}s"
