"""What a block costs does not depend on how many lines its run has."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg

from angarium.common.v1 import enums_pb2
from services.campaign.blocks import store as blocks
from services.campaign.blocks.domain import Block, BlockState
from services.campaign.ledger import settling
from services.campaign.ledger import store as ledger
from services.campaign.ledger.domain import RecipientState, recipient_id_of
from services.campaign.ledger.settling import Move
from services.campaign.tallies import store as tallies
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from tests.campaign.campaigns.conftest import Stage

BLOCKS, LINES = 40, 50

Statement = Callable[[UnitOfWork, UUID], Awaitable[object]]

OFTEN = 7
"""After so many executions a statement is planned for any values, if it ever is."""


async def settle(uow: UnitOfWork, run_id: UUID) -> None:
    """Settles a block, as an event of delivery does."""
    await tallies.lock(uow, run_id)
    lines = await uow.fetch_all(
        "SELECT recipient_id FROM campaign_recipient WHERE run_id = %s AND block_no = 9", (run_id,)
    )
    await settling.apply(uow, [Move(line, RecipientState.SENT, sent_at=uow.now()) for (line,) in lines])


STATEMENTS: dict[str, Statement] = {
    "people": lambda uow, run: blocks.people(
        uow, Block(run, 7, 0, LINES, BlockState.OPEN, 0, 0), enums_pb2.CHANNEL_EMAIL, attributes=False
    ),
    "pending": lambda uow, run: ledger.pending_of(uow, run, 7),
    "without address": lambda uow, run: ledger.without_address(uow, run, 7),
    "given a variant": lambda uow, run: ledger.give_variant(uow, run, 7, 2),
    "split": lambda uow, run: ledger.split_block(uow, run, 7, LINES - 10, BLOCKS + 1),
    "moved": lambda uow, run: ledger.move_block(uow, run, 7, RecipientState.HANDED_OVER),
    "settled": settle,
}

_READ = """
SELECT sum(seq_tup_read + idx_tup_fetch)::int FROM pg_stat_xact_all_tables
WHERE schemaname = 'campaign' AND relname LIKE 'campaign\\_recipient%'
"""


async def write_lines(stage: Stage, run_id: UUID) -> None:
    """Writes lines of a run down, as its expansion does."""
    rows = [
        (stage.served.tenant_id, recipient_id_of(run_id, contact), run_id, contact, number % BLOCKS)
        for number in range(BLOCKS * LINES)
        for contact in [uuid4()]
    ]
    async with await psycopg.AsyncConnection.connect(stage.owner_url) as owner:
        await owner.cursor().executemany(
            "INSERT INTO campaign.campaign_recipient (tenant_id, recipient_id, run_id, contact_id, block_no, variant,"
            " state, complained) VALUES (%s, %s, %s, %s, %s, 0, 1, false)",
            rows,
        )


async def test_a_block_is_read_alone_though_the_planner_has_seen_no_line_of_its_run(stage: Stage) -> None:
    await write_lines(stage, uuid7())
    async with await psycopg.AsyncConnection.connect(stage.owner_url) as owner:
        await owner.execute("ANALYZE campaign.campaign_recipient")
    run_id = uuid7()
    await write_lines(stage, run_id)
    read = {}
    for name, statement in STATEMENTS.items():
        for _ in range(OFTEN):
            async with stage.database.tenant(stage.served.tenant_id) as uow:
                before = await uow.fetch_value(_READ)
                await statement(uow, run_id)
                read[name] = max(read.get(name, 0), await uow.fetch_value(_READ) - before)
    # Versions that earlier statements left behind are looked at as well; a run has forty times as many lines.
    assert {name: rows for name, rows in read.items() if rows > 8 * LINES} == {}
