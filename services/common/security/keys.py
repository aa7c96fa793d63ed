"""Sets of named secret keys: the first is used, the others still open what they closed."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
MINIMUM_BYTES = 32


class KeySet:
    """An ordered set of keys, each named by an id; it never shows a key when printed."""

    __slots__ = ("_keys",)

    def __init__(self, keys: dict[str, bytes]) -> None:
        """Takes keys by id, the current one first; refuses none, bad ids and keys under 32 bytes."""
        if not keys:
            raise ValueError("at least one key is needed")
        for name, key in keys.items():
            if not _NAME.fullmatch(name):
                raise ValueError("a key id is 1 to 32 letters, digits, '-' or '_'")
            if len(key) < MINIMUM_BYTES:
                raise ValueError(f"key {name} has {len(key)} bytes, at least {MINIMUM_BYTES} are needed")
        if len(set(keys.values())) != len(keys):
            raise ValueError("two ids name the same key")
        self._keys = dict(keys)

    @classmethod
    def parse(cls, text: str) -> KeySet:
        """Reads `id:base64,id:base64`, the current key first."""
        keys: dict[str, bytes] = {}
        for part in text.split(","):
            name, colon, encoded = part.strip().partition(":")
            if not colon or name in keys:
                raise ValueError("a key set is written id:base64,id:base64 with different ids")
            keys[name] = _decode(name, encoded)
        return cls(keys)

    @property
    def current(self) -> tuple[str, bytes]:
        """Returns the id and the key that new work uses."""
        return next(iter(self._keys.items()))

    def by_id(self, name: str) -> bytes:
        """Returns the key of an id; LookupError when it is not in the set."""
        return self._keys[name]

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return iter(self._keys.items())

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, name: object) -> bool:
        return name in self._keys

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeySet) and self._keys == other._keys

    def __hash__(self) -> int:
        return hash(tuple(self._keys))

    def __repr__(self) -> str:
        return f"KeySet({', '.join(self._keys)})"


def derive(key: bytes, purpose: str) -> bytes:
    """Returns the key of one purpose; knowing it says nothing about the keys of other purposes."""
    return hmac.digest(key, b"angarium/derive/1/" + purpose.encode(), "sha256")


def _decode(name: str, encoded: str) -> bytes:
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        return base64.b64decode(padded.translate(_URLSAFE), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key {name} is not base64") from None


_URLSAFE = str.maketrans("-_", "+/")
