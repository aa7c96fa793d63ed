"""SQL of consent imports: a block of any size is judged and stored by one statement."""

from collections.abc import Sequence
from typing import Any

from services.common.db.arrays import blobs, hashes, instants, ints, some, uuids
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7_bytes
from services.consent.consents.domain import CONFIRMATION_TIME, OWN_OPT_OUTS, OWN_WITHDRAWALS
from services.consent.consents.import_domain import Imported, ImportRow, Terms
from services.consent.locks import lock_statement

_OWN = {
    "place": "int4",
    "consent_id": "uuid",
    "contact_id": "uuid",
    "address_hash": "bytea",
    "sealed_proof": "bytea",
    "event_at": "timestamptz",
    "expires_at": "timestamptz",
}
_SHARED = {
    "channel": "text",
    "message_class": "text",
    "branch_id": "uuid",
    "status": "text",
    "source": "text",
    "evidence": "text",
    "wording_version": "text",
    "jurisdiction": "text",
}
# Each row's own values, and the terms it shares with others. Beside a sealed proof nothing stands in plain words.
_ASKED = f"""
SELECT {", ".join(f"own.{name}" for name in _OWN)}, {", ".join(name for name in _SHARED if name != "evidence")},
    CASE WHEN own.sealed_proof IS NULL THEN shared.evidence END AS evidence
FROM {named_unnest({**_OWN, "terms": "int4"}, "own")}
JOIN unnest({", ".join(f"%({name})b::{kind}[]" for name, kind in _SHARED.items())}) WITH ORDINALITY
    AS shared ({", ".join(_SHARED)}, number) ON shared.number = own.terms
"""  # noqa: S608 - names are words of this module


def _words(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


# The subjects are locked, so what is judged here still stands when it is written.
_IMPORT = f"""
WITH asked AS MATERIALIZED ({_ASKED}), standing AS (
    SELECT a.*, coalesce(kc.consent_id, ka.consent_id) AS old_id, coalesce(kc.status, ka.status) AS old_status,
        coalesce(kc.granted_at, ka.granted_at) AS old_granted_at,
        coalesce(kc.revoked_at, ka.revoked_at) AS old_revoked_at,
        coalesce(kc.revoked_source, ka.revoked_source) AS old_revoked_source,
        coalesce(kc.confirmation_expires_at, ka.confirmation_expires_at) > %(now)s AS waits,
        a.message_class = 'marketing' AND p.marketing_opted_out AS opted_out, p.opted_out_at, p.opt_out_source,
        a.message_class = 'marketing' AND a.status = 'granted' AND EXISTS (
            SELECT FROM suppression AS s
            WHERE s.tenant_id = %(tenant_id)s AND s.channel = a.channel AND s.suppressed_at >= a.event_at
                AND (s.expires_at IS NULL OR s.expires_at > %(now)s)
                AND s.identifier_hash = coalesce(a.address_hash, CASE a.channel
                    WHEN 'email' THEN d.email_hash WHEN 'sms' THEN d.sms_hash WHEN 'whatsapp' THEN d.whatsapp_hash
                    END)
        ) AS suppressed
    FROM asked AS a
    LEFT JOIN LATERAL (
        SELECT * FROM consent WHERE tenant_id = %(tenant_id)s AND contact_id = a.contact_id AND channel = a.channel
            AND message_class = a.message_class AND branch_id IS NOT DISTINCT FROM a.branch_id LIMIT 1
    ) AS kc ON true
    LEFT JOIN LATERAL (
        SELECT * FROM consent WHERE tenant_id = %(tenant_id)s AND address_hash = a.address_hash
            AND channel = a.channel AND message_class = a.message_class
            AND branch_id IS NOT DISTINCT FROM a.branch_id LIMIT 1
    ) AS ka ON true
    LEFT JOIN LATERAL (
        SELECT * FROM preference WHERE tenant_id = %(tenant_id)s AND contact_id = a.contact_id LIMIT 1
    ) AS p ON true
    LEFT JOIN LATERAL (
        SELECT * FROM contact WHERE tenant_id = %(tenant_id)s AND contact_id = a.contact_id LIMIT 1
    ) AS d ON true
), guarded AS (
    SELECT *, CASE
        WHEN status = 'granted' AND message_class = 'marketing' AND channel = 'email' AND (
            opted_out AND opt_out_source IN ({_words(OWN_OPT_OUTS)})
            OR old_revoked_source IN ({_words(OWN_WITHDRAWALS)})
        ) THEN 'pending'
        -- What waits for the person's own word is not granted by a file.
        WHEN status = 'granted' AND old_status = 'pending' AND waits THEN 'pending'
        ELSE status END AS new_status
    FROM standing
), judged AS (
    SELECT *, CASE
        WHEN status = 'revoked' THEN
            CASE WHEN old_status = 'revoked' OR old_granted_at > event_at THEN 'same' ELSE 'changed' END
        WHEN old_revoked_source IS NOT NULL AND old_revoked_at >= event_at OR opted_out AND opted_out_at >= event_at
            OR suppressed THEN 'overridden'
        WHEN old_status = 'granted' AND old_granted_at >= event_at OR old_status = 'pending' AND new_status = 'pending'
            THEN 'same'
        ELSE 'changed' END AS verdict
    FROM guarded
), updated AS (
    UPDATE consent AS c SET status = j.new_status,
        source = j.source, evidence = coalesce(j.evidence::jsonb, c.evidence),
        sealed_proof = coalesce(j.sealed_proof, c.sealed_proof), recorded_by = %(actor)s,
        wording_version = coalesce(j.wording_version, c.wording_version),
        jurisdiction = coalesce(j.jurisdiction, c.jurisdiction),
        granted_at = CASE j.new_status WHEN 'granted' THEN j.event_at WHEN 'revoked' THEN c.granted_at END,
        -- A consent that waits still stands withdrawn until the person confirms.
        revoked_at = CASE j.new_status WHEN 'revoked' THEN j.event_at WHEN 'pending' THEN c.revoked_at END,
        revoked_source = CASE j.new_status WHEN 'revoked' THEN j.source WHEN 'pending' THEN c.revoked_source END,
        expires_at = CASE j.new_status WHEN 'granted' THEN j.expires_at WHEN 'revoked' THEN c.expires_at END,
        confirmation_sent_at = CASE WHEN j.new_status = 'pending' THEN %(now)s END,
        confirmation_expires_at = CASE WHEN j.new_status = 'pending' THEN %(confirmable)s END,
        confirmation_count = 0, sealed_address = NULL,
        updated_at = %(now)s, version = c.version + 1
    FROM judged AS j
    WHERE j.verdict = 'changed' AND c.tenant_id = %(tenant_id)s AND c.consent_id = j.old_id
), inserted AS (
    INSERT INTO consent (tenant_id, consent_id, contact_id, address_hash, channel, message_class, branch_id, status,
        source, wording_version, jurisdiction, evidence, sealed_proof, granted_at, revoked_at, revoked_source, expires_at,
        confirmation_sent_at, confirmation_expires_at, recorded_by, created_at, updated_at)
    SELECT %(tenant_id)s, consent_id, contact_id, address_hash, channel, message_class, branch_id, new_status,
        source, wording_version, jurisdiction, evidence::jsonb, sealed_proof, CASE WHEN new_status = 'granted' THEN event_at END,
        CASE WHEN new_status = 'revoked' THEN event_at END, CASE WHEN new_status = 'revoked' THEN source END,
        CASE WHEN new_status = 'granted' THEN expires_at END,
        CASE WHEN new_status = 'pending' THEN %(now)s END, CASE WHEN new_status = 'pending' THEN %(confirmable)s END,
        %(actor)s, %(now)s, %(now)s
    FROM judged WHERE verdict = 'changed' AND old_id IS NULL
)
SELECT place, verdict, old_status, new_status FROM judged
"""  # noqa: S608 - names are words of this module


# Of contacts about whom nothing is known that an import has to heed: what a file says of them stands as it is.
_INSERT = f"""
INSERT INTO consent (tenant_id, consent_id, contact_id, channel, message_class, branch_id, status, source,
    wording_version, jurisdiction, evidence, sealed_proof, granted_at, revoked_at, revoked_source, expires_at,
    recorded_by, created_at, updated_at)
SELECT %(tenant_id)s, consent_id, contact_id, channel, message_class, branch_id, status, source,
    wording_version, jurisdiction, evidence::jsonb, sealed_proof, CASE WHEN status = 'granted' THEN event_at END,
    CASE WHEN status = 'revoked' THEN event_at END, CASE WHEN status = 'revoked' THEN source END,
    CASE WHEN status = 'granted' THEN expires_at END, %(actor)s, %(now)s, %(now)s
FROM ({_ASKED}) AS asked
"""  # noqa: S608 - names are words of this module
_BURDENED = """
SELECT uuid_send(contact_id) FROM consent
WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(contacts)b::uuid[])
UNION ALL
SELECT uuid_send(contact_id) FROM preference
WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(contacts)b::uuid[]) AND marketing_opted_out
UNION ALL
SELECT uuid_send(c.contact_id) FROM contact AS c
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = ANY(%(contacts)b::uuid[])
    AND (SELECT EXISTS (SELECT FROM suppression WHERE tenant_id = %(tenant_id)s))
    AND EXISTS (
        SELECT FROM suppression AS s WHERE s.tenant_id = %(tenant_id)s
            AND s.identifier_hash = ANY (ARRAY[c.email_hash, c.sms_hash, c.whatsapp_hash])
    )
"""


async def burdened(uow: UnitOfWork, rows: Sequence[ImportRow]) -> set[bytes]:
    """Locks the people of rows, and returns the contacts about whom anything is known that a row may have to yield to.

    That is a consent of any kind, an opt-out, or a suppression of an address. Most people of a file are new.
    """
    if not rows:
        return set()
    contacts = sorted({row.contact for row in rows if row.contact})
    _, found = await uow.run_together(
        lock_statement(uow.tenant_id, {row.person for row in rows}),
        (_BURDENED, {"tenant_id": uow.tenant_id, "contacts": uuids(contacts)}),
    )
    return {contact for (contact,) in found.rows}


async def store_block(
    uow: UnitOfWork,
    rows: Sequence[ImportRow],
    sealed: Sequence[bytes | None],
    burdened: set[bytes],
    actor: str,
) -> list[Imported]:
    """Stores rows with different keys whose subjects are locked; returns what became of each.

    Args:
        uow: The unit of work.
        rows: The rows.
        sealed: Their sealed proofs.
        burdened: Contacts whose rows have to be judged, as those of bare addresses are; the others' stand as they are.
        actor: Who imports.
    """
    pairs = list(zip(rows, sealed, strict=True))
    free = [pair for pair in pairs if pair[0].contact and pair[0].contact not in burdened]
    judged = [pair for pair in pairs if not pair[0].contact or pair[0].contact in burdened]
    now = uow.now()
    common = {"tenant_id": uow.tenant_id, "actor": actor, "now": now}
    if free:
        await uow.execute(_INSERT, {**common, **_values(free)})
    found = [Imported(row.place, "changed", None, row.terms.status) for row, _ in free]
    if judged:
        parameters = {**common, **_values(judged), "confirmable": now + CONFIRMATION_TIME}
        found += [Imported(*row) for row in await uow.fetch_all(_IMPORT, parameters)]
    return found


def _values(pairs: Sequence[tuple[ImportRow, bytes | None]]) -> dict[str, Any]:
    terms: dict[Terms, int] = {}
    numbers = [terms.setdefault(row.terms, len(terms) + 1) for row, _ in pairs]
    return {
        "place": ints([row.place for row, _ in pairs]),
        "consent_id": uuids(uuid7_bytes(len(pairs))),
        "contact_id": uuids(some([row.contact for row, _ in pairs])),
        "address_hash": hashes(some([row.address_hash for row, _ in pairs])),
        "sealed_proof": blobs(some([proof for _, proof in pairs])),
        "event_at": instants([row.event_at for row, _ in pairs]),
        "expires_at": instants(some([row.expires_at for row, _ in pairs])),
        "terms": ints(numbers),
        **dict(zip(_SHARED, columns(terms, len(_SHARED)), strict=True)),
    }
