"""How far each consuming service is, remembered in the database so that a loss of Redis does not forget it."""

from collections.abc import Iterable

from services.common.db.database import Database
from services.common.events import measures
from services.common.events.stream import EventStream, StreamState

ALIVE_WITHIN_MS = 60_000

_KNOWN = "SELECT name, acknowledged FROM relay_group"

_REMEMBER = """
INSERT INTO relay_group AS known (name, acknowledged, updated_at)
SELECT name, acknowledged, %s FROM unnest(%b::text[], %b::int8[]) AS seen (name, acknowledged)
ON CONFLICT (name) DO UPDATE
SET acknowledged = excluded.acknowledged, updated_at = excluded.updated_at
WHERE known.acknowledged < excluded.acknowledged
"""


class Groups:
    """The consumer groups of one stream: those configured, and those once seen."""

    def __init__(
        self, database: Database, stream: EventStream, service: str, configured: Iterable[str]
    ) -> None:
        self._database = database
        self._stream = stream
        self._service = service
        self._configured = tuple(configured)
        self._acknowledged: dict[str, int] | None = None
        self.needs_rebuild = False
        self.trimmed = False

    async def floor(self) -> int:
        """Returns the position that every known group has acknowledged; what follows must stay or come again."""
        known = await self._load()
        return min(known.values(), default=0)

    async def refresh(self, state: StreamState, *, full: bool) -> None:
        """Takes over the groups' progress, trims what all have, and notes when one missed trimmed entries."""
        known = await self._load()
        seen = await self._stream.groups(ALIVE_WITHIN_MS)
        first = state.first if state.first is not None else state.last + 1
        changed: dict[str, int] = {}
        for group in seen:
            # A group that nobody announced begins with what is there.
            before = known.get(group.name, first - 1)
            # What a group has read beyond entries it missed does not count: it must see those first.
            now = max(before, group.acknowledged) if before >= first - 1 else before
            if now != known.get(group.name):
                changed[group.name] = known[group.name] = now
            measures.group_lag.labels(self._service, group.name).set(max(0, state.last - now))
        if changed:
            await self._remember(changed)
        alive = {group.name for group in seen if group.alive}
        self.needs_rebuild = any(known[name] < first - 1 for name in alive)
        floor = min(known.values(), default=0)
        if full and alive:
            # Only a full stream leaves sleeping groups behind; theirs is rebuilt when they are back.
            floor = min(known[name] for name in alive)
        self.trimmed = not self.needs_rebuild and floor >= first and state.first is not None
        if self.trimmed:
            await self._stream.trim(floor)

    async def _load(self) -> dict[str, int]:
        if self._acknowledged is None:
            async with self._database.system() as uow:
                rows = await uow.fetch_all(_KNOWN)
            found = {str(name): int(position) for name, position in rows}
            missing = {name: 0 for name in self._configured if name not in found}
            if missing:
                await self._remember(missing)
            self._acknowledged = found | missing
        return self._acknowledged

    async def _remember(self, progress: dict[str, int]) -> None:
        async with self._database.system() as uow:
            await uow.execute(_REMEMBER, (uow.now(), list(progress), list(progress.values())))
