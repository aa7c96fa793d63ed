"""How fields of events are written down in the catalogue, and read from there."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"[a-z_|/]+\??|[\[\]{}]")
_CLOSED_BY: Final = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an event's data."""

    name: str
    required: bool = True
    synonyms: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Fields of which one is enough in its place."""
    is_list: bool = False
    fields: tuple["Field", ...] = ()
    """What an object, or each object of a list, holds."""

    @property
    def text(self) -> str:
        """Returns the field as pages write it."""
        name = "` or `".join((self.name, *self.others)) + ("" if self.required else "?")
        inner = " ".join(one.text for one in self.fields)
        if not inner:
            return name
        return f"{name}[{inner}]" if self.is_list else f"{name}{{{inner}}}"


def parsed(text: str) -> tuple[Field, ...]:
    """Returns the fields that a line of the catalogue names."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise ValueError(f"cannot be read: {text}")
    fields, rest = _fields(tokens, 0, "")
    if rest != len(tokens):
        raise ValueError(f"ends too early: {text}")
    return fields


def _fields(tokens: list[str], at: int, closing: str) -> tuple[tuple[Field, ...], int]:
    found: list[Field] = []
    while at < len(tokens) and tokens[at] != closing:
        words = tokens[at]
        at += 1
        inner: tuple[Field, ...] = ()
        opening = tokens[at] if at < len(tokens) and tokens[at] in _CLOSED_BY else ""
        if opening:
            inner, at = _fields(tokens, at + 1, _CLOSED_BY[opening])
            at += 1
        required = not words.endswith("?")
        name, *others = words.removesuffix("?").split("/")
        name, *synonyms = name.split("|")
        found.append(Field(name, required, tuple(synonyms), tuple(others), opening == "[", inner))
    return tuple(found), at
