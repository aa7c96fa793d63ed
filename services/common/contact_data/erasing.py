"""Forgetting people in one service, in as many calls as it takes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from services.common.contact_data import merged, sweeps, traces
from services.common.contact_data import person as people
from services.common.contact_data.collections import Collection
from services.common.contact_data.person import Erased, Person
from services.common.contact_data.sweeps import Sweep
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.rpc import deadline
from services.common.security.keys import KeySet

SPARE_SECONDS: Final = 10.0
"""What is left of a call's time when a long look through a table stops, to go on in the next call."""


@dataclass(frozen=True, slots=True)
class ContactData:
    """What a service knows of people.

    Attributes:
        collections: What is exported.
        erase: Forgets a person in one transaction; repeated, it finds what came since.
        remaining: Counts rows that still name the person.
        sweeps: Tables that are looked through because they have no index by person.
    """

    collections: Sequence[Collection]
    erase: Callable[[UnitOfWork, Person], Awaitable[list[Erased]]]
    remaining: Callable[[UnitOfWork, UUID], Awaitable[int]]
    sweeps: Sequence[Sweep] = ()


class Eraser:
    """Forgets people in one service."""

    def __init__(self, database: Database, hash_keys: KeySet, data: ContactData) -> None:
        self._database = database
        self._keys = hash_keys
        self._data = data

    async def erase(self, tenant_id: UUID, contact_id: UUID, tombstone_id: UUID) -> tuple[list[Erased], int]:
        """Forgets a person and returns all that was done so far to each store, and how many rows still name them.

        Contacts that became part of this one are the same person, and are forgotten with it. Safe to repeat: it finishes
        what was left. A call that runs out of time says that something remains.
        """
        async with self._database.tenant(tenant_id) as uow:
            parts = await merged.parts(uow, contact_id)
        totals: dict[str, Erased] = {}
        remaining = 0
        # First those that lead here: whoever is cut short still finds them.
        for one in (*parts, contact_id):
            stand_in = tombstone_id if one == contact_id else uuid5(tombstone_id, str(one))
            done, left = await self._forget(tenant_id, one, stand_in)
            remaining += left
            for store in done:
                totals[store.store] = store.plus(totals.get(store.store))
            if left and _is_late():
                return list(totals.values()), remaining
        async with self._database.tenant(tenant_id) as uow:
            await merged.note_erased(uow, contact_id)
        return [one for _, one in sorted(totals.items())], remaining

    async def _forget(
        self, tenant_id: UUID, contact_id: UUID, tombstone_id: UUID
    ) -> tuple[list[Erased], int]:
        async with self._database.tenant(tenant_id) as uow:
            person = await people.begin(uow, self._keys, contact_id, tombstone_id)
            await people.add_counts(uow, person, await self._data.erase(uow, person))
        unfinished = 0
        for sweep in self._data.sweeps:
            unfinished += not await sweeps.run(self._database, tenant_id, person, sweep, _is_late)
        unfinished += not await traces.erase(self._database, tenant_id, person, _is_late)
        async with self._database.tenant(tenant_id) as uow:
            remaining = await self._data.remaining(uow, contact_id)
            totals = await people.counts(uow, person)
        schema = self._database.schema
        done = [one._replace(store=f"{schema}.{one.store}") for _, one in sorted(totals.items())]
        return done, remaining + unfinished


def _is_late() -> bool:
    return deadline.remaining() < SPARE_SECONDS
