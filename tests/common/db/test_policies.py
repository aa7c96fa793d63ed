"""Policies of row-level security, as they are made and as an older installation's are brought up to date."""

from collections.abc import Callable, Iterable

import psycopg

from services.common.db import migrations
from services.common.db.testing import PASSWORD

Clone = Callable[[Iterable[str]], str]
OLD = "tenant_id = NULLIF(current_setting('angarium.tenant_id', true), '')::uuid"


def conditions(url: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return set(
            connection.execute(
                "SELECT qual, with_check FROM pg_policies WHERE schemaname = 'consent' AND policyname = 'tenant'"
            )
        )


def test_the_tenant_of_a_transaction_is_asked_once_for_a_statement(clone_database: Clone) -> None:
    with psycopg.connect(clone_database(["consent"])) as connection:
        connection.execute("SET ROLE angarium_consent")
        plan = [line for (line,) in connection.execute("EXPLAIN SELECT FROM consent.contact")]
    assert any("InitPlan" in line for line in plan)


def test_a_migration_renews_the_policies_of_an_older_installation(clone_database: Clone) -> None:
    url = clone_database(["consent"])
    fresh = conditions(url)
    assert len(fresh) == 1
    with psycopg.connect(url) as connection:
        connection.execute(f"ALTER POLICY tenant ON consent.contact USING ({OLD}) WITH CHECK ({OLD})")
    assert conditions(url) != fresh
    migrations.run("consent", url, password=PASSWORD)
    assert conditions(url) == fresh
