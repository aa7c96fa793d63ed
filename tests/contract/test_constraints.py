"""Every enumeration and every number that is never below nothing is checked by the database, every reference kept by it.

The catalog of a migrated database is asked, so a new column is covered on its first day. What is let off stands, with
its reason, in docs/decisions/0011-what-the-database-checks.md, which this test reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest

from tests.house import SERVICES

DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0011-what-the-database-checks.md"
NUMBERS = re.compile(r"(smallint|integer|bigint|numeric)(\(\d+,\d+\))?$")
ENUMERATIONS = re.compile(
    r"(^|_)(state|status|kind|channel|message_class|category|lane|origin|priority|scope|mode|phase|outcome|frequency"
    r"|format|method|resolution|circuit|platform|bearer|attribution|conversion_type|reward_on|action|what)$"
)
NO_VALUE = {"text": "'no such word'", "smallint": "32000"}


@dataclass(frozen=True)
class Column:
    """A column of the catalog, and the checks that look at it."""

    service: str
    table: str
    name: str
    kind: str
    checks: tuple[str, ...]
    """Expressions."""
    is_referring: bool
    """Whether a foreign key keeps it."""
    is_key: bool
    """Whether it is what its table's rows are known by."""

    def __str__(self) -> str:
        return f"{self.service}.{self.table}.{self.name}"


@pytest.fixture
def columns(
    clone_database: Callable[[Iterable[str]], str],
) -> Iterator[tuple[psycopg.Connection, list[Column]]]:
    with psycopg.connect(clone_database(SERVICES), autocommit=True) as owner:
        yield (
            owner,
            [Column(*row[:4], tuple(row[4]), *row[5:]) for row in owner.execute(_COLUMNS, (list(SERVICES),))],
        )


@cache
def let_off(heading: str) -> dict[str, str]:
    """What a table of the decision names, with the reason."""
    text = DECISION.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.MULTILINE)
    return {name: reason for names, reason in rows for name in names.split()}


def fits(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"\w*"), name) is not None


def is_let_off(column: Column, heading: str) -> bool:
    return any(fits(pattern, str(column)) for pattern in let_off(heading))


def refuses(owner: psycopg.Connection, column: Column, value: str) -> bool:
    """Whether a check refuses a value whatever stands beside it: the row is asked with nothing else in it."""
    return any(
        owner.execute(
            f"SELECT ({check}) IS FALSE FROM (SELECT (r).* FROM (SELECT jsonb_populate_record("
            f"NULL::{column.service}.{column.table}, jsonb_build_object(%s::text, {value})) AS r) AS one) AS t",
            (column.name,),
        ).fetchone()
        == (True,)
        for check in column.checks
    )


Catalog = tuple[psycopg.Connection, list[Column]]


@pytest.mark.req("GEN-9")
def test_no_number_that_counts_or_measures_can_be_below_nothing(columns: Catalog) -> None:
    owner, found = columns
    numbers = [one for one in found if NUMBERS.match(one.kind)]
    loose = [str(one) for one in numbers if not (is_let_off(one, "Numbers") or refuses(owner, one, "-1"))]
    assert len(numbers) > 400
    assert loose == []


@pytest.mark.req("GEN-9")
def test_no_enumeration_takes_a_value_that_means_nothing(columns: Catalog) -> None:
    owner, found = columns
    enumerations = [one for one in found if ENUMERATIONS.search(one.name) and one.kind in NO_VALUE]
    loose = [
        str(one)
        for one in enumerations
        if not (is_let_off(one, "Words") or refuses(owner, one, NO_VALUE[one.kind]))
    ]
    assert len(enumerations) > 100
    assert loose == []


@pytest.mark.req("GEN-9")
def test_what_refers_to_a_row_of_the_same_service_is_a_foreign_key(columns: Catalog) -> None:
    _, found = columns
    keys = {(one.service, one.name) for one in found if one.is_key and one.kind == "uuid"}
    aliases = {
        "source_run_id": "run_id",
        "active_version_id": "template_version_id",
        "last_import_id": "dnd_import_id",
    }
    loose = [
        str(one)
        for one in found
        if one.kind == "uuid"
        and not (one.is_referring or one.is_key)
        and (
            one.service,
            aliases.get(one.name) or re.sub(r"^\w+_(contact|coupon|message|version)_id$", r"\1_id", one.name),
        )
        in keys
        and not is_let_off(one, "References")
    ]
    assert loose == []


@pytest.mark.req("GEN-1", "GEN-9")
def test_only_what_is_there_is_let_off(columns: Catalog) -> None:
    _, found = columns
    names = [str(one) for one in found]
    stale = [
        pattern
        for heading in ("Numbers", "Words", "References")
        for pattern in let_off(heading)
        if not any(fits(pattern, name) for name in names)
    ]
    assert stale == []


def test_every_constraint_has_been_held_against_what_was_there_before(columns: Catalog) -> None:
    owner, _ = columns
    rows = owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated"
    ).fetchall()
    assert rows == []


_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    ARRAY(SELECT pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY(k.conkey)),
    EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY(k.conkey)),
    EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
        WHERE k.conrelid = c.oid AND k.contype = 'p' AND k.conkey = ARRAY[t.attnum, a.attnum])
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'alembic_version'
ORDER BY 1, 2, a.attnum
"""
