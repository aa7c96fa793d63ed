"""Messages of unknown outcome, as far as this process knows what they were: Twilio knows no reference of ours."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

KEPT: Final = 10_000
CLOCKS: Final = timedelta(seconds=5)
"""How far Twilio's clock, which counts whole seconds, may be behind ours."""


class Lost(NamedTuple):
    """What is known of a message whose answer never came."""

    address: str
    digest: bytes
    started_at: datetime


class LostMessages:
    """Remembers the last of them, and which of Twilio's messages belong to others."""

    def __init__(self) -> None:
        self._lost: OrderedDict[UUID, Lost] = OrderedDict()
        self._taken: OrderedDict[str, None] = OrderedDict()

    def add(self, message_id: UUID, address: str, text: str, started_at: datetime) -> None:
        """Remembers a message."""
        self._lost[message_id] = Lost(address, _digest(text), started_at)
        _cut(self._lost)

    def answered(self, sid: str) -> None:
        """Remembers that a message of Twilio's is known, so it is not taken for a lost one."""
        if self._lost:
            self._taken[sid] = None
            _cut(self._taken)

    def get(self, message_id: UUID) -> Lost | None:
        """What is known of a message."""
        return self._lost.get(message_id)

    def found(self, lost: Lost, listed: Iterable[Any]) -> Mapping[str, Any] | None:
        """The message among those Twilio lists, None when it is not there."""
        for one in listed:
            if isinstance(one, dict) and self._is(lost, one):
                return one
        return None

    def _is(self, lost: Lost, one: Mapping[str, Any]) -> bool:
        if str(one.get("sid")) in self._taken or one.get("to") != lost.address:
            return False
        if not str(one.get("direction", "")).startswith("outbound"):
            return False
        return _digest(str(one.get("body"))) == lost.digest and _at(one) >= lost.started_at - CLOCKS


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _at(one: Mapping[str, Any]) -> datetime:
    try:
        found = parsedate_to_datetime(str(one.get("date_created")))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _cut(kept: "OrderedDict[Any, Any]") -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
