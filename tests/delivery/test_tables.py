from __future__ import annotations

from collections.abc import Callable, Iterable

import psycopg

from services.common.db.testing import unguarded_tables


def test_every_table_of_a_tenant_is_guarded_and_led_by_the_tenant(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    assert unguarded_tables(clone_database(["delivery"]), "delivery") == []


def test_partitions_of_messages_leave_room_for_updates_in_place(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    with psycopg.connect(clone_database(["delivery"])) as connection:
        rows = connection.execute(
            "SELECT c.reloptions FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'delivery.message'::regclass"
        ).fetchall()
    assert len(rows) >= 4
    assert {tuple(options) for (options,) in rows} == {("fillfactor=40",)}
