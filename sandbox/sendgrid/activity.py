"""Email Activity: the query language of GET /v3/messages, compiled to SQL, and its answers."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.sendgrid.events import message_id, sg_message_id


class QueryError(ValueError):
    """A query that SendGrid would refuse, with the parameter to blame."""

    def __init__(self, words: str, field: str = "query") -> None:
        super().__init__(words)
        self.field = field


_TOKEN = re.compile(
    r"""\s*(?:(?P<word>[A-Za-z_][A-Za-z_0-9]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<number>\d+)|(?P<mark>!=|<=|>=|[=<>()\[\],]))"""
)
_ARGS = (
    "COALESCE(json_extract(personal, '$.custom_args.' || {0}),"
    " json_extract(CAST(body AS TEXT), '$.custom_args.' || {0}), '')"
)
_STATUS = (
    "CASE WHEN EXISTS (SELECT 1 FROM fact WHERE message_id = message.id AND kind = 'delivered') THEN 'delivered'"
    " WHEN EXISTS (SELECT 1 FROM fact WHERE message_id = message.id AND kind IN ('bounced', 'dropped'))"
    " THEN 'not_delivered' ELSE 'processed' END"
)
_COUNT = "(SELECT COUNT(*) FROM fact WHERE message_id = message.id AND kind = '{}')"
_COLUMNS = {
    "msg_id": "sandbox_msg_id(public_id, message.id, ordinal)",
    "from_email": "sender",
    "to_email": "address",
    "subject": "subject",
    "status": _STATUS,
    "last_event_time": "strftime('%Y-%m-%dT%H:%M:%SZ', message.accepted_at, 'unixepoch')",
    "opens": _COUNT.format("opened"),
    "clicks": _COUNT.format("clicked"),
}
_FROM = " FROM message JOIN content ON content.id = content_id WHERE channel = 'sendgrid' AND "
_SELECT = (
    "SELECT message.id, public_id, ordinal, sender, address, subject, message.accepted_at, personal, body, "
    + _STATUS
    + ", "
    + _COUNT.format("opened")
    + ", "
    + _COUNT.format("clicked")
    + _FROM
)


def find(connection: sqlite3.Connection, query: str, limit: int) -> list[dict[str, Any]]:
    """Returns the messages of a query, newest first.

    Raises:
        QueryError: The query does not read.
    """
    condition, parameters = compile_query(query)
    connection.create_function("sandbox_msg_id", 3, sg_message_id, deterministic=True)
    sql = f"{_SELECT}{condition} ORDER BY message.id DESC LIMIT ?"
    return [_summary(row) for row in connection.execute(sql, (*parameters, limit))]


def one(connection: sqlite3.Connection, msg_id: str) -> dict[str, Any] | None:
    """Returns one message with its events, by the msg_id of the list."""
    number = message_id(msg_id)
    row = connection.execute(f"{_SELECT} message.id = ?", (number,)).fetchone() if number else None
    if row is None or sg_message_id(row[1], row[0], row[2]) != msg_id:
        return None
    mail, block = orjson.loads(row[8]), orjson.loads(row[7])
    facts = connection.execute(
        "SELECT kind, class, detail, at FROM fact WHERE message_id = ? ORDER BY at", (row[0],)
    )
    return {
        "from_email": row[3],
        "msg_id": msg_id,
        "subject": row[5],
        "to_email": row[4],
        "status": row[9],
        "template_id": "",
        "asm_group_id": (mail.get("asm") or {}).get("group_id", 0),
        "teammate": "",
        "api_key_id": "",
        "events": [{"event_name": "processed", "processed": _time(row[6])}, *_events(facts)],
        "originating_ip": "127.0.0.1",
        "categories": mail.get("categories") or [],
        "unique_args": orjson.dumps(
            {**(mail.get("custom_args") or {}), **(block.get("custom_args") or {})}
        ).decode(),
        "outbound_ip": "192.0.2.25",
        "outbound_ip_type": "shared",
    }


def _summary(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "from_email": row[3],
        "msg_id": sg_message_id(row[1], row[0], row[2]),
        "subject": row[5],
        "to_email": row[4],
        "status": row[9],
        "opens_count": row[10],
        "clicks_count": row[11],
        "last_event_time": _time(row[6]),
    }


def _events(facts: Any) -> Iterator[dict[str, Any]]:
    for kind, category, detail, at in facts:
        if kind == "delivered":
            yield {"event_name": "delivered", "processed": _time(at), "mx_server": "mx.example.net"}
        elif kind == "bounced":
            yield {"event_name": "bounced", "processed": _time(at), "reason": detail, "bounce_type": category}
        elif kind in ("deferred", "dropped"):
            yield {"event_name": kind, "processed": _time(at), "reason": detail}
        elif kind == "complained":
            yield {"event_name": "spam_report", "processed": _time(at)}


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def compile_query(query: str) -> tuple[str, list[Any]]:
    """Returns a query of the Email Activity API as an SQL condition with its parameters.

    Known are `field op "value"` with = != < > <= >=, [NOT] IN ("…", …), [NOT] LIKE, BETWEEN TIMESTAMP "…" AND
    TIMESTAMP "…", AND, OR, NOT and brackets; fields are those of the reference and `unique_args['name']`.

    Raises:
        QueryError: The query does not read.
    """
    if not query.strip():
        return "1 = 1", []
    parser = _Parser(query)
    condition = parser.either()
    parser.end()
    return condition, parser.parameters


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens = list(_tokens(query))
        self._at = 0
        self.parameters: list[Any] = []

    def either(self) -> str:
        parts = [self._both()]
        while self._word("OR"):
            parts.append(self._both())
        return f"({' OR '.join(parts)})"

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise QueryError(f"invalid filter query: unexpected {self._tokens[self._at][1]}")

    def _both(self) -> str:
        parts = [self._condition()]
        while self._word("AND"):
            parts.append(self._condition())
        return f"({' AND '.join(parts)})"

    def _condition(self) -> str:
        if self._word("NOT"):
            return f"NOT {self._condition()}"
        if self._mark("("):
            inner = self.either()
            self._need(")")
            return inner
        column = self._column()
        negated = "NOT " if self._word("NOT") else ""
        if self._word("IN"):
            self._need("(")
            values = [self._value()]
            while self._mark(","):
                values.append(self._value())
            self._need(")")
            self.parameters += values
            return f"{column} {negated}IN ({','.join('?' * len(values))})"
        if self._word("LIKE"):
            self.parameters.append(self._value())
            return f"{column} {negated}LIKE ?"
        if self._word("BETWEEN"):
            low = self._value()
            if not self._word("AND"):
                raise QueryError("invalid filter query: BETWEEN needs AND")
            self.parameters += [low, self._value()]
            return f"{column} {negated}BETWEEN ? AND ?"
        kind, operator = self._next()
        if kind != "mark" or operator not in ("=", "!=", "<", ">", "<=", ">="):
            raise QueryError(f"invalid filter query: unexpected {operator}")
        value = self._value()
        if operator == "=" and column == _COLUMNS["msg_id"]:
            self.parameters += [message_id(str(value)), value]  # the id holds the row's number: no scan
            return f"(message.id = ? AND {column} = ?)"
        self.parameters.append(value)
        return f"{column} {operator} ?"

    def _column(self) -> str:
        kind, name = self._next()
        if kind == "word" and name.lower() in ("unique_args", "custom_args"):
            self._need("[")
            argument = self._value()
            self._need("]")
            if argument == "angarium_message_id":
                return "reference"
            if argument == "angarium_campaign_id":
                return "campaign"
            quoted = "'\"" + str(argument).replace("'", "''").replace('"', "") + "\"'"
            return _ARGS.format(quoted)
        column = _COLUMNS.get(name.lower()) if kind == "word" else None
        if column is None:
            raise QueryError(f"invalid filter query: unknown field {name}")
        return column

    def _value(self) -> str | int:
        self._word("TIMESTAMP")
        kind, text = self._next()
        if kind == "number":
            return int(text)
        if kind != "string":
            raise QueryError(f"invalid filter query: a value was expected, not {text}")
        return re.sub(r"\\(.)", r"\1", text[1:-1])

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise QueryError("invalid filter query: unexpected end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _word(self, word: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at][0] == "word"
        if found and self._tokens[self._at][1].upper() == word:
            self._at += 1
            return True
        return False

    def _mark(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._mark(mark):
            raise QueryError(f"invalid filter query: {mark} was expected")


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(query.rstrip()):
        match = _TOKEN.match(query, position)
        if match is None or match.lastgroup is None:
            raise QueryError(f"invalid filter query near {query[position : position + 20]!r}")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()
