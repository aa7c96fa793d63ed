"""What figures are cut by."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Filters:
    """What figures are cut by; zero and None mean all, no branches mean none."""

    channel: int = 0
    message_class: int = 0
    category: int = 0
    branch_ids: tuple[UUID, ...] | None = None


EVERYTHING: Final = Filters()
