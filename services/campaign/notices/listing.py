"""Notices as their tenant sees them: newest first, without what they say."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from angarium.campaign.v1 import notice_service_pb2 as pb
from services.campaign.notices.domain import Source, State
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant

_STATES: Final = {
    State.WAITING: pb.Notice.STATE_WAITING,
    State.SENT: pb.Notice.STATE_SENT,
    State.SKIPPED: pb.Notice.STATE_SKIPPED,
    State.FAILED: pb.Notice.STATE_FAILED,
    State.CANCELLED: pb.Notice.STATE_CANCELLED,
}
_SOURCES: Final = {
    Source.RULE: pb.Notice.SOURCE_RULE,
    Source.TRIGGER: pb.Notice.SOURCE_TRIGGER,
    Source.AUTOMATION: pb.Notice.SOURCE_AUTOMATION,
    Source.REFERRAL: pb.Notice.SOURCE_REFERRAL,
    Source.FOLLOW_UP: pb.Notice.SOURCE_FOLLOW_UP,
}
_COLUMNS: Final = (
    "notice_id, source, rule, state, reason, contact_id, staff_id, template, channels, priority, due_at, expires_at,"
    " correlation_key, event_id, message_ids, attempts, created_at"
)
_FILTERS: Final = {
    "before": "notice_id < %(before)s",
    "state": "state = %(state)s",
    "source": "source = %(source)s",
    "rule": "rule = %(rule)s",
    "contact_id": "contact_id = %(contact_id)s",
    "event_id": "event_id = %(event_id)s",
    "own": "branch_id = ANY (%(own)s::uuid[])",
}


class NoticeLists:
    """Lists notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, request: pb.ListNoticesRequest) -> pb.ListNoticesResponse:
        """Returns a page of the notices of the caller's branches, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await _rows(uow, request, position(request, request.page_token), size + 1)
        shown, token = cut(request, rows, size, lambda row: row[0])
        return pb.ListNoticesResponse(notices=[_shown(row) for row in shown], next_page_token=token)


async def _rows(
    uow: UnitOfWork, request: pb.ListNoticesRequest, before: UUID | None, limit: int
) -> list[tuple[Any, ...]]:
    wanted = {
        "before": before,
        "state": _word(_STATES, request.state),
        "source": _word(_SOURCES, request.source),
        "rule": request.rule,
        "contact_id": UUID(request.contact_id) if request.contact_id else None,
        "event_id": UUID(request.event_id) if request.event_id else None,
        "own": list(current_caller().own_branches()),
    }
    wanted = {name: value for name, value in wanted.items() if value}
    # Only what is asked for stands in the statement, so that the index for it is found.
    conditions = "".join(f" AND {_FILTERS[name]}" for name in wanted)
    query = f"SELECT {_COLUMNS} FROM notice WHERE tenant_id = %(tenant_id)s{conditions}"  # noqa: S608 - constants
    return await uow.fetch_all(
        f"{query} ORDER BY notice_id DESC LIMIT %(limit)s",
        {**wanted, "tenant_id": uow.tenant_id, "limit": limit},
    )


def _word(words: dict[Any, Any], number: int) -> str | None:
    return next((str(word) for word, known in words.items() if known == number), None)


def _shown(row: Sequence[Any]) -> pb.Notice:
    (
        notice_id, source, rule, state, reason, contact_id, staff_id, template, channels, priority, due_at, expires_at,
        correlation_key, event_id, message_ids, attempts, created_at,
    ) = row  # fmt: skip
    shown = pb.Notice(
        notice_id=str(notice_id),
        source=_SOURCES[Source(source)],
        rule=rule,
        state=_STATES[State(state)],
        reason=reason,
        contact_id=str(contact_id or ""),
        staff_id=staff_id or "",
        template_name=template,
        channels=channels,
        priority=priority,
        correlation_key=correlation_key,
        event_id=str(event_id or ""),
        message_ids=[str(one) for one in message_ids],
        attempt_count=attempts,
    )
    shown.due_time.FromDatetime(due_at)
    shown.expire_time.FromDatetime(expires_at)
    shown.create_time.FromDatetime(created_at)
    return shown
