"""AuditService: every service lets its audit trail be read."""

from typing import Any

from angarium.common.v1 import audit_pb2, audit_pb2_grpc
from services.common.audit_cases import AuditCases
from services.common.db.database import Database


class AuditServicer(audit_pb2_grpc.AuditServiceServicer):
    """Serves ListAuditEntries from the trail of one service's schema."""

    def __init__(self, database: Database) -> None:
        self._trail = AuditCases(database)

    async def ListAuditEntries(
        self, request: audit_pb2.ListAuditEntriesRequest, context: Any
    ) -> audit_pb2.ListAuditEntriesResponse:
        return await self._trail.page(request)
