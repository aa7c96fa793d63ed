"""AuditService: every service lets its audit trail be read."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import audit_pb2, audit_pb2_grpc
from services.common.audit import AuditEntry, AuditFilter, list_entries
from services.common.db.database import Database
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import tenant


class AuditServicer(audit_pb2_grpc.AuditServiceServicer):
    """Serves ListAuditEntries from the trail of one service's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListAuditEntries(
        self, request: audit_pb2.ListAuditEntriesRequest, context: Any
    ) -> audit_pb2.ListAuditEntriesResponse:
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        before = _position(PageToken.decode(request.page_token, parameters, length=1))
        async with self._database.tenant(tenant()) as uow:
            rows = await list_entries(uow, _filter(request), before=before, limit=size + 1)
        page, token = rows[:size], ""
        if len(rows) > size:
            token = PageToken.encode([page[-1].audit_id], parameters)
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


def _position(key: tuple[str, ...] | None) -> UUID | None:
    if key is None:
        return None
    try:
        return UUID(key[0])
    except ValueError:
        raise bad_token() from None


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
