"""Rate limits per client and kind of call, in windows that all replicas share (GAT-34, GAT-47, SEC-7)."""

import time
from collections import OrderedDict
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger("rate_windows")

# One round trip: count, and begin the window with the first request. A refused request is not counted further,
# so refusals do not extend the refusal.
_SCRIPT = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return {count, redis.call('PTTL', KEYS[1]), 0} end
count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {count, redis.call('PTTL', KEYS[1]), 1}
"""
LOCAL_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiter says of one request."""

    allowed: bool
    retry_after: int
    limit: int
    store_failed: bool = False


class RateLimiter:
    """Counts in Redis; when Redis is away, counts here and is stricter, never lets everything through."""

    def __init__(self, redis: Redis, name: str, *, window_ms: int, enabled: bool) -> None:
        """Counts under the name of its owner, so that owners never share a window."""
        self._name = name
        self._script = redis.register_script(_SCRIPT)
        self._window_ms = window_ms
        self._enabled = enabled
        self._local: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def check(self, route: str, client: str, limit: int) -> Verdict:
        """Counts one request of `client` on `route`."""
        if not self._enabled:
            return Verdict(allowed=True, retry_after=0, limit=limit)
        key = f"angarium:{self._name}:rate:{route}:{client}"
        try:
            _, ttl, allowed = await self._script(keys=[key], args=[limit, self._window_ms])
        except (RedisError, OSError):
            return self._check_here(key, max(1, limit // 2))
        return Verdict(allowed=bool(allowed), retry_after=max(1, -(-int(ttl) // 1000)), limit=limit)

    def _check_here(self, key: str, limit: int) -> Verdict:
        now = time.monotonic()
        began, count = self._local.get(key, (now, 0))
        if (now - began) * 1000 >= self._window_ms:
            began, count = now, 0
        self._local[key] = (began, count + 1)
        self._local.move_to_end(key)
        while len(self._local) > LOCAL_CLIENTS:
            self._local.popitem(last=False)
        _log.warning("limiter_store_unreachable")
        return Verdict(allowed=count < limit, retry_after=5, limit=limit, store_failed=True)
