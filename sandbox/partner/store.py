"""Partners and the calls they took, in the sandbox's database."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from sandbox.mailbox.listing import when
from sandbox.store.database import Database

KEPT = 2000
"""Calls that are kept; older ones go."""

PAGE = 50


@dataclass(frozen=True)
class Partner:
    """A partner: the secret its calls are checked with, and how it answers."""

    name: str
    secret: str = ""
    answer: int = 200


@dataclass(frozen=True)
class Call:
    """One call as it came."""

    id: int
    partner: str
    at: datetime
    event_id: str
    type: str
    verdict: str
    answer: int
    headers: Mapping[str, str]
    body: str

    @property
    def pretty(self) -> str:
        """The body with its lines, where it is JSON."""
        try:
            return orjson.dumps(orjson.loads(self.body), option=orjson.OPT_INDENT_2).decode()
        except orjson.JSONDecodeError:
            return self.body


def partner(database: Database, name: str) -> Partner:
    """Returns a partner; one nobody spoke of has no secret and takes everything."""
    rows = database.query("SELECT name, secret, answer FROM partner WHERE name = ?", (name,))
    return Partner(*rows[0]) if rows else Partner(name)


async def save(database: Database, one: Partner) -> None:
    """Writes down how a partner is."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO partner VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET secret = excluded.secret, answer = excluded.answer",
            (one.name, one.secret, one.answer),
        )

    await database.write(work)


async def take(
    database: Database, one: Partner, at: float, verdict: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Writes down a call."""
    text = body.decode("utf-8", "replace")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = {}
    event_type = str(told.get("type", "")) if isinstance(told, dict) else ""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO partner_call (partner, at, event_id, type, verdict, answer, headers, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.name,
                at,
                headers.get("webhook-id", ""),
                event_type,
                verdict,
                one.answer,
                orjson.dumps(dict(headers)).decode(),
                text,
            ),
        )
        connection.execute(
            "DELETE FROM partner_call WHERE id <= (SELECT MAX(id) FROM partner_call) - ?", (KEPT,)
        )

    await database.write(work)


def calls(connection: sqlite3.Connection, name: str, words: str, number: int) -> tuple[list[Call], bool]:
    """Returns one page of calls, newest first, and whether there are more; an empty name means every partner's."""
    like = "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = connection.execute(
        "SELECT id, partner, at, event_id, type, verdict, answer, headers, body FROM partner_call"
        " WHERE (? = '' OR partner = ?) AND (type LIKE ? ESCAPE '\\' OR event_id LIKE ? ESCAPE '\\'"
        " OR body LIKE ? ESCAPE '\\') ORDER BY id DESC LIMIT ? OFFSET ?",
        (name, name, like, like, like, PAGE + 1, (number - 1) * PAGE),
    ).fetchall()
    found = [
        Call(id, name, when(at), event_id, kind, verdict, answer, orjson.loads(headers), body)
        for id, name, at, event_id, kind, verdict, answer, headers, body in rows[:PAGE]
    ]
    return found, len(rows) > PAGE
