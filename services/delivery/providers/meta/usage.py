"""How long Meta says an account that used up its share has to wait."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import orjson

from services.delivery.providers.http import LONGEST_WAIT

HEADER: Final = "X-Business-Use-Case-Usage"


def regained_after(headers: Mapping[str, str]) -> timedelta | None:
    """The longest wait named for any of the account's uses; None when none is."""
    try:
        found = orjson.loads(headers.get(HEADER, ""))
    except orjson.JSONDecodeError:
        return None
    lists = [uses for uses in found.values() if isinstance(uses, list)] if isinstance(found, dict) else []
    minutes = [
        use["estimated_time_to_regain_access"]
        for uses in lists
        for use in uses
        if isinstance(use, dict) and isinstance(use.get("estimated_time_to_regain_access"), int)
    ]
    longest = max(minutes, default=0)
    return min(timedelta(minutes=min(longest, 60)), LONGEST_WAIT) if longest > 0 else None
