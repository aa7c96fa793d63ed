"""Leases of claimed blocks: one statement keeps all of a worker's blocks alive."""

import asyncio
from datetime import timedelta

import psycopg
import structlog

from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.delivery.dispatch import store
from services.delivery.dispatch.store import Claim

log = structlog.get_logger("dispatch")


class Leases:
    """What this worker holds; a claim whose lease could not be kept turns `lost`."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self.lease = lease
        self._held: dict[int, Claim] = {}
        self._lost: set[int] = set()

    def hold(self, claim: Claim) -> None:
        """Keeps a claim alive from now on."""
        self._held[id(claim)] = claim

    def drop(self, claim: Claim) -> None:
        """Keeps it no longer."""
        self._held.pop(id(claim), None)
        self._lost.discard(id(claim))

    def is_lost(self, claim: Claim) -> bool:
        """Returns whether another worker may have the blocks of a claim."""
        return id(claim) in self._lost

    async def loop(self, stop: asyncio.Event) -> None:
        """Renews every third of a lease, until told to stop and nothing is held."""
        while not (stop.is_set() and not self._held):
            await wait_for(stop, self.lease.total_seconds() / 3)
            if stop.is_set():
                # Draining: the rest of the pause is waited for without the event.
                await asyncio.sleep(min(1.0, self.lease.total_seconds() / 3))
            try:
                await self._renew()
            except (psycopg.Error, ServiceError, OSError) as error:
                log.warning("leases could not be renewed", error=type(error).__name__, held=len(self._held))

    async def _renew(self) -> None:
        claims = [claim for claim in self._held.values() if claim.blocks]
        if not claims:
            return
        asked = {id(claim): [block.block_id for block in claim.blocks] for claim in claims}
        async with self._database.system() as uow:
            kept = await store.renew(uow, claims, self.lease)
        for claim in claims:
            # A block that was finished meanwhile is no loss.
            still = {block.block_id for block in claim.blocks}
            if any(block in still and block not in kept for block in asked[id(claim)]):
                self._lost.add(id(claim))
                log.warning("a block was lost to another worker", lane=claim.lane.name.lower())
