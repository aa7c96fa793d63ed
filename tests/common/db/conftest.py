"""A database with the schema of `sample`, a service that exists only in tests."""

import pytest

from services.common.db.database import Database


@pytest.fixture
def owner_url(clone_database) -> str:
    return clone_database(["sample"])


@pytest.fixture
async def database(open_database, owner_url, clock) -> Database:
    return await open_database(owner_url, "sample", clock=clock)
