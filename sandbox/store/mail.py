"""Accepting mail: one content and its recipients in one transaction."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.store.database import Database


class Recipient(NamedTuple):
    """One recipient of a content, as it is stored."""

    ordinal: int
    address: str
    reference: str
    campaign: str
    subject: str
    personal: str
    behaviour: str


@dataclass(frozen=True)
class Content:
    """One accepted request or transfer, without its recipients."""

    channel: str
    public_id: str
    account: str
    sender: str
    body: bytes
    accepted_at: float


@dataclass(frozen=True)
class Message:
    """One recipient's copy, joined with its content."""

    id: int
    content_id: int
    ordinal: int
    address: str
    reference: str
    campaign: str
    subject: str
    personal: str
    behaviour: str
    accepted_at: float
    channel: str
    public_id: str
    account: str
    sender: str


MESSAGE_COLUMNS = """message.id, content_id, ordinal, address, reference, campaign, subject, personal, behaviour,
    message.accepted_at, channel, public_id, account, sender"""


def accept(database: Database, content: Content, recipients: list[Recipient]) -> asyncio.Future[int]:
    """Stores a content with its recipients; the future answers the content's id after the commit."""

    def work(connection: sqlite3.Connection) -> int:
        cursor = connection.execute(
            "INSERT INTO content (channel, public_id, account, sender, body, accepted_at) VALUES (?,?,?,?,?,?)",
            (
                content.channel,
                content.public_id,
                content.account,
                content.sender,
                content.body,
                content.accepted_at,
            ),
        )
        content_id = cursor.lastrowid or 0
        at = content.accepted_at
        connection.executemany(
            "INSERT INTO message (content_id, ordinal, address, reference, campaign, subject, personal, behaviour,"
            " accepted_at) VALUES (?,?,?,?,?,?,?,?,?)",
            [(content_id, *recipient, at) for recipient in recipients],
        )
        return content_id

    return database.write(work)


def messages_of(database: Database, ids: list[int]) -> dict[int, Message]:
    """Returns messages by id, in any number."""
    found: dict[int, Message] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = database.query(
            f"SELECT {MESSAGE_COLUMNS} FROM message JOIN content ON content.id = content_id"
            f" WHERE message.id IN ({marks})",
            tuple(part),
        )
        found.update((row[0], Message(*row)) for row in rows)
    return found


def content_body(database: Database, content_id: int) -> bytes:
    """Returns the stored body of a content."""
    rows = database.query("SELECT body FROM content WHERE id = ?", (content_id,))
    return bytes(rows[0][0])
