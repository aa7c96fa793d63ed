"""Importing consents: row by row checked, block by block stored, never over a newer wish (CON-27)."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from json import loads
from typing import Any
from uuid import UUID

from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import failed, invalid, not_found
from services.common.rpc.context import current_caller
from services.consent import announcements, proofs
from services.consent.addresses import Hasher, canonicals
from services.consent.consents import import_store
from services.consent.consents import store as consent_store
from services.consent.consents.domain import CONFIRMATION_TIME
from services.consent.consents.import_domain import BlockResult, Candidate, ImportRow
from services.consent.consents.trail import Change, SealedProof
from services.consent.decisions.categories import on_by_default
from services.consent.decisions.facts import ContactState
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory
from services.consent.ledger.domain import SALT_BYTES
from services.consent.ledger.store import canonical_text
from services.consent.locks import lock_subjects
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import store as preference_store
from services.consent.proofs import Proof


class Importer:
    """Imports blocks of consents."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory

    async def take(self, tenant_id: UUID, candidates: Sequence[Candidate]) -> BlockResult:
        """Stores a block in one transaction; a repeat of it changes nothing."""
        async with self._database.tenant(tenant_id) as uow:
            asked = sorted({one.contact_id for one in candidates if one.contact_id})
            states = await directory_store.states(uow, asked)
            missing = [contact_id for contact_id in asked if contact_id not in states]
            if not missing:
                return await self._store(uow, tenant_id, candidates, states)
        await self._directory.learn(tenant_id, missing)
        async with self._database.tenant(tenant_id) as uow:
            states = await directory_store.states(uow, asked)
            return await self._store(uow, tenant_id, candidates, states)

    async def _store(
        self,
        uow: UnitOfWork,
        tenant_id: UUID,
        candidates: Sequence[Candidate],
        states: dict[UUID, ContactState],
    ) -> BlockResult:
        result = BlockResult()
        policy = await policy_store.load(uow)
        good: list[Candidate] = []
        for one in candidates:
            state = states.get(one.contact_id) if one.contact_id else "active"
            if state is None:
                result.errors[one.place] = not_found("contact", one.contact_id)
            elif state == "erased":
                result.errors[one.place] = failed("CONTACT_ERASED", "the contact was erased")
            else:
                good.append(one)
        found = await self._found(uow, tenant_id, good, policy, result)
        rows = _latest([_row(one, *who, policy) for one, who in found], result)
        await lock_subjects(uow, (_subject_key(row) for row in rows))
        actor = current_caller().subject
        sealed = await self._sealed(uow, rows)
        by_place = {row.place: (row, proof) for row, proof in zip(rows, sealed, strict=True)}
        changes: list[Change] = []
        for place, verdict, old_status, new_status in await import_store.store_block(
            uow, rows, [proof.value for proof in sealed], actor
        ):
            if verdict == "changed":
                changes.append(_change(*by_place[place], old_status, new_status, uow.now()))
                result.changed += 1
            elif verdict == "overridden":
                result.overridden += 1
            else:
                result.unchanged += 1
        await consent_store.add_audit(uow, changes, actor)
        await self._follow(uow, changes)
        return result

    @staticmethod
    async def _sealed(uow: UnitOfWork, rows: Sequence[ImportRow]) -> list[SealedProof]:
        """Seals the proof of each row once, for the consent and for its line in the trail."""
        random = os.urandom(SALT_BYTES * len(rows))
        salts = [random[at : at + SALT_BYTES] for at in range(0, len(random), SALT_BYTES)]
        wanted = [
            (row.contact_id, Proof(canonical_text(row.evidence), salt=salt))
            for row, salt in zip(rows, salts, strict=True)
        ]
        return list(map(SealedProof, await proofs.seal(uow, wanted), salts))

    async def _found(
        self,
        uow: UnitOfWork,
        tenant_id: UUID,
        candidates: Sequence[Candidate],
        policy: TenantPolicy,
        result: BlockResult,
    ) -> list[tuple[Candidate, tuple[UUID | None, bytes | None]]]:
        """Returns rows with who they are about; addresses of known contacts stand for the contacts."""
        found: list[tuple[Candidate, tuple[UUID | None, bytes | None]]] = [
            (one, (one.contact_id, None)) for one in candidates if one.contact_id
        ]
        for channel in sorted({one.channel for one in candidates if not one.contact_id}):
            bare = [one for one in candidates if not one.contact_id and one.channel == channel]
            texts = canonicals(channel, [one.address for one in bare], policy.region_code)
            for one, text in zip(bare, texts, strict=True):
                if text is None:
                    result.errors[one.place] = invalid(
                        "subject.address", "is not a valid address", "INVALID_RECIPIENT"
                    )
            good = [(one, text) for one, text in zip(bare, texts, strict=True) if text is not None]
            addresses = [text for _, text in good]
            contacts = await self._contacts(uow, tenant_id, channel, addresses)
            hashes = self._hasher.blocks(tenant_id, channel, addresses)[0]
            for (one, text), digest in zip(good, hashes, strict=True):
                contact_id = contacts.get(text)
                found.append((one, (contact_id, None if contact_id else digest)))
        return found

    async def _contacts(
        self, uow: UnitOfWork, tenant_id: UUID, channel: str, addresses: Sequence[str]
    ) -> dict[str, UUID]:
        known_by = directory_store.directory_channel(channel)
        contacts: dict[str, UUID] = {}
        if known_by is None or not addresses:
            return contacts
        for keyed in self._hasher.blocks(tenant_id, known_by, addresses):
            known = await directory_store.by_address(uow, known_by, keyed)
            contacts |= {
                text: known[digest] for text, digest in zip(addresses, keyed, strict=True) if digest in known
            }
        return contacts

    async def _follow(self, uow: UnitOfWork, changes: Sequence[Change]) -> None:
        """Does what changed consents bring: groups are switched on, events and an audit entry are written."""
        if not changes:
            return
        for channel in sorted({change.channel for change in changes if change.channel}):
            granted = [
                change.contact_id
                for change in changes
                if change.channel == channel
                and change.new_value == "granted"
                and change.message_class == "marketing"
                and change.contact_id
            ]
            if granted and not on_by_default("marketing", channel):  # type: ignore[arg-type]
                await preference_store.turn_on_unless_said(uow, granted, "marketing", channel)
        announcements.consents_changed(uow, changes, "import")
        await audit.record(
            uow,
            action="consent.import",
            resource_type="consent_import",
            resource_id=changes[0].contact_id or "addresses",
            before=None,
            after={"changed": len(changes)},
        )


def _row(
    one: Candidate, contact_id: UUID | None, address_hash: bytes | None, policy: TenantPolicy
) -> ImportRow:
    days = policy.consent_validity_days if one.message_class == "marketing" else None
    return ImportRow(
        place=one.place,
        contact_id=contact_id,
        address_hash=address_hash,
        channel=one.channel,
        message_class=one.message_class,
        branch_id=one.branch_id,
        status=one.status,
        source=one.source,
        evidence=one.evidence,
        event_at=one.event_at,
        expires_at=one.event_at + timedelta(days=days) if days else None,
        wording_version=one.wording_version,
        jurisdiction=one.jurisdiction,
    )


def _latest(rows: Sequence[ImportRow], result: BlockResult) -> list[ImportRow]:
    """Returns one row per key, the latest; of two at one instant the withdrawal. The others count as unchanged."""
    latest: dict[tuple[object, ...], ImportRow] = {}
    for row in rows:
        known = latest.get(row.key)
        if known is not None:
            result.unchanged += 1
        if known is None or (row.event_at, row.status == "revoked") > (
            known.event_at,
            known.status == "revoked",
        ):
            latest[row.key] = row
    return list(latest.values())


def _subject_key(row: ImportRow) -> bytes:
    return row.contact_id.bytes if row.contact_id else row.address_hash or b""


def _change(
    row: ImportRow, proof: SealedProof, old_status: str | None, new_status: str, now: datetime
) -> Change:
    ends = {"granted": row.expires_at, "pending": now + CONFIRMATION_TIME}
    return Change(
        contact_id=row.contact_id,
        address_hash=row.address_hash,
        field=f"{row.channel}_consent",
        old_value=old_status,
        new_value=new_status,
        change_source="system",
        channel=row.channel,
        message_class=row.message_class,
        branch_id=row.branch_id,
        source=row.source,
        wording_version=row.wording_version,
        jurisdiction=row.jurisdiction,
        evidence=_parsed(row.evidence) if row.evidence else None,
        expires_at=ends.get(new_status),
        occurred_at=row.event_at,
        sealed=proof,
    )


@lru_cache(maxsize=1024)
def _parsed(evidence: str) -> Mapping[str, Any]:
    """Returns evidence from its JSON; that of many rows is the same."""
    found: Mapping[str, Any] = loads(evidence)
    return found
