"""What the templates of triggers may show, from the fields of events; a value that nobody told is left out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.common.zones import local_day

LONGEST: Final = 200
FEEDBACK_URL: Final = "feedbackUrl"
COUPON_CODE: Final = "couponCode"
BOOKING_URL: Final = "bookingUrl"
DAYS_SINCE: Final = "daysSince"


def of_visit(data: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Returns what is shown of a visit: `visitDate`, `staffName`, `branchName`, `serviceName`."""
    return _told(
        visitDate=_day(at, zone),
        staffName=label(data.get("staff")),
        branchName=label(data.get("branch")),
        serviceName=", ".join(labels(data.get("services"))),
    )


def of_last_visit(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is shown of a visit that lies back: `lastVisitDate` in place of its date."""
    others = {name: value for name, value in shown.items() if name != "visitDate"}
    return {"lastVisitDate": shown["visitDate"], **others}


def of_package(name: str, remaining: int, ends: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Returns what is shown of a package: `packageName`, `remaining`, `expiryDate`."""
    return _told(packageName=name[:LONGEST], remaining=remaining, expiryDate=_day(ends, zone))


def of_membership(plan: str, ends: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Returns what is shown of a membership: `planName`, `expiryDate`."""
    return {"planName": plan[:LONGEST], "expiryDate": _day(ends, zone)}


def of_points(points: int, balance: int) -> dict[str, Any]:
    """Returns what is shown of points that were earned: `points`, `balance`."""
    return {"points": points, "balance": balance}


def of_expiring_points(points: int, ends: date) -> dict[str, Any]:
    """Returns what is shown of points that expire: `points`, `expiryDate`."""
    return {"points": points, "expiryDate": ends.isoformat()}


def label(value: Any) -> str:
    """Returns the name of something that an event names, by its name or with it."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title") or ""
    return str(value)[:LONGEST] if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def labels(values: Any) -> Iterable[str]:
    """Returns the names of several things."""
    listed = values if isinstance(values, (list, tuple)) else [values]
    return [found for one in listed[:20] if (found := label(one))]


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return local_day(instant, zone).isoformat()


def _told(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}
