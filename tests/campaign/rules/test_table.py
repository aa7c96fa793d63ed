"""Each event of the table tells exactly those whom its row names, and no rule or type is without a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.campaign.intake.catalogue import KINDS
from services.campaign.rules.domain import Override
from services.campaign.rules.overrides import save
from services.campaign.rules.table import platform
from tests.campaign.rules.kit import NOON, Desk, Told
from tests.campaign.rules.rows import ROWS, Row
from tests.campaign.templates.reading import unreadable

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIORITIES = {"c": "critical", "h": "high", "n": "normal", "l": "low"}


def _named(row: Row) -> Any:
    return pytest.param(row, id=f"{row.proves.args[0]} {row.type} {row.name}".strip(), marks=row.proves)


@pytest.mark.req("LIF-4")
@pytest.mark.parametrize("row", [_named(row) for row in ROWS])
async def test_each_event_tells_exactly_those_whom_its_row_names(office: Desk, row: Row) -> None:
    office.clock.set(NOON)
    await _enable(office, row.off)
    for kind, data in row.before:
        await office.tell(kind, data)
    event = await office.tell(row.type, row.data, **row.changes)
    found = await office.notices(event)
    assert sorted(map(_line, found)) == sorted(row.notices)
    for one in found:
        left = {"minutesLeft": 1, "hoursUntil": 1, "daysLeft": 1} if one.countdown else {}
        assert not list(unreadable(one.template, one.channels, {**one.variables, **left}))
    await _enable(office, row.off, enabled=False)


async def test_the_rows_cover_every_type_of_event() -> None:
    from services.campaign.intake.catalogue import CANONICAL

    assert {CANONICAL[row.type] for row in ROWS} == KINDS.keys()


async def test_the_rows_cover_every_rule() -> None:
    told = {line.split("; ")[4] for row in ROWS for line in row.notices}
    assert told == {rule.template for rule in platform().rules}


async def _enable(desk: Desk, rules: tuple[str, ...], *, enabled: bool = True) -> None:
    async with desk.served.service.database.tenant(desk.served.tenant_id) as uow:
        for name in rules:
            await save(uow, name, Override(is_enabled=True, version=1) if enabled else Override(), "anna")


def _line(told: Told) -> str:
    sign = " + " if told.mode == "all" else ", "
    letter = next(letter for letter, word in PRIORITIES.items() if word == told.priority)
    return "; ".join(
        (
            told.who,
            told.category,
            letter,
            f"{told.mode}: {sign.join(told.channels)}",
            told.template,
            _span(told.due - NOON),
            _span(told.expires - told.due),
        )
    )


def _span(span: timedelta) -> str:
    left = int(span.total_seconds())
    if left % 86_400 == 0 and left > 86_400:
        return f"{left // 86_400}d"
    hours, left = divmod(left, 3_600)
    minutes, seconds = divmod(left, 60)
    return "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if n) or "0"
