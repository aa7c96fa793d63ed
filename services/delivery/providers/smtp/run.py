"""One block on its way by SMTP: what is left of it, and what came of the rest."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from services.delivery.mail.compose import MailForm, MailSender
from services.delivery.mail.dkim import DkimSigner
from services.delivery.mail.headers import HeaderError, wire_address
from services.delivery.providers.base import Account, Block, Code, Outcome, Outgoing, Result, masked
from services.delivery.providers.showing import letter_of, mail_files, shows_amp
from services.delivery.providers.smtp.codes import judge
from services.delivery.providers.smtp.domains import Domains
from services.delivery.providers.smtp.pool import ConnectError
from services.delivery.providers.smtp.replies import Reply
from services.delivery.providers.smtp.wire import Envelope, Wire, stuffed

log = structlog.get_logger("delivery")

BROKEN_OFF: Final = "adapter_failed"
"""Code of a failure that is neither the server's nor the message's."""
CHUNK: Final = 100
_LOST: Final = {
    Code.TIMEOUT: "no reply in time",
    Code.CONNECTION: "the connection ended",
    Code.UNREADABLE_ANSWER: "what the server said is no reply",
    BROKEN_OFF: "the hand-over broke off",
}


class Run:
    """One block on its way: a queue that several connections empty."""

    def __init__(self, account: Account, block: Block, signer: DkimSigner | None, domains: Domains) -> None:
        self._block = block
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

    async def is_open(self) -> bool:
        """Whether anything is left for a further connection, once a domain has room for one."""
        while self._queue:
            if any(map(self._domains.may_take, self._queue)):
                return True
            # Other connections hold all that these domains may have; each message they settle frees one.
            await self._domains.changed(1.0)
        return False

    def fail(self, failure: ConnectError) -> None:
        """Notes why no connection could be made."""
        self._failure = failure

    def leave(self) -> None:
        """Notes that one of the connections' workers has ended."""
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
                log.exception("a letter could not be composed", provider="smtp")
                self._settle(outgoing, Result.RETRYABLE, BROKEN_OFF, type(error).__name__)
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

    def lost(self, outgoing: Outgoing, code: str, *, after_dot: bool, started: float) -> None:
        """Settles a message without a verdict: unknown once its content had been written to its end."""
        result = Result.UNKNOWN if after_dot else Result.RETRYABLE
        reason = f"{_LOST[code]}, {'after' if after_dot else 'before'} the content was sent"
        self._add(
            Outcome(
                outgoing.message_id,
                result,
                code,
                reason,
                provider_fault=code != BROKEN_OFF,
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


def _word(text: str) -> str:
    """A field of Feedback-ID: no colons, no spaces."""
    kept = "".join(
        character if character.isascii() and (character.isalnum() or character in "-_.") else "-"
        for character in text
    )
    return kept[:50] or "-"
