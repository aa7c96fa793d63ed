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
from services.delivery.dispatch.loading import Item, Stop
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


def of_pass(
    uow: UnitOfWork, stops: Iterable[Stop], begun: Handover | None, *, granted: int | None, now: datetime
) -> None:
    """Keeps what a pass decided, with the commit."""
    seen: list[tuple[bytes, int, Seen]] = [
        (
            stop.item.content.content_id,
            stop.item.position,
            Seen(
                int(stop.state),
                stop.reason,
                stop.code,
                stop.until.isoformat() if stop.until else "",
                usage=_usage(stop.item),
            ),
        )
        for stop in stops
    ]
    if begun is not None:
        account = str(begun.account_id)
        shared: dict[tuple[int, ...], Seen] = {}
        for item in begun.items:
            usage = _usage(item)
            found = shared.get(usage)
            if found is None:
                found = shared[usage] = Seen(0, provider=begun.provider, account=account, usage=usage)
            seen.append((item.content.content_id, item.position, found))
    _keep(uow, seen, {"volume": granted}, now)


def of_acceptance(
    uow: UnitOfWork, content_id: bytes, refused: Sequence[tuple[int, str, tuple[Check, ...]]], now: datetime
) -> None:
    """Keeps why recipients were refused when their messages were accepted: (place, reason, checks)."""
    seen = [
        (content_id, place, Seen(int(State.SKIPPED), reason, checks=checks))
        for place, reason, checks in refused
    ]
    _keep(uow, seen, {"acceptance": True}, now)


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


def _usage(item: Item) -> tuple[int, ...]:
    usage = item.usage
    return usage.sent_today, usage.marketing_today, usage.marketing_week


def _keep(
    uow: UnitOfWork, seen: Sequence[tuple[bytes, int, Seen]], facts: Mapping[str, Any], now: datetime
) -> None:
    if not seen:
        return
    by_content: defaultdict[bytes, list[tuple[int, Seen]]] = defaultdict(list)
    for content_id, position, one in seen:
        by_content[content_id].append((position, one))
    uow.defer(
        _INSERT,
        {
            "tenant_id": uow.tenant_id,
            "now": now,
            "contents": columns.uuids(list(by_content)),
            "ids": columns.uuids(uuid7_bytes(len(by_content))),
            "records": columns.blobs([_packed(members, facts) for members in by_content.values()]),
        },
    )


def _packed(members: list[tuple[int, Seen]], facts: Mapping[str, Any]) -> bytes:
    numbers: dict[Seen, int] = {}
    runs: list[list[int]] = []
    for position, one in sorted(members, key=lambda member: member[0]):
        number = numbers.setdefault(one, len(numbers))
        if runs and runs[-1][2] == number and runs[-1][0] + runs[-1][1] == position:
            runs[-1][1] += 1
        else:
            runs.append([position, 1, number])
    record = {"format": _FORMAT, **facts, "runs": runs, "seen": [_plain(one) for one in numbers]}
    return zlib.compress(orjson.dumps(record), _LEVEL)


def _plain(one: Seen) -> list[Any]:
    return [*one[:-1], [list(check) for check in one.checks]]


def _unpacked(values: list[Any]) -> Seen:
    state, reason, code, until, provider, account, usage, checks = values
    return Seen(
        state, reason, code, until, provider, account, tuple(usage), tuple(Check(*one) for one in checks)
    )
