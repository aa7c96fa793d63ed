"""Whole days of a tenant's zone as instants, so that indexes on instants find them."""

from datetime import date, timedelta
from datetime import datetime as instant
from zoneinfo import ZoneInfo

from services.campaign.segments.catalogue import Op
from services.common.zones import day_bounds


def begin(day: date, zone: ZoneInfo) -> instant:
    """Returns the first instant of a day; of a day that a zone skipped, that of the next."""
    return day_bounds(day, zone)[0]


def bounds(op: Op, wanted: date) -> tuple[date | None, date | None, bool]:
    """Returns the days for which `day op wanted` holds, as (from, before, outside).

    None is no bound. When `outside` is true, it holds for the days that do not lie between the two.
    """
    after = wanted + timedelta(days=1)
    return {
        Op.EQ: (wanted, after, False),
        Op.NE: (wanted, after, True),
        Op.GT: (after, None, False),
        Op.GTE: (wanted, None, False),
        Op.LT: (None, wanted, False),
        Op.LTE: (None, after, False),
    }[op]


def mirrored(op: Op) -> Op:
    """Returns the operator after both sides changed their sign: more days since is an earlier day."""
    return {Op.GT: Op.LT, Op.GTE: Op.LTE, Op.LT: Op.GT, Op.LTE: Op.GTE}.get(op, op)
