"""Lifting what a person's own wish put on an address, once the person wishes otherwise (CON-40, CON-58, CON-61)."""

from collections.abc import Sequence

from services.common.db.uow import UnitOfWork
from services.consent import announcements
from services.consent.consents import store
from services.consent.consents.trail import Change
from services.consent.directory import store as directory_store
from services.consent.people import Subject
from services.consent.suppression import store as suppression_store
from services.consent.suppression.domain import StoredEntry


async def lift_marketing(uow: UnitOfWork, subject: Subject, channel: str, actor: str | None) -> None:
    """Lifts what keeps marketing from a locked person's addresses on a channel; what the law put there stays."""
    hashes = await _hashes(uow, subject, channel)
    if hashes:
        await _lift(uow, await suppression_store.lock_marketing_entries(uow, channel, hashes), actor)


async def lift_stop(uow: UnitOfWork, subject: Subject, channel: str, actor: str | None) -> None:
    """Lifts what a stop word put on a locked person's number; bounces and complaints stay."""
    hashes = await _hashes(uow, subject, channel)
    if hashes:
        await _lift(uow, await suppression_store.lock_stop_entries(uow, channel, hashes), actor)


async def _hashes(uow: UnitOfWork, subject: Subject, channel: str) -> list[bytes]:
    hashes = [digest for one, digest in subject.hashes.items() if one == channel]
    if subject.contact_id:
        known = await directory_store.addresses(uow, [subject.contact_id])
        hashes += [digest for _, one, digest, _, _ in known if one == channel]
    return [*hashes, *subject.older_hashes]


async def _lift(uow: UnitOfWork, entries: Sequence[StoredEntry], actor: str | None) -> None:
    if not entries:
        return
    await suppression_store.remove(uow, [entry.suppression_id for entry in entries])
    changes = [
        Change(
            contact_id=one.entry.contact_id,
            address_hash=None if one.entry.contact_id else one.entry.identifier_hash,
            field="suppression",
            old_value=f"{one.entry.scope}: {one.entry.reason}",
            new_value=None,
            change_source="customer",
            channel=one.entry.channel,
        )
        for one in entries
    ]
    await store.add_audit(uow, changes, actor)
    announcements.suppressions_removed(uow, entries)
