"""How often a caller may ask about codes of one contact: guessing takes longer than codes live (LIF-29, SEC-7)."""

from datetime import timedelta
from typing import Final

from services.common.errors import exhausted
from services.common.rate_windows import RateLimiter
from services.common.rpc.context import current_caller, tenant

A_MINUTE: Final = 20


class Guesses:
    """Counts questions per caller and contact in windows of a minute."""

    def __init__(self, windows: RateLimiter) -> None:
        self._windows = windows

    async def count(self, contact_id: str) -> None:
        """Counts one question; RATE_LIMITED with the time to wait when there were too many."""
        client = f"{tenant()}:{current_caller().subject}:{contact_id}"
        verdict = await self._windows.check("coupons", client, A_MINUTE)
        if not verdict.allowed:
            raise exhausted(
                "RATE_LIMITED",
                "too many questions about codes of this contact",
                timedelta(seconds=verdict.retry_after),
            )
