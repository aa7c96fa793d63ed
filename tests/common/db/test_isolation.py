from uuid import uuid4

import psycopg
import pytest

from services.common.db.testing import login_url, unguarded_tables

COLUMNS = ("tenant_id", "thing_id", "name", "created_at")
TYPES = ("uuid", "uuid", "text", "timestamptz")


@pytest.fixture
async def tenants(database):
    """Two tenants with three rows each."""
    pair = (uuid4(), uuid4())
    for tenant in pair:
        async with database.tenant(tenant) as uow:
            rows = [(tenant, uuid4(), f"{tenant}-{n}", uow.now()) for n in range(3)]
            await uow.copy_in("thing", COLUMNS, TYPES, rows)
    return pair


@pytest.mark.req("GEN-8")
async def test_a_forgotten_where_reads_and_counts_only_the_tenants_own_rows(database, tenants):
    mine, _ = tenants
    async with database.tenant(mine) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM thing") == 3
        assert {tenant for (tenant,) in await uow.fetch_all("SELECT tenant_id FROM thing")} == {mine}


@pytest.mark.req("GEN-8")
async def test_naming_another_tenant_finds_nothing(database, tenants):
    mine, theirs = tenants
    async with database.tenant(mine) as uow:
        assert await uow.fetch_all("SELECT * FROM thing WHERE tenant_id = %s", (theirs,)) == []
        assert (
            await uow.fetch_value("SELECT EXISTS (SELECT FROM thing WHERE tenant_id = %s)", (theirs,))
            is False
        )


@pytest.mark.req("GEN-8", "REL-17")
@pytest.mark.parametrize("statement", ["UPDATE thing SET name = 'taken'", "DELETE FROM thing"])
async def test_a_forgotten_where_changes_only_the_tenants_own_rows(database, tenants, statement):
    mine, theirs = tenants
    async with database.tenant(mine) as uow:
        assert await uow.execute(statement) == 3
    async with database.tenant(theirs) as uow:
        names = [name for (name,) in await uow.fetch_all("SELECT name FROM thing ORDER BY name")]
    assert names == [f"{theirs}-{n}" for n in range(3)]


@pytest.mark.req("GEN-8")
async def test_a_row_of_another_tenant_can_neither_be_written_nor_moved_nor_copied_in(database, tenants):
    mine, theirs = tenants
    insert = "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, %s, 'x', now())"
    for statement, params in [
        (insert, (theirs, uuid4())),
        ("UPDATE thing SET tenant_id = %s", (theirs,)),
    ]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.tenant(mine) as uow:
                await uow.execute(statement, params)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.tenant(mine) as uow:
            await uow.copy_in("thing", COLUMNS, TYPES, [(theirs, uuid4(), "x", uow.now())])


@pytest.mark.req("GEN-8")
async def test_without_a_tenant_nothing_is_visible_and_nothing_can_be_written(owner_url, tenants):
    async with await psycopg.AsyncConnection.connect(
        login_url(owner_url, "sample"), options="-c search_path=sample"
    ) as bare:
        for table in ("thing", "outbox", "inbox", "parked_event", "idempotency", "audit", "data_key"):
            count = await (await bare.execute(f"SELECT count(*) FROM {table}")).fetchone()
            assert count == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await bare.execute(
                "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, %s, 'x', now())",
                (tenants[0], uuid4()),
            )


@pytest.mark.req("GEN-8")
async def test_the_tenant_ends_with_the_transaction_on_the_same_connection(open_database, owner_url, tenants):
    database = await open_database(owner_url, "sample", pool_min=1, pool_max=1)
    async with database.tenant(tenants[0]) as uow:
        backend = await uow.fetch_value("SELECT pg_backend_pid()")
    async with database.pool.connection() as connection:
        assert connection.info.backend_pid == backend
        cursor = await connection.execute("SELECT count(*), current_setting('angarium.tenant_id') FROM thing")
        assert await cursor.fetchone() == (0, "")


async def test_a_tenants_transaction_never_starts_outside_its_scope_whatever_touches_the_connection_first(
    database, tenants
):
    async with database.tenant(tenants[0]) as uow, uow.connection.cursor() as cursor:
        await cursor.execute("SELECT count(*) FROM thing")
        assert await cursor.fetchone() == (3,)
    async with database.tenant(tenants[1]) as uow, uow.connection.pipeline():
        cursor = await uow.connection.execute("SELECT DISTINCT tenant_id FROM thing")
        assert await cursor.fetchall() == [(tenants[1],)]


async def test_the_system_role_sees_all_tenants_for_one_transaction_only(database, tenants):
    async with database.system() as uow:
        assert await uow.fetch_value("SELECT count(*) FROM thing") == 6
    async with database.tenant(uuid4()) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM thing") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SET SESSION AUTHORIZATION postgres",
        "SET ROLE postgres",
        "ALTER TABLE thing DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE thing NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON thing",
        "CREATE POLICY mine ON thing USING (true)",
        "TRUNCATE thing",
        "CREATE TABLE sample.mine (id int)",
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "SELECT add_month_partitions('audit', now(), 1)",
        "ALTER ROLE angarium_sample BYPASSRLS",
    ],
)
async def test_the_login_role_can_undo_none_of_its_fences(database, tenants, statement):
    with pytest.raises(psycopg.Error) as caught:
        async with database.tenant(tenants[0]) as uow:
            await uow.execute(statement)
    assert caught.value.sqlstate == "42501"


async def test_partitions_cannot_be_read_around_their_parents_policies(database, owner_url, tenants):
    with psycopg.connect(owner_url) as owner:
        partitions = owner.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'sample.audit'::regclass"
        ).fetchall()
    assert len(partitions) >= 3
    for (partition,) in partitions:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.tenant(tenants[0]) as uow:
                await uow.fetch_all(f"SELECT * FROM {partition}")


def test_the_login_role_owns_nothing_and_has_no_privileged_attribute(owner_url):
    with psycopg.connect(owner_url) as owner:
        for role in ("angarium_sample", "angarium_sample_system"):
            attributes = owner.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit"
                " FROM pg_roles WHERE rolname = %s",
                (role,),
            ).fetchone()
            assert attributes == (False,) * 6
            owned = owner.execute(
                "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", (role,)
            ).fetchone()
            assert owned == (0,)
        assert owner.execute(
            "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'angarium_sample_system'"
        ).fetchone() == (False,)


def test_every_table_with_a_tenant_is_guarded_and_led_by_it(owner_url):
    assert unguarded_tables(owner_url, "sample") == []


def test_a_table_without_policies_or_with_another_leading_key_is_found(owner_url):
    with psycopg.connect(owner_url) as owner:
        owner.execute("CREATE TABLE sample.open (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))")
        owner.execute("CREATE TABLE sample.turned (tenant_id uuid, id uuid, PRIMARY KEY (id, tenant_id))")
        owner.execute("ALTER TABLE sample.thing NO FORCE ROW LEVEL SECURITY")
    assert unguarded_tables(owner_url, "sample") == ["open", "thing", "turned"]
