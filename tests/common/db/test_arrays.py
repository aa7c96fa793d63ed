"""Arrays as bytes: what PostgreSQL reads is what was given."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.db.arrays import blobs, hashes, instants, ints, some, uuids
from services.common.db.database import Database
from services.common.ids import uuid_text


async def test_every_kind_of_array_arrives_as_it_was_given_nulls_included(database: Database) -> None:
    ids = [uuid4(), None, uuid4()]
    moments = [datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC), None, datetime(1, 1, 1, tzinfo=UTC)]
    micros = [
        None if one is None else int((one - _EPOCH).total_seconds()) * 10**6 + one.microsecond
        for one in moments
    ]
    async with database.system() as uow:
        found = await uow.fetch_one(
            "SELECT %(ids)b::uuid[], %(blobs)b::bytea[], %(hashes)b::bytea[], %(moments)b::timestamptz[], %(ints)b::int4[]",
            {
                "ids": uuids([one.bytes if one else None for one in ids]),
                "blobs": blobs([b"", None, b"x" * 70_000]),
                "hashes": hashes([bytes(32), None]),
                "moments": instants(micros),
                "ints": ints([1, -2]),
            },
        )
    assert found == (ids, [b"", None, b"x" * 70_000], [bytes(32), None], moments, [1, -2])


async def test_an_array_of_nothing_but_nulls_is_filled_up_by_its_neighbours(database: Database) -> None:
    async with database.system() as uow:
        rows = await uow.fetch_all(
            "SELECT * FROM unnest(%(n)b::int4[], %(u)b::uuid[], %(t)b::timestamptz[]) AS rows (n, u, t)",
            {"n": ints([1, 2]), "u": uuids(some([None, None])), "t": instants(some([None, None]))},
        )
    assert rows == [(1, None, None), (2, None, None)]


@given(st.uuids())
def test_the_text_of_an_ids_bytes_is_that_of_the_id(id: UUID) -> None:
    assert uuid_text(id.bytes) == str(id)


def test_what_is_no_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        hashes([b"short"])


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
