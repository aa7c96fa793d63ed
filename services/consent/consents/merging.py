"""When two contacts turn out to be one person: the stricter wish of the two holds (CAM-79)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.consent import announcements
from services.consent.consents import store
from services.consent.consents.domain import CHANGE_SOURCES, Consent
from services.consent.consents.optout import OptOut, opt_out
from services.consent.consents.trail import Change, consent_change
from services.consent.decisions.categories import Choice
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.preferences import changes, choices_store
from services.consent.preferences import store as preference_store
from services.consent.preferences.choices_store import Author
from services.consent.preferences.domain import CHANNELS, Cell, Choices, Update, Value

_ACTOR: Final = "campaign"
_REASON: Final = "another contact of the same person was merged into this one"
_CAPS: Final = ("max_emails_per_day", "max_sms_per_day")
_Place = tuple[str, str, UUID | None]
"""Channel, class and branch of a consent."""


async def merge(uow: UnitOfWork, kept_id: UUID, merged_id: UUID, key_id: str) -> None:
    """Gives the kept contact whatever the merged one refused, and what it granted where nothing stands against it.

    What is recorded about the merged contact stays recorded; nobody is written to under its id. `key_id` names the key
    of the hashes that suppress.
    """
    await lock_subjects(uow, [kept_id.bytes, merged_id.bytes])
    theirs = await preference_store.standing(uow, merged_id)
    if theirs.opted_out:
        wish = OptOut(None, theirs.opt_out_source or "manual", _ACTOR, key_id, reason=_REASON)
        await opt_out(uow, [Subject(kept_id)], wish)
    if theirs.is_dnd and await preference_store.set_dnd(uow, kept_id, is_dnd=True):
        await _tell(uow, [_dnd(kept_id)], "")
    ours, others = await store.all_of(uow, kept_id), await store.all_of(uow, merged_id)
    await _withdraw(uow, kept_id, [one for one in others.values() if one.status == "revoked"])
    standing = await preference_store.standing(uow, kept_id)
    if not standing.opted_out and not standing.is_dnd:
        await _carry(uow, kept_id, ours, others)
    await _restrict(uow, kept_id, merged_id)


async def _withdraw(uow: UnitOfWork, kept_id: UUID, withdrawn: Sequence[Consent]) -> None:
    for consent in withdrawn:
        source = consent.revoked_source or consent.source
        revoked = await store.revoke(
            uow,
            [Subject(kept_id)],
            channels=[consent.key.channel],
            message_classes=[consent.key.message_class],
            branch_id=consent.key.branch_id,
            source=source,
            actor=_ACTOR,
            make=True,
        )
        told = [
            consent_change(one.consent, one.old_status, CHANGE_SOURCES[source], reason=_REASON)
            for one in revoked
        ]
        await _tell(uow, told, source)


async def _carry(
    uow: UnitOfWork, kept_id: UUID, ours: Mapping[_Place, Consent], others: Mapping[_Place, Consent]
) -> None:
    """Lets grants follow the person where the kept contact never said anything, with their proof."""
    for place, consent in others.items():
        if place in ours or consent.status_at(uow.now()) != "granted":
            continue
        key = replace(consent.key, contact_id=kept_id)
        saved = await store.save(uow, replace(consent, consent_id=uuid7(), key=key, version=0))
        change = consent_change(saved, None, CHANGE_SOURCES[consent.source], reason=_REASON)
        await _tell(uow, [replace(change, occurred_at=consent.granted_at)], consent.source)


async def _restrict(uow: UnitOfWork, kept_id: UUID, merged_id: UUID) -> None:
    """Switches off what either switched off, and takes the lower of two caps."""
    theirs = await choices_store.read(uow, merged_id)
    if theirs.version == 0:
        return
    ours = await choices_store.read(uow, kept_id)
    update = Update(values=_stricter(ours, theirs), cells=_refused(theirs))
    await changes.change(uow, kept_id, update, Author(_ACTOR, "system", _REASON))


def _stricter(ours: Choices, theirs: Choices) -> Mapping[str, Value]:
    values: dict[str, Value] = {
        name: False for name in (f"{channel}.is_enabled" for channel in CHANNELS) if not theirs.values[name]
    }
    if theirs.values["sms_critical_only"]:
        values["sms_critical_only"] = True
    for name in _CAPS:
        caps = [cap for cap in (ours.values[name], theirs.values[name]) if isinstance(cap, int)]
        if caps:
            values[name] = min(caps)
    return values


def _refused(theirs: Choices) -> Mapping[Cell, Choice]:
    return {cell: choice for cell, choice in theirs.cells.items() if not choice[0]}


def _dnd(contact_id: UUID) -> Change:
    return Change(
        contact_id=contact_id,
        address_hash=None,
        field="is_dnd",
        old_value="false",
        new_value="true",
        change_source="system",
        reason=_REASON,
    )


async def _tell(uow: UnitOfWork, told: Sequence[Change], source: str) -> None:
    await store.add_audit(uow, told, _ACTOR)
    announcements.consents_changed(uow, told, source)
