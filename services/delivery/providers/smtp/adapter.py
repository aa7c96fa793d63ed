"""SMTP: one message per transaction on kept-open connections, decided recipient by recipient."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from services.delivery.mail.bounces import parse_report
from services.delivery.mail.compose import MailForm, MailSender
from services.delivery.mail.dkim import DkimKeyError, DkimSigner
from services.delivery.mail.headers import HeaderError, wire_address
from services.delivery.providers.base import (
    Account,
    Block,
    Code,
    ConfigurationError,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
    masked,
)
from services.delivery.providers.showing import letter_of, mail_files, shows_amp
from services.delivery.providers.smtp.codes import judge
from services.delivery.providers.smtp.domains import Domains
from services.delivery.providers.smtp.pool import ConnectError, Pool
from services.delivery.providers.smtp.wire import Envelope, Reply, Wire, WireClosedError, stuffed

log = structlog.get_logger("delivery")

NOT_COMPOSED: Final = "adapter_failed"
CHUNK: Final = 100
# Below this many messages a further connection costs more than it saves.
PER_CONNECTION: Final = 10


class Smtp:
    """A relay account: `host`, `port`, `security`, `return_path_domain`; DKIM when its key is among the credentials."""

    name = "smtp"
    channel = "email"
    max_batch = 1000

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = Pool(account)
        self._signer = _signer(account)
        self._domains = Domains(account.domain_connections)

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Yields outcomes in lots of about a hundred, as replies arrive."""
        run = _Run(self._account, self._pool, block, self._signer, self._domains)
        count = min(self._account.max_concurrency, -(-len(block.outgoing) // PER_CONNECTION))
        workers = [asyncio.create_task(run.work()) for _ in range(count)]
        try:
            while True:
                lot = await run.lot(workers)
                if not lot:
                    break
                yield lot
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            run.free_all()

    async def verify(self) -> Verification:
        """Connects, secures and authenticates; nothing is sent."""
        try:
            wire = await self._pool.open()
        except ConnectError as error:
            is_answer = error.code is Code.CREDENTIALS
            return Verification(False, str(error), provider_fault=True, is_answer=is_answer)
        await wire.quit()
        return Verification(True, f"connected to {self._pool.host}:{self._pool.port}")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """SMTP cannot be asked: bounces and the time-out decide."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - a mail has its own
        """A bounce or complaint mail that came to a verified return path."""
        return parse_report(raw, datetime.now(UTC))

    async def close(self) -> None:
        """Closes idle connections."""
        await self._pool.close()


def _signer(account: Account) -> DkimSigner | None:
    key = account.credentials.get("dkim_private_key")
    if not key:
        return None
    try:
        return DkimSigner(account.credential("dkim_domain"), account.credential("dkim_selector"), key)
    except DkimKeyError as error:
        raise ConfigurationError(str(error)) from None


class _Run:
    """One block on its way: a queue that several connections empty."""

    def __init__(
        self, account: Account, pool: Pool, block: Block, signer: DkimSigner | None, domains: Domains
    ) -> None:
        self._pool, self._block = pool, block
        self._queue = deque(block.outgoing)
        self._domains = domains
        self._held: dict[UUID, Outgoing] = {}
        self._outcomes: list[Outcome] = []
        self._news = asyncio.Event()
        self._again: set[UUID] = set()
        self._settled: set[UUID] = set()
        self._failure: ConnectError | None = None
        feedback = account.text("feedback_sender_id", "angarium")
        self._form = MailForm(
            block.content,
            MailSender(
                block.sender.address,
                block.sender.name,
                block.sender.reply_to,
                feedback_id=":".join(
                    (_word(block.template_name), _word(block.category), block.tenant_id or "-", feedback)
                ),
                files=mail_files(block.attachments),
                signer=signer,
            ),
            amp=shows_amp(account),
        )

    async def lot(self, workers: Sequence["asyncio.Task[None]"]) -> list[Outcome]:
        """The next outcomes; [] when all are known."""
        while len(self._outcomes) < CHUNK and not all(worker.done() for worker in workers):
            self._news.clear()
            await self._news.wait()
        if all(worker.done() for worker in workers):
            self._give_up()
        found, self._outcomes = self._outcomes, []
        return found

    def _give_up(self) -> None:
        """Nobody can send the rest: it was never handed over."""
        code = self._failure.code if self._failure else Code.CONNECTION
        details = str(self._failure or "no connection")
        while self._queue:
            self._settle(self._queue.popleft(), Result.RETRYABLE, code, details, provider_fault=True)
        for (
            outgoing
        ) in self._block.outgoing:  # a worker that failed in the middle of a message says nothing about it
            if outgoing.message_id not in self._settled:
                self._settle(outgoing, Result.UNKNOWN, Code.CONNECTION, "the hand-over was interrupted")

    async def work(self) -> None:
        """Empties the queue on one connection after another, until the queue is empty or none can be opened."""
        try:
            while self._queue:
                if not any(map(self._domains.may_take, self._queue)):
                    # Other connections hold all that these domains may have; each message they settle frees one.
                    await self._domains.changed(1.0)
                    continue
                async with self._pool.borrowed() as wire:
                    await _Session(self, wire).run()
        except ConnectError as error:
            self._failure = error
        finally:
            self._news.set()

    def take(self, wire: Wire) -> tuple[Outgoing, Envelope] | None:
        """The next message that can be sent on this connection; the others are settled at once."""
        while (outgoing := self._next()) is not None:
            try:
                return outgoing, self._envelope(outgoing, wire)
            except HeaderError as error:
                address_fault = str(error) in ("not an address", "not a domain")
                code = Code.INVALID_RECIPIENT if address_fault else Code.REQUEST_REFUSED
                self._settle(outgoing, Result.PERMANENT, code, str(error), recipient_fault=address_fault)
            except Exception as error:
                # Nothing of it left, and whatever is wrong with this message says nothing about the server.
                log.exception("a letter could not be composed", provider=Smtp.name)
                self._settle(outgoing, Result.RETRYABLE, NOT_COMPOSED, type(error).__name__)
        return None

    def _next(self) -> Outgoing | None:
        """The next message whose domain has a connection left; it holds that until it is settled or given back."""
        for _ in range(len(self._queue)):
            outgoing = self._queue.popleft()
            if self._domains.may_take(outgoing):
                self._domains.hold(outgoing)
                self._held[outgoing.message_id] = outgoing
                return outgoing
            self._queue.append(outgoing)
        return None

    def _free(self, message_id: UUID) -> None:
        held = self._held.pop(message_id, None)
        if held is not None:
            self._domains.free(held)

    def free_all(self) -> None:
        """Gives back what is still held when the block is over."""
        for message_id in list(self._held):
            self._free(message_id)

    def _envelope(self, outgoing: Outgoing, wire: Wire) -> Envelope:
        recipient = wire_address(outgoing.address)
        path = self._block.return_path(outgoing) if self._block.return_path else self._block.sender.address
        sender = wire_address(path) if path else ""
        utf8 = not (recipient.isascii() and sender.isascii())
        if utf8 and not wire.utf8:
            raise HeaderError("not an address")
        content = stuffed(self._form.compose(letter_of(outgoing), int(time.time())))
        return Envelope(sender, recipient, content, utf8)

    def give_back(self, outgoing: Outgoing) -> None:
        """Puts a message nothing was sent of back into the queue."""
        self._free(outgoing.message_id)
        self._queue.appendleft(outgoing)

    def once_more(self, outgoing: Outgoing) -> bool:
        """Puts a message that certainly did not leave back into the queue, once."""
        if outgoing.message_id in self._again:
            return False
        self._again.add(outgoing.message_id)
        self.give_back(outgoing)
        return True

    def judged(self, outgoing: Outgoing, reply: Reply, started: float) -> None:
        """Settles a message by a reply."""
        judgement = judge(reply.code, reply.text)
        accepted = judgement.result is Result.ACCEPTED
        outcome = Outcome(
            outgoing.message_id,
            judgement.result,
            judgement.code,
            "" if accepted else masked(f"{reply.code} {reply.text}"),
            self._form.message_id(outgoing.message_id) if accepted else "",
            recipient_fault=judgement.recipient_fault,
            provider_fault=judgement.provider_fault,
            latency=time.monotonic() - started,
        )
        self._add(outcome)

    def lost(self, outgoing: Outgoing, code: Code, *, after_dot: bool, started: float) -> None:
        """Settles a message whose reply never came: unknown once its content had been written to its end."""
        if after_dot:
            result, reason = Result.UNKNOWN, "no reply after the content was sent"
        else:
            result, reason = Result.RETRYABLE, "the connection ended before the content was sent"
        self._add(
            Outcome(
                outgoing.message_id,
                result,
                code,
                reason,
                provider_fault=True,
                latency=time.monotonic() - started,
            )
        )

    def _settle(
        self,
        outgoing: Outgoing,
        result: Result,
        code: str,
        reason: str,
        *,
        recipient_fault: bool = False,
        provider_fault: bool = False,
    ) -> None:
        self._add(
            Outcome(
                outgoing.message_id,
                result,
                code,
                reason,
                recipient_fault=recipient_fault,
                provider_fault=provider_fault,
            )
        )

    def _add(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._settled.add(outcome.message_id)
        self._free(outcome.message_id)
        if len(self._outcomes) >= CHUNK:
            self._news.set()


class _Session:
    """Transactions on one connection, one message after the other."""

    def __init__(self, run: _Run, wire: Wire) -> None:
        self._run, self._wire = run, wire
        self._started = 0.0
        self._after_dot = False

    async def run(self) -> None:
        """Sends until the queue is empty or the connection is of no more use."""
        taken = self._run.take(self._wire)
        announced = False
        while taken is not None:
            outgoing, envelope = taken
            self._started, self._after_dot = time.monotonic(), False
            try:
                refusal = await self._announce(envelope, announced=announced)
                if refusal is None:
                    taken = self._run.take(self._wire)
                    reply = await self._content(envelope, taken)
                    announced = taken is not None and self._wire.pipelining
                    self._judged(outgoing, reply)
                    continue
            except (WireClosedError, TimeoutError) as error:
                if taken is not None and taken[0] is not outgoing:
                    self._run.give_back(taken[0])
                self._broken(outgoing, Code.TIMEOUT if isinstance(error, TimeoutError) else Code.CONNECTION)
                return
            if refusal.code == 421:
                self._wire.abort()
                if not (self._wire.used and self._run.once_more(outgoing)):
                    self._judged(outgoing, refusal)
                return
            self._judged(outgoing, refusal)
            taken, announced = self._run.take(self._wire), False

    def _judged(self, outgoing: Outgoing, reply: Reply) -> None:
        self._wire.used += 1
        self._run.judged(outgoing, reply, self._started)

    def _broken(self, outgoing: Outgoing, code: Code) -> None:
        self._wire.abort()
        # A server may close a kept-open connection between two messages: that is no failure of the next one.
        if (
            not self._after_dot
            and self._wire.used
            and code is Code.CONNECTION
            and self._run.once_more(outgoing)
        ):
            return
        self._run.lost(outgoing, code, after_dot=self._after_dot, started=self._started)

    async def _announce(self, envelope: Envelope, *, announced: bool) -> Reply | None:
        """MAIL, RCPT, DATA; None when the server waits for the content, else the refusal."""
        wire = self._wire
        if wire.pipelining:
            if not announced:
                wire.write(wire.commands(envelope))
            replies = await wire.replies(3)
            refusal = next((reply for reply in replies if reply.code // 100 not in (2, 3)), None)
            if refusal is None and len(replies) == 3:
                return None
            if (
                len(replies) == 3 and replies[2].code == 354
            ):  # a server that waits although nobody is to receive
                wire.write(b".\r\n")
                await wire.replies(1)
        else:
            refusal = None
            for command in wire.commands(envelope).splitlines(keepends=True):
                wire.write(command)
                reply = (await wire.replies(1))[0]
                if reply.code // 100 not in (2, 3):
                    refusal = reply
                    break
            if refusal is None:
                return None
        if refusal is None:
            raise WireClosedError
        if refusal.code != 421:
            with suppress(WireClosedError, TimeoutError):  # what was refused stays refused
                wire.write(b"RSET\r\n")
                await wire.replies(1)
        return refusal

    async def _content(self, envelope: Envelope, following: tuple[Outgoing, Envelope] | None) -> Reply:
        """The content, with the commands of the next message behind its final dot; the reply to the content."""
        ahead = self._wire.commands(following[1]) if following and self._wire.pipelining else b""
        self._wire.write(envelope.content + ahead)
        self._after_dot = True
        return (await self._wire.replies(1))[0]


def _word(text: str) -> str:
    """A field of Feedback-ID: no colons, no spaces."""
    kept = "".join(
        character if character.isascii() and (character.isalnum() or character in "-_.") else "-"
        for character in text
    )
    return kept[:50] or "-"
