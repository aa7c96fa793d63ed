"""SMTP: one message per transaction on kept-open connections, decided recipient by recipient."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from services.delivery.mail.bounces import parse_report
from services.delivery.mail.dkim import DkimKeyError, DkimSigner
from services.delivery.providers.base import (
    Account,
    Block,
    Code,
    ConfigurationError,
    Lookup,
    Outcome,
    Presence,
    Receipt,
    Verification,
)
from services.delivery.providers.smtp.domains import Domains
from services.delivery.providers.smtp.pool import ConnectError, Pool
from services.delivery.providers.smtp.run import Run
from services.delivery.providers.smtp.session import Session

log = structlog.get_logger("delivery")

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
        run = Run(self._account, block, self._signer, self._domains)
        count = min(self._account.max_concurrency, -(-len(block.outgoing) // PER_CONNECTION))
        workers = [asyncio.create_task(_work(run, self._pool)) for _ in range(count)]
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


async def _work(run: Run, pool: Pool) -> None:
    """Empties the queue on one connection after another, until it is empty or none can be opened."""
    try:
        while await run.is_open():
            async with pool.borrowed() as wire:
                await Session(run, wire).run()
    except ConnectError as error:
        run.fail(error)
    except Exception:
        log.exception("an SMTP connection's work broke off", provider=Smtp.name)
    finally:
        run.leave()


def _signer(account: Account) -> DkimSigner | None:
    key = account.credentials.get("dkim_private_key")
    if not key:
        return None
    try:
        return DkimSigner(account.credential("dkim_domain"), account.credential("dkim_selector"), key)
    except DkimKeyError as error:
        raise ConfigurationError(str(error)) from None
