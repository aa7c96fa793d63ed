from __future__ import annotations

from collections.abc import Callable, Iterable

from alembic.autogenerate import compare_metadata

from services.campaign import tables  # noqa: F401 - the areas' tables
from services.campaign.schema import META
from services.common.db import alembic_env
from services.common.db.testing import unguarded_tables

Clone = Callable[[Iterable[str]], str]


def test_migrations_make_what_the_tables_say(clone_database: Clone) -> None:
    with alembic_env.owner_connection(clone_database(["campaign"])) as connection:
        found = compare_metadata(alembic_env.comparison_context(connection, META), META)
    known = {table.name for table in META.tables.values()}
    # Areas that bring a migration and no metadata are compared by their own tests.
    differences = [one for one in found if not (_of(one) and _of(one) not in known)]
    assert differences == []


def _of(difference: object) -> str:
    if not isinstance(difference, tuple) or len(difference) < 2:
        return ""
    thing = difference[1]
    table = thing if difference[0].endswith("_table") else getattr(thing, "table", None)
    return getattr(table, "name", "")


def test_every_table_of_a_tenant_is_guarded_and_led_by_the_tenant(clone_database: Clone) -> None:
    assert unguarded_tables(clone_database(["campaign"]), "campaign") == []
