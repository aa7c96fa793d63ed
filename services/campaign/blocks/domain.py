"""Blocks of recipients that are handed over together. Standard library only."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

BLOCK = 1000
"""Recipients handed over together."""


class BlockState(IntEnum):
    """How far a block is."""

    OPEN = 1
    JUDGED = 2
    """Consent was asked; who is still pending goes to delivery, in every repeat the same people."""
    DONE = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Up to 1,000 recipients of one variant."""

    run_id: UUID
    number: int
    variant: int
    size: int
    state: BlockState
    attempts: int
    spelling: int
    """Counts the requests that differed from an earlier one with the same key."""
    expires_at: datetime | None = None
