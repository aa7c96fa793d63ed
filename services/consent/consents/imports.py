"""Importing consents: row by row checked, block by block stored, never over a newer wish (CON-27)."""

import os
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import failed, invalid, not_found
from services.common.rpc.context import current_caller
from services.consent import announcements, proofs
from services.consent.addresses import Hasher, canonicals
from services.consent.consents import import_store
from services.consent.consents.domain import CONFIRMATION_TIME
from services.consent.consents.import_domain import BlockResult, Candidate, ImportRow, Terms
from services.consent.consents.trail import SealedProof
from services.consent.decisions.categories import on_by_default
from services.consent.decisions.facts import ContactState
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory
from services.consent.ledger import chain
from services.consent.ledger.domain import SALT_BYTES, Kind, micros_of
from services.consent.ledger.lines import Line
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import store as preference_store
from services.consent.proofs import Proof

_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1) // _MICROSECOND
_CONFIRMABLE: Final = CONFIRMATION_TIME // _MICROSECOND

_Found = tuple[Candidate, tuple[bytes | None, bytes | None]]
"""A row with the contact or the address hash it is about."""


class Importer:
    """Imports blocks of consents."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory

    async def take(self, tenant_id: UUID, candidates: Sequence[Candidate]) -> BlockResult:
        """Stores a block in one transaction; a repeat of it changes nothing."""
        async with self._database.tenant(tenant_id) as uow:
            asked = sorted({one.contact for one in candidates if one.contact})
            states = await directory_store.block_states(uow, asked)
            missing = [contact for contact in asked if contact not in states]
            if not missing:
                return await self._store(uow, tenant_id, candidates, states)
        await self._directory.learn(tenant_id, [UUID(bytes=contact) for contact in missing])
        async with self._database.tenant(tenant_id) as uow:
            states = await directory_store.block_states(uow, asked)
            return await self._store(uow, tenant_id, candidates, states)

    async def _store(
        self,
        uow: UnitOfWork,
        tenant_id: UUID,
        candidates: Sequence[Candidate],
        states: dict[bytes, ContactState],
    ) -> BlockResult:
        result = BlockResult()
        policy = await policy_store.load(uow)
        good: list[Candidate] = []
        for one in candidates:
            state = states.get(one.contact) if one.contact else "active"
            if state is None:
                result.errors[one.place] = not_found("contact", UUID(bytes=one.contact))
            elif state == "erased":
                result.errors[one.place] = failed("CONTACT_ERASED", "the contact was erased")
            else:
                good.append(one)
        found = await self._found(uow, tenant_id, good, policy, result)
        lasts = policy.consent_validity_days * _DAY if policy.consent_validity_days else None
        rows = _latest([_row(one, *who, lasts) for one, who in found], result)
        actor = current_caller().subject
        burdened = await import_store.burdened(uow, rows)
        sealed = await self._sealed(uow, rows)
        by_place = {row.place: (row, proof) for row, proof in zip(rows, sealed, strict=True)}
        now = micros_of(uow.now())
        lines: list[Line] = []
        for place, verdict, old_status, new_status in await import_store.store_block(
            uow, rows, [proof.value for proof in sealed], burdened, actor
        ):
            if verdict == "changed":
                lines.append(_line(*by_place[place], old_status, new_status, now))
                result.changed += 1
            elif verdict == "overridden":
                result.overridden += 1
            else:
                result.unchanged += 1
        await chain.append_lines(uow, lines, actor)
        await self._follow(uow, lines)
        return result

    @staticmethod
    async def _sealed(uow: UnitOfWork, rows: Sequence[ImportRow]) -> list[SealedProof]:
        """Seals the proof of each row once, for the consent and for its line in the trail."""
        random = os.urandom(SALT_BYTES * len(rows))
        salts = [random[at : at + SALT_BYTES] for at in range(0, len(random), SALT_BYTES)]
        wanted = [
            (row.contact, Proof(row.terms.evidence, salt=salt)) for row, salt in zip(rows, salts, strict=True)
        ]
        return list(map(SealedProof, await proofs.seal(uow, wanted), salts))

    async def _found(
        self,
        uow: UnitOfWork,
        tenant_id: UUID,
        candidates: Sequence[Candidate],
        policy: TenantPolicy,
        result: BlockResult,
    ) -> list[_Found]:
        """Returns rows with who they are about; addresses of known contacts stand for the contacts."""
        found: list[_Found] = [(one, (one.contact, None)) for one in candidates if one.contact]
        if len(found) == len(candidates):
            return found
        for channel in sorted({one.terms.channel for one in candidates if not one.contact}):
            bare = [one for one in candidates if not one.contact and one.terms.channel == channel]
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
                found.append((one, (contact_id.bytes, None) if contact_id else (None, digest)))
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

    async def _follow(self, uow: UnitOfWork, lines: Sequence[Line]) -> None:
        """Does what changed consents bring: groups are switched on, events and an audit entry are written."""
        if not lines:
            return
        for channel in sorted({line.kind.channel for line in lines if line.kind.channel}):
            if on_by_default("marketing", channel):  # type: ignore[arg-type]
                continue
            granted = [
                UUID(bytes=line.contact)
                for line in lines
                if line.contact
                and line.kind.channel == channel
                and line.kind.new_value == "granted"
                and line.kind.message_class == "marketing"
            ]
            if granted:
                await preference_store.turn_on_unless_said(uow, granted, "marketing", channel)
        announcements.lines_written(uow, lines, "import")
        await audit.record(
            uow,
            action="consent.import",
            resource_type="consent_import",
            resource_id=UUID(bytes=lines[0].contact) if lines[0].contact else "addresses",
            before=None,
            after={"changed": len(lines)},
        )


def _row(one: Candidate, contact: bytes | None, address_hash: bytes | None, lasts: int | None) -> ImportRow:
    ends = one.event_at + lasts if lasts and one.terms.message_class == "marketing" else None
    return ImportRow(one.place, contact, address_hash, one.terms, one.event_at, ends)


def _latest(rows: Sequence[ImportRow], result: BlockResult) -> list[ImportRow]:
    """Returns one row per key, the latest; of two at one instant the withdrawal. The others count as unchanged."""
    latest: dict[tuple[object, ...], ImportRow] = {}
    for row in rows:
        key = row.key
        known = latest.get(key)
        if known is not None:
            result.unchanged += 1
        if known is None or (row.event_at, row.terms.status == "revoked") > (
            known.event_at,
            known.terms.status == "revoked",
        ):
            latest[key] = row
    return list(latest.values())


def _line(row: ImportRow, proof: SealedProof, old_status: str | None, new_status: str, now: int) -> Line:
    ends = {"granted": row.expires_at, "pending": now + _CONFIRMABLE}
    return Line(
        row.contact,
        row.address_hash,
        _kind(row.terms, old_status, new_status),
        row.terms.evidence,
        expires_at=ends.get(new_status),
        occurred_at=row.event_at,
        sealed=proof,
    )


@lru_cache(maxsize=256)
def _kind(terms: Terms, old_status: str | None, new_status: str) -> Kind:
    return Kind(
        field_changed=f"{terms.channel}_consent",
        old_value=old_status,
        new_value=new_status,
        channel=terms.channel,
        message_class=terms.message_class,
        branch_id=terms.branch_id,
        change_source="system",
        source=terms.source,
        wording_version=terms.wording_version,
        jurisdiction=terms.jurisdiction,
    )
