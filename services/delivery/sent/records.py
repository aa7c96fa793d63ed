"""Values of the messages of one content in one hand-over, packed: each sealed with the key of its person."""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple
from uuid import UUID

from services.common.contact_data import keys as person_keys
from services.common.security.envelope import KeyGoneError

_HEAD: Final = Struct(">HBI")

_PLAIN, _PERSONAL, _SECRET = range(3)


class Record(NamedTuple):
    """What is kept of one message."""

    kind: int
    body: bytes

    @property
    def is_secret(self) -> bool:
        """Returns whether its values were for one person to see once, and are not kept."""
        return self.kind == _SECRET


def packed(position: int, body: bytes | None, secret: bytes | None, place: bytes) -> bytes:
    """Returns one record; `body` None keeps no values, `secret` is that of the person, None for a bare address."""
    if body is None:
        return _HEAD.pack(position, _SECRET, 0)
    if secret is None:
        return _HEAD.pack(position, _PLAIN, len(body)) + body
    sealed = person_keys.seal(secret, body, place + position.to_bytes(2, "big"))
    return _HEAD.pack(position, _PERSONAL, len(sealed)) + sealed


def find(opened: bytes, position: int) -> Record | None:
    """Returns the record of a message by its position in its content; None when it is not among them."""
    for at, record in _all(opened):
        if at == position:
            return record
    return None


def values(record: Record, position: int, secret: bytes | None, place: bytes) -> bytes | None:
    """Returns the values of a message; None when its person was erased."""
    if record.kind == _PLAIN:
        return record.body
    try:
        return person_keys.unseal(secret, record.body, place + position.to_bytes(2, "big"))
    except KeyGoneError:
        return None


def place_of(handover_id: UUID, content_id: bytes) -> bytes:
    """Returns where records are sealed to."""
    return b"sent" + handover_id.bytes + content_id


def _all(opened: bytes) -> Iterator[tuple[int, Record]]:
    start = 0
    while start < len(opened):
        position, kind, length = _HEAD.unpack_from(opened, start)
        start += _HEAD.size
        yield position, Record(kind, opened[start : start + length])
        start += length
