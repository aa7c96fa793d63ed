"""Use cases of segments."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.contacts.domain import Contact
from services.campaign.segments import store
from services.campaign.segments.audience import Audience, audience, of_rule
from services.campaign.segments.domain import Rule, Segment, SegmentKind, system_segments
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, already_exists, failed, not_found
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.money import exponent

InUse = Callable[[UnitOfWork, UUID], Awaitable[bool]]


class SystemSegmentError(Exception):
    """A system segment cannot be changed or deleted."""

    reason = "SYSTEM_OBJECT_READ_ONLY"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would match."""

    count: int
    with_email: int
    with_phone: int
    sample: list[Contact]


async def seed(uow: UnitOfWork, tenant: Tenant) -> None:
    """Adds the system segments of a new tenant."""
    for name, rule in system_segments(10 ** exponent(tenant.currency_code)).items():
        segment = Segment(uuid7(), name, rule, kind=SegmentKind.SYSTEM, created_by="system")
        await store.insert(uow, segment)


async def create(
    uow: UnitOfWork, *, name: str, description: str, rule: Rule, branch_ids: tuple[UUID, ...], actor: str
) -> Segment:
    """Creates a segment and counts it; ALREADY_EXISTS when its name is taken."""
    segment = Segment(uuid7(), name, rule, description, branch_ids, created_by=actor, created_at=uow.now())
    segment = await _counted(uow, segment)
    if not await store.insert(uow, segment):
        raise already_exists("segment", name)
    await _record(uow, "segment.create", None, segment)
    return segment


async def get(uow: UnitOfWork, segment_id: UUID, *, lock: bool = False) -> Segment:
    """Returns a live segment; NOT_FOUND when there is none."""
    found = await store.by_id(uow, segment_id, lock=lock)
    if found is None:
        raise not_found("segment", segment_id)
    return found


async def page(uow: UnitOfWork, *, kind: int, text: str, before: UUID | None, limit: int) -> list[Segment]:
    """Returns live segments, newest first."""
    return await store.page(uow, kind=kind, text=text, before=before, limit=limit)


async def update(uow: UnitOfWork, changed: Segment, paths: Sequence[str], etag: str) -> Segment:
    """Changes the fields that `paths` name, and counts anew."""
    known = await get(uow, changed.segment_id, lock=True)
    if known.kind is SegmentKind.SYSTEM:
        raise SystemSegmentError("a system segment cannot be changed")
    if etag != str(known.version):
        raise aborted("the segment was changed meanwhile: read it again")
    merged = replace(known, **{name: getattr(changed, name) for name in paths}, version=known.version + 1)
    if merged.name != known.name and await store.name_is_taken(uow, merged.name, known.segment_id):
        raise already_exists("segment", merged.name)
    merged = await _counted(uow, merged)
    await store.save(uow, merged)
    await _record(uow, "segment.update", known, merged)
    return merged


async def delete(uow: UnitOfWork, segment_id: UUID, in_use: InUse) -> None:
    """Archives a segment; SEGMENT_IN_USE while a campaign needs it."""
    known = await get(uow, segment_id, lock=True)
    if known.kind is SegmentKind.SYSTEM:
        raise SystemSegmentError("a system segment cannot be deleted")
    if await in_use(uow, segment_id):
        raise failed("SEGMENT_IN_USE", "a campaign that is not finished uses this segment")
    await store.archive(uow, segment_id)
    await _record(uow, "segment.delete", known, None)


async def refresh(uow: UnitOfWork, segment_id: UUID) -> Segment:
    """Counts a segment anew."""
    segment = await _counted(uow, await get(uow, segment_id, lock=True))
    await store.save(uow, segment)
    payload = events_pb2.SegmentRefreshed(segment_id=str(segment_id), contact_count=segment.contact_count)
    uow.emit(Event("segment.refreshed", "segment", str(segment_id), payload))
    return segment


async def preview(uow: UnitOfWork, rule: Rule, branch_ids: Sequence[UUID], sample_size: int) -> Preview:
    """Counts a rule and shows some of its contacts; stores nothing."""
    found = await of_rule(uow, rule, branch_ids)
    count, with_email, with_phone = await store.count(uow, found.where, found.params)
    return Preview(
        count, with_email, with_phone, await store.sample(uow, found.where, found.params, sample_size)
    )


async def _counted(uow: UnitOfWork, segment: Segment) -> Segment:
    found: Audience = await of_rule(uow, segment.rule, segment.branch_ids)
    count, _, _ = await store.count(uow, found.where, found.params)
    return replace(segment, contact_count=count, refreshed_at=uow.now())


async def _record(uow: UnitOfWork, action: str, before: Segment | None, after: Segment | None) -> None:
    segment = after or before
    assert segment is not None  # noqa: S101 - one of the two is given
    await audit.record(
        uow,
        action=action,
        resource_type="segment",
        resource_id=segment.segment_id,
        before=None if before is None else {"name": before.name, "rule": store.rule_to_json(before.rule)},
        after=None if after is None else {"name": after.name, "rule": store.rule_to_json(after.rule)},
    )


__all__ = ["audience", "create", "delete", "get", "preview", "refresh", "seed", "update"]
