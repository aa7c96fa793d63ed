"""Rate limits over all workers: sliding windows in Redis, one script call per block (DEL-70, DEL-71).

A window is counted in sixty buckets, so that its edge slides by a sixtieth. The limits of a call are tested and taken
together: a block gets as many places as the narrowest of them has, and what is refused leaves no trace. The keys of
one decision share a hash tag.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

import redis.exceptions
from redis.asyncio import Redis

from services.common import telemetry
from services.common.errors import unavailable
from services.delivery.messages.domain import Channel, Lane

RETRY_WITHOUT_STORE: Final = timedelta(seconds=60)
RETRY_CRITICAL_WITHOUT_STORE: Final = timedelta(seconds=1)
_BUCKETS: Final = 60
_REFUSED = telemetry.counter("rate_limited_total", "Messages held back by a rate limit.", ("channel",))

# ARGV: wanted, then limit and window in milliseconds of each key. Time is the store's own.
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted = tonumber(ARGV[1])
local take = ARGV[2] == '1'
local granted, wait = wanted, 0
for i, key in ipairs(KEYS) do
    local limit, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    local width = math.max(math.floor(window / 60), 1)
    local oldest = math.floor((now - window) / width)
    local used, first = 0, nil
    local held = redis.call('HGETALL', key)
    for j = 1, #held, 2 do
        local bucket = tonumber(held[j])
        if bucket <= oldest then
            redis.call('HDEL', key, held[j])
        else
            used = used + tonumber(held[j + 1])
            if first == nil or bucket < first then first = bucket end
        end
    end
    local room = math.max(limit - used, 0)
    if room < granted then
        granted = room
    end
    if room < wanted and first ~= nil then
        wait = math.max(wait, (first + 1) * width + window - now)
    end
end
if take and granted > 0 then
    for i, key in ipairs(KEYS) do
        local window = tonumber(ARGV[2 * i + 2])
        local width = math.max(math.floor(window / 60), 1)
        redis.call('HINCRBY', key, math.floor(now / width), granted)
        redis.call('PEXPIRE', key, window + 2 * width)
    end
end
return {granted, wait}
"""


class Window(NamedTuple):
    """At most `limit` in any `seconds`."""

    name: str
    limit: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Places:
    """How many may go now, and when to come back for the rest."""

    granted: int
    retry_after: timedelta


class RateLimits:
    """Limits that all workers share."""

    def __init__(self, redis: Redis, per_minute: dict[Channel, int], *, enabled: bool = True) -> None:
        self._script = redis.register_script(_SCRIPT)
        self._per_minute = per_minute
        self._enabled = enabled

    def of_channel(self, channel: Channel) -> list[Window]:
        """Returns the windows every message of a channel passes."""
        limit = self._per_minute.get(channel)
        return [Window(f"global:{channel.name.lower()}", limit, 60)] if limit and self._enabled else []

    async def room(self, windows: Sequence[Window], wanted: int) -> Places:
        """Returns how many would be granted; takes nothing."""
        return await self._run(windows, wanted, take=False)

    async def take(self, windows: Sequence[Window], wanted: int) -> Places:
        """Takes up to `wanted` places in all windows at once."""
        return await self._run(windows, wanted, take=True)

    async def _run(self, windows: Sequence[Window], wanted: int, *, take: bool) -> Places:
        if not windows or not wanted:
            return Places(wanted, timedelta())
        keys = [f"angarium:rate:{{{window.name}}}" for window in windows]
        arguments: list[int] = [wanted, int(take)]
        for window in windows:
            arguments += [window.limit, math.ceil(window.seconds * 1000)]
        try:
            granted, wait = await self._script(keys=keys, args=arguments)
        except redis.exceptions.RedisError as error:
            raise unavailable("redis") from error
        return Places(int(granted), timedelta(milliseconds=max(int(wait), 50)))


def refused(channel: Channel, count: int) -> None:
    """Counts messages that a limit held back."""
    _REFUSED.labels(channel.name.lower()).inc(count)


def wait_without_store(lane: Lane) -> timedelta:
    """Returns how long messages wait when the store of the limits cannot be asked; they never pass unasked."""
    return RETRY_CRITICAL_WITHOUT_STORE if lane is Lane.CRITICAL else RETRY_WITHOUT_STORE
