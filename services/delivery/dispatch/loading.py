"""Reading a claimed block: its messages, what they share, and the recipients, decrypted (DEL-65 step 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.turns import in_turns
from services.delivery import columns
from services.delivery.accounts.store import ProviderAccount
from services.delivery.devices.reach import devices_of
from services.delivery.dispatch.domain import DUPLICATE_ACCEPTED
from services.delivery.limits.slots import NOTHING, Usage
from services.delivery.messages import attachments, sealing, secrets
from services.delivery.messages.convert import unpacked_content
from services.delivery.messages.domain import CHUNK, WAITING, Category, Channel, Lane, Origin, State
from services.delivery.messages.sealing import Record, aad_of_chunk, aad_of_content
from services.delivery.providers import Device
from services.delivery.subjects import Subject, of_staff

# By the ids themselves, never between the lowest and the highest: those of one block of a run lie scattered among those of
# all its blocks.
_MESSAGES = """
SELECT uuid_send(m.message_id), uuid_send(m.contact_id), uuid_send(m.content_id), m.position, m.state,
    m.attempt_count, m.account_id, uuid_send(k.secret), coalesce(m.series_start, 0), m.expire_at
FROM unnest(%(ids)b::uuid[]) WITH ORDINALITY AS r (id, n)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
LEFT JOIN LATERAL (
    SELECT secret FROM person_key WHERE tenant_id = %(tenant_id)s AND contact_id = m.contact_id LIMIT 1
) AS k ON true
WHERE m.message_id = ANY (%(ids)b::uuid[])
ORDER BY r.n
"""

_CONTENTS = """
SELECT uuid_send(content_id), channel, category, lane, origin, template_version_id, branch_id, campaign_id, is_staff,
    sealed, expire_at, cancelled_at IS NOT NULL, coalesce(cancel_reason, ''), run_id, group_key, correlation_key,
    coalesce(traceparent, ''), attachment_count, has_own_expiry, coalesce(fallback_channel, 0), coalesce(fallback_from, 0)
FROM content
WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)b::uuid[])
  AND content_id BETWEEN %(lowest)s AND %(highest)s
"""

_CHUNKS = """
SELECT uuid_send(c.content_id), c.chunk, c.sealed
FROM unnest(%(contents)b::uuid[], %(numbers)b::int2[]) AS r (content_id, chunk)
JOIN message_content c ON c.tenant_id = %(tenant_id)s AND c.content_id = r.content_id AND c.chunk = r.chunk
WHERE c.content_id BETWEEN %(lowest)s AND %(highest)s
"""

_KEPT = """
SELECT DISTINCT ON (a.message_id) uuid_send(a.message_id), a.account_id
FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN attempt a ON a.tenant_id = %(tenant_id)s AND a.message_id = r.id
WHERE a.message_id = ANY (%(ids)b::uuid[]) AND a.outcome = 4 AND a.account_id IS NOT NULL AND a.code <> %(accepted)s
ORDER BY a.message_id, a.number DESC
"""

CANCEL_SEQUENCE = "SELECT sequence FROM tenant_cancel WHERE tenant_id = %s"


@dataclass(frozen=True, slots=True)
class LoadedContent:
    """What messages of one accepted block share."""

    content_id: bytes
    channel: Channel
    category: Category
    lane: Lane
    origin: Origin
    template_version_id: UUID
    branch_id: UUID | None
    campaign_id: UUID | None
    is_staff: bool
    expire_at: datetime
    is_cancelled: bool
    cancel_reason: str
    run_id: UUID | None
    group_key: UUID
    correlation_key: str
    traceparent: str
    attachment_count: int
    has_own_expiry: bool
    """Whether its caller said when it is not worth sending any more."""
    fallback_channel: int
    """Where a message that fails for good is sent once more; 0 when nowhere."""
    fallback_from: int
    """The channel that failed, where these are fallbacks; else 0."""
    reply_to: str = ""
    subject_override: str = ""
    media_urls: tuple[str, ...] = ()
    files: tuple[pb.Attachment, ...] = ()


@dataclass(slots=True)
class Item:
    """One message on its way through a pass."""

    message_id: bytes
    contact_id: bytes | None
    content: LoadedContent
    recipient: pb.Recipient
    attempts: int
    last_account: UUID | None
    position: int
    series_start: int
    """Tries before the present series; a dead letter that is retried begins a fresh one."""
    own_expiry: datetime | None
    """When it is not worth sending any more, where that is not its content's."""
    secret: bytes | None = field(default=None, repr=False)
    """The key of its person; None for a bare address."""
    language: str = ""
    unsubscribe_token: str = ""
    has_slot: bool = False
    kept_account: UUID | None = None
    """The account that may have sent it already, for nobody could tell: no other one may (DEL-78)."""
    slots: list[str] = field(default_factory=list)
    usage: Usage = NOTHING
    account: ProviderAccount | None = None
    """Who carries it, once that is chosen."""
    devices: Sequence[Device] = ()
    """Where a push message goes."""
    _uuid: UUID | None = None

    @property
    def uuid(self) -> UUID:
        """Returns the message id as adapters take it."""
        if self._uuid is None:
            self._uuid = UUID(bytes=self.message_id)
        return self._uuid

    @property
    def is_reachable(self) -> bool:
        """Returns whether there is an address to send it to, or a device."""
        if self.content.channel is Channel.PUSH:
            return bool(self.devices)
        return bool(self.recipient.address)

    @property
    def attempt(self) -> int:
        """Returns the number of the try in hand."""
        return self.attempts + 1

    @property
    def expire_at(self) -> datetime:
        """Returns when it is not worth sending any more."""
        return self.own_expiry or self.content.expire_at

    @property
    def has_firm_expiry(self) -> bool:
        """Returns whether its expiry stays, whatever it waits for."""
        return self.own_expiry is not None or self.content.has_own_expiry


class Stop(NamedTuple):
    """A message that does not get further in this pass, and why."""

    item: Item
    state: State
    reason: str
    code: str = ""
    until: datetime | None = None
    dead_letter: bool = False
    frequency: str = ""
    """With a deferral to a digest: how often the person gets one."""
    expire_at: datetime | None = None
    """With a deferral to a digest: when it is not worth sending any more."""
    detail: str = ""
    """What of its template cannot be rendered, by the names in it; never a value."""

    @property
    def wants_fallback(self) -> bool:
        """Returns whether it failed for good and may be sent once more on another channel."""
        return self.state is State.FAILED and bool(self.item.content.fallback_channel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The messages of a block that may go, those that stop here, and the tenant's last cancellation."""

    items: list[Item]
    stops: list[Stop]
    cancel_sequence: int


async def load(uow: UnitOfWork, envelope: Envelope, ids: Sequence[bytes], now: datetime) -> Loaded:
    """Reads messages in three statements; expired and cancelled ones are told apart, settled ones left out."""
    if not ids:
        return Loaded([], [], 0)
    cancelled, found = await uow.run_together(
        (CANCEL_SEQUENCE, (uow.tenant_id,)),
        (_MESSAGES, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids)}),
    )
    sequence = cancelled.rows[0][0] if cancelled.rows else 0
    rows = [row for row in found.rows if row[4] in WAITING]
    if not rows:
        return Loaded([], [], sequence)
    shared, chunks = await uow.run_together(_contents_query(uow, rows), _chunks_query(uow, rows))
    contents = await _contents(uow, envelope, shared.rows)
    recipients = await _recipients(uow, envelope, chunks.rows)
    items: list[Item] = []
    stops: list[Stop] = []
    async for part in in_turns(rows):
        for (
            message_id,
            contact_id,
            content_id,
            position,
            _,
            attempts,
            account,
            secret,
            series,
            own,
        ) in part:
            content = contents[content_id]
            record = recipients[content_id, position // CHUNK][position % CHUNK]
            opened = sealing.recipient(record, secret, content_id, position)
            recipient = opened or pb.Recipient()
            if content.channel in (Channel.IN_APP, Channel.PUSH):
                # Inboxes and devices are somebody's own; no address that a caller gives leads to them.
                subject = _subject(uow, contact_id, recipient)
                has_address = subject is not None and (
                    content.channel is Channel.IN_APP or bool(subject.staff_id)
                )
                recipient.address = subject.address if subject is not None and has_address else ""
            item = Item(
                message_id,
                contact_id,
                content,
                recipient,
                attempts,
                account,
                position,
                series,
                own,
                secret,
                recipient.language_code,
            )
            if opened is None:
                stops.append(Stop(item, State.SKIPPED, "contact_erased"))
            elif content.is_cancelled:
                stops.append(Stop(item, State.CANCELLED, content.cancel_reason or "cancelled"))
            elif item.expire_at <= now:
                stops.append(Stop(item, State.EXPIRED, "expired"))
            else:
                items.append(item)
    await _find_devices(uow, envelope, items)
    await _find_kept_accounts(uow, items)
    items, gone = await _reveal(uow, envelope, items, {row[0]: row[7] for row in rows})
    return Loaded(items, [*stops, *gone], sequence)


async def _reveal(
    uow: UnitOfWork, envelope: Envelope, items: list[Item], keys: Mapping[bytes, bytes | None]
) -> tuple[list[Item], list[Stop]]:
    """Returns messages with the variables that are kept apart, and those whose variables are gone."""
    hidden = [item for item in items if secrets.are_of(item.content.category)]
    if not hidden:
        return items, []
    found = await secrets.load(uow, envelope, {item.message_id: keys[item.message_id] for item in hidden})
    gone = []
    for item in hidden:
        if item.message_id in found:
            item.recipient.variables.CopyFrom(found[item.message_id])
        else:
            gone.append(Stop(item, State.FAILED, "content_removed"))
    lost = {stop.item.message_id for stop in gone}
    return [item for item in items if item.message_id not in lost], gone


async def _find_devices(uow: UnitOfWork, envelope: Envelope, items: Sequence[Item]) -> None:
    """Notes the devices that push messages go to, read in one statement for all their people."""
    pushed = [item for item in items if item.content.channel is Channel.PUSH]
    if not pushed:
        return
    found = [(item, _subject(uow, item.contact_id, item.recipient)) for item in pushed]
    people = {item.message_id: subject.id.bytes for item, subject in found if subject}
    devices = await devices_of(uow, envelope, list(people.values()))
    for item in pushed:
        item.devices = devices.get(people.get(item.message_id, b""), ())


async def _find_kept_accounts(uow: UnitOfWork, items: Sequence[Item]) -> None:
    """Notes which account an earlier try of each message went to whose outcome nobody knows to this day.

    A fresh series of tries settles no doubt; who accepts a duplicate does (`DUPLICATE_ACCEPTED`).
    """
    tried = {item.message_id: item for item in items if item.attempts}
    if not tried:
        return
    rows = await uow.fetch_all(
        _KEPT,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(list(tried)),
            "accepted": DUPLICATE_ACCEPTED,
        },
    )
    for message_id, account_id in rows:
        tried[message_id].kept_account = account_id


def _subject(uow: UnitOfWork, contact_id: bytes | None, recipient: pb.Recipient) -> Subject | None:
    """Returns whose inbox or devices a message goes to; None where it was sent to nobody in particular."""
    if contact_id is not None:
        return Subject(UUID(bytes=contact_id))
    if not recipient.staff_id:
        return None
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    return of_staff(uow.tenant_id, recipient.staff_id)


def bounds(ids: Sequence[bytes]) -> dict[str, UUID]:
    """Returns the lowest and highest id of contents, by which the planner leaves other months' partitions out."""
    return {"lowest": UUID(bytes=min(ids)), "highest": UUID(bytes=max(ids))}


def _contents_query(uow: UnitOfWork, rows: Sequence[tuple[Any, ...]]) -> tuple[str, dict[str, object]]:
    wanted = list({row[2] for row in rows})
    return _CONTENTS, {"tenant_id": uow.tenant_id, "contents": columns.uuids(wanted), **bounds(wanted)}


def _chunks_query(uow: UnitOfWork, rows: Sequence[tuple[Any, ...]]) -> tuple[str, dict[str, object]]:
    wanted = sorted({(row[2], row[3] // CHUNK) for row in rows})
    contents = [content_id for content_id, _ in wanted]
    return _CHUNKS, {
        "tenant_id": uow.tenant_id,
        "contents": columns.uuids(contents),
        "numbers": columns.smallints([number for _, number in wanted]),
        **bounds(contents),
    }


async def _contents(
    uow: UnitOfWork, envelope: Envelope, rows: Sequence[tuple[Any, ...]]
) -> Mapping[bytes, LoadedContent]:
    sealed = [(row[0], row[9]) for row in rows if row[9] is not None]
    opened = (
        await envelope.open_many(
            uow, [value for _, value in sealed], [aad_of_content(id) for id, _ in sealed]
        )
        if sealed
        else []
    )
    texts = {id: unpacked_content(plain) for (id, _), plain in zip(sealed, opened, strict=True)}
    contents = {row[0]: _content(row, *texts.get(row[0], ())) for row in rows}
    files = await attachments.load(
        uow, envelope, [id for id, content in contents.items() if content.attachment_count]
    )
    return contents | {id: replace(contents[id], files=found) for id, found in files.items()}


def _content(row: tuple[Any, ...], *texts: Any) -> LoadedContent:
    kinds = (Channel(row[1]), Category(row[2]), Lane(row[3]), Origin(row[4]))
    return LoadedContent(*(row[0], *kinds, *row[5:9], *row[10:], *texts))


async def _recipients(
    uow: UnitOfWork, envelope: Envelope, found: Sequence[tuple[Any, ...]]
) -> Mapping[tuple[bytes, int], list[Record]]:
    opened = await envelope.open_many(
        uow, [sealed for _, _, sealed in found], [aad_of_chunk(id, number) for id, number, _ in found]
    )
    return {
        (id, number): sealing.records(plain) for (id, number, _), plain in zip(found, opened, strict=True)
    }
