"""What the mailbox pages show, read from the store."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.recipients.phones import summary_of
from sandbox.store.mail import MESSAGE_COLUMNS, Message

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """One chip above the list."""

    name: str
    label: str
    condition: str


FILTERS = (
    Filter("", "All", ""),
    Filter("read", "Opened", "kind = 'opened' AND class IN ('human', 'proxy')"),
    Filter("clicked", "Clicked", "kind = 'clicked' AND class = 'human'"),
    Filter(
        "machines", "Machines", "kind IN ('opened', 'clicked') AND class IN ('privacy_prefetch', 'scanner')"
    ),
    Filter("bounced", "Bounced", "kind IN ('bounced', 'dropped')"),
    Filter("unsubscribed", "Unsubscribed", "kind = 'unsubscribed'"),
    Filter("complained", "Complaints", "kind = 'complained'"),
    Filter("failed", "Problems", "kind IN ('failed', 'unwelcome')"),
)


@dataclass(frozen=True)
class Badge:
    """A word about a message, with its tone."""

    label: str
    tone: str


@dataclass
class Row:
    """One line of the list."""

    id: int
    address: str
    sender: str
    subject: str
    at: datetime
    channel: str
    badges: list[Badge] = field(default_factory=list)

    @property
    def hue(self) -> int:
        """A colour that stays with the address."""
        return hue(self.address)


@dataclass(frozen=True)
class Page:
    """One page of the list."""

    rows: list[Row]
    newer: bool
    older: bool
    total: int


@dataclass(frozen=True)
class Inbox:
    """One person with the number of messages."""

    address: str
    messages: int
    latest: datetime
    behaviour: str
    stopped: str

    @property
    def hue(self) -> int:
        """A colour that stays with the address."""
        return hue(self.address)


@dataclass(frozen=True)
class Moment:
    """One line of a message's story."""

    at: datetime
    title: str
    detail: str
    tone: str


_WHO = {
    "human": "the recipient",
    "proxy": "the recipient, through Google's image proxy",
    "privacy_prefetch": "Apple Mail privacy (a machine)",
    "scanner": "a security scanner (a machine)",
}
_BY = {
    "sendgrid": "the SendGrid API",
    "postmark": "the Postmark API",
    "mailgun": "the Mailgun API",
    "smtp": "SMTP",
    "twilio": "the Twilio API",
    "ses": "the Amazon SES API",
    "aws_sns": "Amazon's APIs for texts",
    "fcm": "Firebase Cloud Messaging",
    "apns": "Apple's push service",
    "webpush": "Web Push",
    "msg91": "the MSG91 API",
    "meta": "Meta's WhatsApp Cloud API",
    "gupshup": "the Gupshup API",
    "wati": "the WATI API",
}
_HOW = {"one_click": "with the mail client's button", "page": "on the unsubscribe page"}


def hue(address: str) -> int:
    """Returns a hue for an address's avatar."""
    return sum(ord(letter) * (index + 7) for index, letter in enumerate(address)) * 47 % 360


def when(at: float) -> datetime:
    """Returns a stored time in the machine's own zone."""
    return datetime.fromtimestamp(at, UTC).astimezone()


def page(connection: sqlite3.Connection, words: str, address: str, chosen: str, number: int) -> Page:
    """Returns one page of messages, newest first."""
    conditions, parameters = ["1 = 1"], list[Any]()
    if address:
        conditions.append("address = ?")
        parameters.append(address.lower())
    for word in words.split():
        conditions.append(
            "(address LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\' OR reference = ? OR campaign = ?)"
        )
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        parameters += [like, like, word, word]
    condition = next((item.condition for item in FILTERS if item.name == chosen), "")
    if condition:
        conditions.append(f"message.id IN (SELECT message_id FROM fact WHERE {condition})")
    where = " AND ".join(conditions)
    total = connection.execute(f"SELECT COUNT(*) FROM message WHERE {where}", parameters).fetchone()[0]
    found = connection.execute(
        "SELECT message.id, address, sender, subject, message.accepted_at, channel FROM message"
        f" JOIN content ON content.id = content_id WHERE {where} ORDER BY message.id DESC LIMIT ? OFFSET ?",
        (*parameters, PAGE, (number - 1) * PAGE),
    ).fetchall()
    rows = {row[0]: Row(row[0], row[1], row[2], row[3], when(row[4]), row[5]) for row in found}
    marks = ",".join("?" * len(rows))
    for message_id, kind, category in connection.execute(
        f"SELECT message_id, kind, class FROM fact WHERE message_id IN ({marks}) ORDER BY at", list(rows)
    ):
        badge = _badge(kind, category)
        if badge and badge not in rows[message_id].badges:
            rows[message_id].badges.append(badge)
    return Page(list(rows.values()), number > 1, number * PAGE < total, total)


def inboxes(connection: sqlite3.Connection, words: str, number: int) -> tuple[list[Inbox], bool]:
    """Returns one page of people with mail, latest first, and whether there are more."""
    like = "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = connection.execute(
        "SELECT address, COUNT(*), MAX(accepted_at), MIN(behaviour),"
        " (SELECT how FROM person WHERE person.address = message.address LIMIT 1)"
        " FROM message WHERE address LIKE ? ESCAPE '\\' GROUP BY address ORDER BY MAX(id) DESC LIMIT ? OFFSET ?",
        (like, PAGE + 1, (number - 1) * PAGE),
    ).fetchall()
    people = [Inbox(row[0], row[1], when(row[2]), summary_of(row[3]), row[4] or "") for row in rows[:PAGE]]
    return people, len(rows) > PAGE


def message(connection: sqlite3.Connection, number: int) -> tuple[Message, bytes, list[Moment]] | None:
    """Returns a message with its content's body and its story."""
    row = connection.execute(
        f"SELECT {MESSAGE_COLUMNS}, body FROM message JOIN content ON content.id = content_id WHERE message.id = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    found = Message(*row[:-1])
    story = [Moment(when(found.accepted_at), "Accepted", f"by {came_by(found.channel)}", "plain")]
    facts = connection.execute(
        "SELECT kind, class, detail, at FROM fact WHERE message_id = ? ORDER BY at, kind", (number,)
    )
    story += [moment for fact in facts if (moment := _moment(*fact))]
    return found, bytes(row[-1]), sorted(story, key=lambda moment: moment.at)


def came_by(channel: str) -> str:
    """Returns by what a message came in."""
    return _BY.get(channel, channel)


def _badge(kind: str, category: str) -> Badge | None:
    machine = category in ("privacy_prefetch", "scanner")
    if kind in ("opened", "clicked"):
        word = "opened" if kind == "opened" else "clicked"
        return Badge(f"{word} by machine", "machine") if machine else Badge(word, "good")
    if kind == "bounced":
        return Badge(f"{category} bounce", "bad")
    if kind == "answered":
        return Badge("answered", "good")
    known = {
        "dropped": "bad",
        "deferred": "plain",
        "unsubscribed": "warn",
        "complained": "bad",
        "unwelcome": "bad",
    }
    words = {"complained": "spam report", "unwelcome": "after unsubscribing"}
    return Badge(words.get(kind, kind), known[kind]) if kind in known else None


def _moment(kind: str, category: str, detail: str, at: float) -> Moment | None:
    who = _WHO.get(category, category)
    tone = "machine" if category in ("privacy_prefetch", "scanner") else "good"
    time = when(at)
    if kind == "delivered":
        return Moment(time, "Delivered", "to the mailbox", "plain")
    if kind == "deferred":
        return Moment(time, "Deferred", detail, "warn")
    if kind == "bounced":
        return Moment(time, f"Bounced ({category})", detail, "bad")
    if kind == "dropped":
        return Moment(time, "Dropped", detail, "bad")
    if kind == "opened":
        return Moment(time, "Opened", f"by {who}", tone)
    if kind == "clicked":
        return Moment(time, "Link followed", f"by {who} → {detail.partition(' ')[2]}", tone)
    if kind == "answered":
        return Moment(time, "Answered", detail, "good")
    if kind == "visited":
        return Moment(time, "Page looked at", f"{detail}, by {who}; nothing changes by looking", "plain")
    if kind == "unsubscribed":
        return Moment(time, "Unsubscribed", _HOW.get(category, category), "warn")
    if kind == "complained":
        return Moment(time, "Reported as spam", "by the recipient", "bad")
    if kind == "unwelcome":
        return Moment(time, "Unwelcome", "accepted after this person had said stop", "bad")
    return Moment(time, "Did not work", f"{category}: {detail}", "bad")
