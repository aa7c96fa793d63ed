"""Row-level security alone keeps tenants apart: for every table of every service, without any WHERE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import psycopg
import pytest

from services.common.db.testing import login_url, unguarded_tables
from tests.house import SERVICES


@pytest.mark.req("GEN-8", "GEN-1", "ARC-14")
def test_every_table_with_a_tenant_is_guarded_and_led_by_it(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    url = clone_database(SERVICES)
    assert {service: unguarded_tables(url, service) for service in SERVICES} == {
        service: [] for service in SERVICES
    }


@pytest.mark.req("GEN-8", "REL-17")
def test_a_tenant_sees_none_of_the_rows_that_another_left_in_any_table(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    """Every table is filled with a row of another tenant by its owner, then looked into by the service's own role."""
    url = clone_database(SERVICES)
    stranger = uuid4()
    for service in SERVICES:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            tables = tenant_tables(owner, service)
            assert tables
            filled = [table for table in tables if plant(owner, service, table, stranger)]
        with psycopg.connect(login_url(url, service)) as connection:
            for tenant in (uuid4(), None):
                for table in filled:
                    assert seen(connection, service, table, tenant) == 0, f"{service}.{table}"
            assert any(seen(connection, service, table, stranger) for table in filled)


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


def tenant_tables(owner: psycopg.Connection, service: str) -> list[str]:
    rows = owner.execute(
        """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY 1
        """,
        (service,),
    ).fetchall()
    return [name for (name,) in rows]


def plant(owner: psycopg.Connection, service: str, table: str, tenant: UUID) -> bool:
    """Puts one row of a tenant into a table, whatever its columns; False when its checks refuse made-up values."""
    columns = owner.execute(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity <> '' OR a.attgenerated <> ''
        FROM pg_attribute a
        WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnotnull OR a.attname = 'tenant_id')
        """,
        (f"{service}.{table}",),
    ).fetchall()
    names, values = [], []
    for name, kind, is_generated in columns:
        if is_generated:
            continue
        names.append(f'"{name}"')
        values.append(f"'{tenant}'::uuid" if name == "tenant_id" else sample(kind))
    try:
        owner.execute(f"INSERT INTO {service}.{table} ({', '.join(names)}) VALUES ({', '.join(values)})")
    except psycopg.errors.CheckViolation:
        return False
    return True


def sample(kind: str) -> str:
    """A value of a type, as SQL; ids are of now, so that partitions of months take them."""
    if kind.endswith("[]"):
        return f"'{{}}'::{kind}"
    known = {
        "uuid": "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008000000000000001')::uuid",
        "jsonb": "'{}'::jsonb",
        "bytea": "'\\x00'::bytea",
        "boolean": "true",
        "timestamp with time zone": "now()",
        "date": "current_date",
        "inet": "'127.0.0.1'::inet",
        "time without time zone": "'10:00'::time",
    }
    return known.get(kind, f"'1'::{kind}")


def seen(connection: psycopg.Connection, service: str, table: str, tenant: UUID | None) -> int:
    with connection.transaction(force_rollback=True):
        if tenant is not None:
            connection.execute("SELECT set_config('angarium.tenant_id', %s, true)", (str(tenant),))
        row = connection.execute(f"SELECT count(*) FROM {service}.{table}").fetchone()
    assert row is not None
    return int(row[0])
