"""Importing a list of a registry: it holds as a whole, or not at all (CON-8, CON-43)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from angarium.consent.v1 import consent_events_pb2
from services.common import audit
from services.common.addresses import parse_phone
from services.common.db.database import Database
from services.common.errors import aborted, already_exists
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.leases import Lease, lease
from services.common.rpc.context import current_caller
from services.consent.addresses import EVERYBODY, Hasher
from services.consent.dnd import store
from services.consent.dnd.domain import DndImport, Mode, Reading
from services.consent.dnd.staging import Stage

logger = logging.getLogger(__name__)

MAX_ERRORS = 100
LEASE_TTL = timedelta(seconds=20)
_SLICE = 1000


class Header(NamedTuple):
    """What is imported."""

    registry: str
    mode: Mode
    checksum: bytes
    file_name: str
    expected: int


class Block(NamedTuple):
    """A block of numbers."""

    phones: Sequence[str]
    is_removal: bool
    categories: Sequence[str]


class Progress(NamedTuple):
    """The import as it stands, and the places of rows of the block that are no numbers."""

    dnd_import: DndImport
    bad_rows: Sequence[int]


class Importer:
    """Imports lists; one of a registry at a time."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    async def run(self, header: Header, blocks: AsyncIterator[Block]) -> AsyncGenerator[Progress, None]:
        """Imports a list and yields after each block, and last with the outcome.

        Raises:
            ServiceError: ALREADY_EXISTS for a list that was imported; ABORTED while another one of the registry runs.
            RefusedImportError: What came is not what was announced.
        """
        async with lease(self._database, f"{store.LEASE}{header.registry}", LEASE_TTL) as held:
            if not held:
                raise aborted(f"another import of {header.registry} is running", "IN_PROGRESS")
            started = await self._start(header)
            reading = Reading(header.mode)
            try:
                async with self._database.session() as session:
                    stage = Stage(session)
                    await stage.create()
                    left = MAX_ERRORS
                    async for block in blocks:
                        _ensure_held(held)
                        bad = await self._take(stage, header.registry[:2], reading, block)
                        yield Progress(_now(started, reading), bad[:left])
                        left -= len(bad[:left])
                    reading.check(header.checksum, header.expected)
                    await stage.prepare(reading.operations, is_full=header.mode == "full")
                    _ensure_held(held)
                    async with session.system() as uow:
                        merged = await stage.merge(uow, started, self._hasher.key_id)
                        await store.complete(uow, started.import_id, reading, **merged._asdict())
                        uow.emit(_completed(started, **merged._asdict()))
                        await audit.record(
                            uow,
                            action="dnd.import",
                            resource_type="dnd_registry",
                            resource_id=started.registry,
                            before=None,
                            after={"mode": started.mode, **merged._asdict()},
                        )
                        done = await store.by_id(uow, started.import_id)
            except BaseException as error:
                await asyncio.shield(self._fail(started.import_id, reading, error))
                raise
        if done is None:
            raise LookupError("a stored import is gone")
        yield Progress(done, ())

    async def _start(self, header: Header) -> DndImport:
        async with self._database.system() as uow:
            broken = await store.fail_broken(uow, header.registry)
            if broken:
                logger.warning("an earlier import of %s broke off", header.registry)
            uow.on_violation(
                "uq_dnd_import_checksum", lambda: already_exists("dnd_import", header.checksum.hex())
            )
            return await store.start(
                uow,
                uuid7(),
                registry=header.registry,
                mode=header.mode,
                checksum=header.checksum,
                file_name=header.file_name,
                requested_by=current_caller().subject,
                requested_in=current_caller().tenant_id,
            )

    async def _take(self, stage: Stage, region: str, reading: Reading, block: Block) -> list[int]:
        """Stages a block and returns the places of rows that are no numbers."""
        place = reading.take(block.phones, is_removal=block.is_removal, categories=block.categories)
        numbers: list[str] = []
        bad: list[int] = []
        for start in range(0, len(block.phones), _SLICE):
            for row, phone in enumerate(block.phones[start : start + _SLICE], start):
                try:
                    numbers.append(parse_phone(phone, region))
                except ValueError:
                    bad.append(row)
            # Reading numbers that are not yet E.164 takes long enough for other calls to wait.
            await asyncio.sleep(0)
        reading.invalid += len(bad)
        hashed = self._hasher.blocks(EVERYBODY, "sms", numbers)
        # What was listed before a change of keys leaves under its old hash.
        await stage.add([one for keyed in hashed for one in keyed] if block.is_removal else hashed[0], place)
        return bad

    async def _fail(self, import_id: UUID, reading: Reading, error: BaseException) -> None:
        told = str(error) if getattr(error, "reason", None) else ""
        try:
            async with self._database.system() as uow:
                await store.fail(uow, import_id, reading, told or _word(error))
        except Exception:
            # The lease ends, and the import is shown as broken off from then on.
            logger.exception("the end of import %s could not be recorded", import_id)


def _word(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "the caller broke the stream off"
    return f"failed: {type(error).__name__}"


def _ensure_held(held: Lease) -> None:
    if not held.held:
        raise aborted("the import lost its turn; start it again")


def _now(started: DndImport, reading: Reading) -> DndImport:
    return replace(started, total=reading.total, invalid=reading.invalid)


def _completed(done: DndImport, *, added: int, removed: int) -> Event:
    payload = consent_events_pb2.DndImportCompleted(
        dnd_import_id=str(done.import_id), registry=done.registry, added_count=added, removed_count=removed
    )
    return Event("dnd.import_completed", "dnd_registry", done.registry, payload, tenant_id=audit.PLATFORM)
