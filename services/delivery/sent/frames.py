"""Frames: what all recipients of a compiled content get alike, and where the values of each one stand."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import orjson

from services.common.templating import CompiledContent

SUBJECT: Final = "subject"
REMOVED: Final = "***"
"""Stands for a value that was removed once its message had left."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one message said."""

    language: str
    parts: Mapping[str, str]
    values_removed: bool


@dataclass(frozen=True)
class Frame:
    """Constants and places of values, by part; kept once for all messages that share it.

    `kept` are the slots whose values are stored with each message. The other slots hold links that work for their
    recipient alone: they are not stored, and `stand_ins` say what is shown in their place.
    """

    language: str
    parts: Mapping[str, tuple[Sequence[str], Sequence[int]]]
    kept: Sequence[int]
    stand_ins: Mapping[int, str]
    has_own_subject: bool = False
    """Whether the subject was given for one content: it may name a person, so it is kept with the message."""

    @cached_property
    def packed(self) -> bytes:
        """Returns it as it is stored."""
        return orjson.dumps(
            {
                "language": self.language,
                "parts": {name: [list(texts), list(slots)] for name, (texts, slots) in self.parts.items()},
                "kept": list(self.kept),
                "stand_ins": {str(slot): text for slot, text in self.stand_ins.items()},
                "own_subject": self.has_own_subject,
            },
            option=orjson.OPT_SORT_KEYS,
        )

    @cached_property
    def frame_id(self) -> UUID:
        """Returns its id, which is made of what it holds."""
        return UUID(bytes=hashlib.sha256(self.packed).digest()[:16], version=5)

    def values(self, content: CompiledContent, slots: Sequence[str]) -> bytes:
        """Returns what of a message is kept beside its frame."""
        values = [slots[number] for number in self.kept]
        if self.has_own_subject:
            values.append(content.join(slots, SUBJECT))
        return orjson.dumps(values)

    def shown(self, stored: bytes | None, tracks: "Tracks") -> Shown:
        """Returns the texts of a message; without its values their places are masked."""
        count = len(self.kept) + len(self.stand_ins)
        filled = [REMOVED] * count
        for number, text in self.stand_ins.items():
            filled[number] = text
        values: list[str] = orjson.loads(stored) if stored is not None else []
        for number, value in zip(self.kept, values, strict=False):
            filled[number] = value
        parts = {
            name: tracks.hidden("".join(_woven(texts, [filled[number] for number in numbers])))
            for name, (texts, numbers) in self.parts.items()
        }
        if self.has_own_subject:
            parts[SUBJECT] = values[-1] if values else REMOVED
        return Shown(self.language, parts, stored is None)


class Tracks:
    """Hides tokens that stand within values, so that nobody who reads a message acts for its recipient."""

    def __init__(self, base_url: str) -> None:
        base = re.escape(base_url.rstrip("/"))
        self._links = re.compile(rf"({base}/(?:unsubscribe|track/click|track/open|l)/)[A-Za-z0-9_.\-]+")

    def hidden(self, text: str) -> str:
        """Returns a text without tokens."""
        return self._links.sub(r"\g<1>…", text)


def of(content: CompiledContent, *, has_own_subject: bool) -> Frame:
    """Returns the frame of a compiled content."""
    parts: dict[str, tuple[Sequence[str], Sequence[int]]] = {
        name: (part.constants, part.numbers)
        for name, part in content.parts.items()
        if not (has_own_subject and name == SUBJECT)
    }
    kept = [number for number in range(content.slot_count) if number not in content.stand_ins]
    own = has_own_subject and SUBJECT in content.parts
    return Frame(content.language, parts, kept, content.stand_ins, own)


def unpacked(stored: bytes) -> Frame:
    """Returns a frame as it was stored."""
    found: dict[str, Any] = orjson.loads(stored)
    return Frame(
        found["language"],
        {name: (texts, numbers) for name, (texts, numbers) in found["parts"].items()},
        found["kept"],
        {int(slot): text for slot, text in found["stand_ins"].items()},
        found["own_subject"],
    )


def _woven(texts: Sequence[str], values: Sequence[str]) -> list[str]:
    woven = [texts[0]]
    for text, value in zip(texts[1:], values, strict=True):
        woven += (value, text)
    return woven
