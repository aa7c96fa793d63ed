"""A process that appends to chains as fast as it can, for tests that run several: `python -m tests.consent.appending`."""

import asyncio
import json
import os
import random
import sys
from uuid import UUID

from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.security.keys import KeySet
from services.consent.consents.trail import Change
from services.consent.ledger import chain


async def main() -> None:
    """Appends blocks about overlapping people in its own order and prints how many entries were committed."""
    given = json.load(sys.stdin)
    tenant_id = UUID(given["tenant_id"])
    people = [UUID(one) for one in given["people"]]
    chance = random.Random(given["seed"])
    database = Database(given["conninfo"], "consent", keys=KeySet.parse(given["keys"]))
    await database.connect()
    written = 0
    for _ in range(given["rounds"]):
        some = chance.sample(people, chance.randint(1, len(people)))
        try:
            async with database.tenant(tenant_id) as uow:
                for part in (some[: len(some) // 2], some[len(some) // 2 :], some[:1]):
                    changes = [
                        Change(one, None, "is_dnd", "false", str(os.getpid()), "staff", evidence={"n": 0.5})
                        for one in part
                    ]
                    await chain.append(uow, changes, "anna")
            written += len(some) + 1
            print(written, flush=True)
        except ServiceError as error:
            if error.reason != "VERSION_CONFLICT":
                raise
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
