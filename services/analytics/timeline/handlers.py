"""Use cases of the timeline."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.analytics.directory import store as directory
from services.analytics.rollups import ranges
from services.analytics.rollups.ranges import Asked
from services.analytics.timeline import store
from services.analytics.timeline.domain import Entry
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.errors import not_found


async def page(
    database: Database,
    tenant_id: UUID,
    contact_id: UUID,
    *,
    types: Sequence[int],
    asked: Asked | None,
    branches: Sequence[UUID] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Entry]:
    """Returns entries of a contact and those that became part of it, newest first; NOT_FOUND when nothing is known of it."""
    async with database.tenant(tenant_id) as uow:
        start = end = None
        if asked is not None:
            span = ranges.span(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
            start, end = span.start, span.end
        person = await merged.person(uow, contact_id)
        found = await store.page(
            uow,
            person,
            types=types,
            start=start,
            end=end,
            branches=branches,
            after=after,
            limit=limit,
        )
        if not found and not await store.is_known(uow, person):
            raise not_found("contact", contact_id)
    return found
