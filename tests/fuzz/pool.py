"""What answers have told, by the names of their fields: requests that name what exists go deepest."""

from __future__ import annotations

from collections import defaultdict, deque
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_KEPT = 12


class Pool:
    """The texts that answers held, the newest few of each name."""

    def __init__(self) -> None:
        self._known: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._ids: deque[str] = deque(maxlen=200)

    def learn(self, message: Message) -> None:
        """Keeps the texts of an answer, whatever it holds."""
        for field, value in message.ListFields():
            several = value if field.is_repeated else [value]
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                continue
            for one in list(several)[:5]:
                if field.type == FieldDescriptor.TYPE_MESSAGE:
                    self.learn(one)
                elif field.type == FieldDescriptor.TYPE_STRING and one:
                    self.add(field.name, one)

    def add(self, name: str, value: str) -> None:
        """Keeps a text under a name."""
        name = name.removeprefix("next_")
        if value not in self._known[name]:
            self._known[name].append(value)
        if name.endswith("_id"):
            self._ids.append(value)

    def text(self, random: Random, name: str) -> str | None:
        """A text that was told under this name; None when none was."""
        known = self._known.get(name) or (name.endswith("_ids") and self._known.get(name[:-1]))
        if known:
            return random.choice(known)
        if self._ids and name.endswith(("_id", "_ids")) and random.random() < 0.3:
            return random.choice(self._ids)
        return None


def statuses(message: Any) -> list[Any]:
    """The statuses of the items of a block, wherever an answer holds them."""
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.type != FieldDescriptor.TYPE_MESSAGE or field.message_type.GetOptions().map_entry:
            continue
        for one in value if field.is_repeated else [value]:
            if one.DESCRIPTOR.full_name == "google.rpc.Status":
                found.append(one)
            else:
                found += statuses(one)
    return found
