"""Verifying the chains of a tenant: blocks of chains at a time, what looks wrong once more while nobody can write."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal
from uuid import UUID

from services.common.db.database import Database
from services.consent.ledger import verifying_store as store
from services.consent.ledger.chain import is_sealed
from services.consent.ledger.domain import Finding, Head, StoredEntry, check
from services.consent.ledger.store import SealedHead
from services.consent.locks import lock_subjects

CHAINS = 1000
"""How many chains a block has."""
TELL_SECONDS = 0.5
_NOBODY = UUID(int=0)


@dataclass(slots=True)
class Progress:
    """How far a verification is."""

    total_entries: int = 0
    checked_entries: int = 0
    checked_chains: int = 0
    findings: list[Finding] = field(default_factory=list)
    """What was found since they were last taken."""

    def take(self) -> list[Finding]:
        """Returns what was found since the last call."""
        found, self.findings = self.findings, []
        return found


class Verification:
    """One verification of a tenant's chains, or of one contact's."""

    def __init__(self, database: Database, tenant_id: UUID, contact_id: UUID | None = None) -> None:
        self.progress = Progress()
        self._database = database
        self._tenant_id = tenant_id
        self._contact_id = contact_id

    async def run(self) -> AsyncGenerator[bool, None]:
        """Verifies, and yields whenever there is something to tell: at least every second; true once it is done."""
        work = asyncio.create_task(self._work(), name="verify-ledger")
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=TELL_SECONDS)
                if not work.done():
                    yield False
            await work
            yield True
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _work(self) -> None:
        if self._contact_id is None:
            await self._all()
            await self._untold()
        else:
            async with self._database.tenant(self._tenant_id) as uow:
                chains = await store.chains_of(uow, self._tenant_id, self._contact_id)
            await self._recheck(chains, count=True)
            async with self._database.tenant(self._tenant_id) as uow:
                if await store.is_untold(uow, self._tenant_id, self._contact_id):
                    self._tell_untold(self._contact_id)

    async def _untold(self) -> None:
        """Looks for people who have a consent and no chain."""
        columns: tuple[Literal["contact_id", "address_hash"], ...] = ("contact_id", "address_hash")
        for column in columns:
            after: object = None
            while True:
                async with self._database.tenant(self._tenant_id) as uow:
                    after, people = await store.untold(uow, self._tenant_id, column, after)
                for person in people:
                    self._tell_untold(person if isinstance(person, UUID) else None)
                if after is None:
                    break

    def _tell_untold(self, contact_id: UUID | None) -> None:
        self.progress.findings.append(Finding("missing", _NOBODY, contact_id, 1, None))

    async def _all(self) -> None:
        async with self._database.tenant(self._tenant_id) as uow:
            self.progress.total_entries = await store.totals(uow, self._tenant_id)
        after: UUID | None = None
        while True:
            async with self._database.tenant(self._tenant_id) as uow:
                heads = await store.heads_after(uow, self._tenant_id, after, CHAINS)
                # Behind the last head there may still be entries that have none.
                last = heads[-1].head.chain_id if len(heads) == CHAINS else None
                suspects = await self._block(store.entries_between(uow, self._tenant_id, after, last), heads)
            await self._recheck(suspects)
            if last is None:
                return
            after = last

    async def _block(
        self, blocks: AsyncIterator[list[StoredEntry]], heads: Sequence[SealedHead]
    ) -> list[UUID]:
        """Returns the chains of a block that look wrong."""
        waiting = {one.head.chain_id: one for one in heads}
        suspects: list[UUID] = []
        open_chain: list[StoredEntry] = []

        def close(entries: Sequence[StoredEntry]) -> None:
            chain_id = entries[0].entry.chain_id
            head = waiting.pop(chain_id, None)
            if self._faults(chain_id, head, entries):
                suspects.append(chain_id)
            self.progress.checked_chains += 1

        async for block in blocks:
            for chain_id, entries in _by_chain(block):
                if open_chain and open_chain[0].entry.chain_id != chain_id:
                    close(open_chain)
                    open_chain = []
                open_chain += entries
            self.progress.checked_entries += len(block)
        if open_chain:
            close(open_chain)
        self.progress.checked_chains += len(waiting)
        return suspects + list(waiting)

    async def _recheck(self, chain_ids: Sequence[UUID], *, count: bool = False) -> None:
        """Checks chains again while their people's changes wait: what was only being written is whole now."""
        if not chain_ids:
            return
        async with self._database.tenant(self._tenant_id) as uow:
            heads, entries = await store.chains(uow, self._tenant_id, chain_ids)
            await lock_subjects(uow, _keys(heads, entries))
            heads, entries = await store.chains(uow, self._tenant_id, chain_ids)
        known = {one.head.chain_id: one for one in heads}
        held = {chain_id: list(some) for chain_id, some in _by_chain(entries)}
        for chain_id in chain_ids:
            head, some = known.get(chain_id), held.get(chain_id, [])
            # A chain that is gone whole meanwhile was removed by retention.
            if head is not None or some:
                self.progress.findings += self._faults(chain_id, head, some)
        if count:
            self.progress.checked_chains += len(chain_ids)
            self.progress.checked_entries += len(entries)
            self.progress.total_entries = sum(one.head.last_sequence for one in heads)

    def _faults(
        self, chain_id: UUID, stored: SealedHead | None, entries: Sequence[StoredEntry]
    ) -> list[Finding]:
        keys = self._database.keys
        if keys is None:
            raise LookupError("the database was opened without keys")
        head: Head | None = stored.head if stored else None
        return check(chain_id, head, entries, sealed=stored is not None and is_sealed(keys, stored))


def _by_chain(entries: Sequence[StoredEntry]) -> Iterator[tuple[UUID, Iterator[StoredEntry]]]:
    return groupby(entries, lambda one: one.entry.chain_id)


def _keys(heads: Sequence[SealedHead], entries: Sequence[StoredEntry]) -> set[bytes]:
    people = {(one.head.contact_id, one.head.address_hash) for one in heads}
    people |= {(one.personal.contact_id, one.personal.address_hash) for one in entries}
    return {contact_id.bytes if contact_id else digest or b"" for contact_id, digest in people}
