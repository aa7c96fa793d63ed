"""How a rule is evaluated: its SQL, the indexes the database chose, and how long it took.

A plan as the database tells it names the values that were compared, which may be somebody's address; only what is
no value leaves this module.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from services.campaign.segments.audience import Audience
from services.common.db.uow import UnitOfWork

PATIENCE: Final = "10s"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan; what was not measured is None."""

    depth: int
    node: str
    table: str
    index: str
    expected: int
    rows: int | None
    removed: int | None
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a statement was evaluated."""

    sql: str
    steps: list[Step]
    count: int | None
    planning: float
    execution: float | None

    @property
    def indexes(self) -> list[str]:
        """Returns the indexes that were used, each once."""
        return list(dict.fromkeys(step.index for step in self.steps if step.index))


async def explain(uow: UnitOfWork, found: Audience, *, patience: str = PATIENCE) -> Explanation:
    """Counts an audience under a time limit and tells how; past the limit, only what the database meant to do."""
    query = f"SELECT count(*) FROM contact c WHERE {found.where}"
    sql = _PLACEHOLDER.sub(r":\1", query)
    try:
        async with uow.savepoint():
            # Undone with the savepoint: planning alone is not hurried.
            await uow.execute("SELECT set_config('statement_timeout', %s, true)", (patience,))
            told = await _plan(uow, f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", found.params)
            count = int(await uow.fetch_value(query, found.params, prepare=False))
    except psycopg.errors.QueryCanceled:
        told = await _plan(uow, f"EXPLAIN (FORMAT JSON, SUMMARY) {query}", found.params)
        return Explanation(sql, list(_steps(told["Plan"], 0)), None, told["Planning Time"], None)
    return Explanation(
        sql, list(_steps(told["Plan"], 0)), count, told["Planning Time"], told["Execution Time"]
    )


async def _plan(uow: UnitOfWork, query: str, params: Mapping[str, Any]) -> dict[str, Any]:
    [told] = await uow.fetch_value(query, params, prepare=False)
    plan: dict[str, Any] = told
    return plan


def _steps(node: Mapping[str, Any], depth: int) -> Iterator[Step]:
    loops = node.get("Actual Loops")
    measured = loops is not None
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed by") and measured)
    yield Step(
        depth,
        node["Node Type"],
        node.get("Relation Name", ""),
        node.get("Index Name", ""),
        node["Plan Rows"],
        round(node["Actual Rows"] * loops) if measured else None,
        round(removed * loops) if measured else None,
        round(node["Actual Total Time"] * loops, 3) if measured else None,
    )
    for below in node.get("Plans", ()):
        yield from _steps(below, depth + 1)
