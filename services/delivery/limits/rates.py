"""Rate limits over all workers: sliding windows in Redis, one script call per block (DEL-70, DEL-71).

A window is counted in sixty buckets, so that its edge slides by a sixtieth. The limits of a call are tested and taken
together: a block gets as many places as the narrowest of them has, and what is refused leaves no trace.

Redis may lose what it counted. A mark tells since when it remembers; a window longer than that is filled from the
ledger of hand-overs before it is asked, so that a loss neither lets more through nor holds anything back.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import redis.exceptions
from redis.asyncio import Redis

from services.common import telemetry
from services.common.errors import unavailable
from services.delivery.messages.domain import Channel, Lane

RETRY_WITHOUT_STORE: Final = timedelta(seconds=60)
RETRY_CRITICAL_WITHOUT_STORE: Final = timedelta(seconds=1)
_TRIES: Final = 3
_PREFIX: Final = "angarium:{rate}:"
_BORN: Final = f"{_PREFIX}born"
_REFUSED = telemetry.counter("rate_limited_total", "Messages held back by a rate limit.", ("channel",))
_REFILLED = telemetry.counter(
    "rate_windows_refilled_total", "Windows filled again after the store lost them."
)

# KEYS: the mark, then one of each window. ARGV: wanted, whether to take, then limit, milliseconds and whether the ledger
# knows it of each window. Time is the store's own. Reading changes nothing but the mark, which is set once.
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted, take = tonumber(ARGV[1]), ARGV[2] == '1'
local born = redis.call('GET', KEYS[1])
if not born then
    born = tostring(now)
    redis.call('SET', KEYS[1], born)
end
local granted, wait, asked = wanted, 0, {}
local used = {}
for i = 2, #KEYS do
    local limit, window = tonumber(ARGV[3 * i - 3]), tonumber(ARGV[3 * i - 2])
    local width = math.max(math.floor(window / 60), 1)
    local oldest = math.floor((now - window) / width)
    local sum, held = 0, redis.call('HGETALL', KEYS[i])
    local buckets, stale, filled = {}, {}, false
    for j = 1, #held, 2 do
        if held[j] == 'born' then
            filled = held[j + 1] == born
        else
            local bucket = tonumber(held[j])
            if bucket <= oldest then
                stale[#stale + 1] = held[j]
            else
                sum = sum + tonumber(held[j + 1])
                buckets[#buckets + 1] = {bucket, tonumber(held[j + 1])}
            end
        end
    end
    if ARGV[3 * i - 1] == '1' and not filled and now - tonumber(born) < window then
        asked[#asked + 1] = i - 1
    end
    used[i - 1] = sum
    local room = math.max(limit - sum, 0)
    if room < granted then
        granted = room
    end
    local free = 0
    if room == 0 or room < wanted then
        table.sort(buckets, function(a, b) return a[1] < b[1] end)
        local leaving = sum - limit + 1
        for _, one in ipairs(buckets) do
            leaving = leaving - one[2]
            free = (one[1] + 1) * width + window - now
            if leaving <= 0 then break end
        end
        if room < wanted then wait = math.max(wait, free) end
    end
    used[#KEYS - 1 + i - 1] = room == 0 and free or 0
    if take and #stale > 0 then redis.call('HDEL', KEYS[i], unpack(stale)) end
end
if #asked > 0 then
    return {-1, born, asked, now}
end
if take and granted > 0 then
    for i = 2, #KEYS do
        local window = tonumber(ARGV[3 * i - 2])
        local width = math.max(math.floor(window / 60), 1)
        redis.call('HINCRBY', KEYS[i], math.floor(now / width), granted)
        redis.call('PEXPIRE', KEYS[i], window + 2 * width)
    end
end
return {granted, wait, used, born, now}
"""

# KEYS: the mark, then one of each window. ARGV: the mark as it was, when the places were taken, how many, then milliseconds
# of each window. Memory that was lost since has nothing to take them from.
_GIVE_BACK: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do
    local width = math.max(math.floor(tonumber(ARGV[i + 2]) / 60), 1)
    local bucket = math.floor(tonumber(ARGV[2]) / width)
    local held = tonumber(redis.call('HGET', KEYS[i], bucket) or '0')
    if held > 0 then redis.call('HINCRBY', KEYS[i], bucket, -math.min(held, tonumber(ARGV[3]))) end
end
return 1
"""

# KEYS: the mark, the window. ARGV: the mark as it was, milliseconds, then pairs of an instant and a count. Whoever fills
# a window first wins; what was counted in it since the loss is in the ledger too.
_FILL: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[2], 'born') == ARGV[1] then return 0 end
local window = tonumber(ARGV[2])
local width = math.max(math.floor(window / 60), 1)
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'born', ARGV[1])
for i = 3, #ARGV, 2 do
    redis.call('HINCRBY', KEYS[2], math.floor(tonumber(ARGV[i]) / width), ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[2], window + 2 * width)
return 1
"""


class Window(NamedTuple):
    """At most `limit` in any `seconds`; `counted` names what the ledger of hand-overs can count it by."""

    name: str
    limit: int
    seconds: float
    counted: tuple[Any, ...] = ()

    @property
    def milliseconds(self) -> int:
        """Returns its length as the store counts it."""
        return math.ceil(self.seconds * 1000)

    @property
    def key(self) -> str:
        """Returns the key of its counts, which stay when its limit changes."""
        return f"{_PREFIX}{self.name}:{self.milliseconds}"


Ledger = Callable[[Window, datetime, int], Awaitable[Sequence[tuple[datetime, int]]]]
"""Returns what left since an instant of what a window counts: instants and counts.

It is told the mark of the memory that is filled, and lets nothing leave any more that took its places in an older one.
"""


@dataclass(frozen=True, slots=True)
class Places:
    """How many may go now, and when to come back for the rest."""

    granted: int
    retry_after: timedelta
    mark: int = 0
    """Since when the store remembered them, where the ledger counts them too; 0 where it does not."""
    taken: tuple[int, int] = (0, 0)
    """Since when the store remembered them, and when they were taken by its time."""


class Used(NamedTuple):
    """What a window counts now, and how long until it has a place; zero while it has one."""

    window: Window
    messages: int
    free_after: timedelta


class RateLimits:
    """Limits that all workers share."""

    def __init__(
        self,
        redis: Redis,
        per_minute: Mapping[Channel, int],
        *,
        enabled: bool = True,
        ledger: Ledger | None = None,
    ) -> None:
        self._redis = redis
        self._script = redis.register_script(_SCRIPT)
        self._fill = redis.register_script(_FILL)
        self._return = redis.register_script(_GIVE_BACK)
        self._per_minute = per_minute
        self._ledger = ledger
        self.enabled = enabled

    def of_channel(self, channel: Channel) -> list[Window]:
        """Returns the windows of the deployment that every message of a channel passes."""
        limit = self._per_minute.get(channel)
        return [global_window(channel, limit, 60)] if limit and self.enabled else []

    async def room(self, windows: Sequence[Window], wanted: int) -> Places:
        """Returns how many would be granted; takes nothing."""
        return await self._places(windows, wanted, take=False)

    async def take(self, windows: Sequence[Window], wanted: int) -> Places:
        """Takes up to `wanted` places in all windows at once."""
        return await self._places(windows, wanted, take=True)

    async def give_back(self, windows: Sequence[Window], places: Places, count: int) -> None:
        """Frees places of those that were taken; what the store cannot be told is free when its window has passed."""
        if not windows or not count:
            return
        keys = [_BORN, *(window.key for window in windows)]
        with suppress(redis.exceptions.RedisError):
            await self._return(
                keys=keys, args=[*places.taken, count, *(window.milliseconds for window in windows)]
            )

    async def used(self, windows: Sequence[Window]) -> list[Used]:
        """Returns what each window counts; takes nothing."""
        if not windows:
            return []
        found = (await self._run(windows, 1, take=False))[2]
        half = len(windows)
        return [
            Used(window, int(count), timedelta(milliseconds=max(int(free), 0)))
            for window, count, free in zip(windows, found[:half], found[half:], strict=True)
        ]

    async def forget(self, windows: Sequence[Window]) -> None:
        """Lets windows begin anew."""
        try:
            for window in windows:
                await self._redis.delete(window.key)
        except redis.exceptions.RedisError as error:
            raise unavailable("redis") from error

    async def _places(self, windows: Sequence[Window], wanted: int, *, take: bool) -> Places:
        if not windows or not wanted:
            return Places(wanted, timedelta())
        granted, wait, _, born, now = await self._run(windows, wanted, take=take)
        mark = int(born) if any(window.counted for window in windows) else 0
        return Places(int(granted), timedelta(milliseconds=max(int(wait), 50)), mark, (int(born), int(now)))

    async def _run(self, windows: Sequence[Window], wanted: int, *, take: bool) -> list[Any]:
        keys = [_BORN, *(window.key for window in windows)]
        arguments: list[int] = [wanted, int(take)]
        for window in windows:
            arguments += [
                window.limit,
                window.milliseconds,
                int(bool(window.counted) and self._ledger is not None),
            ]
        try:
            for _ in range(_TRIES):
                answer = await self._script(keys=keys, args=arguments)
                if answer[0] != -1:
                    return list(answer)
                for place in answer[2]:
                    await self._refill(windows[int(place) - 1], answer[1], int(answer[3]))
        except redis.exceptions.RedisError as error:
            raise unavailable("redis") from error
        # It loses its memory faster than it can be filled.
        raise unavailable("redis")

    async def _refill(self, window: Window, born: bytes, now: int) -> None:
        assert self._ledger is not None  # noqa: S101 - only windows the ledger knows are asked for
        since = datetime.fromtimestamp(now / 1000, UTC) - timedelta(seconds=window.seconds)
        arguments: list[Any] = [born, window.milliseconds]
        for at, count in await self._ledger(window, since, int(born)):
            arguments += [int(at.timestamp() * 1000), count]
        if await self._fill(keys=[_BORN, window.key], args=arguments):
            _REFILLED.inc()


def global_window(channel: Channel, limit: int, seconds: float) -> Window:
    """Returns a window over all messages of a channel."""
    return Window(f"global:{channel.name.lower()}", limit, seconds, (channel,))


def refused(channel: Channel, count: int) -> None:
    """Counts messages that a limit held back."""
    _REFUSED.labels(channel.name.lower()).inc(count)


def wait_without_store(lane: Lane) -> timedelta:
    """Returns how long messages wait when the store of the limits cannot be asked; they never pass unasked."""
    return RETRY_CRITICAL_WITHOUT_STORE if lane is Lane.CRITICAL else RETRY_WITHOUT_STORE
