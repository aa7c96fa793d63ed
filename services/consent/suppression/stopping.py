"""Stopping addresses: new entries with what follows from each, its line in the trail and its event."""

from collections.abc import Sequence

from services.common.db.uow import UnitOfWork
from services.consent import announcements
from services.consent.consents import store as consent_store
from services.consent.consents.trail import Change
from services.consent.suppression import store
from services.consent.suppression.domain import Entry, StoredEntry


async def stop(
    uow: UnitOfWork,
    entries: Sequence[Entry],
    actor: str | None,
    *,
    change_source: str,
    reason: str | None = None,
) -> None:
    """Adds entries; those that stood before change nothing."""
    if not entries:
        return
    added = [one.stored for one in await store.add(uow, entries, actor) if one.is_new]
    announcements.suppressions_added(uow, added)
    await consent_store.add_audit(uow, [stopped(one, change_source, reason) for one in added], actor)


def stopped(one: StoredEntry, change_source: str, reason: str | None) -> Change:
    """Returns the line of the trail about a new entry."""
    return Change(
        contact_id=one.entry.contact_id,
        address_hash=None if one.entry.contact_id else one.entry.identifier_hash,
        field="suppression",
        old_value=None,
        new_value=f"{one.entry.scope}: {one.entry.reason}",
        change_source=change_source,
        channel=one.entry.channel,
        reason=reason,
    )
