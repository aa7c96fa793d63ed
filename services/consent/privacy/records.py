"""What this service itself knows of a person, and how it forgets them (CON-92)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from services.common.contact_data import keys as person_keys
from services.common.contact_data.collections import Rows, audit_trail
from services.common.contact_data.erasing import ContactData
from services.common.contact_data.person import Erased, Person
from services.common.db.arrays import hashes as hash_array
from services.common.db.uow import UnitOfWork
from services.consent import proofs
from services.consent.directory import store as directory_store
from services.consent.ledger import erasure
from services.consent.locks import lock_subjects
from services.consent.privacy import store

_MINE: Final = "tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"

# The person's addresses, as the directory hashes them, find what was said before the person was a contact.
_HASHES: Final = """
SELECT h FROM contact c, unnest(ARRAY[c.email_hash, c.sms_hash, c.whatsapp_hash]) AS h
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = %(contact_id)s AND h IS NOT NULL
"""
_BY_ADDRESS: Final = (
    f"tenant_id = %(tenant_id)s AND (contact_id = %(contact_id)s OR address_hash = ANY (ARRAY({_HASHES})))"
)


def _rows(name: str, table: str, columns: str, order: str, where: str = _MINE) -> Rows:
    return Rows(name, f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order}")


@dataclass(frozen=True, slots=True)
class _Proofs:
    """Records whose proofs are sealed with the person's key."""

    rows: Rows

    @property
    def name(self) -> str:
        """Returns the name of the collection."""
        return self.rows.name

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields the records with their proofs opened, in blocks."""
        async for block in self.rows.read(uow, contact_id):
            records = [orjson.loads(text) for text in block]
            sealed = [record.pop("sealed_proof") for record in records]
            found = await proofs.opened(
                uow, [(contact_id, bytes.fromhex(one[2:]) if one else None) for one in sealed]
            )
            for record, proof in zip(records, found, strict=True):
                if proof is not None:
                    record["evidence"] = orjson.loads(proof.evidence) if proof.evidence else None
                    record["ip_address"], record["user_agent"] = proof.ip_address, proof.user_agent
                    if "change_reason" in record:
                        record["change_reason"] = proof.reason
            yield [orjson.dumps(record).decode() for record in records]


def _proofs(name: str, table: str, columns: str, order: str, where: str) -> _Proofs:
    return _Proofs(_rows(name, table, columns, order, where))


_COLLECTIONS: Final = (
    _rows(
        "directory",
        "contact",
        "contact_id, state, branch_id, language, time_zone, email_hint, phone_hint, seen_at, created_at",
        "contact_id",
    ),
    _rows("preferences", "preference", "*", "contact_id"),
    _rows("category_preferences", "category_preference", "*", "category_or_group, channel"),
    _rows("preference_history", "preference_history", "*", "preference_history_id"),
    _proofs(
        "consents",
        "consent",
        "consent_id, channel, message_class, branch_id, status, granted_at, revoked_at, expires_at, source,"
        " wording_version, jurisdiction, evidence, ip_address, user_agent, confirmation_sent_at, confirmed_at,"
        " recorded_by, created_at, updated_at, sealed_proof",
        "consent_id",
        _BY_ADDRESS,
    ),
    _proofs(
        "consent_audit",
        "consent_audit",
        "consent_audit_id, field_changed, old_value, new_value, channel, message_class, branch_id, change_source,"
        " change_reason, source, wording_version, jurisdiction, evidence, ip_address, user_agent, created_by, created_at,"
        " sealed_proof",
        "consent_audit_id",
        _BY_ADDRESS,
    ),
    _rows(
        "suppressions",
        "suppression",
        "suppression_id, channel, identifier_hint, scope, reason, detail, suppressed_at, expires_at",
        "suppression_id",
        _BY_ADDRESS.replace("address_hash", "identifier_hash", 1),
    ),
    _rows(
        "unsubscribe_actions",
        "unsubscribe_action",
        "unsubscribe_action_id, channel, method, message_id, campaign_id, ip_address, user_agent, created_at",
        "unsubscribe_action_id",
    ),
    _rows(
        "inbound_texts",
        "inbound_text",
        "provider_message_id, action, created_at",
        "created_at, provider_message_id",
    ),
    Rows(
        "decisions",
        "SELECT d.decision_id, d.message_id, d.branch_id, d.channel, d.category, d.outcome, d.reason, d.defer_until,"
        " d.detail, v.facts, v.jurisdictions, d.time_zone, d.evaluated_for, d.created_at FROM decision d"
        " LEFT JOIN verdict v ON v.tenant_id = d.tenant_id AND v.verdict_id = d.verdict_id"
        " WHERE d.tenant_id = %(tenant_id)s AND d.contact_id = %(contact_id)s ORDER BY d.decision_id",
    ),
    _rows(
        "privacy_requests",
        "privacy_request",
        "privacy_request_id, kind, state, requested_at, due_at, completed_at, verified_by, reason",
        "privacy_request_id",
    ),
    audit_trail(),
)

_DELETED: Final = {
    "preference": _MINE,
    "category_preference": _MINE,
    "preference_history": _MINE,
    "consent": "tenant_id = %(tenant_id)s AND (contact_id = %(contact_id)s OR address_hash = ANY (%(hashes)b::bytea[]))",
    "soft_bounce": "tenant_id = %(tenant_id)s AND (contact_id = %(contact_id)s OR address_hash = ANY (%(hashes)b::bytea[]))",
}
"""Tables whose rows go."""

_ANONYMIZED: Final = {
    "unsubscribe_action": (
        "contact_id = %(tombstone_id)s, ip_address = NULL, user_agent = NULL",
        _MINE,
    ),
    # The row stays, so that a text the provider tells of twice is acted on once.
    "inbound_text": ("contact_id = %(tombstone_id)s", _MINE),
    "decision": ("contact_id = %(tombstone_id)s, address_hash = NULL, detail = NULL", _MINE),
    # The hash is all that is left of an address: nobody can read it, yet the address stays suppressed.
    "suppression": (
        (
            "contact_id = NULL, identifier_hint = '', detail = NULL,"
            " suppressed_by = NULLIF(suppressed_by, %(contact_id)s::text)"
        ),
        (
            "tenant_id = %(tenant_id)s AND (contact_id = %(contact_id)s OR identifier_hash = ANY (%(hashes)b::bytea[])"
            " AND (identifier_hint <> '' OR detail IS NOT NULL))"
        ),
    ),
    "contact": (
        (
            "state = 'erased', branch_id = NULL, language = NULL, time_zone = NULL, region_code = NULL, email_hash = NULL,"
            " email_hint = NULL, sms_hash = NULL, whatsapp_hash = NULL, phone_hint = NULL, hash_key_id = NULL,"
            " updated_at = %(now)s"
        ),
        (
            f"{_MINE} AND (state <> 'erased' OR num_nonnulls(email_hash, sms_hash, whatsapp_hash, email_hint, phone_hint,"
            " branch_id, language, time_zone, region_code, hash_key_id) > 0)"
        ),
    ),
}
"""Tables whose rows stay without the person."""

_NAMED: Final = (
    "preference", "category_preference", "preference_history", "consent", "consent_audit", "consent_chain", "decision",
    "inbound_text", "person_key", "soft_bounce", "suppression", "unsubscribe_action",
)  # fmt: skip
"""Tables where nothing may name an erased person."""

_REMAINING: Final = " + ".join(f"(SELECT count(*) FROM {table} WHERE {_MINE})" for table in _NAMED)


async def erase(uow: UnitOfWork, person: Person) -> list[Erased]:
    """Forgets a person: consents and choices go, the trail and what was counted stay without them."""
    await lock_subjects(uow, [person.contact_id.bytes])
    known = await directory_store.addresses(uow, [person.contact_id])
    hashes = sorted({digest for _, _, digest, _, _ in known})
    values = {
        "tenant_id": uow.tenant_id,
        "contact_id": person.contact_id,
        "tombstone_id": person.tombstone_id,
        "hashes": hash_array(hashes),
        "now": uow.now(),
    }
    trail = await erasure.erase(uow, [person.contact_id], hashes)
    done = [Erased("consent_audit", anonymized=trail)]
    for table, where in _DELETED.items():
        count = await uow.execute(f"DELETE FROM {table} WHERE {where}", values)
        done.append(Erased(table, deleted=count))
    for table, (cleared, where) in _ANONYMIZED.items():
        count = await uow.execute(f"UPDATE {table} SET {cleared} WHERE {where}", values)
        done.append(Erased(table, anonymized=count))
    done.append(Erased("privacy_request", anonymized=await store.forget_words(uow, person.contact_id)))
    done.append(Erased("person_key", shredded=await person_keys.destroy(uow, person.contact_id)))
    return done


async def remaining(uow: UnitOfWork, contact_id: UUID) -> int:
    """Returns how many rows still name a person."""
    found: int = await uow.fetch_value(
        f"SELECT {_REMAINING}",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id},
    )
    return found


def named_tables() -> Sequence[str]:
    """Returns the tables that erasure looks after, the directory and the requests included."""
    return (*_NAMED, "contact", "privacy_request")


DATA: Final = ContactData(collections=_COLLECTIONS, erase=erase, remaining=remaining)
