"""People and machines at work: every open, click and unsubscription goes through the real gateway."""

import asyncio
import logging
import sqlite3
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from sandbox.context import Sandbox
from sandbox.letter import Letter
from sandbox.letters import letter_of
from sandbox.recipients import networks
from sandbox.recipients.behaviours import draw, pick
from sandbox.recipients.browser import Answer, Browser, TryAgainError
from sandbox.recipients.forms import unsubscribe_form
from sandbox.recipients.networks import Visitor
from sandbox.recipients.reader import Link, Reader, Reading
from sandbox.store.mail import Message, content_body, messages_of
from sandbox.store.work import (
    Due,
    Fact,
    Task,
    add_facts,
    add_tasks,
    continue_with,
    due_tasks,
    finish,
    next_due,
    put_off,
)

log = logging.getLogger("sandbox.recipients")

MAX_ATTEMPTS = 3
# So long after a machine was through with a mail its reader sees it: no rule may take the two for one visitor.
AFTER_MACHINE = 2.5
# Nobody knows whether a picture counted whose answer was lost. Loaded once more within ten seconds it would be taken
# for a machine's, and what the sandbox knows would no longer be the truth.
OPEN_AGAIN = 11.0


@dataclass
class Deeds:
    """What came of one step: facts to keep, events to tell, and whether the person said stop."""

    facts: list[tuple[str, str, str]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    stopped: str = ""

    def add(self, kind: str, category: str = "", detail: str = "") -> None:
        """Notes a fact."""
        self.facts.append((kind, category, detail))


class People:
    """Performs due steps, a limited number at a time; a step is true only once the gateway has answered."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._seed = sandbox.settings.seed
        self._busy: dict[int, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Acts until told to stop, then finishes the steps in hand."""
        await self._put_off_begun()
        limit = self._sandbox.settings.concurrency
        connector = aiohttp.TCPConnector(limit=limit)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            while not stop.is_set():
                self._start_due(Browser(session), 2 * limit)
                soonest = next_due(self._sandbox.database, "action")
                wait = 0.5 if soonest is None or self._busy else min(0.5, max(0.01, soonest - time.time()))
                await self._sandbox.to_act.wait(wait)
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=10)

    async def _put_off_begun(self) -> None:
        """Puts pictures off that may have been loaded, but not been noted, when an earlier process was killed."""
        now = time.time()
        due = due_tasks(self._sandbox.database, "action", now, -1)
        begun = [task.id for task in due if task.data["steps"][0] == "read"]

        def work(connection: sqlite3.Connection) -> None:
            for task_id in begun:
                put_off(connection, task_id, now + OPEN_AGAIN)

        await self._sandbox.database.write(work)

    def _start_due(self, browser: Browser, limit: int) -> None:
        room = limit - len(self._busy)
        if room <= 0:
            return
        found = due_tasks(self._sandbox.database, "action", time.time(), limit + room)
        tasks = [task for task in found if task.id not in self._busy][:room]
        messages = messages_of(self._sandbox.database, [task.message_id for task in tasks])
        for task in tasks:
            self._busy[task.id] = asyncio.create_task(self._perform(browser, task, messages[task.message_id]))

    async def _perform(self, browser: Browser, task: Due, message: Message) -> None:
        try:
            await self._step(browser, task, message)
        except TryAgainError as again:
            wait = again.after or min(10.0, 0.25 * 2 ** min(task.attempts, 6))
            if again.was_lost and task.data["steps"][0] == "read":
                wait = max(wait, OPEN_AGAIN)
            await self._sandbox.database.write(lambda db: put_off(db, task.id, time.time() + wait))
        except Exception:
            log.exception("a step of message %s failed", message.id)
            await self._sandbox.database.write(lambda db: self._give_up_or_wait(db, task))
        finally:
            del self._busy[task.id]
            self._sandbox.to_act.ring()

    def _give_up_or_wait(self, connection: sqlite3.Connection, task: Due) -> None:
        """A message that cannot be read must not keep everything unquiet for ever."""
        if task.attempts < MAX_ATTEMPTS:
            put_off(connection, task.id, time.time() + 1)
            return
        step = task.data["steps"][0]
        add_facts(
            connection, [Fact(task.message_id, "failed", step, "the message cannot be read", time.time())]
        )
        finish(connection, [task.id])

    async def _step(self, browser: Browser, task: Due, message: Message) -> None:
        steps: list[str] = task.data["steps"]
        step, rest = steps[0], steps[1:]
        machine = step in ("prefetch", "scan")
        deeds = Deeds()
        if machine or not self._has_stopped(message):
            body = content_body(self._sandbox.database, message.content_id)
            letter = letter_of(message, body)
            await self._do(step, browser, message, letter, _tracking(message, body), deeds)
        else:
            rest = []
        now = time.time()
        pause = self._sandbox.settings.pace * (0.25 + draw(self._seed, message.address, step))
        if machine:
            pause += AFTER_MACHINE

        def work(connection: sqlite3.Connection) -> None:
            add_facts(connection, [Fact(message.id, *fact, now) for fact in deeds.facts])
            add_tasks(connection, deeds.tasks)
            if deeds.stopped:
                connection.execute(
                    "INSERT OR IGNORE INTO person VALUES (?,?,?,?)",
                    (message.address, message.sender, deeds.stopped, now),
                )
            if rest:
                continue_with(connection, task.id, {"steps": rest}, now + pause)
            else:
                finish(connection, [task.id])

        await self._sandbox.database.write(work)
        if deeds.tasks:
            self._sandbox.to_tell.ring()
            self._sandbox.to_report.ring()

    def _has_stopped(self, message: Message) -> bool:
        return bool(
            self._sandbox.database.query(
                "SELECT 1 FROM person WHERE address = ? AND sender = ?", (message.address, message.sender)
            )
        )

    async def _do(
        self,
        step: str,
        browser: Browser,
        message: Message,
        letter: Letter,
        tracking: dict[str, Any],
        deeds: Deeds,
    ) -> None:
        if step == "complain":
            self._complain(message, deeds)
            return
        if self._sandbox.gateway_url is None:
            raise TryAgainError(2.0)
        reading = Reader(self._sandbox.gateway_url).read(letter)
        address = message.address
        home = networks.person(self._seed, address)
        if step == "read":
            await self._open(browser, message, reading, home, "human", tracking, deeds)
        elif step == "proxy_read":
            visitor = networks.image_proxy(self._seed, address)
            await self._open(browser, message, reading, visitor, "proxy", tracking, deeds)
        elif step == "prefetch":
            visitor = networks.privacy_relay(self._seed, address)
            await self._open(browser, message, reading, visitor, "privacy_prefetch", tracking, deeds)
        elif step == "click":
            await self._click(browser, message, reading, home, tracking, deeds)
        elif step == "scan":
            await self._scan(browser, reading, networks.scanner(self._seed, address), deeds)
        elif step == "one_click" and reading.one_click:
            answer = await browser.post(reading.one_click, [("List-Unsubscribe", "One-Click")], home)
            self._stopped_by("one_click", answer, deeds)
        else:
            await self._unsubscribe_on_page(browser, reading, home, deeds)

    async def _open(
        self,
        browser: Browser,
        message: Message,
        reading: Reading,
        visitor: Visitor,
        category: str,
        tracking: dict[str, Any],
        deeds: Deeds,
    ) -> None:
        for image in reading.images:
            answer = await browser.get(image, visitor)
            if answer.status == 200:
                deeds.add("opened", category)
            else:
                deeds.add("failed", "open", str(answer.status))
        if tracking.get("open"):
            machine = category == "privacy_prefetch"
            data = {
                "event": "open",
                "useragent": visitor.user_agent,
                "ip": visitor.ip,
                "sg_machine_open": machine,
            }
            deeds.tasks.append(Task("event", message.id, data, time.time()))

    async def _click(
        self,
        browser: Browser,
        message: Message,
        reading: Reading,
        visitor: Visitor,
        tracking: dict[str, Any],
        deeds: Deeds,
    ) -> None:
        links = reading.content_links
        if not links:
            return
        index = pick(self._seed, message.address, f"link {message.campaign}", len(links))
        await self._follow(browser, index, links[index], visitor, "human", deeds)
        if tracking.get("click"):
            data = {"event": "click", "useragent": visitor.user_agent, "ip": visitor.ip, "url": links[index].url,
                    "url_offset": {"index": index, "type": "html"}}  # fmt: skip
            deeds.tasks.append(Task("event", message.id, data, time.time()))

    async def _scan(self, browser: Browser, reading: Reading, visitor: Visitor, deeds: Deeds) -> None:
        content = reading.content_links

        async def look(link: Link) -> None:
            await browser.head(link.url, visitor)
            if link in content:
                await self._follow(browser, content.index(link), link, visitor, "scanner", deeds)
            else:
                answer = await browser.get(link.url, visitor)
                deeds.add("visited" if answer.status < 400 else "failed", "scanner", link.kind)

        await asyncio.gather(*(look(link) for link in reading.links))

    async def _follow(
        self, browser: Browser, index: int, link: Link, visitor: Visitor, category: str, deeds: Deeds
    ) -> None:
        answer = await browser.get(link.url, visitor)
        if 300 <= answer.status < 400:  # the target itself is not visited: it is somebody else's site
            deeds.add("clicked", category, f"{index} {answer.location}")
        elif answer.status < 300:
            deeds.add("visited", category, link.url)
        else:
            deeds.add("failed", f"click {index}", str(answer.status))

    async def _unsubscribe_on_page(
        self, browser: Browser, reading: Reading, home: Visitor, deeds: Deeds
    ) -> None:
        if reading.unsubscribe is None:
            deeds.add("failed", "unsubscribe", "the message offers no way")
            return
        page = await browser.get(reading.unsubscribe, home)
        form = unsubscribe_form(page.text, reading.unsubscribe) if page.status < 400 else None
        if form is None:
            deeds.add("failed", "unsubscribe", f"{page.status}: no form")
            return
        deeds.add("visited", "human", "unsubscribe")
        answer = await browser.post(form.action, form.fields, home, cookies=page.cookies)
        self._stopped_by("page", answer, deeds)

    def _stopped_by(self, how: str, answer: Answer, deeds: Deeds) -> None:
        if answer.status < 400:
            deeds.add("unsubscribed", how)
            deeds.stopped = how
        else:
            deeds.add("failed", "unsubscribe", str(answer.status))

    def _complain(self, message: Message, deeds: Deeds) -> None:
        deeds.add("complained")
        deeds.stopped = "complaint"
        now = time.time()
        if message.channel == "smtp":
            if self._sandbox.bounce_smtp:
                deeds.tasks.append(Task("report", message.id, {"report": "arf"}, now))
        elif self._sandbox.webhook(message.account):
            deeds.tasks.append(Task("event", message.id, {"event": "spamreport"}, now))


def _tracking(message: Message, body: bytes) -> dict[str, Any]:
    """SendGrid's own tracking is reported only when the request asked for it."""
    if message.channel != "sendgrid" or b'"tracking_settings"' not in body:
        return {}
    settings = orjson.loads(body).get("tracking_settings") or {}
    return {
        word: (settings.get(f"{word}_tracking") or {}).get("enable") is True for word in ("open", "click")
    }
