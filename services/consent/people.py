"""Whom a consent, an opt-out or a suppression is about: a contact, or an address of somebody who need not be one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as the tables know one: exactly one of contact and address hashes identifies the rows."""

    contact_id: UUID | None
    hashes: Mapping[str, bytes] = field(default_factory=dict)
    """Current hashes by channel of the address that was named; empty when a contact was."""
    older_hashes: tuple[bytes, ...] = ()
    """Hashes of that address under older keys, by which rows from before a rotation are found."""
    hint: str = ""
    address: str = field(default="", repr=False)
    """The canonical address that was named; it lasts as long as the request and is never stored as it is."""

    @property
    def key(self) -> bytes:
        """Returns what identifies the person in this service."""
        return self.contact_id.bytes if self.contact_id else next(iter(self.hashes.values()))

    @property
    def aggregate_id(self) -> str:
        """Returns the id events are ordered by: the contact, or a stand-in for the address."""
        return str(self.contact_id) if self.contact_id else self.key.hex()[:32]
