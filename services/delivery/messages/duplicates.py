"""What may be accepted once only: the same content to the same person, and what one event causes (DEL-59).

Each has a mark, mostly a keyed hash; whoever writes it first may go on. All marks of a transaction are taken in one
statement in their order, so that two transactions never wait for each other crosswise.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import blake2b
from typing import Final, NamedTuple

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.security.keys import KeySet
from services.delivery import columns
from services.delivery.messages.domain import Content, Origin, State, Verdict
from services.delivery.messages.reading import Block

MARKETING_WINDOW: Final = timedelta(hours=24)
"""For how long the same marketing content is not sent to the same person again."""

RUNS_APART: Final = MARKETING_WINDOW - timedelta(hours=3, minutes=15)
"""The same within campaigns: what leaves daily at one hour is not its own duplicate when it leaves earlier the next day.

A run may begin up to an hour late, and the next on time; a day on which clocks go forward is up to two hours shorter.
"""

CAUSES_KEPT: Final = timedelta(days=30)
DUPLICATE: Final = "duplicate_content"
_PERSON: Final = b"angarium/mark/1"
_NEAR: Final = 4
_MADE: Final = slice(1, 5)
"""Where the id of a contact tells when it was made, to a quarter of a second."""
_TOLD_APART: Final = 8
_FREE: Final = frozenset({Origin.TEST, Origin.REPLY, Origin.DIGEST})

# A message that never left does not stand in the way of the next one with its content. Only what was committed before
# this statement is believed to have ended so: a mark that is just being written counts.
_TAKE: Final = """
WITH taken AS (
    INSERT INTO message_mark AS k (tenant_id, mark_id, kind, message_id, expires_at)
    SELECT %(tenant_id)s, r.mark_id, %(kind)s::smallint, r.message_id, r.expires_at
    FROM unnest(%(marks)b::uuid[], %(ids)b::uuid[], %(ends)b::timestamptz[]) AS r (mark_id, message_id, expires_at)
    ORDER BY r.mark_id
    ON CONFLICT (tenant_id, mark_id) DO UPDATE SET message_id = excluded.message_id, expires_at = excluded.expires_at
    WHERE k.expires_at <= %(now)s OR k.message_id = excluded.message_id OR (k.kind = 1 AND EXISTS (
        SELECT FROM message m WHERE m.tenant_id = k.tenant_id AND m.message_id = k.message_id
          AND m.state IN (11, 12, 13, 14) AND m.sent_at IS NULL))
    RETURNING mark_id
)
SELECT uuid_send(r.mark_id) FROM unnest(%(marks)b::uuid[]) AS r (mark_id)
WHERE NOT EXISTS (SELECT FROM taken t WHERE t.mark_id = r.mark_id)
"""

_KNOWN: Final = """
SELECT uuid_send(k.mark_id), uuid_send(k.message_id), m.state, coalesce(m.reason, '')
FROM message_mark k
LEFT JOIN message m ON m.tenant_id = k.tenant_id AND m.message_id = k.message_id
WHERE k.tenant_id = %(tenant_id)s AND k.mark_id = ANY (%(marks)b::uuid[])
"""

_FORGET: Final = """
DELETE FROM message_mark WHERE (tenant_id, mark_id) IN (
    SELECT tenant_id, mark_id FROM message_mark WHERE expires_at <= %s LIMIT %s)
"""


class Kind(IntEnum):
    """What a mark stands for."""

    CONTENT = 1
    CAUSE = 2


class Known(NamedTuple):
    """The message that an event caused before."""

    message_id: bytes
    state: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unique:
    """A block without what would be a repeat: its duplicates are skipped, its repeats named by their position."""

    block: Block
    repeats: dict[int, Known]


class _Mark(NamedTuple):
    mark_id: bytes
    block: int
    place: int
    message_id: bytes
    ends: datetime


def window_of(content: Content) -> timedelta | None:
    """Returns for how long a content is not accepted again for the same person; None when it always is."""
    if content.is_staff or content.origin in _FREE:
        return None
    if content.duplicate_window is not None:
        return content.duplicate_window
    if not content.is_marketing:
        return None
    return RUNS_APART if content.origin is Origin.CAMPAIGN else MARKETING_WINDOW


async def settled(uow: UnitOfWork, keys: KeySet, blocks: Sequence[Block]) -> list[Unique]:
    """Takes the marks of blocks and returns what of them may be stored.

    What an event caused before is left out, whatever became of it; the same content to the same person again becomes
    skipped, unless it is skipped anyway.
    """
    repeats = await _causes(uow, keys, blocks)
    rest = [_without(block, found) for block, found in zip(blocks, repeats, strict=True)]
    lost = await _contents(uow, keys, rest)
    return [
        Unique(_skipping(block, places), found)
        for block, places, found in zip(rest, lost, repeats, strict=True)
    ]


async def forget(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes marks whose time is over; returns how many there were."""
    return await uow.execute(_FORGET, (now, limit))


async def _causes(uow: UnitOfWork, keys: KeySet, blocks: Sequence[Block]) -> list[dict[int, Known]]:
    """Returns what was caused before, by the position of its recipient, block by block."""
    repeats: list[dict[int, Known]] = [{} for _ in blocks]
    marks = [
        _Mark(mark_id, number, place, id, uow.now() + CAUSES_KEPT)
        for number, block in enumerate(blocks)
        if block.content.event_id
        for place, (mark_id, id) in enumerate(
            zip(_cause_marks(uow, keys, block), block.recipients.ids, strict=True)
        )
    ]
    if not marks:
        return repeats
    lost = await _take(uow, Kind.CAUSE, marks)
    known: dict[bytes, Known] = {}
    if lost:
        rows = await uow.fetch_all(
            _KNOWN,
            {"tenant_id": uow.tenant_id, "marks": columns.uuids([mark.mark_id for mark in lost])},
        )
        known = {
            mark_id: Known(id, state or int(State.PENDING), reason) for mark_id, id, state, reason in rows
        }
    for mark in lost:
        position = blocks[mark.block].recipients.positions[mark.place]
        repeats[mark.block][position] = known[mark.mark_id]
    return repeats


async def _contents(uow: UnitOfWork, keys: KeySet, blocks: Sequence[Block]) -> list[set[int]]:
    """Returns the places of duplicates, block by block."""
    places: list[set[int]] = [set() for _ in blocks]
    marks = [
        _Mark(mark_id, number, place, block.recipients.ids[place], uow.now() + window)
        for number, block in enumerate(blocks)
        if (window := window_of(block.content)) is not None
        for place, mark_id in enumerate(_content_marks(uow, keys, block))
        if block.verdict(place).state is not State.SKIPPED
    ]
    for mark in await _take(uow, Kind.CONTENT, marks) if marks else ():
        places[mark.block].add(mark.place)
    return places


async def _take(uow: UnitOfWork, kind: Kind, marks: Sequence[_Mark]) -> list[_Mark]:
    """Takes marks, and returns those that somebody else has; of two alike the first one counts."""
    alike: defaultdict[bytes, list[_Mark]] = defaultdict(list)
    for mark in marks:
        alike[mark.mark_id].append(mark)
    first = [group[0] for group in alike.values()]
    rows = await uow.fetch_all(
        _TAKE,
        {
            "tenant_id": uow.tenant_id,
            "kind": int(kind),
            "marks": columns.uuids([mark.mark_id for mark in first]),
            "ids": columns.uuids([mark.message_id for mark in first]),
            "ends": columns.instants([mark.ends for mark in first]),
            "now": uow.now(),
        },
    )
    # A message that comes twice by its own id is no duplicate of itself.
    taken = {mark_id for (mark_id,) in rows}
    return [
        mark
        for mark_id, group in alike.items()
        for mark in group
        if mark_id in taken or mark.message_id != group[0].message_id
    ]


def _cause_marks(uow: UnitOfWork, keys: KeySet, block: Block) -> list[bytes]:
    content = block.content
    shared = _hash(uow, keys, b"cause", content.event_id, content.rule, str(int(content.channel)))
    near = shared.digest()
    return [
        _mark(near, block, place, _of_person(shared, block, place))
        for place in range(len(block.recipients.ids))
    ]


def _content_marks(uow: UnitOfWork, keys: KeySet, block: Block) -> list[bytes]:
    content = block.content
    files = b"".join(
        blake2b(file.SerializeToString(deterministic=True), digest_size=16).digest() for file in block.files
    )
    shared = _hash(
        uow, keys, b"content", str(int(content.channel)), content.template_version_id.hex, content.subject_override,
        *content.media_urls,
    )  # fmt: skip
    shared.update(files)
    near = shared.digest()
    marks = []
    for place, person in enumerate(block.read.good):
        one = _of_person(shared, block, place)
        if person.HasField("variables"):
            one.update(person.variables.SerializeToString(deterministic=True))
        marks.append(_mark(near, block, place, one))
    return marks


def _mark(near: bytes, block: Block, place: int, found: blake2b) -> bytes:
    """Returns a mark that stands beside those of the same content to contacts made at the same time.

    Marks at random would each lead to another page of their index, and a large campaign to more pages than memory holds.
    Two marks are alike by chance only where 64 bits of the hash are, besides what is shared and the quarter of a
    second a contact was made in.
    """
    contact, digest = block.recipients.contacts[place], found.digest()
    if not contact:
        return digest
    return near[:_NEAR] + contact[_MADE] + digest[:_TOLD_APART]


def _hash(uow: UnitOfWork, keys: KeySet, kind: bytes, *words: str) -> blake2b:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    _, secret = keys.current
    found = blake2b(kind, digest_size=16, key=secret[:64], person=_PERSON)
    found.update(uow.tenant_id.bytes)
    for word in words:
        encoded = word.encode()
        found.update(len(encoded).to_bytes(4, "big") + encoded)
    return found


def _of_person(shared: blake2b, block: Block, place: int) -> blake2b:
    one = shared.copy()
    contact = block.recipients.contacts[place]
    person: pb.Recipient = block.read.good[place]
    who = contact or (
        b"s" + person.staff_id.encode() if person.staff_id else b"a" + person.address.lower().encode()
    )
    one.update(len(who).to_bytes(4, "big") + who)
    return one


def _without(block: Block, repeats: dict[int, Known]) -> Block:
    """Returns a block without the recipients at these positions."""
    if not repeats:
        return block
    positions = block.recipients.positions
    kept = [place for place, position in enumerate(positions) if position not in repeats]
    old = block.recipients
    recipients = replace(
        old,
        ids=[old.ids[place] for place in kept],
        contacts=[old.contacts[place] for place in kept],
        languages=[old.languages[place] for place in kept],
        packed=[old.packed[place] for place in kept],
        positions=[positions[place] for place in kept],
    )
    read = block.read._replace(recipients=recipients, good=[block.read.good[place] for place in kept])
    verdicts = None if block.verdicts is None else [block.verdicts[place] for place in kept]
    return replace(block, read=read, verdicts=verdicts)


def _skipping(block: Block, places: set[int]) -> Block:
    """Returns a block whose duplicates are skipped."""
    if not places:
        return block
    skipped = Verdict(State.SKIPPED, DUPLICATE)
    verdicts = [
        skipped if place in places else block.verdict(place) for place in range(len(block.recipients.ids))
    ]
    return replace(block, verdicts=verdicts)
