"""Use cases of the audit trail as AuditService asks for them."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import audit_pb2
from services.common.audit import AuditEntry, AuditFilter, list_entries
from services.common.db.database import Database
from services.common.paging import cut, page_size, position
from services.common.rpc.context import tenant


class AuditCases:
    """The audit trail of one service's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, request: audit_pb2.ListAuditEntriesRequest) -> audit_pb2.ListAuditEntriesResponse:
        """Returns a page of entries, newest first."""
        size = page_size(request.page_size)
        before = position(request, request.page_token)
        async with self._database.tenant(tenant()) as uow:
            rows = await list_entries(uow, _filter(request), before=before, limit=size + 1)
        page, token = cut(request, rows, size, lambda one: one.audit_id)
        return audit_pb2.ListAuditEntriesResponse(audit_entries=map(_entry, page), next_page_token=token)


def _filter(request: audit_pb2.ListAuditEntriesRequest) -> AuditFilter:
    return AuditFilter(
        actor=request.actor or None,
        action=request.action or None,
        resource_type=request.resource_type or None,
        resource_id=request.resource_id or None,
        start=request.start_time.ToDatetime(UTC) if request.HasField("start_time") else None,
        end=request.end_time.ToDatetime(UTC) if request.HasField("end_time") else None,
    )


def _entry(entry: AuditEntry) -> audit_pb2.AuditEntry:
    created = Timestamp()
    created.FromDatetime(entry.created_at)
    return audit_pb2.AuditEntry(
        audit_entry_id=str(entry.audit_id),
        actor=entry.actor,
        roles=entry.roles,
        action=entry.action,
        resource_type=entry.resource_type,
        resource_id=entry.resource_id,
        before=_struct(entry.before),
        after=_struct(entry.after),
        request_id=entry.request_id,
        create_time=created,
    )


def _struct(state: Mapping[str, Any] | None) -> Struct | None:
    return None if state is None else ParseDict(dict(state), Struct())
