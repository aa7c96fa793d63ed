"""Changing what a contact says: one way for every caller, with history, event and audit entry."""

from uuid import UUID

from angarium.consent.v1 import consent_events_pb2
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted
from services.common.events.event import Event
from services.consent.locks import lock_subjects
from services.consent.preferences import choices_store
from services.consent.preferences.choices_store import Author
from services.consent.preferences.domain import Choices, Update, applied, differences, without_echo


async def change(
    uow: UnitOfWork,
    contact_id: UUID,
    update: Update,
    author: Author,
    *,
    etag: str | None = None,
    echoes: bool = False,
) -> Choices:
    """Applies an update and returns what the contact says now; nothing is written when nothing changes (CON-5).

    Args:
        uow: The unit of work of the tenant; the contact is known and not erased.
        contact_id: Whose preferences.
        update: What to change.
        author: Who wished it, for the history.
        etag: The version that was read; None to change whatever stands.
        echoes: True when the update repeats what was shown: cells that say what holds anyway stay unsaid.

    Raises:
        ServiceError: VERSION_CONFLICT for another etag than the current one.
    """
    await lock_subjects(uow, [contact_id.bytes])
    before = await choices_store.read(uow, contact_id)
    if etag is not None and etag != str(before.version):
        raise aborted("the preferences were changed meanwhile: read them again")
    after = applied(before, without_echo(before, update) if echoes else update)
    if after == before:
        return before
    await choices_store.save(uow, contact_id, after.values)
    if gone := before.cells.keys() - after.cells.keys():
        await choices_store.forget_cells(uow, contact_id, gone)
    said = {cell: chosen for cell, chosen in after.cells.items() if before.cells.get(cell) != chosen}
    if said:
        await choices_store.save_cells(uow, contact_id, said)
    if changes := differences(before, after):
        choices_store.add_history(uow, contact_id, changes, author)
        _announce(uow, contact_id, after, list(changes))
        await audit.record(
            uow,
            action="preferences.update",
            resource_type="contact",
            resource_id=contact_id,
            before={name: old for name, (old, _) in changes.items()},
            after={name: new for name, (_, new) in changes.items()},
        )
    return await choices_store.read(uow, contact_id)


def _announce(uow: UnitOfWork, contact_id: UUID, after: Choices, fields: list[str]) -> None:
    payload = consent_events_pb2.PreferencesUpdated(
        contact_id=str(contact_id),
        fields=fields,
        language_code=str(after.values["language_code"] or ""),
        time_zone=str(after.values["time_zone"] or ""),
    )
    uow.emit(Event("preferences.updated", "contact", str(contact_id), payload))
