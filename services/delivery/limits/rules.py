"""The rules in force, as workers remember them."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.delivery.limits import store
from services.delivery.limits.domain import RuleSet

KEPT: Final = timedelta(seconds=5)
MAX_KEPT: Final = 10_000


class Rules:
    """Rules in force by tenant, remembered for seconds: a pass may not wait for them each time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[datetime, RuleSet]] = OrderedDict()

    async def of(self, tenant_id: UUID) -> RuleSet:
        """Returns the rules that concern a tenant."""
        now = self._clock.now()
        known = self._known.get(tenant_id)
        if known is not None and now - known[0] < KEPT:
            return known[1]
        async with self._database.system() as uow:
            found = await store.in_force(uow, tenant_id)
        self._known[tenant_id] = now, found
        self._known.move_to_end(tenant_id)
        while len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)
        return found
