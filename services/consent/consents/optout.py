"""Opting out: one set of statements for any number of people, whoever says so (CON-60)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent import announcements
from services.consent.consents import store
from services.consent.consents.domain import CHANGE_SOURCES, SOURCE_OF_OPT_OUT
from services.consent.consents.trail import Change, consent_change
from services.consent.directory import store as directory_store
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.preferences import store as preference_store
from services.consent.schema import CONSENT_CHANNELS
from services.consent.suppression import stopping
from services.consent.suppression import store as suppression_store
from services.consent.suppression.domain import Entry, StoredEntry

_OPT_OUT_CHANGES = {
    "customer_request": "customer",
    "manual": "staff",
    "preference_page": "customer",
}


@dataclass(frozen=True, slots=True)
class OptOut:
    """A wish to get no more marketing: on one channel, or on all."""

    channel: str | None
    source: str
    """Word of an opt-out source."""
    actor: str | None
    key_id: str
    """Key the hashes of the subjects were made with."""
    reason: str | None = None
    method: str | None = None
    message_id: UUID | None = None
    campaign_id: UUID | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    causes: Mapping[bytes, tuple[UUID | None, UUID | None]] = field(default_factory=dict)
    """Message and campaign that caused it, by the key of the person, where a block has several."""

    def cause_of(self, subject: Subject) -> tuple[UUID | None, UUID | None]:
        """Returns message and campaign that made a person opt out."""
        return self.causes.get(subject.key, (self.message_id, self.campaign_id))


async def opt_out(uow: UnitOfWork, subjects: Sequence[Subject], wish: OptOut) -> set[bytes]:
    """Stops marketing to people and returns the keys of those for whom that was new.

    It revokes their marketing consents of the channel in every branch, suppresses each known address for marketing
    and, for all channels, sets the flag of the contact. It holds for every decision that starts after the commit.
    """
    await lock_subjects(uow, (subject.key for subject in subjects))
    channels = (wish.channel,) if wish.channel else CONSENT_CHANNELS
    source = SOURCE_OF_OPT_OUT[wish.source]
    change_source = _OPT_OUT_CHANGES.get(wish.source) or CHANGE_SOURCES[source]
    contacts = [subject.contact_id for subject in subjects if subject.contact_id]
    flagged = set[UUID]()
    if wish.channel is None and contacts:
        flagged = await preference_store.opt_out(uow, contacts, wish.source)
    revoked = await store.revoke(
        uow,
        subjects,
        channels=channels,
        message_classes=("marketing",),
        branch_id=None,
        source=source,
        actor=wish.actor,
        # The flag of a contact already says it for every channel.
        make=wish.channel is not None or len(contacts) < len(subjects),
    )
    added = await _suppress(uow, subjects, channels, wish)
    consents = [
        consent_change(
            one.consent,
            one.old_status,
            change_source,
            reason=wish.reason,
            ip_address=wish.ip_address,
            user_agent=wish.user_agent,
        )
        for one in revoked
    ]
    flags = [
        Change(
            contact_id=contact_id,
            address_hash=None,
            field="marketing_opted_out",
            old_value="false",
            new_value="true",
            change_source=change_source,
            reason=wish.reason,
            ip_address=wish.ip_address,
            user_agent=wish.user_agent,
        )
        for contact_id in sorted(flagged)
    ]
    entries = [stopping.stopped(one, change_source, wish.reason) for one in added]
    await store.add_audit(uow, [*flags, *consents, *entries], wish.actor)
    changed = {
        change.contact_id.bytes if change.contact_id else change.address_hash or b""
        for change in (*flags, *consents, *entries)
    }
    announcements.consents_changed(uow, [*flags, *consents], source)
    announcements.suppressions_added(uow, added)
    for subject in subjects:
        if subject.key in changed:
            message_id, campaign_id = wish.cause_of(subject)
            announcements.opted_out(
                uow,
                subject,
                channel=wish.channel,
                source=wish.source,
                method=wish.method,
                message_id=message_id,
                campaign_id=campaign_id,
                at=uow.now(),
            )
    return changed


async def _suppress(
    uow: UnitOfWork, subjects: Sequence[Subject], channels: Sequence[str], wish: OptOut
) -> list[StoredEntry]:
    """Suppresses each known address for marketing; returns the entries that did not stand before (CON-68)."""
    contacts = [subject.contact_id for subject in subjects if subject.contact_id]
    known = await directory_store.addresses(uow, contacts) if contacts else []
    named = [
        (subject.contact_id, channel, digest, subject.hint, wish.key_id)
        for subject in subjects
        for channel, digest in subject.hashes.items()
    ]
    reason = "complaint" if wish.source == "complaint" else "customer_unsubscribe"
    entries = [
        Entry(
            channel=channel,
            identifier_hash=digest,
            key_id=key_id,
            scope="marketing",
            reason="manual" if wish.source == "manual" else reason,
            hint=hint,
            detail=wish.reason,
            contact_id=contact_id,
            source_message_id=wish.message_id,
        )
        for contact_id, channel, digest, hint, key_id in [*known, *named]
        if channel in channels
    ]
    if not entries:
        return []
    return [one.stored for one in await suppression_store.add(uow, entries, wish.actor) if one.is_new]
