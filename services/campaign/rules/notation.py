"""How rules are written down in the platform's table, and read from there."""

import re
from datetime import timedelta
from typing import Final

from services.campaign.rules.domain import ALL, FIRST, Key, Limit, Test, Timing

_PART: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TEST: Final = re.compile(r"([a-z_.]+) (=|<>|>=) (\S+)")
_MODES: Final = {"all": (ALL, "+"), "first": (FIRST, ",")}


def duration(text: str) -> timedelta:
    """Reads `24h`, `180s`, `9m30s`."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration such as 24h or 9m30s")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def spoken(span: timedelta) -> str:
    """Writes a duration as `duration` reads it."""
    left = int(span.total_seconds())
    if left and left % 86_400 == 0 and left > 86_400:
        return f"{left // 86_400}d"
    hours, left = divmod(left, 3_600)
    minutes, seconds = divmod(left, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if number]
    return "".join(parts) or "0s"


def channels(text: str) -> tuple[int, tuple[str, ...]]:
    """Reads `all: email + sms` and `first: push, sms`."""
    word, colon, rest = text.partition(":")
    if not colon or word not in _MODES:
        raise ValueError("channels begin with `all:` or `first:`")
    mode, sign = _MODES[word]
    found = tuple(one.strip() for one in rest.split(sign))
    if len(set(found)) != len(found):
        raise ValueError("a channel stands twice")
    return mode, found


def timing(delay: str, before: str, until: str, worth: str) -> Timing:
    """Reads when a notice is due: `5m` after the event, or `24h event_date` before; and `event_date + 1d` until when."""
    if delay and before:
        raise ValueError("it is due after the event or before a time, not both")
    span, _, anchor = before.partition(" ")
    field, plus, after = until.partition(" + ")
    return Timing(
        delay=duration(span or delay) if before or delay else timedelta(0),
        anchor=anchor,
        until=field,
        after_until=duration(after) if plus else timedelta(0),
        worth=duration(worth) if worth else None,
    )


def test(text: str) -> Test:
    """Reads one test."""
    if text == "order is paid":
        return Test("", "paid")
    word, _, field = text.partition(" ")
    if word in ("known", "no") and re.fullmatch(r"[a-z_.]+", field):
        return Test(field, word)
    found = _TEST.fullmatch(text)
    if found is None:
        raise ValueError(f"the test {text!r} cannot be read")
    return Test(*found.groups())


def key(text: str) -> Key:
    """Reads a word and the fields that follow it."""
    word, *fields = text.split()
    if not fields:
        raise ValueError(f"{text!r} names no field")
    return Key(word, tuple(fields))


def limit(by: str, most: int, within: str = "", apart: str = "", shared_with: str = "") -> Limit:
    """Reads how often a rule speaks of one thing."""
    if most < 1:
        raise ValueError("most is at least 1")
    return Limit(
        by, most, duration(within) if within else None, duration(apart) if apart else None, shared_with
    )
