"""How often somebody may try referral codes: guessing takes longer than it is worth (SEC-7)."""

from datetime import timedelta
from typing import Final

from services.common.errors import exhausted
from services.common.rate_windows import RateLimiter
from services.common.rpc.context import current_caller, tenant
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet

A_MINUTE: Final = 20


class Guesses:
    """Counts attempts in windows of a minute: per person, and per neighbour and phone number."""

    def __init__(self, windows: RateLimiter, keys: KeySet) -> None:
        self._windows = windows
        self._keys = keys

    async def count(self, phone: str) -> None:
        """Counts one attempt; RATE_LIMITED with the time to wait when there were too many."""
        caller = current_caller()
        client = f"{tenant()}:{caller.subject}"
        if caller.kind != "person":
            client += f":{address_hash(self._keys, tenant(), 'referral', phone).hex()}"
        verdict = await self._windows.check("referrals", client, A_MINUTE)
        if not verdict.allowed:
            raise exhausted(
                "RATE_LIMITED", "too many referral codes were tried", timedelta(seconds=verdict.retry_after)
            )
