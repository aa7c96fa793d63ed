"""Row-level security alone keeps tenants apart: for every table of every service, without any WHERE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import psycopg
import pytest

from services.common.db.testing import login_url, unguarded_tables
from tests.house import SERVICES
from tests.isolation.planting import LEFT_ALONE, plant, strangers, tenant_tables


@pytest.mark.req("GEN-8", "GEN-1", "ARC-14")
def test_every_table_with_a_tenant_is_guarded_and_led_by_it(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    url = clone_database(SERVICES)
    assert {service: unguarded_tables(url, service) for service in SERVICES} == {
        service: [] for service in SERVICES
    }


@pytest.mark.req("GEN-8", "REL-17")
def test_no_tenant_sees_or_touches_a_row_that_another_left_in_any_table(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    """Every table holds a row of another tenant; what the service's own role then does names no tenant at all."""
    url = clone_database(SERVICES)
    [stranger] = strangers(1)
    for service in SERVICES:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            tables = [*tenant_tables(owner, service), *LEFT_ALONE]
            for table in tables:
                plant(owner, service, table, [stranger])
        with psycopg.connect(login_url(url, service)) as connection:
            assert touched(connection, service, tables, stranger.tenant_id, READ) == [
                (1, one) for one in tables
            ]
            for tenant in (uuid4(), None):
                for statement in (READ, CHANGE, REMOVE):
                    found = touched(connection, service, tables, tenant, statement)
                    assert found == [(0, one) for one in tables]


@pytest.mark.req("GEN-8", "REL-17")
def test_no_tenant_writes_a_row_in_the_name_of_another(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    url = clone_database(SERVICES)
    [stranger] = strangers(1)
    for service in SERVICES:
        with psycopg.connect(url, autocommit=True) as owner:
            tables = [*tenant_tables(owner, service), *LEFT_ALONE]
        with psycopg.connect(login_url(url, service)) as connection:
            connection.autocommit = True
            connection.execute("SELECT set_config('angarium.tenant_id', %s, false)", (str(uuid4()),))
            for table in tables:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    plant(connection, service, table, [stranger])


@pytest.mark.req("GEN-1", "ARC-14")
def test_a_service_cannot_look_into_another_services_schema(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    url = clone_database(SERVICES)
    for service in SERVICES:
        for other in set(SERVICES) - {service}:
            with (
                psycopg.connect(login_url(url, service)) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(f"SELECT 1 FROM {other}.outbox")


def test_a_table_that_is_sampled_lightly_is_so_in_every_column_and_month(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    """One column at the usual target would have ANALYZE read five times the rows for it."""
    with psycopg.connect(clone_database(SERVICES)) as owner:
        rows = owner.execute(
            """
            SELECT coalesce(i.inhparent, c.oid)::regclass::text, count(*) FILTER (WHERE a.attstattarget = 20), count(*)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
            WHERE c.relnamespace::regnamespace::text = ANY (%s) AND c.relkind IN ('r', 'p')
            GROUP BY 1 HAVING count(*) FILTER (WHERE a.attstattarget = 20) > 0
            """,
            (list(SERVICES),),
        ).fetchall()
    assert {name for name, _, _ in rows} >= {
        "analytics.message_fact",
        "campaign.campaign_recipient",
        "consent.decision",
        "delivery.message",
    }
    assert [name for name, light, columns in rows if light < columns] == []


READ = "SELECT FROM {}.{}"
CHANGE = "UPDATE {}.{} SET tenant_id = tenant_id"
REMOVE = "DELETE FROM {}.{}"


def touched(
    connection: psycopg.Connection, service: str, tables: list[str], tenant: UUID | None, statement: str
) -> list[tuple[int, str]]:
    """How many rows of each table a statement that names no tenant reaches for a tenant; nothing of it stays."""
    found = []
    with connection.transaction(force_rollback=True):
        if tenant is not None:
            connection.execute("SELECT set_config('angarium.tenant_id', %s, true)", (str(tenant),))
        for table in tables:
            try:
                with connection.transaction():
                    found.append((connection.execute(statement.format(service, table)).rowcount, table))
            except psycopg.errors.InsufficientPrivilege:
                found.append((0, table))  # nobody changes rows of this table, whosever they are
    return found
