"""How recipients of messages are sealed: each with the key of its person, CHUNK of them with the key of the tenant.

The outer seal is what nobody without the master key opens, and it binds a chunk to its place (GEN-36). Inside, the
record of a contact is sealed once more with the contact's own key, so that erasing the contact makes it unreadable in
every copy, whatever becomes of its neighbours in the chunk.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final, NamedTuple

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.security.envelope import KeyGoneError
from services.delivery.columns import in_slices
from services.delivery.messages.domain import CHUNK

_HEAD: Final = Struct(">?I")


class Record(NamedTuple):
    """One recipient inside an opened chunk."""

    is_personal: bool
    """Whether the body is sealed with a person's key; addresses without a contact have none."""
    body: bytes


def aad_of_chunk(content_id: bytes, number: int) -> bytes:
    """Returns the place of a chunk of recipients."""
    return b"recipients" + content_id + number.to_bytes(2, "big")


def aad_of_content(content_id: bytes) -> bytes:
    """Returns the place of the texts of a content."""
    return b"content" + content_id


def chunks(
    packed: Sequence[bytes], secrets: Sequence[bytes | None], erased: frozenset[int], content_id: bytes
) -> list[bytes]:
    """Returns recipients in chunks, ready for the outer seal.

    Args:
        packed: The serialised recipients of a block, in order.
        secrets: The secret of each one's person; None for an address without a contact.
        erased: Places of people who were erased meanwhile; nothing of them is kept.
        content_id: The content they belong to.
    """
    records: list[bytes] = []
    for place, (plain, secret) in enumerate(zip(packed, secrets, strict=True)):
        if place in erased:
            records.append(_HEAD.pack(True, 0))
        elif secret is None:
            records.append(_HEAD.pack(False, len(plain)) + plain)
        else:
            body = person_keys.seal(secret, plain, _place(content_id, place))
            records.append(_HEAD.pack(True, len(body)) + body)
    return [b"".join(part) for part in in_slices(records, CHUNK)]


def records(chunk: bytes) -> list[Record]:
    """Returns the recipients of an opened chunk, in order."""
    found: list[Record] = []
    start = 0
    while start < len(chunk):
        is_personal, length = _HEAD.unpack_from(chunk, start)
        start += _HEAD.size
        found.append(Record(is_personal, chunk[start : start + length]))
        start += length
    return found


def recipient(record: Record, secret: bytes | None, content_id: bytes, position: int) -> pb.Recipient | None:
    """Returns a recipient by its position in its content; None when the person was erased."""
    if not record.is_personal:
        return pb.Recipient.FromString(record.body)
    try:
        return pb.Recipient.FromString(person_keys.unseal(secret, record.body, _place(content_id, position)))
    except KeyGoneError:
        return None


def _place(content_id: bytes, position: int) -> bytes:
    return content_id + position.to_bytes(2, "big")
