"""What a pass saw of its messages, kept in one compact row per content and pass (W2).

People of a block mostly share what happened to them, so a row holds each outcome once and runs of places in the
content. What consent saw is kept by consent.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7_bytes
from services.delivery import columns
from services.delivery.compliance.client import Check
from services.delivery.dispatch.loading import Stop
from services.delivery.dispatch.outcomes import Handover
from services.delivery.messages.domain import State

_LEVEL: Final = 1
_FORMAT: Final = 1

_INSERT = """
INSERT INTO gate_record (tenant_id, content_id, record_id, decided_at, record)
SELECT %(tenant_id)s, r.content_id, r.record_id, %(now)s, r.record
FROM unnest(%(contents)b::uuid[], %(ids)b::uuid[], %(records)b::bytea[]) AS r (content_id, record_id, record)
"""

_FIND = """
SELECT decided_at, record FROM gate_record WHERE tenant_id = %s AND content_id = %s ORDER BY record_id
"""


class Seen(NamedTuple):
    """What happened to a message in a pass."""

    state: int
    """The state it came into; 0 when it was handed over."""
    reason: str = ""
    code: str = ""
    until: str = ""
    provider: str = ""
    account: str = ""
    usage: tuple[int, ...] = ()
    """Before it: messages on the channel today, marketing today, marketing in seven days."""
    checks: tuple[Check, ...] = ()
    """What consent saw, where consent did not keep it: at acceptance."""


class Pass(NamedTuple):
    """One decision about one message."""

    decided_at: datetime
    is_acceptance: bool
    template: str
    volume: int | None
    """Messages that the tenant's volume had room for; None when it has no limit of its own here."""
    seen: Seen


class _Block:
    """Places of contents and what happened to them; what happened is held once."""

    __slots__ = ("numbers", "places")

    def __init__(self) -> None:
        self.numbers: dict[Seen, int] = {}
        self.places: defaultdict[bytes, list[tuple[int, int]]] = defaultdict(list)

    def add(self, content_id: bytes, position: int, seen: Seen) -> None:
        """Notes what happened to one message."""
        number = self.numbers.setdefault(seen, len(self.numbers))
        self.places[content_id].append((position, number))

    def add_handed_over(self, begun: Handover) -> None:
        """Notes what is about to leave; most people of a block had the same."""
        account = str(begun.account_id)
        known: dict[tuple[int, ...], int] = {}
        places = self.places
        for item in begun.items:
            had = item.usage[:3]
            number = known.get(had)
            if number is None:
                seen = Seen(0, provider=begun.provider, account=account, usage=had)
                number = known[had] = self.numbers.setdefault(seen, len(self.numbers))
            places[item.content.content_id].append((item.position, number))


def of_pass(
    uow: UnitOfWork, stops: Iterable[Stop], begun: Handover | None, *, granted: int | None, now: datetime
) -> None:
    """Keeps what a pass decided, with the commit."""
    block = _Block()
    for stop in stops:
        until = stop.until.isoformat() if stop.until else ""
        seen = Seen(int(stop.state), stop.reason, stop.code, until, usage=stop.item.usage[:3])
        block.add(stop.item.content.content_id, stop.item.position, seen)
    if begun is not None:
        block.add_handed_over(begun)
    _keep(uow, block, {"volume": granted}, now)


def of_acceptance(
    uow: UnitOfWork, content_id: bytes, refused: Sequence[tuple[int, str, tuple[Check, ...]]], now: datetime
) -> None:
    """Keeps why recipients were refused when their messages were accepted: (place, reason, checks)."""
    block = _Block()
    for place, reason, checks in refused:
        block.add(content_id, place, Seen(int(State.SKIPPED), reason, checks=checks))
    _keep(uow, block, {"acceptance": True}, now)


async def of_message(uow: UnitOfWork, content_id: UUID, position: int) -> list[Pass]:
    """Returns what was decided about a message, oldest first."""
    found = []
    for decided_at, packed in await uow.fetch_all(_FIND, (uow.tenant_id, content_id)):
        record = orjson.loads(zlib.decompress(packed))
        number = next((run[2] for run in record["runs"] if run[0] <= position < run[0] + run[1]), None)
        if number is not None:
            found.append(
                Pass(
                    decided_at,
                    bool(record.get("acceptance")),
                    record.get("template", ""),
                    record.get("volume"),
                    _unpacked(record["seen"][number]),
                )
            )
    return found


def _keep(uow: UnitOfWork, block: _Block, facts: Mapping[str, Any], now: datetime) -> None:
    if not block.places:
        return
    seen = list(block.numbers)
    uow.defer(
        _INSERT,
        {
            "tenant_id": uow.tenant_id,
            "now": now,
            "contents": columns.uuids(list(block.places)),
            "ids": columns.uuids(uuid7_bytes(len(block.places))),
            "records": columns.blobs([_packed(members, seen, facts) for members in block.places.values()]),
        },
    )


def _packed(members: list[tuple[int, int]], seen: Sequence[Seen], facts: Mapping[str, Any]) -> bytes:
    """Returns a content's record: runs of places with what happened to them, each of it once."""
    members.sort()
    own: dict[int, int] = {}
    runs: list[list[int]] = []
    start = following = last = -1
    for position, number in members:
        if number == last and position == following:
            following += 1
            continue
        if last >= 0:
            runs.append([start, following - start, own.setdefault(last, len(own))])
        start, following, last = position, position + 1, number
    runs.append([start, following - start, own.setdefault(last, len(own))])
    record = {"format": _FORMAT, **facts, "runs": runs, "seen": [_plain(seen[number]) for number in own]}
    return zlib.compress(orjson.dumps(record), _LEVEL)


def _plain(one: Seen) -> list[Any]:
    return [*one[:-1], [list(check) for check in one.checks]]


def _unpacked(values: list[Any]) -> Seen:
    state, reason, code, until, provider, account, usage, checks = values
    return Seen(
        state, reason, code, until, provider, account, tuple(usage), tuple(Check(*one) for one in checks)
    )
