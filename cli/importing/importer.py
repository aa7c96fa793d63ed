"""Imports a file: contacts by blocks, then their consents and suppressions, a few blocks of each on the way."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple, Self

from google.rpc import status_pb2

from angarium.campaign.v1 import contact_service_pb2, contact_service_pb2_grpc
from angarium.consent.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from cli.importing.fields import COLUMN_OF
from cli.importing.header import Layout, layout_of
from cli.importing.problems import FileRefused, Problem
from cli.importing.pump import BlockPump
from cli.importing.reader import CsvReader
from cli.importing.report import ImportReport
from cli.importing.rows import ContactRow, RowReader
from services.common.clock import Clock, SystemClock
from services.common.privacy import redact_text
from services.common.rpc.client import Channels
from services.common.rpc.status import from_status

BLOCK = 1000
# A message of the contract is limited to 4 MB; wide rows make smaller blocks.
_BLOCK_BYTES = 1_000_000

OnRows = Callable[[int], None]
OnProblems = Callable[[Sequence[Problem]], None]


def _ignore(_of: object) -> None:
    return


async def import_contacts(
    path: Path,
    channels: Channels,
    *,
    on_rows: OnRows = _ignore,
    on_problems: OnProblems = _ignore,
    clock: Clock | None = None,
) -> ImportReport:
    """Imports the contacts, consents and suppressions of a CSV file; repeating it doubles nothing.

    Args:
        path: The file.
        channels: Channels whose calls are made for the tenant.
        on_rows: Is told how many more rows are settled.
        on_problems: Is told every problem as it is found; the report keeps a limited number.
        clock: Tells now: consents may not lie ahead of it.

    Raises:
        FileRefused: The file is no CSV of contacts; nothing was imported.
        ServiceError: A service refused, or stayed away; what was answered before is imported.
    """
    clock = clock or SystemClock()
    began = time.monotonic()
    with _opened(path) as (reader, layout):
        rows = RowReader(layout, clock.now())
        report = ImportReport(unknown_columns=layout.unknown, delimiter=reader.delimiter)
        async with _Import(channels, report, on_rows, on_problems) as running:
            for row in reader:
                report.rows += 1
                found = rows.read(row)
                if isinstance(found, list):
                    running.reject(found)
                else:
                    await running.take(found)
                if report.rows % BLOCK == 0:
                    # A file of nothing but bad rows can be interrupted too.
                    await asyncio.sleep(0)
            await running.finish()
    report.seconds = time.monotonic() - began
    return report


def check_contacts(
    path: Path,
    *,
    region: str = "",
    on_rows: OnRows = _ignore,
    on_problems: OnProblems = _ignore,
    clock: Clock | None = None,
) -> ImportReport:
    """Reads a file as an import would and writes nothing; rows without a problem count as unchanged.

    Without `region` national phone numbers are left to the service.
    """
    clock = clock or SystemClock()
    began = time.monotonic()
    with _opened(path) as (reader, layout):
        rows = RowReader(layout, clock.now(), region)
        report = ImportReport(unknown_columns=layout.unknown, delimiter=reader.delimiter, dry_run=True)
        for row in reader:
            report.rows += 1
            found = rows.read(row)
            if isinstance(found, list):
                report.reject(found)
                on_problems(found)
            else:
                report.unchanged += 1
            if report.rows % BLOCK == 0:
                on_rows(BLOCK)
    on_rows(report.rows % BLOCK)
    report.seconds = time.monotonic() - began
    return report


class _opened:  # noqa: N801 - a context manager that reads like a function
    """The reader and the layout of a file for as long as a block lasts."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise FileRefused(
                f"{path} cannot be read: {error.strerror}.", "Check the name of the file."
            ) from None

    def __enter__(self) -> tuple[CsvReader, Layout]:
        try:
            reader = CsvReader(self._file)
            return reader, layout_of(reader.header)
        except FileRefused:
            self._file.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Owner(NamedTuple):
    """Which row an item of a block came from."""

    line: int
    column: str


class _Import:
    """One import under way: three streams, and what is gathered for their next blocks."""

    def __init__(
        self, channels: Channels, report: ImportReport, on_rows: OnRows, on_problems: OnProblems
    ) -> None:
        self._report = report
        self._on_rows = on_rows
        self._on_problems = on_problems
        self._incomplete: set[int] = set()
        contacts = channels.stub(contact_service_pb2_grpc.ContactServiceStub, "campaign")
        consents = channels.stub(consent_service_pb2_grpc.ConsentServiceStub, "consent")
        suppressions = channels.stub(suppression_service_pb2_grpc.SuppressionServiceStub, "consent")
        self._contacts: BlockPump[
            contact_service_pb2.BatchUpsertContactsRequest,
            contact_service_pb2.BatchUpsertContactsResponse,
            list[ContactRow],
        ] = BlockPump(contacts.BatchUpsertContacts, self._contacts_answered)
        self._consents: BlockPump[
            consent_service_pb2.ImportConsentsRequest,
            consent_service_pb2.ImportConsentsResponse,
            list[_Owner],
        ] = BlockPump(consents.ImportConsents, self._consents_answered)
        self._suppressions: BlockPump[
            suppression_service_pb2.ImportSuppressionsRequest,
            suppression_service_pb2.ImportSuppressionsResponse,
            list[_Owner],
        ] = BlockPump(suppressions.ImportSuppressions, self._suppressions_answered)
        self._block: list[ContactRow] = []
        self._bytes = 0
        self._consent_rows: list[tuple[consent_service_pb2.ConsentImportRow, str, _Owner]] = []
        self._suppression_rows: list[tuple[suppression_service_pb2.SuppressionImportRow, _Owner]] = []
        self._held = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for pump in (self._suppressions, self._consents, self._contacts):
            await self._held.enter_async_context(pump)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()

    def reject(self, problems: list[Problem]) -> None:
        """Counts a row that cannot be taken."""
        self._report.reject(problems)
        self._on_problems(problems)
        self._on_rows(1)

    async def take(self, row: ContactRow) -> None:
        """Takes a good row; waits when the services are behind."""
        size = row.contact.ByteSize()
        if self._block and self._bytes + size > _BLOCK_BYTES:
            await self._send_contacts()
        self._block.append(row)
        self._bytes += size
        if len(self._block) == BLOCK:
            await self._send_contacts()

    async def finish(self) -> None:
        """Returns once everything has been answered: contacts first, as the others follow from them."""
        if self._block:
            await self._send_contacts()
        await self._contacts.finish()
        await self._send_consents(0)
        await self._send_suppressions(0)
        await self._consents.finish()
        await self._suppressions.finish()
        self._report.incomplete = len(self._incomplete)

    async def _send_contacts(self) -> None:
        block, self._block, self._bytes = self._block, [], 0
        request = contact_service_pb2.BatchUpsertContactsRequest(contacts=[row.contact for row in block])
        await self._contacts.send(request, block)

    async def _contacts_answered(
        self,
        _request: contact_service_pb2.BatchUpsertContactsRequest,
        rows: list[ContactRow],
        answer: contact_service_pb2.BatchUpsertContactsResponse,
    ) -> None:
        self._report.created += answer.created_count
        self._report.updated += answer.updated_count
        self._report.unchanged += answer.unchanged_count
        for error in answer.errors:
            problems = list(_problems(rows[error.index].line, error.status))
            self._report.reject(problems)
            self._on_problems(problems)
        for row, contact_id in zip(rows, answer.contact_ids, strict=True):
            if not contact_id:
                continue
            for consent in row.consents:
                self._consent_rows.append((consent, contact_id, _Owner(row.line, "consent")))
            self._suppression_rows.extend((one, _Owner(row.line, "suppressed")) for one in row.suppressions)
        await self._send_consents(BLOCK)
        await self._send_suppressions(BLOCK)
        self._on_rows(len(rows))

    async def _send_consents(self, at_least: int) -> None:
        while self._consent_rows and len(self._consent_rows) >= at_least:
            block, self._consent_rows = self._consent_rows[:BLOCK], self._consent_rows[BLOCK:]
            request = consent_service_pb2.ImportConsentsRequest()
            for row, contact_id, _ in block:
                row.subject.contact_id = contact_id
                request.rows.append(row)
            await self._consents.send(request, [owner for *_, owner in block])

    async def _send_suppressions(self, at_least: int) -> None:
        while self._suppression_rows and len(self._suppression_rows) >= at_least:
            block, self._suppression_rows = self._suppression_rows[:BLOCK], self._suppression_rows[BLOCK:]
            request = suppression_service_pb2.ImportSuppressionsRequest(rows=[row for row, _ in block])
            await self._suppressions.send(request, [owner for _, owner in block])

    async def _consents_answered(
        self,
        _request: consent_service_pb2.ImportConsentsRequest,
        owners: list[_Owner],
        answer: consent_service_pb2.ImportConsentsResponse,
    ) -> None:
        self._report.consents_changed += answer.changed_count
        self._report.consents_unchanged += answer.unchanged_count
        self._report.consents_overridden += answer.overridden_count
        self._not_taken(owners, answer.errors)

    async def _suppressions_answered(
        self,
        _request: suppression_service_pb2.ImportSuppressionsRequest,
        owners: list[_Owner],
        answer: suppression_service_pb2.ImportSuppressionsResponse,
    ) -> None:
        self._report.suppressions_added += answer.added_count
        self._report.suppressions_unchanged += answer.unchanged_count
        self._not_taken(owners, answer.errors)

    def _not_taken(self, owners: list[_Owner], errors: Sequence[consent_service_pb2.ImportRowError]) -> None:
        """Keeps why a consent or suppression was not taken; the contact it belongs to stands."""
        for error in errors:
            owner = owners[error.index]
            self._incomplete.add(owner.line)
            problems = list(_problems(owner.line, error.status, owner.column))
            self._report.add(problems)
            self._on_problems(problems)


_COLUMNS = {**COLUMN_OF, "address": "email or phone"}


def _problems(line: int, status: status_pb2.Status, column: str = "") -> Iterator[Problem]:
    """Yields what a service said about a row, in the words of the file."""
    error = from_status(status, "")
    if not error.violations:
        yield Problem(line, column, error.reason.lower(), redact_text(error.message))
    for field, description in error.violations:
        name = field.removeprefix("contact.").removeprefix("subject.")
        name = _COLUMNS.get(name, name)
        yield Problem(line, name, f"invalid_{name.partition('.')[0]}", redact_text(description))
