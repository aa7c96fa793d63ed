"""What became of everything that was accepted: one final state each, nothing lost, nothing twice."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from bench.soak.samples import Samples
from bench.soak.work import Accepted
from bench.soak.world import World
from cli.demo.figures import reconcile

_POLL: Final = 0.5
_STATES: Final = """
SELECT state, count(*), count(sent_at) FROM delivery.message WHERE tenant_id = %s GROUP BY state
"""
_SENT: Final = "SELECT message_id::text FROM delivery.message WHERE tenant_id = %s AND sent_at IS NOT NULL"
_OWN: Final = """
SELECT message_id::text FROM delivery.message WHERE tenant_id = %s AND campaign_id IS NULL
"""
_FINAL: Final = frozenset({7, 8, 9, 10, 11, 12, 13, 14})
"""Sent or further: what is left of a message that was taken is for receipts to tell."""
_DELIVERED: Final = frozenset({8, 9})


@dataclass
class Proof:
    """The counts that must agree."""

    drained_after: float | None = None
    """Seconds until every queue was empty; None when one was not."""
    still_waiting: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    unknown: int = 0
    """Messages that were accepted and are not there, or are there and were never accepted."""
    unfinished: int = 0
    lost: int = 0
    """Messages called sent that never reached the provider."""
    strangers: int = 0
    """Messages that reached the provider and are not called sent."""
    duplicates: int = 0
    ids_given_twice: int = 0
    campaigns: int = 0
    unsettled: int = 0
    """Campaigns that `reconcile` does not call settled."""
    sent: int = 0
    delivered: int = 0
    """Messages of whose delivery a webhook has told."""

    @property
    def is_fine(self) -> bool:
        """Returns whether nothing is missing, twice or unfinished."""
        wrong = (self.unknown, self.unfinished, self.lost, self.strangers, self.duplicates)
        return self.drained_after is not None and not any((*wrong, self.ids_given_twice, self.unsettled))


async def prove(world: World, accepted: Accepted, samples: Samples, *, before: int, patience: float) -> Proof:
    """Waits until nothing is under way any more and counts; `before` messages were there at the start."""
    found = Proof(
        accepted=len(accepted.ids), ids_given_twice=accepted.twice, campaigns=len(accepted.campaigns)
    )
    await _drain(samples, found, patience)
    tenant_id = world.cast.tenant_id
    for campaign_id in accepted.campaigns:
        found.unsettled += not (await reconcile(world.cast, UUID(campaign_id))).is_settled
    rows = await (await world.stack.database.execute(_STATES.encode(), (tenant_id,))).fetchall()
    found.unfinished = sum(count for state, count, _ in rows if state not in _FINAL)
    found.sent = sum(sent for _, _, sent in rows)
    found.delivered = sum(count for state, count, _ in rows if state in _DELIVERED)
    own = await _ids(world, _OWN)
    missing = len(accepted.ids - own)
    found.unknown = missing + len(own) - before - (len(accepted.ids) - missing)
    sent = await _ids(world, _SENT)
    arrived = Counter[str]()
    # Those of no campaign go by the empty name.
    for campaign_id in ("", *accepted.campaigns):
        arrived.update(str(one["message_id"]) for one in await world.sandbox.messages(campaign_id))
    found.lost = len(sent - arrived.keys())
    found.strangers = len(arrived.keys() - sent)
    found.duplicates = arrived.total() - len(arrived)
    return found


async def _drain(samples: Samples, found: Proof, patience: float) -> None:
    """Waits until every queue is empty, twice in a row: work moves from one to the next."""
    began, empty = time.monotonic(), 0
    while time.monotonic() - began < patience:
        found.still_waiting = {name: count for name, count in (await samples.waiting()).items() if count}
        empty = 0 if found.still_waiting else empty + 1
        if empty == 3:
            found.drained_after = time.monotonic() - began
            return
        await asyncio.sleep(_POLL)


async def _ids(world: World, query: str) -> set[str]:
    rows: Any = await world.stack.database.execute(query.encode(), (world.cast.tenant_id,))
    return {row[0] for row in await rows.fetchall()}
