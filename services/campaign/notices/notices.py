"""Writing notices down with their cause, stopping them, and giving them another time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.intake.sealing import array
from services.campaign.notices import cancellations, store
from services.campaign.notices.domain import LARGEST_KEY, WORTH, Notice, Reader, Source
from services.campaign.notices.requests import message_id
from services.campaign.notices.store import Meant
from services.common.addresses import canonical_email, parse_phone
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.common.security.envelope import Envelope, SealedValueError
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet

_PLACE: Final = b"notice"


class Notices:
    """The notices of tenants: what is personal in them is sealed while they wait."""

    def __init__(self, encryption_keys: KeySet, hash_keys: KeySet) -> None:
        self._envelope = Envelope(encryption_keys)
        self._hash_keys = hash_keys

    async def add(self, uow: UnitOfWork, notices: Sequence[Notice]) -> int:
        """Adds notices in the caller's transaction and returns how many were new; a known key adds nothing."""
        if not notices:
            return 0
        ids = [uuid7() for _ in notices]
        contents = [orjson.dumps(_content(one)) for one in notices]
        places = [_PLACE + one.bytes for one in ids]
        sealed = await self._envelope.seal_many(uow, contents, places)
        rows = [self._row(uow, *one) for one in zip(ids, notices, sealed, strict=True)]
        return await store.insert(uow, rows)

    async def cancel(self, uow: UnitOfWork, correlation_key: str, reason: str, *, rule: str = "") -> int:
        """Ends what waits under a key and returns how many did; what was handed over is cancelled at delivery too.

        With a rule only its notices are ended. No outcome is told of what is cancelled: whoever cancels knows.
        """
        if not correlation_key:
            raise ValueError("nothing is cancelled without a key")
        meant = Meant(correlation_key, rule or None)
        if rule:
            return await self._cancel_some(uow, meant, reason)
        ended = await store.cancel(uow, meant, reason)
        # Looked up afterwards: nothing can be handed over any more without being seen.
        if any(one.is_on_its_way for one in ended) or await store.sent(uow, meant):
            await cancellations.add(uow, correlation_key, reason)
        return len(ended)

    async def cancel_readers(
        self, uow: UnitOfWork, correlation_key: str, rule: str, contact_ids: Sequence[UUID], reason: str
    ) -> int:
        """Ends what waits for some readers under a key and rule and returns how many it was.

        What was handed over for them is cancelled at delivery too; others who share the key get theirs.
        """
        if not contact_ids:
            return 0
        return await self._cancel_some(uow, Meant(correlation_key, rule, contact_ids), reason)

    async def _cancel_some(self, uow: UnitOfWork, meant: Meant, reason: str) -> int:
        """Ends some of what a key stands for: delivery is told of each message."""
        ended = await store.cancel(uow, meant, reason)
        await cancellations.add_messages(uow, [*_handed(ended), *await store.sent(uow, meant)], reason)
        return len(ended)

    async def cancel_keys(self, uow: UnitOfWork, source: Source, keys: Sequence[str], reason: str) -> int:
        """Ends what waits of a source under its own keys, here and on its way to delivery; returns how many."""
        ended = await store.cancel_keys(uow, str(source), keys, reason) if keys else []
        await cancellations.add_messages(uow, _handed(ended), reason)
        return len(ended)

    async def move(
        self, uow: UnitOfWork, correlation_key: str, rule: str, due_at: datetime, expires_at: datetime
    ) -> int:
        """Gives what waits under a key and rule another time, and returns how many it was."""
        return await store.move(uow, correlation_key, rule, due_at, expires_at)

    async def rename(self, uow: UnitOfWork, before: str, after: str) -> int:
        """Gives what stands under a correlation key another one, and returns how many it was.

        Delivery knows what was handed over by the former key still: it is cancelled there message by message.
        """
        return await store.rename(uow, before, after)

    async def opened(self, uow: UnitOfWork, due: Sequence[store.Due]) -> list[dict[str, Any] | None]:
        """Returns what is sealed of notices of one tenant: `variables`, and of bare addresses who it is, `passes` to offer.

        None stands for one that cannot be opened.
        """
        places = [_PLACE + one.notice_id.bytes for one in due]
        try:
            found = await self._envelope.open_many(uow, [one.sealed for one in due], places)
        except SealedValueError:
            if len(due) == 1:
                return [None]
            return [content for one in due for content in await self.opened(uow, [one])]
        return [orjson.loads(one) for one in found]

    def hashes(self, tenant_id: UUID, email: str | None, phone: str | None) -> list[bytes]:
        """Returns the hashes under which notices to these addresses are found."""
        found = []
        if email:
            found.append(address_hash(self._hash_keys, tenant_id, "notice:email", _canonical_email(email)))
        if phone:
            found.append(address_hash(self._hash_keys, tenant_id, "notice:phone", _canonical_phone(phone)))
        return found

    def _row(self, uow: UnitOfWork, notice_id: UUID, one: Notice, sealed: bytes) -> tuple[Any, ...]:
        assert uow.tenant_id is not None  # noqa: S101 - notices belong to a tenant's unit of work
        _check(one)
        due_at = one.due_at or uow.now()
        hashes = self.hashes(uow.tenant_id, one.reader.email, one.reader.phone)
        return (
            notice_id,
            str(one.source),
            one.key,
            one.rule,
            one.reader.contact_id,
            one.reader.staff_id,
            array(hashes),
            one.reader.language_code,
            one.reader.time_zone,
            one.category,
            one.template,
            f"{{{','.join(map(str, one.channels))}}}",
            int(one.mode),
            one.priority,
            one.fallback_channel,
            sealed,
            one.countdown_to,
            due_at,
            one.expires_at or due_at + WORTH,
            one.correlation_key,
            one.correlation_id,
            one.event_id,
            one.branch_id,
            one.campaign_id,
            one.automation_run_id,
        )


def _handed(ended: Sequence[store.Ended]) -> list[UUID]:
    """Returns the messages that may be, or are about to be at delivery."""
    return [
        message_id(one.notice_id, one.due_at, channel)
        for one in ended
        if one.is_on_its_way
        for channel in one.channels
    ]


def _check(one: Notice) -> None:
    reader = one.reader
    if sum((reader.contact_id is not None, bool(reader.staff_id), bool(reader.email or reader.phone))) != 1:
        raise ValueError("a reader is a contact, a staff member or a bare address")
    if not one.channels:
        raise ValueError("a notice needs a channel")
    if not 0 < len(one.key) <= LARGEST_KEY:
        raise ValueError(f"a key has 1 to {LARGEST_KEY} characters")


def _content(one: Notice) -> dict[str, Any]:
    reader: Reader = one.reader
    known = {"email": reader.email, "phone": reader.phone, "name": reader.name, "passes": one.passes}
    return {"variables": dict(one.variables), **{name: value for name, value in known.items() if value}}


def _canonical_email(email: str) -> str:
    try:
        return canonical_email(email)
    except ValueError:
        return email


def _canonical_phone(phone: str) -> str:
    try:
        return parse_phone(phone)
    except ValueError:
        return phone
