"""Keeping what is sent with the hand-over that sends it, and reading it again."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope, SealedValueError
from services.common.templating import CompiledContent
from services.common.turns import in_turns
from services.delivery import columns
from services.delivery.dispatch.loading import Item
from services.delivery.messages import secrets
from services.delivery.sent import frames, records
from services.delivery.sent.frames import Frame, Shown, Tracks

_KNOWN: Final = 10_000
_FRAMES: Final = 500
_OPENED_AT_ONCE: Final = 20
"""Contents whose hand-overs are read together; one may hold the values of a thousand messages."""

FRAMES_LONGER: Final = timedelta(days=62)
"""How much longer frames stay than contents: those leave by whole months, and what uses a frame is noted once a day."""

_KEEP_FRAME: Final = """
INSERT INTO sent_frame (tenant_id, frame_id, sealed, used_at) VALUES (%(tenant_id)s, %(frame_id)s, %(sealed)s, %(now)s)
ON CONFLICT (tenant_id, frame_id) DO UPDATE SET used_at = excluded.used_at WHERE sent_frame.used_at < excluded.used_at
"""

_KEEP: Final = """
INSERT INTO sent_content (tenant_id, content_id, handover_id, frame_id, sealed)
SELECT %(tenant_id)s, r.content_id, %(handover_id)s, %(frame_id)s, r.sealed
FROM unnest(%(contents)b::uuid[], %(sealed)b::bytea[]) AS r (content_id, sealed)
"""

_FIND: Final = """
SELECT content_id, handover_id, frame_id, sealed FROM sent_content
WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)s) ORDER BY content_id, handover_id DESC
"""

_FIND_FRAMES: Final = (
    "SELECT frame_id, sealed FROM sent_frame WHERE tenant_id = %(tenant_id)s AND frame_id = ANY (%(frames)s)"
)

_FORGET_FRAMES: Final = """
DELETE FROM sent_frame WHERE (tenant_id, frame_id) IN (
    SELECT tenant_id, frame_id FROM sent_frame WHERE used_at < %s LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """What the messages of one hand-over say, ready to be kept: records by message, by content."""

    frame: Frame
    handover_id: UUID
    by_content: Mapping[bytes, Sequence[tuple[bytes, bytes]]]


class Keeper:
    """Keeps what a worker sends: one row per content and hand-over, frames only where they are new."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope
        self._frames: OrderedDict[tuple[int, bool], tuple[CompiledContent, Frame]] = OrderedDict()
        self._known: OrderedDict[tuple[UUID, UUID], date] = OrderedDict()

    async def packed(self, content: CompiledContent, handover_id: UUID, items: Sequence[Item]) -> Packed:
        """Returns what rendered messages say; the values of those that one person may see once are left out."""
        example = items[0].content
        frame = self._frame(content, has_own_subject=bool(example.subject_override))
        is_secret = secrets.are_of(example.category)
        by_content: defaultdict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
        async for part in in_turns(items):
            for item in part:
                content_id = item.content.content_id
                body = None if is_secret else frame.values(content, item.slots)
                place = records.place_of(handover_id, content_id)
                record = records.packed(item.position, body, item.secret, place)
                by_content[content_id].append((item.message_id, record))
        return Packed(frame, handover_id, by_content)

    async def keep(self, uow: UnitOfWork, sent: Packed, without: Collection[bytes], now: datetime) -> None:
        """Adds it to the transaction of the hand-over, but for messages that were taken out of it."""
        contents, plain = [], []
        for content_id, of_messages in sent.by_content.items():
            kept = b"".join(record for message_id, record in of_messages if message_id not in without)
            if kept:
                contents.append(content_id)
                plain.append(kept)
        frame_id = sent.frame.frame_id
        cipher = await self._envelope.cipher(uow)
        await self._keep_frame(uow, sent.frame, now)
        places = [_place(sent.handover_id, content_id) for content_id in contents]
        uow.defer(
            _KEEP,
            {
                "tenant_id": uow.tenant_id,
                "handover_id": sent.handover_id,
                "frame_id": frame_id,
                "contents": columns.uuids(contents),
                "sealed": columns.blobs(cipher.seal_many(plain, places)),
            },
        )

    async def _keep_frame(self, uow: UnitOfWork, frame: Frame, now: datetime) -> None:
        assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
        key, today = (uow.tenant_id, frame.frame_id), now.date()
        if self._known.get(key) == today:
            return
        sealed = await self._envelope.seal(uow, frame.packed, _place_of_frame(frame.frame_id))
        uow.defer(
            _KEEP_FRAME,
            {"tenant_id": uow.tenant_id, "frame_id": frame.frame_id, "sealed": sealed, "now": now},
        )

        def remember() -> None:
            self._known[key] = today
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)

        uow.after_commit(remember)

    def _frame(self, content: CompiledContent, *, has_own_subject: bool) -> Frame:
        key = (id(content), has_own_subject)
        if key not in self._frames:
            # The content is kept with its frame, so that its id is nobody else's.
            self._frames[key] = (content, frames.of(content, has_own_subject=has_own_subject))
            while len(self._frames) > _FRAMES:
                self._frames.popitem(last=False)
        return self._frames[key][1]


class Wanted(NamedTuple):
    """A message whose words are asked for."""

    content_id: UUID
    position: int
    contact_id: UUID | None


async def find(
    uow: UnitOfWork, envelope: Envelope, tracks: Tracks, wanted: Sequence[Wanted]
) -> dict[tuple[UUID, int], Shown]:
    """Returns what messages said when they were handed over last, by content and position.

    What was removed with its month, or whose person was erased, is left out.
    """
    secrets_of = await person_keys.secrets_of(uow, list({one.contact_id for one in wanted if one.contact_id}))
    found: dict[tuple[UUID, int], Shown] = {}
    for contents in columns.in_slices(list({one.content_id for one in wanted}), _OPENED_AT_ONCE):
        rows = await uow.fetch_all(_FIND, {"tenant_id": uow.tenant_id, "contents": list(contents)})
        known = await _frames_of(uow, envelope, [frame_id for _, _, frame_id, _ in rows])
        for content_id, handover_id, frame_id, sealed in rows:
            asked = [one for one in wanted if one.content_id == content_id]
            try:
                opened = await envelope.open(uow, sealed, _place(handover_id, content_id.bytes))
            except SealedValueError:
                # Its key is gone: what it held is erased.
                continue
            for one in asked:
                record = records.find(opened, one.position)
                if record is None or (content_id, one.position) in found or frame_id not in known:
                    continue
                values = None
                if not record.is_secret:
                    secret = secrets_of.get(one.contact_id) if one.contact_id else None
                    place = records.place_of(handover_id, content_id.bytes)
                    values = records.values(record, one.position, secret, place)
                    if values is None:
                        continue
                found[content_id, one.position] = known[frame_id].shown(values, tracks)
    return found


async def forget_frames(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes frames that nothing used since an instant; returns how many."""
    return await uow.execute(_FORGET_FRAMES, (before, limit))


async def _frames_of(uow: UnitOfWork, envelope: Envelope, ids: Sequence[UUID]) -> dict[UUID, Frame]:
    rows = await uow.fetch_all(_FIND_FRAMES, {"tenant_id": uow.tenant_id, "frames": list(set(ids))})
    found = {}
    for frame_id, sealed in rows:
        plain = await envelope.open(uow, sealed, _place_of_frame(frame_id))
        found[frame_id] = frames.unpacked(plain)
    return found


def _place(handover_id: UUID, content_id: bytes) -> bytes:
    return b"sent" + handover_id.bytes + content_id


def _place_of_frame(frame_id: UUID) -> bytes:
    return b"frame" + frame_id.bytes
