async def test_smoke(clone_database, open_database, redis, clock):
    db = await open_database(clone_database(["sample", "other"]), "sample", clock=clock)
    assert await db.migrations_current()
    assert await redis.ping()
