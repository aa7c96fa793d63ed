"""SQL of consents and their audit trail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from orjson import loads
from psycopg.types.json import Jsonb

from services.common.db.arrays import hashes as hash_array
from services.common.db.sets import columns
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7, uuid7s
from services.consent import proofs
from services.consent.consents.domain import OWN_WITHDRAWALS, Consent, Key
from services.consent.consents.trail import AuditRow, Change
from services.consent.ledger import chain
from services.consent.people import Subject
from services.consent.proofs import Proof

READ_COLUMNS = (
    "consent_id, contact_id, address_hash, channel, message_class, branch_id, status, source, granted_at, revoked_at,"
    " revoked_source, expires_at, wording_version, jurisdiction, evidence, host(ip_address), user_agent,"
    " confirmation_sent_at, confirmation_expires_at, confirmed_at, confirmation_count, sealed_address, recorded_by,"
    " created_at, updated_at, version, sealed_proof"
)


def consent_of(row: Sequence[Any], proof: Proof | None = None) -> Consent:
    """Returns a consent from a row of `READ_COLUMNS`, with its proof when that is sealed and was opened."""
    found = Consent(row[0], Key(*row[1:6]), *row[6:-1])
    if proof is None:
        return found
    return replace(
        found,
        evidence=loads(proof.evidence) if proof.evidence else None,
        ip_address=proof.ip_address,
        user_agent=proof.user_agent,
    )


async def consents_of(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> list[Consent]:
    """Returns consents from rows of `READ_COLUMNS`, their proofs opened."""
    found = await proofs.opened(uow, [(row[1], row[-1]) for row in rows])
    return [consent_of(row, proof) for row, proof in zip(rows, found, strict=True)]


def _who(subject: Subject) -> tuple[str, dict[str, Any]]:
    """Returns the condition that finds a subject's rows, with its parameters."""
    if subject.contact_id is not None:
        return "contact_id = %(contact_id)s", {"contact_id": subject.contact_id}
    every = [*subject.hashes.values(), *subject.older_hashes]
    return "address_hash = ANY(%(hashes)b::bytea[])", {"hashes": hash_array(every)}


async def of_subject(
    uow: UnitOfWork, subject: Subject, channel: str, message_class: str
) -> dict[UUID | None, Consent]:
    """Returns a subject's rows for a channel and class by branch; None is the whole tenant."""
    condition, parameters = _who(subject)
    rows = await uow.fetch_all(
        f"SELECT {READ_COLUMNS} FROM consent WHERE tenant_id = %(tenant_id)s AND {condition}"
        " AND channel = %(channel)s AND message_class = %(message_class)s",
        {"tenant_id": uow.tenant_id, "channel": channel, "message_class": message_class, **parameters},
    )
    return {consent.key.branch_id: consent for consent in await consents_of(uow, rows)}


async def all_of(uow: UnitOfWork, contact_id: UUID) -> dict[tuple[str, str, UUID | None], Consent]:
    """Returns all rows of a contact by channel, class and branch."""
    rows = await uow.fetch_all(
        f"SELECT {READ_COLUMNS} FROM consent WHERE tenant_id = %s AND contact_id = %s ORDER BY consent_id",
        (uow.tenant_id, contact_id),
    )
    found = await consents_of(uow, rows)
    return {(one.key.channel, one.key.message_class, one.key.branch_id): one for one in found}


async def by_id(uow: UnitOfWork, consent_id: UUID) -> Consent | None:
    """Returns a row by its id."""
    row = await uow.fetch_one(
        f"SELECT {READ_COLUMNS} FROM consent WHERE tenant_id = %s AND consent_id = %s",
        (uow.tenant_id, consent_id),
    )
    return None if row is None else (await consents_of(uow, [row]))[0]


async def granted_channels(uow: UnitOfWork, subject: Subject, at: datetime) -> list[str]:
    """Returns the channels with a tenant-wide marketing consent that holds at an instant."""
    condition, parameters = _who(subject)
    rows = await uow.fetch_all(
        f"SELECT channel FROM consent WHERE tenant_id = %(tenant_id)s AND {condition}"
        " AND message_class = 'marketing' AND branch_id IS NULL AND status = 'granted'"
        " AND (expires_at IS NULL OR expires_at > %(at)s) ORDER BY channel",
        {"tenant_id": uow.tenant_id, "at": at, **parameters},
    )
    return [channel for (channel,) in rows]


async def page(
    uow: UnitOfWork,
    contact_id: UUID,
    *,
    channel: str | None,
    message_class: str | None,
    status: str | None,
    before: UUID | None,
    limit: int,
) -> list[Consent]:
    """Returns a contact's consents newest first, those older than the one a page ended with."""
    rows = await uow.fetch_all(
        f"SELECT {READ_COLUMNS} FROM consent WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
        " AND (%(channel)s::text IS NULL OR channel = %(channel)s)"
        " AND (%(message_class)s::text IS NULL OR message_class = %(message_class)s)"
        " AND (%(status)s::text IS NULL OR status = %(status)s)"
        " AND (%(before)s::uuid IS NULL OR consent_id < %(before)s)"
        " ORDER BY consent_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "channel": channel,
            "message_class": message_class,
            "status": status,
            "before": before,
            "limit": limit,
        },
    )
    return await consents_of(uow, rows)


_INSERT = """
INSERT INTO consent (
    tenant_id, consent_id, contact_id, address_hash, channel, message_class, branch_id, status, source, granted_at,
    revoked_at, revoked_source, expires_at, evidence, ip_address, user_agent, confirmation_sent_at,
    confirmation_expires_at, confirmed_at, confirmation_count, sealed_address, recorded_by, wording_version,
    jurisdiction, sealed_proof, created_at, updated_at, version
) VALUES (
    %(tenant_id)s, %(consent_id)s, %(contact_id)s, %(address_hash)s, %(channel)s, %(message_class)s, %(branch_id)s,
    %(status)s, %(source)s, %(granted_at)s, %(revoked_at)s, %(revoked_source)s, %(expires_at)s, %(evidence)s,
    %(ip_address)s, %(user_agent)s, %(confirmation_sent_at)s, %(confirmation_expires_at)s, %(confirmed_at)s,
    %(confirmation_count)s, %(sealed_address)s, %(recorded_by)s, %(wording_version)s,
    %(jurisdiction)s, %(sealed_proof)s, %(now)s, %(now)s, 1
)
"""
_UPDATE = """
UPDATE consent SET
    status = %(status)s, source = %(source)s, granted_at = %(granted_at)s, revoked_at = %(revoked_at)s,
    expires_at = %(expires_at)s, evidence = %(evidence)s, ip_address = %(ip_address)s, user_agent = %(user_agent)s,
    confirmation_sent_at = %(confirmation_sent_at)s, confirmation_expires_at = %(confirmation_expires_at)s,
    confirmed_at = %(confirmed_at)s, confirmation_count = %(confirmation_count)s, recorded_by = %(recorded_by)s,
    wording_version = %(wording_version)s, jurisdiction = %(jurisdiction)s, revoked_source = %(revoked_source)s,
    sealed_address = %(sealed_address)s, sealed_proof = %(sealed_proof)s, updated_at = %(now)s, version = version + 1
WHERE tenant_id = %(tenant_id)s AND consent_id = %(consent_id)s
"""


async def save(uow: UnitOfWork, consent: Consent) -> Consent:
    """Stores a row that was decided under the subject's lock and returns it as stored."""
    key = consent.key
    proof = Proof(proofs.text_of(consent.evidence), consent.ip_address, consent.user_agent)
    [sealed] = await proofs.seal(uow, [(key.contact_id.bytes if key.contact_id else None, proof)])
    plain = proof if sealed is None else proofs.NOTHING
    await uow.execute(
        f"{_INSERT if consent.version == 0 else _UPDATE}",
        {
            "tenant_id": uow.tenant_id,
            "now": uow.now(),
            "consent_id": consent.consent_id,
            "contact_id": key.contact_id,
            "address_hash": key.address_hash,
            "channel": key.channel,
            "message_class": key.message_class,
            "branch_id": key.branch_id,
            "status": consent.status,
            "source": consent.source,
            "granted_at": consent.granted_at,
            "revoked_at": consent.revoked_at,
            "expires_at": consent.expires_at,
            "evidence": Jsonb(loads(plain.evidence)) if plain.evidence else None,
            "ip_address": plain.ip_address,
            "user_agent": plain.user_agent,
            "sealed_proof": sealed,
            "confirmation_sent_at": consent.confirmation_sent_at,
            "confirmation_expires_at": consent.confirmation_expires_at,
            "confirmed_at": consent.confirmed_at,
            "confirmation_count": consent.confirmation_count,
            "recorded_by": consent.recorded_by,
            "revoked_source": consent.revoked_source,
            "sealed_address": consent.sealed_address,
            "wording_version": consent.wording_version,
            "jurisdiction": consent.jurisdiction,
        },
    )
    stored = await by_id(uow, consent.consent_id)
    if stored is None:
        raise LookupError("a stored consent is gone")
    return stored


@dataclass(frozen=True, slots=True)
class Revoked:
    """A row that a revocation changed or made, and what it said before."""

    consent: Consent
    old_status: str | None


# The subjects are locked, so nothing can come between the look for a row and its insertion.
_REVOKE = """
WITH asked AS (
    SELECT DISTINCT person, channel, message_class
    FROM unnest(%(people)b::{kind}[], %(channels)b::text[]) AS one (person, channel),
        unnest(%(classes)b::text[]) AS message_class
), standing AS (
    SELECT c.consent_id, c.status
    FROM asked
    JOIN consent AS c ON c.tenant_id = %(tenant_id)s AND c.{column} = asked.person
        AND c.channel = asked.channel AND c.message_class = asked.message_class
    -- What others withdrew becomes the person's own withdrawal once the person says so too: it asks more of a new grant.
    WHERE (c.status <> 'revoked' OR %(is_own)s AND c.revoked_source <> ALL (%(own)b::text[]))
        AND (%(branch_id)s::uuid IS NULL OR c.branch_id = %(branch_id)s)
), changed AS (
    UPDATE consent AS c SET status = 'revoked', revoked_at = %(now)s, source = %(source)s,
        revoked_source = %(source)s, recorded_by = %(actor)s, confirmation_expires_at = NULL, sealed_address = NULL,
        updated_at = %(now)s, version = c.version + 1
    FROM standing WHERE c.tenant_id = %(tenant_id)s AND c.consent_id = standing.consent_id
    RETURNING {qualified}, standing.status AS old_status
), made AS (
    INSERT INTO consent (tenant_id, consent_id, {column}, channel, message_class, branch_id, status, revoked_at,
        source, revoked_source, recorded_by, created_at, updated_at)
    SELECT %(tenant_id)s, (%(ids)b::uuid[])[row_number() OVER ()], person, channel, message_class, %(branch_id)s,
        'revoked', %(now)s, %(source)s, %(source)s, %(actor)s, %(now)s, %(now)s
    FROM asked
    WHERE %(make)s AND NOT EXISTS (
        SELECT FROM consent AS c
        WHERE c.tenant_id = %(tenant_id)s AND c.{column} = asked.person AND c.channel = asked.channel
            AND c.message_class = asked.message_class AND c.branch_id IS NOT DISTINCT FROM %(branch_id)s
    )
    RETURNING {plain}, NULL AS old_status
)
SELECT * FROM changed UNION ALL SELECT * FROM made
"""


async def revoke(
    uow: UnitOfWork,
    subjects: Sequence[Subject],
    *,
    channels: Sequence[str],
    message_classes: Sequence[str],
    branch_id: UUID | None,
    source: str,
    actor: str | None,
    make: bool,
) -> list[Revoked]:
    """Revokes the rows of locked subjects and returns those that changed, or whose withdrawal became the person's own.

    Without a branch, tenant-wide and branch rows alike; with one, that branch's only. With `make`, a subject
    without a row gets a revoked one, so that the wish is recorded.
    """
    contacts = [
        (subject.contact_id, channel) for subject in subjects if subject.contact_id for channel in channels
    ]
    addresses = [
        (subject.hashes[channel], channel)
        for subject in subjects
        if not subject.contact_id
        for channel in channels
        if channel in subject.hashes
    ]
    found: list[Revoked] = []
    for pairs, column, kind in ((contacts, "contact_id", "uuid"), (addresses, "address_hash", "bytea")):
        if not pairs:
            continue
        people, named = columns(pairs, 2)
        query = _REVOKE.format(column=column, kind=kind, plain=READ_COLUMNS, qualified=_qualified("c"))
        rows = await uow.fetch_all(
            query,
            {
                "tenant_id": uow.tenant_id,
                "people": people,
                "channels": named,
                "classes": list(message_classes),
                "branch_id": branch_id,
                "source": source,
                "actor": actor,
                "now": uow.now(),
                "make": make,
                "own": sorted(OWN_WITHDRAWALS),
                "is_own": source in OWN_WITHDRAWALS,
                "ids": uuid7s(len(pairs) * len(message_classes)) if make else [uuid7()],
            },
        )
        consents = await consents_of(uow, [row[:-1] for row in rows])
        found += [Revoked(one, row[-1]) for one, row in zip(consents, rows, strict=True)]
    return found


def _qualified(alias: str) -> str:
    """Returns the columns of `READ_COLUMNS` behind an alias."""
    return ", ".join(
        f"host({alias}.ip_address)" if name == "host(ip_address)" else f"{alias}.{name}"
        for name in READ_COLUMNS.split(", ")
    )


async def add_audit(uow: UnitOfWork, changes: Iterable[Change], actor: str | None) -> None:
    """Appends changes to the trail: to the chain of each person, in their order."""
    await chain.append(uow, changes, actor)


AUDIT_COLUMNS = (
    "consent_audit_id, contact_id, field_changed, old_value, new_value, channel, message_class, branch_id, change_source,"
    " change_reason, created_by, created_at, source, wording_version, jurisdiction, evidence, expires_at, occurred_at,"
    " sequence, entry_hash, sealed_proof"
)
"""Columns of an `AuditRow`, in its order, and its sealed proof."""


async def audit_rows(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> list[AuditRow]:
    """Returns entries from rows of `AUDIT_COLUMNS`, their proofs opened."""
    found = await proofs.opened(uow, [(row[1], row[-1]) for row in rows])
    return [
        AuditRow(*row[:-1])
        if proof is None
        else replace(
            AuditRow(*row[:-1]),
            reason=proof.reason,
            evidence=loads(proof.evidence) if proof.evidence else None,
        )
        for row, proof in zip(rows, found, strict=True)
    ]


async def audit_page(
    uow: UnitOfWork,
    contact_id: UUID,
    *,
    start: datetime | None,
    end: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[AuditRow]:
    """Returns a contact's trail newest first, what is older than the row a page ended with."""
    rows = await uow.fetch_all(
        f"SELECT {AUDIT_COLUMNS} FROM consent_audit"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
        " AND (%(start)s::timestamptz IS NULL OR created_at >= %(start)s)"
        " AND (%(end)s::timestamptz IS NULL OR created_at < %(end)s)"
        " AND (%(before)s::uuid IS NULL OR consent_audit_id < %(before)s)"
        " ORDER BY consent_audit_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "start": start,
            "end": end,
            "before": before,
            "limit": limit,
        },
    )
    return await audit_rows(uow, rows)
