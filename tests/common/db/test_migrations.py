import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy.exc
from sqlalchemy import Column, DateTime, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.db import migrations, tables
from services.common.db.database import Database
from services.common.db.testing import PASSWORD, assert_migrations_equal_metadata, login_url
from tests.conftest import SAMPLE


def sample_metadata():
    meta = tables.metadata("sample")
    tables.add_common_tables(meta)
    Table(
        "thing",
        meta,
        Column("tenant_id", Uuid, primary_key=True),
        Column("thing_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
        Column("tags", ARRAY(Text)),
        Column("created_at", DateTime(timezone=True), nullable=False),
    )
    return meta


@pytest.fixture
def empty_url(clone_database) -> str:
    """A database in which nothing was migrated."""
    return clone_database([])


@pytest.fixture
def revisions(tmp_path) -> Path:
    """A folder of migrations that tests add revisions to."""
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "0001_everything.py").write_text((SAMPLE / "versions/0001_everything.py").read_text())
    return tmp_path


def add(folder: Path, number: int, body: str) -> None:
    (folder / "versions" / f"{number:04}_step.py").write_text(
        f'"""A step."""\nfrom alembic import op\nrevision = "{number:04}"\ndown_revision = "{number - 1:04}"\n'
        f"def upgrade() -> None:\n    {body}\n"
    )


def test_migrations_make_what_the_tables_say(owner_url):
    assert_migrations_equal_metadata(owner_url, sample_metadata())


def test_a_table_that_migrations_forgot_is_found(owner_url):
    meta = sample_metadata()
    Table("forgotten", meta, Column("tenant_id", Uuid, primary_key=True))
    with pytest.raises(AssertionError, match="forgotten"):
        assert_migrations_equal_metadata(owner_url, meta)


@pytest.mark.req("GEN-10")
def test_migrating_twice_changes_nothing(empty_url):
    assert migrations.current("sample", empty_url) == "0000"
    for _ in range(2):
        assert migrations.run("sample", empty_url, folder=SAMPLE) == "0001"
    assert migrations.is_current("sample", empty_url, folder=SAMPLE)


def test_runners_at_once_wait_for_each_other(empty_url):
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(migrations.run, "sample", empty_url, folder=SAMPLE) for _ in range(4)]
    assert {run.result() for run in runs} == {"0001"}


@pytest.mark.req("GEN-10", "REL-22")
async def test_a_service_is_not_ready_before_its_migrations_are_current_and_is_on_a_newer_schema(
    empty_url, revisions, open_database
):
    migrations.run("sample", empty_url, folder=revisions, password=PASSWORD)
    add(revisions, 2, 'op.execute("ALTER TABLE sample.thing ADD COLUMN note text")')
    behind = Database(login_url(empty_url, "sample"), "sample", migrations=revisions)
    await behind.connect()
    assert await behind.trouble() == "migrations are not current: run `migrate`"
    migrations.run("sample", empty_url, folder=revisions)
    assert await behind.trouble() == ""
    # Files of a next release beside a process that runs change nothing for it.
    add(revisions, 3, 'op.execute("ALTER TABLE sample.thing ADD COLUMN more text")')
    assert await behind.trouble() == ""
    await behind.close()
    older_release = await open_database(empty_url, "sample")
    assert await older_release.trouble() == ""


async def test_a_database_that_was_never_migrated_says_what_it_lacks(empty_url, clone_database, templates):
    database = Database(login_url(empty_url, "sample"), "sample", migrations=SAMPLE)
    await database.connect(wait=False)
    assert "run `migrate`" in await database.trouble()
    await database.close()


def test_a_failing_revision_leaves_those_before_it_and_nothing_of_itself(empty_url, revisions):
    add(revisions, 2, 'op.execute("ALTER TABLE sample.thing ADD COLUMN note text")')
    add(revisions, 3, 'op.execute("CREATE TABLE sample.half (id int)"); op.execute("SELECT 1 / 0")')
    with pytest.raises(sqlalchemy.exc.DBAPIError):
        migrations.run("sample", empty_url, folder=revisions)
    assert migrations.current("sample", empty_url) == "0002"
    with psycopg.connect(empty_url) as owner:
        assert owner.execute("SELECT to_regclass('sample.half')").fetchone() == (None,)


def test_a_revision_that_traffic_locks_out_gives_up_instead_of_queueing_everybody_behind_it(
    empty_url, revisions
):
    migrations.run("sample", empty_url, folder=revisions)
    add(revisions, 2, 'op.execute("ALTER TABLE sample.thing ADD COLUMN note text")')
    assert timedelta(seconds=4) == migrations.LOCK_TIMEOUT
    with psycopg.connect(empty_url) as traffic:
        traffic.execute("SELECT * FROM sample.thing")
        began = time.monotonic()
        with pytest.raises(sqlalchemy.exc.OperationalError, match="lock timeout"):
            migrations.run("sample", empty_url, folder=revisions, lock_timeout=timedelta(seconds=0.3))
        assert time.monotonic() - began < 3
    assert migrations.run("sample", empty_url, folder=revisions) == "0002"


def test_the_password_of_a_role_stands_in_no_statement(empty_url, monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("only in a file\n")
    monkeypatch.setenv("SAMPLE_DB_PASSWORD_FILE", str(secret))
    try:
        migrations.run("sample", empty_url, folder=SAMPLE)
        with psycopg.connect(empty_url) as owner:
            row = owner.execute(
                "SELECT rolpassword FROM pg_authid WHERE rolname = 'angarium_sample'"
            ).fetchone()
            assert row is not None
            assert row[0].startswith("SCRAM-SHA-256$")
    finally:
        # Roles belong to the whole server, and other tests log in.
        monkeypatch.delenv("SAMPLE_DB_PASSWORD_FILE")
        migrations.run("sample", empty_url, folder=SAMPLE, password=PASSWORD)
