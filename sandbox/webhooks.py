"""Webhooks of all providers: events gathered into bodies, posted, repeated until they are acknowledged."""

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, runtime_checkable

import aiohttp
import orjson

from sandbox.context import Sandbox, Webhook
from sandbox.store.mail import Message, content_body, messages_of
from sandbox.store.work import due_tasks, finish

log = logging.getLogger("sandbox.webhooks")

GATHERED = 500
MAX_POSTS = 4
GIVE_UP = 24 * 3600.0
_TIMEOUT = aiohttp.ClientTimeout(total=20)


class Voice(Protocol):
    """How one provider tells its events.

    Attributes:
        most: So many events travel in one body.
        max_bytes: And so many bytes of them.
        keeps: What is needed of a stored content to tell of its messages.
    """

    most: int
    max_bytes: int
    keeps: tuple[str, ...]

    def event(
        self, message: Message, mail: dict[str, Any], data: dict[str, Any], at: float
    ) -> dict[str, Any] | None:
        """Returns an event in the provider's shape, None for what it does not tell; `data` is the plan's note."""

    def body(self, events: list[bytes]) -> bytes:
        """Returns the body of events, before anything is signed."""

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:
        """Returns headers and body of one attempt."""

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns headers and body as somebody else would post them: other events under a stranger's signature."""


@runtime_checkable
class Addressing(Protocol):
    """A voice whose messages say themselves where their events go."""

    def address(self, message: Message, data: dict[str, Any]) -> Webhook | None:
        """Returns where an event goes, None when it is not told."""


class Batch(NamedTuple):
    """A stored body that waits for its 2xx."""

    id: int
    channel: str
    url: str
    secret: str
    signed: int
    body: bytes
    created: float
    attempts: int


class Teller:
    """Gathers due events into bodies and posts them, four at a time."""

    def __init__(self, sandbox: Sandbox, voices: Mapping[str, Voice]) -> None:
        self._sandbox = sandbox
        self._voices = voices
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._mail = lru_cache(maxsize=64)(self._load_mail)

    async def run(self, stop: asyncio.Event) -> None:
        """Tells until told to stop, then waits for the posts in hand."""
        pause = self._sandbox.settings.webhook_seconds
        async with aiohttp.ClientSession() as session:
            while not stop.is_set():
                full = await self.gather()
                more = self._post_due(session)
                if self._busy and (more or len(self._busy) >= MAX_POSTS):
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
        """Puts due events into stored bodies, each event into one; says whether more may be due."""
        database = self._sandbox.database
        due = due_tasks(database, "event", time.time(), GATHERED)
        if not due:
            return False
        messages = messages_of(database, [task.message_id for task in due])
        groups: dict[tuple[str, Webhook], list[bytes]] = {}
        for task in due:
            message = messages[task.message_id]
            voice = self._voices[message.channel]
            webhook = (
                voice.address(message, task.data)
                if isinstance(voice, Addressing)
                else self._sandbox.webhook(message.account)
            )
            if webhook is None:  # switched off meanwhile: such events are never told
                continue
            mail = self._mail(message.content_id, message.channel)
            event = voice.event(message, mail, task.data, task.due)
            if event is not None:
                groups.setdefault((message.channel, webhook), []).append(orjson.dumps(event))
        now = time.time()
        rows = [
            (
                channel,
                hook.url,
                hook.secret,
                hook.signed,
                self._voices[channel].body(part),
                len(part),
                now,
                now + self._delay(),
            )
            for (channel, hook), events in groups.items()
            for part in _parts(self._in_order(events), self._voices[channel])
        ]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO batch (channel, url, secret, signed, body, events, created, due)"
                " VALUES (?,?,?,?,?,?,?,?)",
                rows,
            )
            finish(connection, [task.id for task in due])

        await database.write(work)
        return len(due) == GATHERED

    def _delay(self) -> float:
        rule = self._sandbox.faults.strike(frozenset(("webhook_delay",)))
        return rule.seconds if rule else 0.0

    def _in_order(self, events: list[bytes]) -> list[bytes]:
        if self._sandbox.faults.strike(frozenset(("webhook_reorder",))):
            random.Random(len(events)).shuffle(events)
            events.reverse()
        return events

    def _load_mail(self, content_id: int, channel: str) -> dict[str, Any]:
        keeps = self._voices[channel].keeps
        if not keeps:
            return {}
        mail: dict[str, Any] = orjson.loads(content_body(self._sandbox.database, content_id))
        return {name: mail.get(name) for name in keeps}

    def _post_due(self, session: aiohttp.ClientSession) -> bool:
        """Starts what there is room for; says whether more is due."""
        rows = self._sandbox.database.query(
            "SELECT id, channel, url, secret, signed, body, created, attempts FROM batch"
            " WHERE due <= ? ORDER BY due, id LIMIT ?",
            (time.time(), 2 * MAX_POSTS),
        )
        waiting = [batch for row in rows if (batch := Batch(*row)).id not in self._busy]
        room = MAX_POSTS - len(self._busy)
        for batch in waiting[:room]:
            self._busy[batch.id] = asyncio.create_task(self._deliver(session, batch))
        return len(waiting) > room

    async def _deliver(self, session: aiohttp.ClientSession, batch: Batch) -> None:
        try:
            voice = self._voices[batch.channel]
            if self._sandbox.faults.strike(frozenset(("webhook_forge",))):
                await self._forge(session, batch, voice)
            status = await self._post(session, batch, voice)
            if 200 <= status < 300 and self._sandbox.faults.strike(frozenset(("webhook_duplicate",))):
                await self._post(session, batch, voice)
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

    async def _post(self, session: aiohttp.ClientSession, batch: Batch, voice: Voice) -> int:
        headers, body = voice.sealed(batch.body, batch.secret, signed=bool(batch.signed))
        return await _posted(session, batch.url, headers, body)

    async def _forge(self, session: aiohttp.ClientSession, batch: Batch, voice: Voice) -> None:
        headers, body = voice.forged(batch.body)
        # Whoever forges knows the address, but not what stands before its @.
        if not 200 <= await _posted(session, without_userinfo(batch.url), headers, body) < 300:
            return
        log.error("a forged webhook was accepted by %s", without_userinfo(batch.url))
        await self._sandbox.database.write(
            lambda connection: connection.execute(
                "INSERT INTO refusal (address, reply, at) VALUES ('', 'forged webhook accepted', ?)",
                (time.time(),),
            )
        )


def without_userinfo(url: str) -> str:
    """Returns a URL without user and password."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


async def _posted(session: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes) -> int:
    try:
        async with session.post(
            url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        ) as response:
            await response.read()
            return response.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


def _parts(events: list[bytes], voice: Voice) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    size = 0
    for event in events:
        if parts[-1] and (size + len(event) > voice.max_bytes or len(parts[-1]) >= voice.most):
            parts.append([])
            size = 0
        parts[-1].append(event)
        size += len(event) + 3
    return parts
