"""A process that imports a registry's list without end, for tests that kill it: `python -m tests.consent.importing`."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

from services.common.db.database import Database
from services.common.rpc.context import Caller, bind
from services.common.security.keys import KeySet
from services.consent.addresses import Hasher
from services.consent.dnd.importing import Block, Header, Importer


async def main() -> None:
    """Imports block after block, and prints how many rows were taken."""
    given = json.load(sys.stdin)
    keys = KeySet.parse(given["keys"])
    database = Database(given["conninfo"], "consent", keys=keys)
    await database.connect()

    async def blocks() -> AsyncIterator[Block]:
        number = 0
        while True:
            yield Block([f"+49170{number + place:07d}" for place in range(1000)], False, ())
            number += 1000

    header = Header("DE_TEST", "full", bytes(31) + b"k", "endless.txt", 0)
    with bind(Caller.of_service("consent")):
        async for progress in Importer(database, Hasher(keys)).run(header, blocks()):
            print(progress.dnd_import.total, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
