import asyncio
from datetime import timedelta

import pytest

from services.common.leases import lease, while_leased

SECOND = timedelta(seconds=1)


@pytest.mark.req("JOB-1")
async def test_one_of_many_processes_holds_a_name(database, open_database, owner_url):
    others = [await open_database(owner_url, "sample") for _ in range(3)]
    entered = [lease(each, "name", SECOND * 60) for each in (database, *others)]
    held = await asyncio.gather(*(one.__aenter__() for one in entered))
    assert sum(map(bool, held)) == 1
    await asyncio.gather(*(one.__aexit__(None, None, None) for one in entered))
    async with lease(database, "name") as free:
        assert free


async def test_other_names_are_other_leases(database):
    async with lease(database, "a") as first, lease(database, "b") as second:
        assert first
        assert second


@pytest.mark.req("JOB-1")
async def test_a_lease_renews_itself_as_long_as_the_block_lasts(database):
    async with lease(database, "name", SECOND * 0.6) as held:
        for _ in range(6):
            await asyncio.sleep(0.3)
            assert held
            async with lease(database, "name", SECOND) as second:
                assert not second


@pytest.mark.req("JOB-1")
async def test_a_holder_that_cannot_renew_knows_that_it_lost_and_another_takes_over(
    database, open_database, owner_url
):
    cut_off = await open_database(owner_url, "sample")
    async with lease(cut_off, "name", SECOND * 0.6) as held:
        assert held
        await cut_off.close()
        async with asyncio.timeout(5):
            await held.lost.wait()
        assert not held
        # It is sure to know before the database does.
        async with asyncio.timeout(5):
            taken = False
            while not taken:
                async with lease(database, "name") as successor:
                    taken = bool(successor)


async def test_a_holder_whose_lease_was_taken_neither_renews_nor_releases_it(database):
    async with lease(database, "name", SECOND * 0.6) as held:
        async with database.system() as uow:
            await uow.execute(
                "UPDATE lease SET holder = gen_random_uuid(), expires_at = now() + interval '1 hour'"
            )
        async with asyncio.timeout(5):
            await held.lost.wait()
    async with lease(database, "name") as second:
        assert not second


async def test_work_moves_to_another_process_when_its_holder_stops(database, open_database, owner_url):
    second = await open_database(owner_url, "sample")
    working: asyncio.Queue[str] = asyncio.Queue()
    stops = {"first": asyncio.Event(), "second": asyncio.Event()}

    async def run(name: str, where) -> None:
        async def work(_lease) -> None:
            await working.put(name)
            await stops[name].wait()

        await while_leased(where, "name", work, stops[name], retry=SECOND * 0.1)

    tasks = [asyncio.create_task(run("first", database))]
    async with asyncio.timeout(10):
        assert await working.get() == "first"
        tasks.append(asyncio.create_task(run("second", second)))
        await asyncio.sleep(0.3)
        assert working.empty()
        stops["first"].set()
        assert await working.get() == "second"
        stops["second"].set()
        await asyncio.gather(*tasks)
