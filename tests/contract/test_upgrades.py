"""What an earlier release wrote is there after the migrations that check it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

import psycopg
import pytest

from services.common.db import migrations
from services.common.db.testing import PASSWORD
from services.common.ids import uuid7
from tests.isolation.planting import plant, strangers, tenant_tables

UNCHECKED = {"consent": "0013", "campaign": "0040", "delivery": "0026", "analytics": "0009"}
"""The last revision of each service at which the database checked little."""


@pytest.mark.req("GEN-9", "GEN-10")
@pytest.mark.parametrize("service", UNCHECKED)
def test_rows_of_every_table_hold_to_the_checks_that_came_after_them(
    clone_database: Callable[[Iterable[str]], str], service: str
) -> None:
    url = clone_database([])
    migrations.run(service, url, password=PASSWORD, revision=UNCHECKED[service])
    [tenant] = strangers(1)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        tables = tenant_tables(owner, service)
        for table in tables:
            plant(owner, service, table, [tenant])

        migrations.run(service, url, password=PASSWORD)

        assert [table for table in tables if not rows(owner, service, table, tenant.tenant_id)] == []
        assert unvalidated(owner, service) == []


@pytest.mark.req("GEN-9", "GEN-10")
def test_what_only_looks_as_if_it_referred_to_a_row_or_counted_stays_as_it_is(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    """A holdout of everybody, a trigger by a template of the platform, a line of no block; a branch unknown goes."""
    url = clone_database([])
    migrations.run("campaign", url, password=PASSWORD, revision=UNCHECKED["campaign"])
    [tenant] = strangers(1)
    everybody, elsewhere = UUID(int=0), uuid7()
    kept = {
        "segment_holdout": ("segment_id", everybody),
        "trigger_config": ("template_id", elsewhere),
        "whatsapp_approval": ("template_version_id", elsewhere),
        "campaign_recipient": ("block_no", -1),
    }
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        for table in tenant_tables(owner, "campaign"):
            plant(owner, "campaign", table, [tenant])
        for table, (column, value) in {**kept, "contact": ("branch_id", elsewhere)}.items():
            owner.execute(f"UPDATE campaign.{table} SET {column} = %s", (value,))

        migrations.run("campaign", url, password=PASSWORD)

        for table, (column, value) in {**kept, "contact": ("branch_id", None)}.items():
            assert owner.execute(f"SELECT {column} FROM campaign.{table}").fetchall() == [(value,)], table


def rows(owner: psycopg.Connection, service: str, table: str, tenant_id: UUID) -> int:
    found = owner.execute(f"SELECT FROM {service}.{table} WHERE tenant_id = %s", (tenant_id,))
    return found.rowcount


def unvalidated(owner: psycopg.Connection, service: str) -> list[str]:
    query = "SELECT conname FROM pg_constraint WHERE NOT convalidated AND connamespace = %s::regnamespace"
    return [name for (name,) in owner.execute(query, (service,)).fetchall()]
