"""Delivers reports by SMTP until they are taken."""

import asyncio
import logging
import sqlite3
import time

import aiosmtplib
import orjson

from sandbox.context import Sandbox
from sandbox.settings import Address
from sandbox.smtp.reports import complaint, delivery_status
from sandbox.store.mail import Message, content_body, messages_of
from sandbox.store.work import Due, due_tasks, finish, put_off

log = logging.getLogger("sandbox.reports")


class Reporter:
    """One connection, kept open while there is something to report."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def run(self, stop: asyncio.Event) -> None:
        """Reports until told to stop."""
        while not stop.is_set():
            address = self._sandbox.bounce_smtp
            due = due_tasks(self._sandbox.database, "report", time.time(), 100) if address else []
            if address and due:
                await self._deliver(address, due)
            else:
                await self._sandbox.to_report.wait(0.3)

    async def _deliver(self, address: Address, due: list[Due]) -> None:
        messages = messages_of(self._sandbox.database, [task.message_id for task in due])
        client = aiosmtplib.SMTP(hostname=address.host, port=address.port, timeout=15, start_tls=False)
        try:
            await client.connect()
            for task in due:
                await self._send(client, task, messages[task.message_id])
            await client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            later = time.time() + 1.0

            def work(connection: sqlite3.Connection) -> None:
                for task in due:  # those that were taken are gone; the others are tried again, in any number
                    put_off(connection, task.id, later + min(60.0, 0.5 * 2 ** min(task.attempts, 7)))

            await self._sandbox.database.write(work)
        finally:
            client.close()

    async def _send(self, client: aiosmtplib.SMTP, task: Due, message: Message) -> None:
        raw = content_body(self._sandbox.database, message.content_id)
        to = orjson.loads(message.personal)["mail_from"]
        if to:  # a null sender gets no report
            report = (
                complaint(message, raw)
                if task.data["report"] == "arf"
                else delivery_status(message, raw, task.data)
            )
            options = [] if to.isascii() else ["SMTPUTF8"]
            try:
                await client.sendmail("", [to], report, mail_options=options)
            except aiosmtplib.SMTPResponseException as error:
                if error.code < 500:
                    raise
                log.warning("a report was refused for good: %s %s", error.code, error.message)
            except aiosmtplib.SMTPRecipientsRefused as error:
                if any(reply.code < 500 for reply in error.recipients):
                    raise
                log.warning("a report was refused for good: its recipient is unknown")
        await self._sandbox.database.write(lambda connection: finish(connection, [task.id]))
