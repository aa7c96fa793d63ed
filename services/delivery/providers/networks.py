"""The networks that webhooks of an account may come from, for providers that sign nothing."""

from ipaddress import ip_network
from typing import Any, Final

from services.delivery.providers.kinds import Rules, Setting

MOST: Final = 50


def _networks(value: Any, _rules: Rules) -> str | None:
    try:
        is_good = isinstance(value, list) and len(value) <= MOST
        for one in value if is_good else ():
            ip_network(one if isinstance(one, str) else "")
    except ValueError:
        is_good = False
    return None if is_good else f"must be a list of at most {MOST} networks such as 203.0.113.0/24"


WEBHOOK_NETWORKS: Final = Setting(_networks, optional=True)
