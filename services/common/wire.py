"""Blocks of messages as bytes: a message is the fields that stand in it, in any order.

Making an object of each of a thousand items, only to write it down, costs ten times what writing its fields does.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from google.protobuf.message import Message

_LENGTH_DELIMITED = 2


def tag(message: type[Message], field: str) -> bytes:
    """Returns what stands before a field that is a text, bytes or a message."""
    return _varint(message.DESCRIPTOR.fields_by_name[field].number << 3 | _LENGTH_DELIMITED)


@lru_cache(maxsize=4096)
def length(number: int) -> bytes:
    """Returns a length as the wire format writes it; those of a block are few."""
    return _varint(number)


def repeated(mark: bytes, bodies: Iterable[bytes]) -> bytes:
    """Returns a repeated field whose items are these; `mark` is its tag."""
    return b"".join([part for body in bodies for part in (mark, length(len(body)), body)])


def repeated_texts(mark: bytes, before: bytes, texts: Sequence[str]) -> bytes:
    """Returns a repeated field whose items are some bytes with a text behind them, all of one length and all ASCII."""
    if not texts:
        return b""
    head = (mark + length(len(before) + len(texts[0])) + before).decode("ascii")
    return (head + head.join(texts)).encode("ascii")


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    return bytes((number & 0x7F | 0x80,)) + _varint(number >> 7)
