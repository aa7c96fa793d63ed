"""Whose segments a caller sees and keeps (GEN-11).

Somebody limited to branches keeps the segments of these branches, reads those of the whole tenant with the contacts of
their own branches in them, and knows of no others.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from services.campaign.segments import store
from services.campaign.segments.domain import EVERYBODY, Rule, Segment
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, not_found
from services.common.rpc.context import maybe_caller

_BEYOND = "caller may keep segments of their own branches only"


def own_branches() -> tuple[UUID, ...]:
    """Returns the branches the caller is limited to; empty means all, as for what the service does by itself."""
    caller = maybe_caller()
    return caller.own_branches() if caller else ()


def is_within(segment: Segment, branch_ids: Collection[UUID]) -> bool:
    """Returns whether a segment is there for somebody limited to branches; none means all."""
    return not branch_ids or set(segment.branch_ids) <= set(branch_ids)


def is_visible(segment: Segment) -> bool:
    """Returns whether a segment is there for the caller."""
    return is_within(segment, own_branches())


def seen(segment: Segment | None, key: object) -> Segment:
    """Returns a segment; NOT_FOUND when there is none, the same as for one of another's branch (SEC-6)."""
    if segment is None or not is_visible(segment):
        raise not_found("segment", key)
    return segment


def ensure(segment: Segment) -> Segment:
    """Returns a segment that the caller may keep; PERMISSION_DENIED for one that reaches beyond their branches."""
    own = own_branches()
    if own and not (segment.branch_ids and is_visible(segment)):
        raise denied(_BEYOND)
    return segment


def ensure_everybody() -> None:
    """Returns when the caller may decide for all contacts of the tenant; PERMISSION_DENIED otherwise."""
    ensure(Segment(EVERYBODY, "", Rule()))


def placed(segment: Segment) -> Segment:
    """Returns a new segment in the caller's branches; PERMISSION_DENIED when it names another's."""
    own = own_branches()
    return ensure(segment if segment.branch_ids or not own else replace(segment, branch_ids=own))


async def counted(uow: UnitOfWork, segments: Sequence[Segment]) -> list[Segment]:
    """Returns segments with the counts that the caller sees: of those of the whole tenant, their own contacts'."""
    own = own_branches()
    shared = [one.segment_id for one in segments if not one.branch_ids]
    if not own or not shared:
        return list(segments)
    counts = await store.count_members(uow, shared, own)
    return [
        one if one.branch_ids else replace(one, contact_count=counts.get(one.segment_id, 0))
        for one in segments
    ]
