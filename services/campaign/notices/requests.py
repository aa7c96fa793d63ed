"""From notices to what delivery is asked: items of a batch, or a message of which the first possible channel is taken."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from google.protobuf.struct_pb2 import Struct

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.campaign.contacts.domain import ContactState
from services.campaign.notices.domain import Mode, Source, countdown
from services.campaign.notices.store import Due
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7_of

EMAIL: Final = enums_pb2.CHANNEL_EMAIL
PHONES: Final = frozenset({enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP})
STAFF_ONLY: Final = frozenset(
    {enums_pb2.CATEGORY_STAFF_ALERT, enums_pb2.CATEGORY_DISPUTE, enums_pb2.CATEGORY_BILLING}
)
"""Categories that never go to contacts; a bare address of one is a team's."""
MOST_ITEMS: Final = 1000
MOST_BYTES: Final = 2 * 1024 * 1024
"""What delivery takes in one call, with room for what surrounds it."""

_ORIGINS: Final = {
    Source.TRIGGER: message_pb2.ORIGIN_TRIGGER,
    Source.AUTOMATION: message_pb2.ORIGIN_AUTOMATION,
}


@dataclass(frozen=True, slots=True)
class Known:
    """Where a reader is reached."""

    email: str = ""
    phone: str = ""
    name: str = ""
    language_code: str = ""
    time_zone: str = ""

    def address(self, channel: int) -> str:
        """Returns the address on a channel; empty where there is none, or where a channel has none."""
        if channel == EMAIL:
            return self.email
        return self.phone if channel in PHONES else ""


@dataclass(frozen=True, slots=True)
class Item:
    """One message that a notice makes."""

    due: Due
    message_id: UUID
    item: pb.BatchItem


_CONTACTS: Final = """
SELECT contact_id, email, phone, name, language_code, time_zone FROM contact
WHERE tenant_id = %s AND contact_id = ANY(%s) AND state <> %s
"""


async def contacts(uow: UnitOfWork, due: Sequence[Due]) -> dict[UUID, Known]:
    """Returns where the contacts among readers are reached; who was erased meanwhile is left out."""
    ids = sorted({one.contact_id for one in due if one.contact_id})
    if not ids:
        return {}
    rows = await uow.fetch_all(_CONTACTS, (uow.tenant_id, ids, int(ContactState.ERASED)))
    return {contact_id: Known(*(value or "" for value in known)) for contact_id, *known in rows}


def reader(due: Due, opened: Mapping[str, Any], contacts: Mapping[UUID, Known]) -> Known | None:
    """Returns where a reader is reached; None for a contact there is no more. Delivery knows where staff are."""
    if due.contact_id is not None:
        return contacts.get(due.contact_id)
    return Known(opened.get("email", ""), opened.get("phone", ""), opened.get("name", ""))


def reachable(due: Due, known: Known) -> list[int]:
    """Returns the channels on which a reader may be met: those without an address are left out."""
    if due.staff_id:
        return list(due.channels)
    return [
        channel
        for channel in due.channels
        if known.address(channel)
        or (due.contact_id is not None and channel != EMAIL and channel not in PHONES)
    ]


def items(
    due: Due, known: Known, opened: Mapping[str, Any], channels: Sequence[int], now: datetime
) -> Iterator[Item]:
    """Yields a notice's messages, one on each channel; ids follow from the notice, so a repeat is known."""
    content, recipient = _content(due), _recipient(due, known, opened, now)
    if due.fallback_channel and [due.fallback_channel] != list(channels) and len(channels) == 1:
        content.fallback_channel = due.fallback_channel  # type: ignore[assignment]  # numbered as in the contract
        recipient.fallback_address = known.address(due.fallback_channel)
    for channel in channels:
        ident = message_id(due.notice_id, due.due_at, channel)
        content.channel = channel  # type: ignore[assignment]
        recipient.message_id = str(ident)
        recipient.address = known.address(channel)
        # An item has copies of both.
        yield Item(due, ident, pb.BatchItem(content=content, recipient=recipient))


def message_id(notice_id: UUID, due_at: datetime, channel: int) -> UUID:
    """Returns the id of a notice's message on a channel, where none is chosen."""
    return uuid7_of(due_at, notice_id.bytes, bytes([channel]))


def first(
    due: Due, known: Known, opened: Mapping[str, Any], channels: Sequence[int], now: datetime
) -> pb.SendMessageRequest:
    """Returns the call for a notice of which delivery takes the first channel that is allowed."""
    recipient = _recipient(due, known, opened, now)
    if due.contact_id is None:
        recipient.email = known.email
        recipient.phone = known.phone
    return pb.SendMessageRequest(
        content=_content(due),
        recipient=recipient,
        channels=channels,  # type: ignore[arg-type]  # numbered as in the contract
        strategy=pb.CHANNEL_STRATEGY_FIRST_AVAILABLE,
        idempotency_key=f"notice:{due.notice_id}",
    )


def calls(found: Iterable[Item]) -> Iterator[list[Item]]:
    """Yields items in blocks that delivery takes in one call; those of one notice stay together."""
    block: list[Item] = []
    size = 0
    for _, group in groupby(found, key=lambda one: one.due.notice_id):
        mine = list(group)
        own = sum(one.item.ByteSize() for one in mine)
        if block and (len(block) + len(mine) > MOST_ITEMS or size + own > MOST_BYTES):
            yield block
            block, size = [], 0
        block += mine
        size += own
    if block:
        yield block


def is_choice(due: Due, channels: Sequence[int]) -> bool:
    """Returns whether delivery has to choose among channels."""
    return due.mode == Mode.FIRST and len(channels) > 1


def _content(due: Due) -> pb.MessageContent:
    content = pb.MessageContent(
        category=due.category,  # type: ignore[arg-type]  # numbered as in the contract
        template_name=due.template,
        priority=due.priority,  # type: ignore[arg-type]
        origin=_ORIGINS.get(Source(due.source), message_pb2.ORIGIN_TRANSACTIONAL),
        is_staff=bool(due.staff_id) or due.category in STAFF_ONLY,
        branch_id=_text(due.branch_id),
        campaign_id=_text(due.campaign_id),
        automation_run_id=_text(due.automation_run_id),
        correlation_key=due.correlation_key,
        correlation_id=due.correlation_id,
        trigger_type=due.rule if due.source == Source.TRIGGER else "",
        source=due.source,
        # Delivery sends once for a cause, even long after it forgot the key of a call.
        cause=pb.Cause(event_id=str(due.event_id or due.notice_id), rule=due.rule[:100] or str(due.source)),
    )
    content.expire_time.FromDatetime(due.expires_at)
    return content


def _recipient(due: Due, known: Known, opened: Mapping[str, Any], now: datetime) -> pb.Recipient:
    variables = Struct()
    variables.update(opened["variables"])
    if due.countdown_to is not None:
        variables.update(countdown(due.countdown_to, now))
    return pb.Recipient(
        contact_id=_text(due.contact_id),
        staff_id=due.staff_id or "",
        name=known.name,
        language_code=due.language_code or known.language_code,
        time_zone=due.time_zone or known.time_zone,
        variables=variables,
    )


def _text(value: UUID | None) -> str:
    return "" if value is None else str(value)
