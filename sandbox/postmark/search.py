"""Postmark's message search: by metadata, recipient, tag and stream."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import sqlite3
from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.postmark.rendering import batch_id, letter, message_id
from sandbox.store.mail import MESSAGE_COLUMNS, Message

REFERENCE = "metadata_angarium_message_id"
_FROM = f"SELECT {MESSAGE_COLUMNS} FROM message JOIN content ON content.id = content_id WHERE channel = 'postmark'"


class QueryError(ValueError):
    """A search that Postmark would not do."""


def find(connection: sqlite3.Connection, query: dict[str, str]) -> dict[str, Any]:
    """Returns a page of what was sent, newest first.

    Raises:
        QueryError: `count` or `offset` is missing or out of range.
    """
    count, offset = query.get("count", ""), query.get("offset", "")
    if not count.isdigit() or not offset.isdigit() or not 0 < int(count) <= 500 or int(offset) > 10_000:
        raise QueryError("count and offset")
    sql, parameters = _FROM, list[Any]()
    for name, column in (("recipient", "address"), (REFERENCE, "reference")):
        if name in query:
            sql += f" AND {column} = ?"
            parameters.append(query[name].lower() if column == "address" else query[name])
    rows = [Message(*row) for row in connection.execute(f"{sql} ORDER BY message.id DESC", parameters)]
    wanted = {
        name.removeprefix("metadata_"): value for name, value in query.items() if name.startswith("metadata_")
    }
    found = [
        view
        for row in rows
        if (view := _view(row))["Metadata"].items() >= wanted.items()
        and query.get("tag", view["Tag"]) == view["Tag"]
        and query.get("messagestream", "outbound") == view["MessageStream"]
    ]
    return {"TotalCount": len(found), "Messages": found[int(offset) : int(offset) + int(count)]}


def details(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """Returns one message with its bodies, None when there is none of that MessageID."""
    place = batch_id(name)
    row = place and connection.execute(f"{_FROM} AND public_id = ? AND ordinal = ?", place).fetchone()
    if not row:
        return None
    message = Message(*row)
    view = letter(message.personal, message.public_id, message.ordinal, message.accepted_at)
    return {**_view(message), "HtmlBody": view.html, "TextBody": view.text, "MessageEvents": []}


def _view(message: Message) -> dict[str, Any]:
    sent = orjson.loads(message.personal)
    return {
        "Tag": sent.get("Tag") or "",
        "MessageID": message_id(message.public_id, message.ordinal),
        "To": [{"Email": message.address, "Name": None}],
        "Recipients": [message.address],
        "ReceivedAt": datetime.fromtimestamp(message.accepted_at, UTC).isoformat(),
        "From": sent["From"],
        "Subject": message.subject,
        "Attachments": [one["Name"] for one in sent.get("Attachments") or []],
        "Status": "Sent",
        "TrackOpens": sent.get("TrackOpens") is True,
        "TrackLinks": sent.get("TrackLinks") or "None",
        "Metadata": sent.get("Metadata") or {},
        "MessageStream": sent.get("MessageStream") or "outbound",
        "Sandboxed": False,
    }
