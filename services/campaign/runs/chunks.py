"""SQL of the expansion: an audience written down as lines and blocks, a chunk in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.campaign.blocks.domain import BLOCK
from services.campaign.ledger.addresses import address_sql
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs.departures import Departures
from services.campaign.runs.domain import Phase, Run
from services.campaign.runs.store import COLUMNS, RunKey, run_of_row
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork


class Expanding(NamedTuple):
    """A run whose audience is still being written down."""

    key: RunKey
    is_rerun: bool


async def expanding(uow: UnitOfWork) -> list[Expanding]:
    """Returns runs whose audience is still being written down; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT source_run_id IS NOT NULL, tenant_id, run_id, campaign_id FROM campaign_run "
        "WHERE state = 1 AND phase = 1 ORDER BY started_at LIMIT 100"
    )
    return [Expanding(RunKey(*key), is_rerun) for is_rerun, *key in rows]


async def lock_expanding(uow: UnitOfWork, run_id: UUID) -> Run | None:
    """Returns a run whose next chunk is due, for this transaction alone; None when another has it, or none is due."""
    row = await uow.fetch_one(
        f"SELECT {COLUMNS} FROM campaign_run WHERE tenant_id = %s AND run_id = %s AND state = 1 AND phase = 1 "
        "FOR NO KEY UPDATE SKIP LOCKED",
        (uow.tenant_id, run_id),
    )
    return None if row is None else run_of_row(row)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk of an expansion wrote down."""

    lines: int
    reachable: int
    last_block: int | None
    last_contact: UUID | None


# The bucket is the first 8 bytes of the digest, big-endian, modulo 10,000 (CAM-102); as there is no unsigned 8-byte
# integer, in two halves: 2^32 leaves 7,296. Who is tested is drawn from the next 8 bytes, independently.
def _bucket(first: int) -> str:
    high, low = (
        " + ".join(f"(get_byte(drawn, {start + byte})::int8 << {24 - 8 * byte})" for byte in range(4))
        for start in (first, first + 4)
    )
    return f"((({high}) %% 10000 * 7296 + ({low})) %% 10000)::int4"


_DRAWN = "sha256(convert_to(%(x_campaign_id)s || ':' || c.contact_id::text, 'UTF8'))"
_ARM = f"width_bucket({_bucket(0)}, %(x_bounds)s::int4[]) + 1"
_TESTED = f"CASE WHEN {_bucket(8)} < %(x_tested)s THEN {_ARM} ELSE %(x_rest)s END"

_NO_ZONES, _NO_SLOT = "", "0"
_ZONES = f"LEFT JOIN {named_unnest({'x_zones': 'text', 'x_slots': 'int4'}, 'z')} ON z.x_zones = c.time_zone"
_SLOT = "COALESCE(z.x_slots, %(x_home_slot)s)"

# Blocks follow the ids of their lines, so that those of one block, and its messages, lie close in every index. A
# block holds one variant that leaves at one time: a track. Blocks that wait for a winner have no time yet.
_CHUNK = """
WITH picked AS MATERIALIZED (
    SELECT c.contact_id, {address} IS NOT NULL AS reachable, {drawn} AS drawn, {slot} AS slot,
        sha256(uuid_send(%(x_run_id)s) || uuid_send(c.contact_id)) AS mark
    FROM contact c {zones}
    WHERE {where} AND c.contact_id > %(x_after)s AND c.created_at <= %(x_launched)s
    ORDER BY c.contact_id
    LIMIT %(x_limit)s
), varied AS (
    SELECT contact_id, reachable, slot, ({variant})::int2 AS variant, encode(mark, 'hex') AS mark,
        substr('89ab', (get_byte(mark, 2) & 3) + 1, 1) AS nibble
    FROM picked
), named AS (
    SELECT contact_id, reachable, slot, variant, variant * %(x_slot_count)s + slot AS track,
        (%(x_prefix)s || '7' || substr(mark, 1, 3) || nibble || substr(mark, 7, 15))::uuid AS recipient_id
    FROM varied
), numbered AS MATERIALIZED (
    SELECT contact_id, reachable, slot, variant, recipient_id,
        CASE WHEN reachable THEN %(x_next_block)s + track + %(x_tracks)s * (
            (row_number() OVER (PARTITION BY reachable, track ORDER BY recipient_id) - 1) / %(x_block)s
        )::int4 ELSE %(x_unreachable)s END AS block_no
    FROM named
), lines AS (
    INSERT INTO campaign_recipient
        (tenant_id, recipient_id, run_id, contact_id, block_no, variant, state, complained, reason)
    SELECT %(x_tenant_id)s, recipient_id, %(x_run_id)s, contact_id, block_no, variant,
        CASE WHEN reachable THEN {pending} ELSE {skipped} END, false,
        CASE WHEN reachable THEN NULL ELSE 'no_address' END
    FROM numbered
), blocks AS (
    INSERT INTO campaign_block (tenant_id, run_id, block_no, variant, size, state, attempts, spelling, due_at)
    SELECT %(x_tenant_id)s, %(x_run_id)s, block_no, variant, count(*), 1, 0, 0,
        CASE WHEN variant > 0 OR %(x_tested)s = 0 THEN (%(x_due)s::timestamptz[])[slot + 1] END
    FROM numbered WHERE reachable GROUP BY block_no, variant, slot
)
SELECT count(*), count(*) FILTER (WHERE reachable), max(block_no) FILTER (WHERE reachable),
    (SELECT contact_id FROM picked ORDER BY contact_id DESC LIMIT 1)
FROM numbered
"""


@dataclass(frozen=True, slots=True)
class Draw:
    """Who gets which variant, and when."""

    bounds: Sequence[int] = ()
    """Cumulative bounds of the variants' buckets; empty without A/B test."""
    tested: int = 0
    """Share that is tested, in hundredths of a percent; the others wait for the winner. 0 when nobody waits."""
    rest: int = 0
    """Variant of those who are not tested; 0 while they wait for the winner."""
    departures: Departures | None = None
    """When each zone's people get it; None when all leave at once."""

    @property
    def variant(self) -> str:
        """Returns the SQL of a contact's variant."""
        if not self.bounds:
            return "0"
        return _TESTED if self.tested else _ARM


async def write_chunk(
    uow: UnitOfWork,
    run: Run,
    *,
    channel: int,
    draw: Draw,
    where: str,
    params: dict[str, Any],
    size: int,
) -> Chunk:
    """Writes the next contacts of an audience down as lines and blocks, in one statement.

    Args:
        uow: The transaction; it holds the run's row, so that chunks of a run follow each other.
        run: The run, with the contact after which to go on.
        channel: Channel of the campaign; contacts without an address on it are skipped at once.
        draw: Who gets which variant, and when.
        where: Condition of the audience over the alias `c` of table contact.
        params: Its parameters; none begins with `x_`.
        size: How many contacts at most.
    """
    leaving = draw.departures
    due = (uow.now(),) if leaving is None else leaving.due
    zoned: dict[str, Any] = {}
    if leaving is not None:
        zoned = {
            "x_zones": list(leaving.zones),
            "x_slots": list(leaving.slots),
            "x_home_slot": leaving.home_slot,
        }
    row = await uow.fetch_one(
        _CHUNK.format(
            address=address_sql(channel),
            drawn=_DRAWN if draw.bounds else "NULL::bytea",
            variant=draw.variant,
            zones=_NO_ZONES if leaving is None else _ZONES,
            slot=_NO_SLOT if leaving is None else _SLOT,
            where=where,
            pending=int(RecipientState.PENDING),
            skipped=int(RecipientState.SKIPPED),
        ),
        {
            **params,
            **zoned,
            "x_tenant_id": uow.tenant_id,
            "x_run_id": run.run_id,
            "x_campaign_id": str(run.campaign_id),
            "x_prefix": run.run_id.hex[:12],
            "x_after": run.after or UUID(int=0),
            "x_launched": run.started_at,
            "x_limit": size,
            "x_bounds": list(draw.bounds),
            "x_tested": draw.tested,
            "x_rest": draw.rest,
            "x_slot_count": len(due),
            "x_tracks": len(due) * (len(draw.bounds) + 1),
            "x_due": list(due),
            "x_next_block": run.next_block,
            "x_block": BLOCK,
            "x_unreachable": unreachable_block(run.chunks),
        },
        prepare=False,
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return Chunk(*row)


def unreachable_block(chunk: int) -> int:
    """Returns the number under which the lines of a chunk without address are found."""
    return -1 - chunk


async def advance(
    uow: UnitOfWork, run: Run, chunk: Chunk, *, after: UUID | None, token: str = "", done: bool
) -> None:
    """Notes how far the expansion of a locked run is."""
    await uow.execute(
        "UPDATE campaign_run SET after_contact_id = %s, source_token = %s, next_block = %s, chunks = chunks + 1, "
        "phase = %s, audience_count = audience_count + %s WHERE tenant_id = %s AND run_id = %s",
        (
            after,
            token,
            run.next_block if chunk.last_block is None else chunk.last_block + 1,
            int(Phase.EXPANDED if done else Phase.EXPANDING),
            chunk.lines,
            uow.tenant_id,
            run.run_id,
        ),
    )
