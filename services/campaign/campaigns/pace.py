"""How long a hand-over lasts: the pace of a campaign, closed hours left out (CAM-100)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.campaign.campaigns.domain import MARKETING, Campaign
from services.campaign.campaigns.findings import Findings
from services.common.zones import at, local_time, zone

SMS = 2
_DAY = timedelta(days=1)
_LONGEST = 400
"""Days that are looked ahead."""


def duration(messages: int, per_second: int) -> timedelta:
    """Returns how long the hand-over of messages lasts at a pace, when nothing closes."""
    return timedelta(seconds=messages / per_second)


def expected_end(
    begin: datetime, messages: int, per_second: int, campaign: Campaign, found: Findings
) -> datetime:
    """Returns when the last of some messages is handed over; marketing leaves within the tenant's hours only."""
    needed = duration(messages, per_second)
    if campaign.message_class != MARKETING:
        return begin + needed
    settings = found.settings
    opens, closes = settings.send_window_start, settings.send_window_end
    if campaign.channel == SMS:
        opens, closes = max(opens, settings.sms_window_start), min(closes, settings.sms_window_end)
    home = zone(found.owner.default_time_zone)
    return within_hours(begin, needed, local_time(opens), local_time(closes), home)


def within_hours(begin: datetime, needed: timedelta, opens: time, closes: time, home: ZoneInfo) -> datetime:
    """Returns when work that begins at an instant and rests outside of hours is done.

    Hours that begin and end together never close; those that end before they begin go over midnight.
    """
    if opens == closes:
        return begin + needed
    day = begin.astimezone(home).date() - _DAY
    for _ in range(_LONGEST):
        start = max(at(day, opens, home), begin)
        end = at(day if opens < closes else day + _DAY, closes, home)
        if end > start:
            if needed <= end - start:
                return start + needed
            needed -= end - start
        day += _DAY
    return begin + needed
