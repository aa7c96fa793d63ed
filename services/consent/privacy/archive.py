"""The archive of an export: a ZIP written piece by piece, from records that are stored piece by piece."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.consent.privacy import page
from services.consent.privacy.domain import OWN, SERVICES
from services.consent.privacy.pieces import Vault, Writer

ARCHIVE: Final = "archive"
"""The part that holds the finished ZIP."""
_TIME: Final = (1980, 1, 1, 0, 0, 0)

Line = tuple[str, str | None]
"""A line of collected records: collection, and one JSON object; None opens the collection."""


class Collector:
    """Writes what one service tells of a person, one line per record, whatever its length."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._collection = ""
        self.rows = 0

    async def add(self, collection: str, records: Iterable[str]) -> None:
        """Takes records of a collection; collections come one after the other."""
        lines: list[str] = []
        if collection != self._collection:
            self._collection = collection
            lines.append(f"#{collection}\n")
        for record in records:
            # A record is one line: JSON has no raw line breaks, but what a service sends might.
            lines.append(f"{record.replace(chr(10), ' ')}\n")
            self.rows += 1
        if lines:
            await self._writer.write("".join(lines).encode())

    async def close(self) -> None:
        """Stores what is left."""
        await self._writer.close()


async def lines(vault: Vault, tenant_id: UUID, request_id: UUID, part: str) -> AsyncIterator[Line]:
    """Yields the lines a service told, in order."""
    collection, held = "", b""
    async for piece in vault.read(tenant_id, request_id, part):
        held += piece
        *whole, held = held.split(b"\n")
        for line in whole:
            text = line.decode()
            if text.startswith("#"):
                collection = text[1:]
                yield collection, None
            else:
                yield collection, text


@dataclass(slots=True)
class _File:
    """What the manifest says of a file."""

    name: str
    rows: int | None
    size: int
    sha256: str


class Archive:
    """Writes the ZIP of one request."""

    def __init__(self, vault: Vault, writer: Writer, tenant_id: UUID, request_id: UUID) -> None:
        self._vault = vault
        self._writer = writer
        self._tenant_id = tenant_id
        self._request_id = request_id
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self._files: list[_File] = []

    async def write(
        self, *, contact_id: UUID, at: datetime, language: str, with_csv: bool
    ) -> tuple[int, int]:
        """Writes everything that was collected; returns rows and bytes."""
        for service in (OWN, *SERVICES):
            await self._service(service, with_csv=with_csv)
        rows = sum(one.rows or 0 for one in self._files if one.name.endswith(".json"))
        await self._page(contact_id, at, language)
        manifest = {
            "format": "angarium.export/1",
            "privacy_request_id": str(self._request_id),
            "contact_id": str(contact_id),
            "created_at": at.isoformat(),
            "rows": rows,
            "files": [
                {"name": one.name, "rows": one.rows, "bytes": one.size, "sha256": one.sha256}
                for one in self._files
            ],
        }
        await self._file("manifest.json", None, _once(json.dumps(manifest, indent=2).encode()))
        self._zip.close()
        await self._drain()
        await self._writer.close()
        return rows, self._writer.size

    async def _service(self, service: str, *, with_csv: bool) -> None:
        names = [name async for name, record in self._lines(service) if record is None]
        for name in names:
            counted = _Counted(self._records(service, name))
            await self._file(f"{service}/{name}.json", counted, _json(counted))
            if with_csv:
                counted = _Counted(self._records(service, name))
                await self._file(f"{service}/{name}.csv", counted, _csv(counted))

    async def _page(self, contact_id: UUID, at: datetime, language: str) -> None:
        async def whole() -> AsyncIterator[bytes]:
            yield page.head(language, contact_id, at).encode()
            for service in (OWN, *SERVICES):
                open_collection = False
                async for name, record in self._lines(service):
                    if record is None:
                        if open_collection:
                            yield page.end_collection().encode()
                        yield page.begin_collection(service, name).encode()
                        open_collection = True
                    else:
                        yield page.row(record).encode()
                if open_collection:
                    yield page.end_collection().encode()
            yield page.foot().encode()

        await self._file("index.html", None, whole())

    def _lines(self, service: str) -> AsyncIterator[Line]:
        return lines(self._vault, self._tenant_id, self._request_id, service)

    async def _records(self, service: str, wanted: str) -> AsyncIterator[str]:
        async for name, record in self._lines(service):
            if name == wanted and record is not None:
                yield record

    async def _file(self, name: str, counted: "_Counted | None", content: AsyncIterator[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name, _TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as file:
            async for data in content:
                file.write(data)
                digest.update(data)
                size += len(data)
                await self._drain()
        await self._drain()
        self._files.append(_File(name, counted.rows if counted else None, size, digest.hexdigest()))

    async def _drain(self) -> None:
        if data := self._sink.take():
            await self._writer.write(data)


class _Sink(io.RawIOBase):
    """Takes what the ZIP writes until it is stored; it cannot be read or wound back, so nothing has to be kept."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        """Returns what came since the last time."""
        data = bytes(self._held)
        self._held.clear()
        return data


class _Counted:
    """Records that are counted as they pass."""

    def __init__(self, records: AsyncIterator[str]) -> None:
        self._records = records
        self.rows = 0

    async def __aiter__(self) -> AsyncIterator[str]:
        async for record in self._records:
            self.rows += 1
            yield record


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _json(records: _Counted) -> AsyncIterator[bytes]:
    """Yields a JSON array with a record per line."""
    before = "[\n"
    async for record in records:
        yield (before + record).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


async def _csv(records: _Counted) -> AsyncIterator[bytes]:
    """Yields a CSV table; its columns are the keys of the first record, what is nested stays JSON."""
    names: list[str] = []
    async for record in records:
        values: dict[str, Any] = json.loads(record)
        if not names:
            names = list(values)
            yield _csv_line(names)
        yield _csv_line([_cell(values.get(name)) for name in names])


def _csv_line(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A spreadsheet must read a value, not run it.
    return f"'{text}" if text[:1] in "=+-@\t\r" and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
