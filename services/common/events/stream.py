"""One service's events in Redis Streams: contiguous positions as entry ids, whatever Redis has lived through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

CONSUMER = "active"
"""The one consumer of a group; who acts as it is decided by a lease, so what it left pending is found again."""

TYPE = b"t"
ENVELOPE = b"e"

# Appends a block of consecutive positions only where the stream continues them, so that two relays, or one that does
# not know yet that the stream is gone, can neither repeat an entry nor leave a gap.
_PUBLISH = """
local last = 0
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^(%d+)')) end
  end
end
local position = tonumber(ARGV[1])
if last + 1 ~= position and not (last == 0 and ARGV[2] == '1') then return last end
for i = 3, #ARGV, 2 do
  redis.call('XADD', KEYS[1], string.format('%.0f-0', position), 't', ARGV[i], 'e', ARGV[i + 1])
  position = position + 1
end
return position - 1
"""


class Entry(NamedTuple):
    """One published event: where it stands, its type, and its encoded envelope."""

    position: int
    type: str
    envelope: bytes


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the stream holds: the last position ever added, the first one still there, and its memory in bytes."""

    last: int
    first: int | None
    memory: int


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far a consumer group is, and whether somebody consumes in it now."""

    name: str
    acknowledged: int
    alive: bool


class EventStream:
    """The stream `angarium:events:<service>`."""

    def __init__(self, redis: Redis, service: str) -> None:
        self.key = f"angarium:events:{service}"
        self._redis = redis
        self._publish = redis.register_script(_PUBLISH)

    async def publish(self, entries: Sequence[Entry], *, may_start: bool) -> int:
        """Appends consecutive entries and returns the stream's last position; another than theirs means refused.

        `may_start` allows an empty stream to begin with the first entry.
        """
        arguments: list[Any] = [entries[0].position, int(may_start)]
        for entry in entries:
            arguments += (entry.type, entry.envelope)
        return int(cast("int", await self._publish(keys=[self.key], args=arguments)))

    async def state(self) -> StreamState:
        """Returns what the stream holds; a missing one holds nothing."""
        try:
            info = await self._redis.xinfo_stream(self.key)
        except ResponseError:
            return StreamState(0, None, 0)
        memory = await self._redis.memory_usage(self.key)
        first = info["first-entry"]
        return StreamState(
            last=_position(info["last-generated-id"]),
            first=_position(first[0]) if first else None,
            memory=int(memory or 0),
        )

    async def groups(self, alive_within_ms: int) -> list[GroupState]:
        """Returns the consumer groups that exist now."""
        try:
            found = await self._redis.xinfo_groups(self.key)
        except ResponseError:
            return []
        return [await self._group(group, alive_within_ms) for group in found]

    async def trim(self, acknowledged: int) -> None:
        """Removes entries up to a position."""
        await self._redis.xtrim(self.key, minid=f"{acknowledged + 1}-0", approximate=False)

    async def reset(self) -> None:
        """Removes the stream with its groups; consumers make theirs again."""
        await self._redis.delete(self.key)

    async def join(self, group: str) -> None:
        """Makes a group from the oldest entry on, unless it exists."""
        try:
            await self._redis.xgroup_create(self.key, group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def read(self, group: str, count: int, block_ms: int) -> list[Entry]:
        """Returns new entries of a group, waiting for the first one."""
        return await self._read(group, ">", count, block_ms)

    async def read_pending(self, group: str, after: int, count: int) -> list[Entry]:
        """Returns entries that were delivered and not acknowledged, after a position; trimmed ones are acknowledged."""
        return await self._read(group, f"{after}-0", count, None)

    async def acknowledge(self, group: str, positions: Sequence[int]) -> None:
        """Records that a group is done with entries."""
        if positions:
            await self._redis.xack(self.key, group, *(f"{position}-0" for position in positions))

    async def _read(self, group: str, after: str, count: int, block_ms: int | None) -> list[Entry]:
        found: Any = await self._redis.xreadgroup(
            group, CONSUMER, {self.key: after}, count=count, block=block_ms
        )
        # The shape depends on the protocol version: a list of pairs, or a mapping to a list of one list.
        entries: Any = []
        if isinstance(found, dict):
            entries = [entry for part in next(iter(found.values()), []) for entry in part]
        elif found:
            entries = found[0][1]
        gone = [_position(name) for name, fields in entries if not fields]
        await self.acknowledge(group, gone)
        return [
            Entry(_position(name), fields[TYPE].decode(), fields[ENVELOPE])
            for name, fields in entries
            if fields
        ]

    async def _group(self, group: dict[str, Any], alive_within_ms: int) -> GroupState:
        name = group["name"].decode() if isinstance(group["name"], bytes) else group["name"]
        acknowledged = _position(group["last-delivered-id"])
        if group["pending"]:
            pending = await self._redis.xpending(self.key, name)
            if pending["min"] is not None:
                acknowledged = _position(pending["min"]) - 1
        consumers = await self._redis.xinfo_consumers(self.key, name)
        alive = any(int(consumer["idle"]) < alive_within_ms for consumer in consumers)
        return GroupState(name, acknowledged, alive)


def _position(entry_id: bytes | str) -> int:
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    return int(text.partition("-")[0])
