"""The zones tenants are billed in: learnt where messages leave, looked up where their costs come later (DEL-12)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from services.common.db.database import Database
from services.delivery.costs import store


class BillingZones:
    """Keeps what is learnt of tenants' zones."""

    def __init__(self, database: Database, default: ZoneInfo) -> None:
        self._database = database
        self._default = default
        self._known: dict[UUID, str] = {}

    async def learn(self, tenant_id: UUID, name: str) -> ZoneInfo:
        """Keeps the zone of a tenant where it changed, and returns it; empty means the deployment's."""
        if not name:
            return self._default
        if self._known.get(tenant_id) != name:
            async with self._database.tenant(tenant_id) as uow:
                await store.put_zone(uow, name)
            self._known[tenant_id] = name
        return ZoneInfo(name)
