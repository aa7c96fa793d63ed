"""How often one caller may call (DEL-70, DEL-117)."""

from datetime import timedelta

from services.common.errors import ServiceError, exhausted
from services.common.rpc.context import Caller
from services.delivery.limits.rates import RateLimits, Window

NEIGHBOUR = "neighbour"


def is_internal(caller: Caller) -> bool:
    """Returns whether a caller is one of our own services, trusted with ids and origins of messages."""
    return caller.kind == "service" and caller.service != NEIGHBOUR


class CallLimits:
    """Calls of people and neighbour systems; our own services are not counted."""

    def __init__(self, rates: RateLimits, per_minute: int, *, enabled: bool) -> None:
        self._rates = rates
        self._per_minute = per_minute
        self._enabled = enabled

    async def check(self, caller: Caller, method: str) -> None:
        """Raises RATE_LIMITED, with the time to wait, when a caller calls too often."""
        if not self._enabled or is_internal(caller):
            return
        window = Window(f"call:{method}:{caller.tenant_id}:{caller.subject}", self._per_minute, 60)
        try:
            places = await self._rates.take([window], 1)
        except ServiceError:
            # Accepting is not sending: without the store the limits of sending still hold.
            return
        if not places.granted:
            raise exhausted("RATE_LIMITED", "too many calls", max(places.retry_after, timedelta(seconds=1)))
