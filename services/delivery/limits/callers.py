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
        _, refusal = await self.admit(caller, method, 1)
        if refusal is not None:
            raise refusal

    async def admit(self, caller: Caller, method: str, calls: int) -> tuple[int, ServiceError | None]:
        """Returns how many of a caller's calls may go on, and what to tell the others: RATE_LIMITED."""
        if not self._enabled or is_internal(caller):
            return calls, None
        window = Window(f"call:{method}:{caller.tenant_id}:{caller.subject}", self._per_minute, 60)
        try:
            places = await self._rates.take([window], calls)
        except ServiceError:
            # Accepting is not sending: without the store the limits of sending still hold.
            return calls, None
        if places.granted >= calls:
            return calls, None
        wait = max(places.retry_after, timedelta(seconds=1))
        return places.granted, exhausted("RATE_LIMITED", "too many calls", wait)
