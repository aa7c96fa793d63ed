"""Imports of registries: what a list says, and what its checksum is over (CON-7, CON-8, CON-43)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Mode = Literal["full", "delta"]
Status = Literal["running", "completed", "failed"]

BROKE_OFF = "broke off: the process that read it ended"


class RefusedImportError(Exception):
    """Raised when what came is not what was announced; nothing of it holds."""

    reason = "VALIDATION_FAILED"

    def __init__(self, field_path: str, description: str) -> None:
        super().__init__(f"the import holds nothing: {field_path} {description}")
        self.violations = ((field_path, description),)


@dataclass(frozen=True, slots=True)
class DndImport:
    """One import, as it is stored."""

    import_id: UUID
    registry: str
    file_name: str
    checksum: bytes
    mode: Mode
    total: int
    added: int
    removed: int
    invalid: int
    status: Status
    started_at: datetime
    finished_at: datetime | None
    requested_by: str | None
    error: str | None
    requested_in: UUID | None
    """The tenant of whoever asked for it; none when an admin of the deployment did."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a run of rows says of its numbers."""

    is_removal: bool
    categories: tuple[str, ...]
    """Sorted; empty means all."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A number in a registry."""

    registry: str
    listed_at: datetime
    categories: Sequence[str]


@dataclass(slots=True)
class Reading:
    """What was read of a list until now.

    The checksum is the SHA-256 of the lines of the list: for each number, in order, a minus sign when it leaves, the
    number as it was sent, a comma and the name for each category in the order given, and a line feed.
    """

    mode: Mode
    total: int = 0
    invalid: int = 0
    operations: list[Operation] = field(default_factory=list)
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, phones: Sequence[str], *, is_removal: bool, categories: Sequence[str]) -> int:
        """Counts a block and returns the place of its operation; rows with equal meaning share one.

        Raises:
            RefusedImportError: The block says what a list of this mode cannot say.
        """
        if is_removal and self.mode == "full":
            raise RefusedImportError("rows.is_removal", "belongs to a delta: a full list names what stays")
        if is_removal and categories:
            raise RefusedImportError("rows.categories", "may not be given for numbers that leave")
        before, after = "-" if is_removal else "", "".join(f",{name}" for name in categories) + "\n"
        self._hash.update("".join(f"{before}{phone}{after}" for phone in phones).encode())
        self.total += len(phones)
        operation = Operation(is_removal, tuple(sorted(set(categories))))
        if not self.operations or self.operations[-1] != operation:
            self.operations.append(operation)
        return len(self.operations) - 1

    def check(self, checksum: bytes, expected: int) -> None:
        """Returns when what came is what was announced.

        Raises:
            RefusedImportError: It is not.
        """
        if expected and expected != self.total:
            raise RefusedImportError("header.expected_count", f"is {expected}, but {self.total} rows came")
        if checksum != self._hash.digest():
            raise RefusedImportError("header.checksum", "is not that of the rows that came")
        if self.total == self.invalid:
            # An empty full list would free every number; no registry means that.
            raise RefusedImportError("rows", "hold no number")
