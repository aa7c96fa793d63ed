"""The Event Webhook: batches of signed events, repeated until they are acknowledged."""

import asyncio
import logging
import random
import sqlite3
import time
from functools import lru_cache
from typing import Any, NamedTuple

import aiohttp
import orjson

from sandbox import signing
from sandbox.context import Sandbox, Webhook
from sandbox.sendgrid.events import build
from sandbox.store.mail import content_body, messages_of
from sandbox.store.work import due_tasks, finish

log = logging.getLogger("sandbox.webhooks")

MAX_EVENTS = 500
MAX_BYTES = 768_000
MAX_POSTS = 4
GIVE_UP = 24 * 3600.0
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
_TIMEOUT = aiohttp.ClientTimeout(total=20)


class Batch(NamedTuple):
    """A stored batch that waits for its 2xx."""

    id: int
    url: str
    signed: int
    body: bytes
    events: int
    created: float
    attempts: int


class Teller:
    """Gathers due events into batches and posts them, four at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._mail = lru_cache(maxsize=64)(self._load_mail)
        self._stranger = signing.stranger()

    async def run(self, stop: asyncio.Event) -> None:
        """Tells until told to stop, then waits for the posts in hand."""
        pause = self._sandbox.settings.webhook_seconds
        async with aiohttp.ClientSession() as session:
            while not stop.is_set():
                full = await self.gather()
                self._post_due(session)
                if len(self._busy) >= MAX_POSTS:
                    await asyncio.wait(
                        self._busy.values(), timeout=pause, return_when=asyncio.FIRST_COMPLETED
                    )
                elif not full:
                    await self._rest(pause, stop)
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=10)

    async def _rest(self, pause: float, stop: asyncio.Event) -> None:
        if not self._busy and not self._sandbox.database.query(
            "SELECT 1 FROM task WHERE lane = 'event' LIMIT 1"
        ):
            await self._sandbox.to_tell.wait(1.0)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            return

    async def gather(self) -> bool:
        """Puts due events into stored batches, each event into one; says whether more may be due."""
        database = self._sandbox.database
        due = due_tasks(database, "event", time.time(), MAX_EVENTS)
        if not due:
            return False
        messages = messages_of(database, [task.message_id for task in due])
        groups: dict[Webhook, list[bytes]] = {}
        for task in due:
            message = messages[task.message_id]
            webhook = self._sandbox.webhook(message.account)
            if webhook is not None:  # switched off meanwhile: such events are never told
                event = build(message, self._mail(message.content_id), task.data, task.due)
                groups.setdefault(webhook, []).append(orjson.dumps(event))
        now = time.time()
        rows = [
            (
                hook.url,
                hook.signed,
                b"[" + b",\r\n".join(part) + b"]\r\n",
                len(part),
                now,
                now + self._delay(),
            )
            for hook, events in groups.items()
            for part in _parts(self._in_order(events))
        ]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO batch (url, signed, body, events, created, due) VALUES (?,?,?,?,?,?)", rows
            )
            finish(connection, [task.id for task in due])

        await database.write(work)
        return len(due) == MAX_EVENTS

    def _delay(self) -> float:
        rule = self._sandbox.faults.strike(frozenset(("webhook_delay",)))
        return rule.seconds if rule else 0.0

    def _in_order(self, events: list[bytes]) -> list[bytes]:
        if self._sandbox.faults.strike(frozenset(("webhook_reorder",))):
            random.Random(len(events)).shuffle(events)
            events.reverse()
        return events

    def _load_mail(self, content_id: int) -> dict[str, Any]:
        mail: dict[str, Any] = orjson.loads(content_body(self._sandbox.database, content_id))
        return {name: mail.get(name) for name in ("categories", "custom_args")}

    def _post_due(self, session: aiohttp.ClientSession) -> None:
        rows = self._sandbox.database.query(
            "SELECT id, url, signed, body, events, created, attempts FROM batch WHERE due <= ? ORDER BY due LIMIT 8",
            (time.time(),),
        )
        for row in rows:
            batch = Batch(*row)
            if batch.id not in self._busy and len(self._busy) < MAX_POSTS:
                self._busy[batch.id] = asyncio.create_task(self._deliver(session, batch))

    async def _deliver(self, session: aiohttp.ClientSession, batch: Batch) -> None:
        try:
            if self._sandbox.faults.strike(frozenset(("webhook_forge",))):
                await self._forge(session, batch)
            status = await self._post(session, batch, self._sandbox.signer)
            if 200 <= status < 300 and self._sandbox.faults.strike(frozenset(("webhook_duplicate",))):
                await self._post(session, batch, self._sandbox.signer)
            await self._settle(batch, 200 <= status < 300)
        except Exception:
            log.exception("posting batch %s failed", batch.id)
            await self._settle(batch, False)
        finally:
            del self._busy[batch.id]

    async def _settle(self, batch: Batch, acknowledged: bool) -> None:
        now = time.time()
        over = acknowledged or now - batch.created > GIVE_UP
        due = now + min(600.0, 0.5 * 2.0 ** min(batch.attempts, 12))

        def work(connection: sqlite3.Connection) -> None:
            if over:
                connection.execute("DELETE FROM batch WHERE id = ?", (batch.id,))
            else:
                connection.execute(
                    "UPDATE batch SET due = ?, attempts = attempts + 1 WHERE id = ?", (due, batch.id)
                )

        await self._sandbox.database.write(work)

    async def _forge(self, session: aiohttp.ClientSession, batch: Batch) -> None:
        events = orjson.loads(batch.body)
        lies = [
            {**event, "event": "spamreport", "sg_event_id": "forged" + event["sg_event_id"]}
            for event in events
        ]
        forged = batch._replace(body=orjson.dumps(lies), signed=1)
        if 200 <= await self._post(session, forged, self._stranger) < 300:
            log.error("a forged webhook was accepted by %s", batch.url)
            await self._sandbox.database.write(
                lambda connection: connection.execute(
                    "INSERT INTO refusal (address, reply, at) VALUES ('', 'forged webhook accepted', ?)",
                    (time.time(),),
                )
            )

    async def _post(self, session: aiohttp.ClientSession, batch: Batch, signer: signing.Signer) -> int:
        headers = {"Content-Type": "application/json;charset=utf-8", "User-Agent": "SendGrid Event API"}
        if batch.signed:
            # stamped anew on every attempt: a receiver with a window of minutes still takes late repetitions
            timestamp = str(int(time.time()))
            headers[TIMESTAMP] = timestamp
            headers[SIGNATURE] = signer.sign(timestamp, batch.body)
        try:
            async with session.post(
                batch.url, data=batch.body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0


def _parts(events: list[bytes]) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    size = 0
    for event in events:
        if parts[-1] and size + len(event) > MAX_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(event)
        size += len(event) + 3
    return parts
