"""Sending failed messages once more on another channel, in the transaction that records their failure (DEL-84).

A fallback is a message of its own: consent is asked about it, caps hold it, it costs. It has no fallback itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7, uuid7_bytes
from services.common.rpc.context import Caller
from services.common.security.envelope import SealedValueError
from services.delivery.columns import id_text, in_slices
from services.delivery.dispatch import recording
from services.delivery.fallbacks import store
from services.delivery.fallbacks.planning import address_on
from services.delivery.fallbacks.store import Failed, Shared
from services.delivery.messages import convert, handlers, sealing, secrets
from services.delivery.messages.domain import (
    CHUNK,
    MAX_BLOCK,
    Category,
    Channel,
    Content,
    Lane,
    Origin,
    Recipients,
)
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.reading import Block
from services.delivery.messages.sealing import Record, aad_of_chunk

MAKER: Final = Caller("service", "fallback", None, frozenset({"service"}), service="delivery")
"""Stands as the creator of fallbacks."""

_MADE = telemetry.counter(
    "fallbacks_total", "Messages sent once more on another channel.", ("channel", "fallback")
)


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """Makes fallbacks."""

    acceptance: Acceptance

    async def make(self, uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> int:
        """Makes the fallbacks of messages that failed for good just now, and returns how many.

        Passed over are messages that arrived or may have, that are fallbacks themselves or have one, and those whose
        time has passed.
        """
        failed = await store.due(uow, ids, now) if ids else []
        if not failed:
            return 0
        recipients = await self._recipients(uow, failed)
        by_content: defaultdict[bytes, list[Failed]] = defaultdict(list)
        for one in failed:
            if one.message_id in recipients:
                by_content[one.content_id].append(one)
        made = 0
        for shared in await store.contents(uow, list(by_content)):
            for members in in_slices(by_content[shared.content_id], MAX_BLOCK):
                await self._store(uow, shared, members, recipients, now)
                made += len(members)
                _MADE.labels(_word(shared.channel), _word(shared.fallback_channel)).inc(len(members))
        return made

    async def _recipients(self, uow: UnitOfWork, failed: Sequence[Failed]) -> Mapping[bytes, pb.Recipient]:
        """Returns recipients by message; those erased, or whose content is gone, are left out."""
        wanted = sorted({(one.content_id, one.position // CHUNK) for one in failed})
        opened: dict[tuple[bytes, int], list[Record]] = {}
        for content_id, number, sealed in await store.chunks(uow, wanted):
            try:
                plain = await self.acceptance.envelope.open(uow, sealed, aad_of_chunk(content_id, number))
            except SealedValueError:
                continue
            opened[content_id, number] = sealing.records(plain)
        found: dict[bytes, pb.Recipient] = {}
        for one in failed:
            records = opened.get((one.content_id, one.position // CHUNK))
            if records is None:
                continue
            record = records[one.position % CHUNK]
            recipient = sealing.recipient(record, one.secret, one.content_id, one.position)
            if recipient is not None:
                found[one.message_id] = recipient
        return found

    async def _store(
        self,
        uow: UnitOfWork,
        shared: Shared,
        members: Sequence[Failed],
        recipients: Mapping[bytes, pb.Recipient],
        now: datetime,
    ) -> None:
        content = _content(shared, now)
        channel = Channel(shared.channel)
        if secrets.are_of(content.category):
            keys = {one.message_id: one.secret for one in members}
            for id, variables in (await secrets.load(uow, self.acceptance.envelope, keys)).items():
                recipients[id].variables.CopyFrom(variables)
        people = [_person(recipients[one.message_id], one, channel, content.channel) for one in members]
        new_ids = uuid7_bytes(len(members))
        columns = Recipients(
            ids=new_ids,
            contacts=[one.contact_id for one in members],
            languages=[one.language_code for one in people],
            packed=[convert.packed(one) for one in people],
            positions=list(range(len(members))),
        )
        read = convert.Read(columns, people, [], 0)
        await handlers.stored(self.acceptance, uow, Block(content, read, len(members), None), MAKER)
        originals = [one.message_id for one in members]
        store.link(uow, originals, new_ids)
        recording.log(
            uow,
            [
                line
                for original, new in zip(originals, new_ids, strict=True)
                for line in (
                    (original, "fallback", f"{content.channel.name.lower()} {id_text(new)}"),
                    (new, "fallback_of", f"{channel.name.lower()} {id_text(original)}"),
                )
            ],
            actor=MAKER.subject,
            now=now,
        )


def _content(shared: Shared, now: datetime) -> Content:
    return Content(
        content_id=uuid7().bytes,
        channel=Channel(shared.fallback_channel),
        category=Category(shared.category),
        lane=Lane(shared.lane),
        origin=Origin(shared.origin),
        template_version_id=shared.fallback_version_id,
        due_at=now,
        expire_at=shared.expire_at,
        is_scheduled=False,
        branch_id=shared.branch_id,
        campaign_id=shared.campaign_id,
        run_id=shared.run_id,
        variant_key=shared.variant_key,
        correlation_key=shared.correlation_key,
        correlation_id=shared.correlation_id,
        is_staff=shared.is_staff,
        name=shared.name,
        template_name=shared.fallback_template,
        traceparent=shared.traceparent,
        has_own_expiry=shared.has_own_expiry,
        source=shared.source,
        event_id=shared.event_id,
        rule=shared.rule,
        trigger_type=shared.trigger_type,
        automation_run_id=shared.automation_run_id,
        fallback_from=Channel(shared.channel),
    )


def _person(recipient: pb.Recipient, failed: Failed, channel: Channel, fallback: Channel) -> pb.Recipient:
    """Returns a recipient as the fallback has them."""
    person = pb.Recipient()
    person.CopyFrom(recipient)
    person.address = address_on(recipient, channel, fallback)
    person.fallback_address = ""
    person.contact_id = str(UUID(bytes=failed.contact_id)) if failed.contact_id else ""
    return person


def _word(channel: int) -> str:
    return Channel(channel).name.lower()
