"""Messages of unknown outcome, as far as this process knows what they were: Twilio knows no reference of ours."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.net.dates import written_date
from services.delivery.providers.base import Lookup, Presence

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

    def sought(self, lost: Lost, listed: Sequence[Any], page: int) -> Lookup:
        """What Twilio's newest messages to a number say of a lost one; `page` is how many a whole page has.

        It is there when one has its text. It is not there only when nothing was made for the number since, as far as
        others are not known: Twilio may have written a text in another way than it was given.
        """
        since = lost.started_at - CLOCKS
        messages = [(one, _at(one)) for one in listed if isinstance(one, dict)]
        is_older = any(at is not None and at < since for _, at in messages)
        fresh = [(one, at) for one, at in messages if (at is None or at >= since) and self._may_be(lost, one)]
        for one, at in fresh:
            if at is not None and _digest(str(one.get("body"))) == lost.digest:
                return Lookup(Presence.FOUND, str(one.get("sid") or ""), str(one.get("status") or ""))
        is_whole = len(listed) < page or is_older
        return Lookup(Presence.NOT_FOUND if is_whole and not fresh else Presence.UNKNOWABLE)

    def _may_be(self, lost: Lost, one: Mapping[str, Any]) -> bool:
        is_ours = str(one.get("direction", "")).startswith("outbound") and one.get("to") == lost.address
        return is_ours and str(one.get("sid")) not in self._taken


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _at(one: Mapping[str, Any]) -> datetime | None:
    return written_date(str(one.get("date_created")))


def _cut(kept: "OrderedDict[Any, Any]") -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
