"""Turns accepted mail into its fate: what happens to each message, and who will do what when."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import asyncio
import sqlite3
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import takewhile
from typing import Any

import orjson

from sandbox.context import Sandbox
from sandbox.letters import letter_of
from sandbox.push import inbox as push
from sandbox.recipients import texting
from sandbox.recipients.behaviours import BY_NAME, Behaviour, draw
from sandbox.store.mail import MESSAGE_COLUMNS, Message, content_body
from sandbox.store.work import Fact, Task, add_facts, add_tasks

NO_SUCH_USER = "550 5.1.1 The email account that you tried to reach does not exist"
MAILBOX_FULL = "552 5.2.2 The email account that you tried to reach is over quota"
TRY_LATER = "451 4.7.1 Greylisted, please try again later"
TRANSFERS = 200
# One recipient a content: many of them are planned together.
SINGLES = frozenset(("smtp", "twilio", "aws_sns", "meta", "gupshup", *push.CHANNELS))
Body = Callable[[], bytes]  # loaded only for those who need it

_DROPPED = ("Bounced Address", "Unsubscribed Address", "Spam Reporting Address", "Invalid")


class Planner:
    """Plans accepted mail in the order of its arrival, each content once, whatever kills the process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._seed = sandbox.settings.seed

    async def run(self, stop: asyncio.Event) -> None:
        """Plans until told to stop."""
        while not stop.is_set():
            if not await self.plan_next():
                await self._sandbox.to_plan.wait(1.0)

    async def plan_next(self) -> bool:
        """Plans the oldest unplanned contents in one transaction; says whether there were any."""
        database = self._sandbox.database
        contents = self._next_contents()
        if not contents:
            return False
        marks = ",".join("?" * len(contents))
        messages = [
            Message(*row)
            for row in database.query(
                f"SELECT {MESSAGE_COLUMNS} FROM message JOIN content ON content.id = content_id"
                f" WHERE content_id IN ({marks})",
                tuple(contents),
            )
        ]
        facts: list[Fact] = []
        tasks: list[Task] = []
        stopped = self._stopped(messages)
        body_of = lru_cache(maxsize=1)(partial(content_body, database))
        for message in messages:
            self._plan(message, partial(body_of, message.content_id), stopped, facts, tasks)

        def work(connection: sqlite3.Connection) -> None:
            add_facts(connection, facts)
            add_tasks(connection, tasks)
            connection.executemany(
                "UPDATE content SET planned = 1 WHERE id = ?", [(content,) for content in contents]
            )

        await database.write(work)
        self._sandbox.to_act.ring()
        self._sandbox.to_tell.ring()
        self._sandbox.to_report.ring()
        return True

    def _next_contents(self) -> list[int]:
        """One request of up to a thousand recipients, or as many single transfers as stand in a row."""
        rows = self._sandbox.database.query(
            "SELECT id, channel FROM content WHERE planned = 0 ORDER BY id LIMIT ?", (TRANSFERS,)
        )
        if rows and rows[0][1] not in SINGLES:
            return [rows[0][0]]
        return [row[0] for row in takewhile(lambda row: row[1] == rows[0][1], rows)]

    def _stopped(self, messages: list[Message]) -> dict[tuple[str, str], float]:
        if not self._sandbox.database.query("SELECT 1 FROM person LIMIT 1"):
            return {}
        found: dict[tuple[str, str], float] = {}
        for message in messages:
            key = (message.address, message.sender)
            rows = self._sandbox.database.query("SELECT at FROM person WHERE address = ? AND sender = ?", key)
            if rows:
                found[key] = rows[0][0]
        return found

    def _plan(
        self,
        message: Message,
        body: Body,
        stopped: dict[tuple[str, str], float],
        facts: list[Fact],
        tasks: list[Task],
    ) -> None:
        if message.channel in push.CHANNELS:
            push.plan(message, facts)
            return
        if message.channel in texting.CHANNELS:
            answered = texting.has_answered(self._sandbox.database, message)
            pace = self._sandbox.settings.pace
            told = self._is_told(message)
            texting.plan(message, self._seed, pace, facts, tasks, told=told, has_answered=answered)
            return
        behaviour = BY_NAME[message.behaviour]
        start = max(message.accepted_at, _send_at(message, body))
        by = self._by_smtp if message.channel == "smtp" else self._by_api
        delivered = by(message, behaviour, start, facts, tasks)
        if delivered is None:
            return
        since = stopped.get((message.address, message.sender))
        if since is not None and message.accepted_at > since and _is_list_mail(message, body):
            facts.append(Fact(message.id, "unwelcome", "", "", message.accepted_at))
        gateway = self._sandbox.gateway_url is not None
        machine = behaviour.machine if gateway else ()
        person = (
            behaviour.person if gateway else tuple(step for step in behaviour.person if step == "complain")
        )
        if since is not None:
            person = ()
        # A scanner or a prefetching client holds the mail until it is done, so its reader comes after it in one task.
        if steps := (*machine, *person):
            wait = (
                0.1 + self._draw(message, "machine")
                if machine
                else self._sandbox.settings.pace * (0.25 + 3.75 * self._draw(message, "person") ** 2)
            )
            tasks.append(Task("action", message.id, {"steps": steps}, delivered + wait))

    def _is_told(self, message: Message) -> bool:
        """Twilio's texts say themselves where their statuses go; the others' go where their account's do."""
        if message.channel == "twilio":
            return '"StatusCallback"' in message.personal
        return self._sandbox.webhook(message.account) is not None

    def _by_api(
        self, message: Message, behaviour: Behaviour, start: float, facts: list[Fact], tasks: list[Task]
    ) -> float | None:
        """Notes events in SendGrid's words; the voices of the others have their own for them."""
        told = self._sandbox.webhook(message.account) is not None

        def tell(at: float, event: str, **details: Any) -> None:
            if told:
                tasks.append(Task("event", message.id, {"event": event, **details}, at))

        at = start + 0.05 + 0.4 * self._draw(message, "delivery")
        if behaviour.outcome == "dropped":
            reason = _DROPPED[int(self._draw(message, "dropped") * len(_DROPPED))]
            tell(start, "dropped", reason=reason)
            facts.append(Fact(message.id, "dropped", "", reason, start))
            return None
        tell(start, "processed")
        if behaviour.outcome in ("hard", "soft"):
            hard = behaviour.outcome == "hard"
            reason = NO_SUCH_USER if hard else MAILBOX_FULL
            tell(
                at,
                "bounce",
                reason=reason,
                status=reason.split()[1],
                type="bounce" if hard else "blocked",
                bounce_classification="Invalid Address" if hard else "Mailbox Unavailable",
            )
            facts.append(Fact(message.id, "bounced", behaviour.outcome, reason, at))
            return None
        if behaviour.outcome == "deferred":
            tell(at, "deferred", response=TRY_LATER, attempt="1")
            facts.append(Fact(message.id, "deferred", "", TRY_LATER, at))
            at += 0.5 + self._sandbox.settings.pace * self._draw(message, "retry")
        tell(at, "delivered")
        facts.append(Fact(message.id, "delivered", "", "", at))
        return at

    def _by_smtp(
        self, message: Message, behaviour: Behaviour, start: float, facts: list[Fact], tasks: list[Task]
    ) -> float | None:
        wanted = orjson.loads(message.personal).get("notify")  # None: the default, failures and delays

        def report(at: float, action: str, status: str, diagnostic: str) -> None:
            word = {"failed": "FAILURE", "delayed": "DELAY", "delivered": "SUCCESS"}[action]
            asked = word in wanted if wanted is not None else word != "SUCCESS"
            if asked and self._sandbox.bounce_smtp is not None:
                data = {"report": "dsn", "action": action, "status": status, "diagnostic": diagnostic}
                tasks.append(Task("report", message.id, data, at))

        at = start + 0.1 + 0.6 * self._draw(message, "delivery")
        if behaviour.outcome in ("hard", "soft", "dropped"):
            kind = "soft" if behaviour.outcome == "soft" else "hard"
            reason = MAILBOX_FULL if kind == "soft" else NO_SUCH_USER
            report(at, "failed", reason.split()[1], reason)
            facts.append(Fact(message.id, "bounced", kind, reason, at))
            return None
        if behaviour.outcome == "deferred" and not behaviour.first_try:
            report(at, "delayed", "4.7.1", TRY_LATER)
            facts.append(Fact(message.id, "deferred", "", TRY_LATER, at))
            at += 0.5 + self._sandbox.settings.pace * self._draw(message, "retry")
        report(at, "delivered", "2.1.5", "250 2.1.5 Delivered")
        facts.append(Fact(message.id, "delivered", "", "", at))
        return at

    def _draw(self, message: Message, purpose: str) -> float:
        return draw(self._seed, f"{message.address} {message.campaign}", purpose)


def _send_at(message: Message, body: Body) -> float:
    if message.channel != "sendgrid":
        return 0.0
    own = orjson.loads(message.personal).get("send_at") if '"send_at"' in message.personal else None
    if own is not None:
        return float(own)
    return float(orjson.loads(body()).get("send_at") or 0) if b'"send_at"' in body() else 0.0


def _is_list_mail(message: Message, body: Body) -> bool:
    if message.channel == "smtp":
        return b"\nlist-unsubscribe:" in body()[:65536].lower()
    return bool(letter_of(message, body()).header("List-Unsubscribe"))
