"""What a service exports of a person: collections, each read in blocks, however many rows it has."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from services.common.contact_data.pieces import first_id, last_of_piece
from services.common.db.uow import UnitOfWork

BLOCK: Final = 500
"""Records in one answer."""

Convert = Callable[[dict[str, Any]], dict[str, Any]]


class Collection(Protocol):
    """Records of one kind about a person."""

    @property
    def name(self) -> str:
        """Returns its name, unique in its service."""

    def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields its records as JSON objects with the same keys, in blocks."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A collection that is a query.

    Attributes:
        name: Its name.
        query: A SELECT with the parameters `tenant_id` and `contact_id`, and those of `params`.
        words: For columns that hold numbers of the contract: what each number is called.
        params: More parameters.
    """

    name: str
    query: str
    words: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields its records as JSON objects, in blocks."""
        # UTC, whatever the server's zone: instants of an export are read by people elsewhere.
        await uow.execute("SET LOCAL TIME ZONE 'UTC'")
        params = {"tenant_id": uow.tenant_id, "contact_id": contact_id, **self.params}
        query = f"SELECT to_jsonb(found)::text FROM ({self.query}) AS found"  # noqa: S608 - constants
        async for rows in uow.stream(query, params, size=BLOCK):
            yield [self._worded(text) for (text,) in rows]

    def _worded(self, text: str) -> str:
        if not self.words:
            return text
        record = json.loads(text, parse_float=str)
        for column, words in self.words.items():
            if record.get(column) is not None:
                record[column] = words.get(record[column], record[column])
        return json.dumps(record, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A collection of a large table without an index by person, looked through in pieces by its rising ids.

    Attributes:
        name: Its name.
        table: Name of the table.
        key: Its id column.
        columns: What of a row is exported.
        words: For columns that hold numbers of the contract: what each number is called.
    """

    name: str
    table: str
    key: str
    columns: str
    words: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields its records as JSON objects, in blocks."""
        after: UUID | None = first_id(contact_id)
        while after is not None:
            last = await last_of_piece(uow, self.table, self.key, after)
            if last is None:
                return
            rows = Rows(
                self.name,
                f"SELECT {self.columns} FROM {self.table} WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - constants
                f" AND {self.key} > %(after)s AND {self.key} <= %(last)s AND contact_id = %(contact_id)s",
                self.words,
                {"after": after, "last": last},
            )
            async for records in rows.read(uow, contact_id):
                yield records
            after = last


def audit_trail() -> Rows:
    """Returns what was done to the contact, as the audit trail of the service keeps it."""
    return Rows(
        "audit",
        "SELECT audit_id, action, resource_type, created_at, before, after FROM audit WHERE tenant_id = %(tenant_id)s"
        " AND resource_id = %(contact_id)s::text ORDER BY audit_id",
    )
