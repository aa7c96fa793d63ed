"""The merged log of all roles on a terminal: one line each, the role in its colour, JSON turned into words."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")
_LEVELS: Mapping[str, str] = {
    "debug": "dim",
    "info": "",
    "warn": "yellow",
    "warning": "yellow",
    "error": "bold red",
    "critical": "bold red",
}
_HIDDEN = frozenset({"event", "level", "timestamp", "service", "role", "exception", "traceparent"})
# What the stores write about their daily work stays in their files.
_POSTGRES = re.compile(r"\b(WARNING|ERROR|FATAL|PANIC):")
_VALKEY = re.compile(r"^\d+:\w .{20,30}\d # (?!WARNING|User requested|Valkey is now|Redis is now)")
_STORES = {"postgres": _POSTGRES, "valkey": _VALKEY}


class LogPrinter:
    """Prints lines and events of roles."""

    def __init__(self, roles: Sequence[str], console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._width = max(map(len, roles), default=0)
        self._colours = {role: _COLOURS[number % len(_COLOURS)] for number, role in enumerate(roles)}

    def line(self, role: str, line: str) -> None:
        """Prints a line of a role's log, unless it is a store's daily work."""
        wanted = _STORES.get(role)
        if wanted is not None:
            if wanted.search(line):
                self._print(role, Text(line, style="yellow"), _now())
            return
        event = _event(line)
        if event is None:
            self._print(role, Text(line), _now())
        else:
            self._print(role, _words(event), _time(event))

    def event(self, role: str, text: str) -> None:
        """Prints what happened to a role."""
        self._print(role, Text(text, style="bold"), _now())

    def _print(self, role: str, body: Text, time: str) -> None:
        line = Text()
        line.append(f"{time} ", style="dim")
        line.append(f"{role:<{self._width}} ", style=self._colours.get(role, "white"))
        line.append("│ ", style="dim")
        self._console.print(line + body)


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _words(event: Mapping[str, Any]) -> Text:
    level = str(event.get("level", "info"))
    style = _LEVELS.get(level, "")
    words = Text()
    if level not in ("info", "debug"):
        words.append(f"{level} ", style=style)
    words.append(str(event["event"]), style=style)
    for key, value in event.items():
        if key not in _HIDDEN and value not in ("", None):
            words.append(f" {key}=", style="dim")
            words.append(str(value) if isinstance(value, str | int | float) else json.dumps(value))
    if trace := event.get("exception"):
        words.append(f"\n{trace}", style="red")
    return words


def _time(event: Mapping[str, Any]) -> str:
    try:
        return datetime.fromisoformat(str(event["timestamp"])).astimezone().strftime("%H:%M:%S")
    except (KeyError, ValueError):
        return _now()


def _now() -> str:
    return datetime.now(UTC).astimezone().strftime("%H:%M:%S")
