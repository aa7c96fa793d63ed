"""Facts and tasks: what truly happened, and what is still to be done."""

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from sandbox.store.database import Database


class Fact(NamedTuple):
    """Something that happened to a message; kept once per message, kind, class and detail."""

    message_id: int
    kind: str
    category: str
    detail: str
    at: float


class Task(NamedTuple):
    """A task as it is stored; lanes are event, report and action."""

    lane: str
    message_id: int
    data: dict[str, Any]
    due: float


class Due(NamedTuple):
    """A stored task whose time has come."""

    id: int
    message_id: int
    data: dict[str, Any]
    due: float
    attempts: int


def add_facts(connection: sqlite3.Connection, facts: Iterable[Fact]) -> None:
    """Adds facts inside a transaction; one that is known already stays as it was."""
    connection.executemany("INSERT OR IGNORE INTO fact VALUES (?,?,?,?,?)", facts)


def add_tasks(connection: sqlite3.Connection, tasks: Iterable[Task]) -> None:
    """Adds tasks inside a transaction."""
    connection.executemany(
        "INSERT INTO task (lane, message_id, data, due) VALUES (?,?,?,?)",
        [(task.lane, task.message_id, orjson.dumps(task.data).decode(), task.due) for task in tasks],
    )


def due_tasks(database: Database, lane: str, now: float, limit: int) -> list[Due]:
    """Returns tasks of a lane whose time has come, earliest first."""
    rows = database.query(
        "SELECT id, message_id, data, due, attempts FROM task WHERE lane = ? AND due <= ? ORDER BY due LIMIT ?",
        (lane, now, limit),
    )
    return [Due(row[0], row[1], orjson.loads(row[2]), row[3], row[4]) for row in rows]


def next_due(database: Database, lane: str) -> float | None:
    """Returns when the next task of a lane is due; None when there is none."""
    rows = database.query("SELECT MIN(due) FROM task WHERE lane = ?", (lane,))
    due: float | None = rows[0][0]
    return due


def finish(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Removes tasks inside a transaction."""
    connection.executemany("DELETE FROM task WHERE id = ?", [(task_id,) for task_id in ids])


def continue_with(connection: sqlite3.Connection, task_id: int, data: dict[str, Any], due: float) -> None:
    """Gives a task its next step inside a transaction."""
    connection.execute(
        "UPDATE task SET data = ?, due = ?, attempts = 0 WHERE id = ?",
        (orjson.dumps(data).decode(), due, task_id),
    )


def put_off(connection: sqlite3.Connection, task_id: int, due: float) -> None:
    """Counts a failed attempt and sets when to try again, inside a transaction."""
    connection.execute("UPDATE task SET due = ?, attempts = attempts + 1 WHERE id = ?", (due, task_id))
