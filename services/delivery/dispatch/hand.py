"""What a pass has in hand: messages that go on, those that stop, and what of their places is given back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.delivery.dispatch.loading import Item, Stop
from services.delivery.limits.volume import Grant
from services.delivery.messages.domain import CRITICAL, MessageClass


@dataclass(slots=True)
class Hand:
    """The messages of one pass, by what becomes of them."""

    items: list[Item] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    freed: list[Item] = field(default_factory=list)
    """Whose cap slots are given back."""
    grant: Grant = field(default_factory=lambda: Grant(0))
    unused: int = 0
    """Places in the tenant's volume that are given back."""
    sequence: int = 0
    """The tenant's last cancellation when the messages were read."""
    later: timedelta = field(default_factory=timedelta)
    """How long what stays in the blocks waits at least."""
    mark: int = 0
    """Of the memory in which places under rate limits were taken; 0 before there are any."""

    def stop(self, stop: Stop) -> None:
        """Notes a message that does not get further."""
        self.stops.append(stop)

    def refuse(self, stop: Stop) -> None:
        """Notes one whose place in the tenant's volume is free again."""
        self.stops.append(stop)
        self.unused += 1

    def leave(self, items: Sequence[Item], later: timedelta) -> None:
        """Leaves messages in their blocks, without a slot, for some time."""
        self.freed += items
        self.unused += len(items)
        self.later = max(self.later, later)

    def put_down(self) -> None:
        """Leaves all that were to go on in their blocks."""
        self.freed += self.items
        self.unused += len(self.items)
        self.items = []

    def take_rest(self) -> tuple[list[Stop], list[Item], int]:
        """Returns what is to be recorded now: stops, slots, places; it is in hand no longer."""
        found = self.stops, self.freed, self.unused
        self.stops, self.freed, self.unused = [], [], 0
        return found


def is_critical(item: Item) -> bool:
    """Returns whether limits of contacts count a message and do not hold it."""
    return item.content.category in CRITICAL


def may_be_held(message_class: MessageClass, items: Sequence[Item]) -> bool:
    """Returns whether messages wait where a limit is reached that others only count against."""
    return message_class is MessageClass.MARKETING and not any(is_critical(one) for one in items)
