"""SQL of consent imports: a block of any size is judged and stored by one statement."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s
from services.consent.consents.domain import CONFIRMATION_TIME, OWN_OPT_OUTS, OWN_WITHDRAWALS
from services.consent.consents.import_domain import ImportRow


class Imported(NamedTuple):
    """What became of a row: `changed`, `same` or `overridden`, and the statuses around it."""

    place: int
    verdict: str
    old_status: str | None
    new_status: str


_ROW = {
    "place": "int4",
    "consent_id": "uuid",
    "contact_id": "uuid",
    "address_hash": "bytea",
    "channel": "text",
    "message_class": "text",
    "branch_id": "uuid",
    "status": "text",
    "source": "text",
    "wording_version": "text",
    "jurisdiction": "text",
    "evidence": "text",
    "sealed_proof": "bytea",
    "event_at": "timestamptz",
    "expires_at": "timestamptz",
}


def _words(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


# The subjects are locked, so what is judged here still stands when it is written.
_IMPORT = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM {named_unnest(_ROW)}
), standing AS (
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


async def store_block(
    uow: UnitOfWork, rows: Sequence[ImportRow], sealed: Sequence[bytes | None], actor: str
) -> list[Imported]:
    """Stores rows with different keys whose subjects are locked, with their sealed proofs; returns what became of each."""
    if not rows:
        return []
    consent_ids = uuid7s(len(rows))
    values = columns(
        [
            (
                row.place,
                consent_id,
                row.contact_id,
                row.address_hash,
                row.channel,
                row.message_class,
                row.branch_id,
                row.status,
                row.source,
                row.wording_version,
                row.jurisdiction,
                row.evidence if proof is None else None,
                proof,
                row.event_at,
                row.expires_at,
            )
            for row, consent_id, proof in zip(rows, consent_ids, sealed, strict=True)
        ],
        len(_ROW),
    )
    now = uow.now()
    parameters: dict[str, Any] = dict(zip(_ROW, values, strict=True))
    parameters |= {
        "tenant_id": uow.tenant_id,
        "actor": actor,
        "now": now,
        "confirmable": now + CONFIRMATION_TIME,
    }
    return [Imported(*row) for row in await uow.fetch_all(_IMPORT, parameters)]
