"""What changes consents inside of a unit of work: granting, revoking, opting out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.ids import uuid7
from services.common.rpc.context import current_caller
from services.common.security.envelope import Envelope
from services.consent import announcements
from services.consent.consents import domain, lifting, optout, store
from services.consent.consents.domain import CHANGE_SOURCES, Consent, Grant, Key, Summary, Terms
from services.consent.consents.trail import Change, consent_change
from services.consent.decisions.categories import on_by_default
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import store as preference_store
from services.consent.preferences.store import Standing


@dataclass(frozen=True, slots=True)
class Scope:
    """What a consent is asked, given or withdrawn for."""

    channel: str
    message_class: str
    branch_id: UUID | None


async def grant_consent(
    uow: UnitOfWork,
    subject: Subject,
    scope: Scope,
    wanted: Grant,
    policy: TenantPolicy,
    envelope: Envelope | None = None,
) -> Consent:
    """Records a consent and returns the row as it stands; a repeat of an equal grant changes nothing.

    Args:
        uow: The unit of work of the tenant.
        subject: Whose consent.
        scope: What for.
        wanted: What is recorded.
        policy: What the tenant asks.
        envelope: Encrypts a bare address while it is asked to confirm; contacts need none.

    Raises:
        ServiceError: VALIDATION_FAILED for an expiry that does not lie ahead.
        EvidenceRequiredError: The person withdrew, and somebody else grants without evidence.
    """
    now = uow.now()
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise invalid("expire_time", "must lie ahead")
    await lock_subjects(uow, [subject.key])
    standing = await preference_store.standing(uow, subject.contact_id) if subject.contact_id else Standing()
    rows = await store.of_subject(uow, subject, scope.channel, scope.message_class)
    current = rows.get(scope.branch_id)
    wider = rows.get(None) if scope.branch_id else None
    fresh = Consent(uuid7(), _key(subject, scope), "pending", wanted.source)
    terms = Terms(
        double_opt_in_channels=policy.double_opt_in_channels,
        validity=validity(policy),
        opt_out_source=standing.opt_out_source if standing.opted_out else None,
        wider_withdrawal=wider.revoked_source if wider else None,
    )
    decided = domain.grant(current, wanted, fresh, terms, now)
    if decided is current:
        return decided
    if decided.status == "pending" and subject.contact_id is None and envelope is not None:
        sealed = await envelope.seal(uow, subject.address.encode(), decided.consent_id.bytes)
        decided = replace(decided, sealed_address=sealed)
    return await store_grant(uow, subject, current, decided, wanted)


async def store_grant(
    uow: UnitOfWork,
    subject: Subject,
    before: Consent | None,
    decided: Consent,
    wanted: Grant,
    action: str = "consent.grant",
) -> Consent:
    """Stores what was decided for a locked person, with everything that follows from it; returns the stored row."""
    stored = await store.save(uow, decided)
    if stored.status == "granted" and stored.key.message_class == "marketing":
        await _follow_grant(uow, subject, stored.key.channel, wanted)
    await _tell(uow, before, stored, wanted, action)
    if stored.status == "pending":
        announcements.confirmation_requested(uow, stored)
    return stored


async def _follow_grant(uow: UnitOfWork, subject: Subject, channel: str, wanted: Grant) -> None:
    """Does what a marketing consent brings: the group is on unless the contact said no, own acts lift own wishes."""
    if subject.contact_id and not on_by_default("marketing", channel):  # type: ignore[arg-type]
        await preference_store.turn_on_unless_said(uow, [subject.contact_id], "marketing", channel)
    if wanted.is_own_act:
        await lifting.lift_marketing(uow, subject, channel, wanted.recorded_by)


async def _tell(uow: UnitOfWork, before: Consent | None, after: Consent, wanted: Grant, action: str) -> None:
    change = consent_change(
        after,
        before.status if before else None,
        "staff" if wanted.by_staff else CHANGE_SOURCES[wanted.source],
        ip_address=wanted.ip_address,
        user_agent=wanted.user_agent,
    )
    await store.add_audit(uow, [change], wanted.recorded_by)
    announcements.consents_changed(uow, [change], wanted.source)
    await audit.record(
        uow,
        action=action,
        resource_type="consent",
        resource_id=after.consent_id,
        before={"status": before.status} if before else None,
        after={"status": after.status, "source": after.source, "channel": after.key.channel},
    )


async def revoke_consent(
    uow: UnitOfWork,
    subject: Subject,
    *,
    channel: str,
    message_classes: Sequence[str],
    branch_id: UUID | None,
    source: str,
    reason: str | None,
) -> list[Consent]:
    """Withdraws consent and returns the rows that changed; recorded even when none was given (CON-16)."""
    await lock_subjects(uow, [subject.key])
    actor = current_caller().subject
    revoked = await store.revoke(
        uow,
        [subject],
        channels=[channel],
        message_classes=message_classes,
        branch_id=branch_id,
        source=source,
        actor=actor,
        make=True,
    )
    changes = [
        consent_change(one.consent, one.old_status, CHANGE_SOURCES[source], reason=reason) for one in revoked
    ]
    await store.add_audit(uow, changes, actor)
    announcements.consents_changed(uow, changes, source)
    for one in revoked:
        await audit.record(
            uow,
            action="consent.revoke",
            resource_type="consent",
            resource_id=one.consent.consent_id,
            before={"status": one.old_status} if one.old_status else None,
            after={"status": "revoked", "source": source, "channel": channel},
        )
    return [one.consent for one in revoked]


async def check_consent(uow: UnitOfWork, subject: Subject, scope: Scope) -> Consent | None:
    """Returns the row that decides for a channel, class and branch, or None (CON-56)."""
    rows = await store.of_subject(uow, subject, scope.channel, scope.message_class)
    return domain.deciding(rows, scope.branch_id)


async def opt_out(uow: UnitOfWork, subject: Subject, wish: optout.OptOut) -> Summary:
    """Stops marketing to one person and returns where they stand."""
    await optout.opt_out(uow, [subject], wish)
    await audit.record(
        uow,
        action="consent.opt_out",
        resource_type="contact" if subject.contact_id else "address",
        resource_id=subject.aggregate_id,
        before=None,
        after={"channel": wish.channel or "all", "source": wish.source},
    )
    return await summary(uow, subject, uow.now())


async def cancel_opt_out(
    uow: UnitOfWork,
    contact_id: UUID,
    *,
    source: str,
    change_source: str,
    reason: str | None,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Clears the flag of a contact and nothing else: what was withdrawn stays so (CON-24)."""
    await lock_subjects(uow, [contact_id.bytes])
    if not await preference_store.cancel_opt_out(uow, contact_id):
        return
    change = Change(
        contact_id=contact_id,
        address_hash=None,
        field="marketing_opted_out",
        old_value="true",
        new_value="false",
        change_source=change_source,
        reason=reason,
        source=source,
        evidence=evidence,
    )
    await store.add_audit(uow, [change], current_caller().subject)
    announcements.consents_changed(uow, [change], source)
    await audit.record(
        uow,
        action="consent.cancel_opt_out",
        resource_type="contact",
        resource_id=contact_id,
        before={"marketing_opted_out": True},
        after={"marketing_opted_out": False, "source": source},
    )


async def set_dnd(
    uow: UnitOfWork, contact_id: UUID, *, is_dnd: bool, change_source: str, reason: str | None
) -> None:
    """Asserts do-not-disturb for a contact, or takes it back (CON-46)."""
    await lock_subjects(uow, [contact_id.bytes])
    if not await preference_store.set_dnd(uow, contact_id, is_dnd=is_dnd):
        return
    before, after = str(not is_dnd).lower(), str(is_dnd).lower()
    change = Change(
        contact_id=contact_id,
        address_hash=None,
        field="is_dnd",
        old_value=before,
        new_value=after,
        change_source=change_source,
        reason=reason,
    )
    await store.add_audit(uow, [change], current_caller().subject)
    announcements.consents_changed(uow, [change], "")
    await audit.record(
        uow,
        action="consent.set_dnd",
        resource_type="contact",
        resource_id=contact_id,
        before={"is_dnd": not is_dnd},
        after={"is_dnd": is_dnd, "reason": reason},
    )


async def summary(uow: UnitOfWork, subject: Subject, at: datetime) -> Summary:
    """Returns where a person stands at an instant."""
    standing = await preference_store.standing(uow, subject.contact_id) if subject.contact_id else Standing()
    return Summary(
        contact_id=subject.contact_id,
        opted_out=standing.opted_out,
        opted_out_at=standing.opted_out_at,
        opt_out_source=standing.opt_out_source,
        is_dnd=standing.is_dnd,
        channels=await store.granted_channels(uow, subject, at),
    )


def validity(policy: TenantPolicy) -> timedelta | None:
    """Returns how long a marketing consent lasts by itself; None for ever (CON-59)."""
    return timedelta(days=policy.consent_validity_days) if policy.consent_validity_days else None


def _key(subject: Subject, scope: Scope) -> Key:
    digest = None if subject.contact_id else subject.hashes[scope.channel]
    return Key(subject.contact_id, digest, scope.channel, scope.message_class, scope.branch_id)
