"""Columns that are a field of a contact each: which one, and how its cells are read."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cli.importing import values

_INT32, _INT64 = 2**31 - 1, 2**63 - 1

PLAIN: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "email": ("email", values.email),
    "first_name": ("first_name", partial(values.text, limit=100)),
    "last_name": ("last_name", partial(values.text, limit=100)),
    "name": ("name", partial(values.text, limit=200)),
    "language": ("language_code", values.language),
    "time_zone": ("time_zone", values.time_zone),
    "region_code": ("region_code", values.region),
    "birth_date": ("birth_date", values.date_of_year),
    "anniversary_date": ("anniversary_date", values.date_of_year),
    "customer_type": ("customer_type", partial(values.text, limit=50)),
    "staff": ("assigned_staff_id", partial(values.text, limit=100)),
    "visit_count": ("visit_count", partial(values.count, most=_INT32)),
    "purchase_count": ("purchase_count", partial(values.count, most=_INT32)),
    "total_spend_minor": ("total_spend_minor", partial(values.count, most=_INT64)),
    "membership_status": ("membership_status", values.membership),
    "loyalty_points": ("loyalty_points", partial(values.count, most=_INT32)),
    "points_expiring": ("points_expiring", partial(values.count, most=_INT32)),
    "points_expire_date": ("points_expire_date", values.calendar_day),
}

PAST: Final[Mapping[str, str]] = {
    "first_visit": "first_visit_time",
    "last_visit": "last_visit_time",
    "last_purchase": "last_purchase_time",
    "last_activity": "last_activity_time",
}
"""Columns of times that do not lie ahead, and the field each is."""

AHEAD: Final[Mapping[str, str]] = {"membership_expires": "membership_expire_time"}
"""Columns of times that may."""

COLUMN_OF: Final[Mapping[str, str]] = {
    **{field: column for column, (field, _) in PLAIN.items()},
    **{field: column for column, field in (*PAST.items(), *AHEAD.items())},
    "branch_id": "branch",
}
"""Which column a field of the contract comes from."""
