"""Running requests step by step (JOB-32): a step does its work, then is written down; repeating it does no harm.

Whatever dies in between, the next run finds the first step that is not written down and does it again. No call is made
inside a transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from services.common import audit
from services.common.contact_data import merged
from services.common.contact_data.erasing import Eraser
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.consent.ledger.receipts import ReceiptKeys
from services.consent.preferences import store as preference_store
from services.consent.privacy import events, marking, receipts, store
from services.consent.privacy.archive import ARCHIVE, Archive, Collector
from services.consent.privacy.domain import (
    AFTERCARE,
    OPEN,
    OWN,
    RESULT_KEPT,
    SERVICES,
    Erased,
    Request,
    Step,
    patience,
)
from services.consent.privacy.neighbours import Forgotten, Neighbours
from services.consent.privacy.pieces import ArchiveGoneError, Vault
from services.consent.privacy.records import DATA

log = structlog.get_logger("privacy")

REMAINS: Final = "rows_remain"


class Done(NamedTuple):
    """What a step did."""

    rows: int = 0
    remaining: int = 0
    stores: Sequence[Erased] = ()
    result_size: int = 0


class NotYetError(Exception):
    """Raised by a step that has to be tried again later."""

    def __init__(self, remaining: int) -> None:
        super().__init__(f"{remaining} rows still name the person")
        self.remaining = remaining


@dataclass(frozen=True, slots=True)
class Workflow:
    """Runs requests."""

    database: Database
    neighbours: Neighbours
    eraser: Eraser
    vault: Vault
    receipt_keys: ReceiptKeys

    async def advance(self, tenant_id: UUID, request_id: UUID) -> bool:
        """Does the next step of a request; returns whether another one may follow at once."""
        async with self.database.tenant(tenant_id) as uow:
            request = await store.by_id(uow, request_id)
            if request is None or request.state not in OPEN:
                return False
            await store.begin(uow, request_id)
        step = request.next_step
        if step is None:
            return False
        try:
            done = await self._work(request, step)
        except ArchiveGoneError:
            # Whoever destroyed the key has ended the request, or is about to.
            return False
        except Exception as error:
            if is_outage(error):
                raise
            await self._put_off(request, step, error)
            return False
        return await self._written_down(request, step, done)

    async def look_after(self, tenant_id: UUID, request_id: UUID, times: int) -> None:
        """Looks for an erased person once more, for what was on its way when they were erased."""
        async with self.database.tenant(tenant_id) as uow:
            request = await store.by_id(uow, request_id)
        if request is None:
            return
        for service in (*SERVICES, OWN):
            await self._erase(service, request)
        async with self.database.tenant(tenant_id) as uow:
            later = AFTERCARE[times + 1 : times + 2]
            next_at = (request.completed_at or uow.now()) + later[0] if later else None
            await store.cared_for(uow, request_id, times + 1, next_at)

    async def _work(self, request: Request, step: Step) -> Done:
        work: dict[str, Callable[[Request, Step], Awaitable[Done]]] = {
            "collect": self._collect,
            "assemble": self._assemble,
            "suppress": self._suppress,
            "cancel": self._cancel,
            "erase": self._forget,
            "verify": self._forget,
        }
        return await work[step.action](request, step)

    async def _collect(self, request: Request, step: Step) -> Done:
        collector = Collector(await self.vault.begin(request.tenant_id, request.request_id, step.service))
        if step.service == OWN:
            async with self.database.tenant(request.tenant_id) as uow:
                person = await merged.person(uow, request.contact_id)
            for collection in DATA.collections:
                await collector.add(collection.name, ())
                for contact_id in person:
                    async with self.database.tenant(request.tenant_id) as uow:
                        async for records in collection.read(uow, contact_id):
                            await collector.add(collection.name, records)
        else:
            async for name, told in self.neighbours.records(step.service, request):
                await collector.add(name, told)
        await collector.close()
        return Done(collector.rows)

    async def _assemble(self, request: Request, step: Step) -> Done:  # noqa: ARG002 - one signature for all steps
        writer = await self.vault.begin(request.tenant_id, request.request_id, ARCHIVE)
        archive = Archive(self.vault, writer, request.tenant_id, request.request_id)
        async with self.database.tenant(request.tenant_id) as uow:
            language = await preference_store.language(uow, request.contact_id)
            at = uow.now()
        rows, size = await archive.write(
            contact_id=request.contact_id, at=at, language=language, with_csv=request.format == "csv"
        )
        return Done(rows, result_size=size)

    async def _suppress(self, request: Request, step: Step) -> Done:  # noqa: ARG002
        contact = await self.neighbours.contact(request)
        if contact is None:
            return Done()
        async with self.database.tenant(request.tenant_id) as uow:
            return Done(await marking.suppress_known(uow, contact))

    async def _cancel(self, request: Request, step: Step) -> Done:  # noqa: ARG002
        return Done(await self.neighbours.cancel(request))

    async def _forget(self, request: Request, step: Step) -> Done:
        found = await self._erase(step.service, request)
        if found.remaining:
            raise NotYetError(found.remaining)
        return Done(sum(one.deleted + one.anonymized for one in found.stores), found.remaining, found.stores)

    async def _erase(self, service: str, request: Request) -> Forgotten:
        if service != OWN:
            return await self.neighbours.erase(service, request)
        done, remaining = await self.eraser.erase(request.tenant_id, request.contact_id, request.tombstone_id)
        return Forgotten(
            [Erased(one.store, one.deleted, one.anonymized, one.shredded) for one in done], remaining
        )

    async def _put_off(self, request: Request, step: Step, error: Exception) -> None:
        word = error.reason if isinstance(error, ServiceError) else type(error).__name__
        remaining = error.remaining if isinstance(error, NotYetError) else 0
        if remaining:
            word = REMAINS
        log.warning(
            "a step of a privacy request has to be repeated",
            privacy_request_id=str(request.request_id),
            service=step.service,
            action=step.action,
            reason=word,
            exc_info=not isinstance(error, (ServiceError, NotYetError)),
        )
        async with self.database.tenant(request.tenant_id) as uow:
            until = uow.now() + patience(step.attempts)
            await store.put_off(uow, request.request_id, step, error=word, remaining=remaining, until=until)

    async def _written_down(self, request: Request, step: Step, done: Done) -> bool:
        async with self.database.tenant(request.tenant_id) as uow:
            known = await store.by_id(uow, request.request_id, lock=True)
            if known is None or known.state not in OPEN or known.next_step != request.next_step:
                return False
            await store.finish_step(
                uow,
                request.request_id,
                step,
                rows=done.rows,
                remaining=done.remaining,
                stores=done.stores,
            )
            if step is not request.steps[-1]:
                return True
            known = await store.by_id(uow, request.request_id) or known
            await self._complete(uow, known, done)
        return False

    async def _complete(self, uow: UnitOfWork, request: Request, done: Done) -> None:
        now = uow.now()
        if request.kind == "export":
            await store.complete(
                uow, request.request_id, result_expires_at=now + RESULT_KEPT, result_size=done.result_size
            )
            await store.drop_pieces(uow, request.request_id, but=ARCHIVE)
        else:
            receipt = receipts.receipt(request, now, self.receipt_keys)
            await store.complete(uow, request.request_id, receipt=receipt, aftercare_at=now + AFTERCARE[0])
            events.contact_erased(uow, request)
        events.completed(uow, request)
        await audit.record(
            uow,
            action=f"privacy.{request.kind}_completed",
            resource_type="privacy_request",
            resource_id=request.request_id,
            before={"state": request.state},
            after={"state": "completed"},
        )
