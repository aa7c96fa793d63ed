"""Files of do-not-disturb registries: read twice, once for what they hold, once to send it."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from angarium.consent.v1 import dnd_service_pb2
    from services.common.rpc.client import Channels

BLOCK = 10_000


class Row(NamedTuple):
    """One line: a number, whether it leaves, and the categories it is listed for."""

    line: int
    phone: str
    is_removal: bool
    categories: tuple[str, ...]

    @property
    def text(self) -> str:
        """Returns the line as the checksum sees it."""
        return f"{'-' if self.is_removal else ''}{','.join((self.phone, *self.categories))}\n"


@dataclass(slots=True)
class RegistryReport:
    """What became of a file."""

    outcome: "dnd_service_pb2.DndImport"
    bad_lines: list[int] = field(default_factory=list)
    """The first hundred lines that hold no number."""


def rows(file: Path) -> Iterator[Row]:
    """Yields the rows of a file: `+49170…`, `-+49170…` for one that leaves, `0170…,bank,auto` with categories."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text[0] == "#":
                continue
            phone, *categories = (part.strip() for part in text.split(","))
            yield Row(number, phone.removeprefix("-"), phone[:1] == "-", tuple(filter(None, categories)))


def measure(file: Path) -> tuple[int, bytes]:
    """Returns how many rows a file has and the checksum of their lines."""
    digest, count = hashlib.sha256(), 0
    found = rows(file)
    while block := list(islice(found, BLOCK)):
        digest.update("".join(row.text for row in block).encode())
        count += len(block)
    return count, digest.digest()


async def import_registry(
    file: Path,
    channels: "Channels",
    *,
    registry: str,
    mode: str,
    measured: tuple[int, bytes],
    on_rows: Callable[[int], None] = lambda _count: None,
) -> RegistryReport:
    """Imports a file into a registry; it holds as a whole once this returns, or not at all.

    Raises:
        ServiceError: The list was imported before, another one is running, or what came is not what was measured.
    """
    from angarium.consent.v1 import dnd_service_pb2, dnd_service_pb2_grpc

    count, checksum = measured
    header = dnd_service_pb2.DndImportHeader(
        registry=registry,
        mode=f"MODE_{mode.upper()}",
        checksum=checksum,
        file_name=file.name[-255:],
        expected_count=count,
    )
    sent: list[list[int]] = []

    async def requests() -> AsyncIterator["dnd_service_pb2.ImportDndRegistryRequest"]:
        yield dnd_service_pb2.ImportDndRegistryRequest(header=header)
        for block in _blocks(file):
            sent.append([row.line for row in block])
            part = dnd_service_pb2.DndRows(
                phones=[row.phone for row in block],
                is_removal=block[0].is_removal,
                categories=block[0].categories,
            )
            yield dnd_service_pb2.ImportDndRegistryRequest(rows=part)

    report = RegistryReport(dnd_service_pb2.DndImport())
    stub = channels.stub(dnd_service_pb2_grpc.DndServiceStub, "consent")
    read = 0
    async for response in stub.ImportDndRegistry(requests()):
        if response.dnd_import.end_time.seconds == 0:
            lines = sent.pop(0)
            report.bad_lines += [lines[error.index] for error in response.errors]
        on_rows(response.dnd_import.total_count - read)
        read = response.dnd_import.total_count
        report.outcome = response.dnd_import
    return report


def _blocks(file: Path) -> Iterator[list[Row]]:
    """Yields runs of rows that say the same of their numbers, cut to the size of a block."""
    for _, alike in groupby(rows(file), lambda row: (row.is_removal, row.categories)):
        while block := list(islice(alike, BLOCK)):
            yield block
