"""Use cases of segments."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.contacts.domain import Contact
from services.campaign.segments import holdouts, members, scope, store
from services.campaign.segments.audience import compiler_of, membership, of_rule, of_segment
from services.campaign.segments.domain import (
    EVERYBODY,
    Holdout,
    Rule,
    Segment,
    SegmentKind,
    SystemSegmentError,
    system_segments,
)
from services.campaign.segments.members import Difference
from services.campaign.segments.stored import rule_to_json
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, already_exists, failed, invalid, not_found
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.money import exponent

TOGETHER: Final = 100
"""Segments in one statement: a rule has up to a few hundred parameters, a statement 65,535."""

InUse = Callable[[UnitOfWork, UUID], Awaitable[bool]]
"""Tells whether something needs a segment; whoever uses segments gives one."""


async def seed(uow: UnitOfWork, tenant: Tenant) -> None:
    """Adds the system segments of a new tenant."""
    for name, rule in system_segments(10 ** exponent(tenant.currency_code)).items():
        segment = Segment(uuid7(), name, rule, kind=SegmentKind.SYSTEM, created_by="system")
        await store.insert(uow, segment)


async def create(uow: UnitOfWork, segment: Segment) -> Segment:
    """Creates a segment, writes its members down and counts them; ALREADY_EXISTS when its name is taken."""
    await tenants.open_tenant(uow)
    segment = replace(scope.placed(segment), created_at=uow.now())
    if not await store.insert(uow, segment):
        raise already_exists("segment", segment.name)
    segment, _ = await _evaluated(uow, segment)
    await _record(uow, "segment.create", None, segment)
    return segment


async def get(uow: UnitOfWork, segment_id: UUID, *, lock: bool = False) -> Segment:
    """Returns a live segment; NOT_FOUND when there is none for the caller."""
    return scope.seen(await store.by_id(uow, segment_id, lock=lock), segment_id)


async def shown(uow: UnitOfWork, segment_id: UUID) -> Segment:
    """Returns a live segment with the count that the caller sees."""
    return (await scope.counted(uow, [await get(uow, segment_id)]))[0]


async def page(
    uow: UnitOfWork, *, kind: int, text: str, is_active: bool | None, before: UUID | None, limit: int
) -> list[Segment]:
    """Returns live segments that the caller sees, newest first."""
    own = scope.own_branches()
    found = await store.page(
        uow, kind=kind, text=text, is_active=is_active, within=own, before=before, limit=limit
    )
    return await scope.counted(uow, found)


async def update(
    uow: UnitOfWork, changed: Segment, paths: Sequence[str], etag: str, going_out: InUse
) -> Segment:
    """Changes the fields that `paths` name, and brings members up to date where they change who is in it.

    SEGMENT_IN_USE for the latter while a run that is going out still writes down whom it reaches.
    """
    known = await _kept(uow, changed.segment_id)
    if known.kind is SegmentKind.SYSTEM and set(paths) - {"is_active"}:
        raise SystemSegmentError("a system segment is only switched on and off")
    if etag != str(known.version):
        raise aborted("the segment was changed meanwhile: read it again")
    merged = replace(known, **{name: getattr(changed, name) for name in paths}, version=known.version + 1)
    scope.ensure(merged)
    if merged.is_dynamic and not merged.rule.size:
        raise invalid("segment.rule", "a dynamic segment needs a rule", reason="INVALID_SEGMENT_RULE")
    if merged.name != known.name and await store.name_is_taken(uow, merged.name, known.segment_id):
        raise already_exists("segment", merged.name)
    changes_meaning = (merged.rule, merged.branch_ids) != (known.rule, known.branch_ids)
    if changes_meaning:
        await _refuse_going_out(uow, known.segment_id, going_out)
    await store.save(uow, merged)
    # While it was switched off, nobody entered or left it.
    if changes_meaning or (merged.is_active and not known.is_active):
        merged, _ = await _evaluated(uow, merged) if merged.is_dynamic else await _recounted(uow, merged)
    await _record(uow, "segment.update", known, merged)
    return merged


async def delete(uow: UnitOfWork, segment_id: UUID, users: Sequence[InUse]) -> None:
    """Archives a segment; SEGMENT_IN_USE while something needs it."""
    known = await _kept(uow, segment_id)
    if known.kind is SegmentKind.SYSTEM:
        raise SystemSegmentError("a system segment cannot be deleted")
    for uses in users:
        if await uses(uow, segment_id):
            raise failed("SEGMENT_IN_USE", "something that is not finished uses this segment")
    await store.archive(uow, segment_id)
    await _record(uow, "segment.delete", known, None)


async def refresh(
    uow: UnitOfWork, segment_id: UUID, going_out: InUse, *, rebuild: bool = False
) -> tuple[Segment, Difference]:
    """Brings a segment that the caller keeps up to date; SEGMENT_IN_USE for rebuilding one that a run goes out to."""
    if rebuild:
        await _refuse_going_out(uow, segment_id, going_out)
    return await refreshed(uow, await _kept(uow, segment_id), rebuild=rebuild)


async def refreshed(
    uow: UnitOfWork, segment: Segment, *, rebuild: bool = False
) -> tuple[Segment, Difference]:
    """Brings members of a locked dynamic segment up to date; recounts a static one, by its rule again with `rebuild`."""
    if rebuild and not segment.rule.size:
        raise invalid(
            "segment_id", "is a list without a rule to rebuild it by", reason="INVALID_SEGMENT_RULE"
        )
    if segment.is_dynamic or rebuild:
        segment, difference = await _evaluated(uow, segment)
    else:
        segment, difference = await _recounted(uow, segment)
    announce(uow, segment.segment_id, difference)
    return segment, difference


async def contacts(
    uow: UnitOfWork, segment_id: UUID, branch_ids: Sequence[UUID], after: UUID | None, limit: int
) -> list[Contact]:
    """Returns who is in a segment now, by their ids; branches limit it."""
    found = await of_segment(uow, await get(uow, segment_id), branch_ids)
    return await store.contacts(uow, found.where, found.params, after, limit)


async def add_members(
    uow: UnitOfWork, segment_id: UUID, contact_ids: Sequence[UUID], actor: str, going_out: InUse
) -> tuple[Segment, int, list[UUID]]:
    """Adds contacts to a list; returns it, how many were not in it, and which ids no contact has.

    SEGMENT_IN_USE while a run that is going out still writes down whom it reaches.
    """
    segment = await _list(uow, segment_id)
    await _refuse_going_out(uow, segment_id, going_out)
    own = scope.own_branches()
    added, unknown = await members.add(uow, segment_id, contact_ids, actor, within=own)
    segment, difference = await _recounted(uow, segment)
    if added:
        announce(uow, segment_id, replace(difference, added=added))
        await _record_members(uow, "segment.members_added", segment_id, added)
    return segment, added, unknown


async def remove_members(
    uow: UnitOfWork, segment_id: UUID, contact_ids: Sequence[UUID]
) -> tuple[Segment, int]:
    """Takes contacts out of a list; returns it, and how many were in it."""
    segment = await _list(uow, segment_id)
    removed = await members.remove(uow, segment_id, contact_ids)
    segment, difference = await _recounted(uow, segment)
    if removed:
        announce(uow, segment_id, replace(difference, removed=removed))
        await _record_members(uow, "segment.members_removed", segment_id, removed)
    return segment, removed


async def memberships(
    uow: UnitOfWork, contact_id: UUID, segments: Sequence[Segment], *, within: Sequence[UUID] = ()
) -> list[bool] | None:
    """Returns in which segments a contact is now, by one statement for a hundred.

    None when there is no such contact, or none of these branches.
    """
    found: list[bool] = []
    for start in range(0, len(segments), TOGETHER):
        compiler = await compiler_of(uow, few=True)
        part = segments[start : start + TOGETHER]
        conditions = [f"c.state = 1 AND {membership(one, compiler)}" for one in part]
        holds = await members.holding(uow, contact_id, conditions, compiler.params, within=within)
        if holds is None:
            return None
        found += holds
    return found


async def check_memberships(
    uow: UnitOfWork, contact_id: UUID, segment_ids: Sequence[UUID], *, within: Sequence[UUID] = ()
) -> dict[UUID, bool]:
    """Returns by segment whether a contact is in it.

    NOT_FOUND for a contact or a segment that does not exist, or that branches do not see.
    """
    segments = [one for one in await store.by_ids(uow, segment_ids) if scope.is_within(one, within)]
    if unknown := set(segment_ids) - {one.segment_id for one in segments}:
        raise not_found("segment", min(unknown))
    found = await memberships(uow, contact_id, segments, within=within)
    if found is None:
        raise not_found("contact", contact_id)
    return {one.segment_id: holds for one, holds in zip(segments, found, strict=True)}


async def save_holdout(
    uow: UnitOfWork, segment_id: UUID, basis_points: int, *, redraw: bool, actor: str
) -> Holdout:
    """Sets whom campaigns leave out of a segment, or of all contacts."""
    if segment_id != EVERYBODY:
        await _kept(uow, segment_id)
    else:
        scope.ensure_everybody()
    return await holdouts.save(uow, segment_id, basis_points, redraw=redraw, actor=actor)


async def holdout(uow: UnitOfWork, segment_id: UUID) -> Holdout:
    """Returns whom campaigns leave out of a segment, or of all contacts."""
    if segment_id != EVERYBODY:
        await get(uow, segment_id)
    return await holdouts.get(uow, segment_id)


def announce(uow: UnitOfWork, segment_id: UUID, difference: Difference) -> None:
    """Tells that a segment was counted."""
    payload = events_pb2.SegmentRefreshed(
        segment_id=str(segment_id),
        contact_count=difference.count,
        added_count=difference.added,
        removed_count=difference.removed,
    )
    uow.emit(Event("segment.refreshed", "segment", str(segment_id), payload))


async def _evaluated(uow: UnitOfWork, segment: Segment) -> tuple[Segment, Difference]:
    """Makes the members those of the rule."""
    rule = segment.rule if segment.rule.size else Rule()
    found = await of_rule(uow, rule, segment.branch_ids)
    return await _noted(uow, segment, await members.replace(uow, segment.segment_id, found))


async def _recounted(uow: UnitOfWork, segment: Segment) -> tuple[Segment, Difference]:
    """Counts a list: who of it is active, and of the segment's branches."""
    found = await of_segment(uow, segment)
    count, _, _ = await store.count(uow, found.where, found.params)
    return await _noted(uow, segment, Difference(count))


async def _noted(uow: UnitOfWork, segment: Segment, difference: Difference) -> tuple[Segment, Difference]:
    now = uow.now()
    await store.counted(uow, segment.segment_id, difference.count, now)
    return replace(segment, contact_count=difference.count, refreshed_at=now), difference


async def _refuse_going_out(uow: UnitOfWork, segment_id: UUID, going_out: InUse) -> None:
    """Refuses to change whom a run reaches that was counted, approved and launched, and is half written down."""
    await store.change_meaning(uow, segment_id)
    if await going_out(uow, segment_id):
        raise failed(
            "SEGMENT_IN_USE", "a campaign is going out to this segment: try again when it is written down"
        )


async def _kept(uow: UnitOfWork, segment_id: UUID) -> Segment:
    """Returns a segment that the caller may change, locked."""
    return scope.ensure(await get(uow, segment_id, lock=True))


async def _list(uow: UnitOfWork, segment_id: UUID) -> Segment:
    segment = await _kept(uow, segment_id)
    if segment.is_dynamic:
        raise invalid("segment_id", "is a dynamic segment: its members follow its rule")
    return segment


async def _record(uow: UnitOfWork, action: str, before: Segment | None, after: Segment | None) -> None:
    segment = after or before
    assert segment is not None  # noqa: S101 - one of the two is given
    await audit.record(
        uow,
        action=action,
        resource_type="segment",
        resource_id=segment.segment_id,
        before=_shown(before) if before else None,
        after=_shown(after) if after else None,
    )


def _shown(segment: Segment) -> dict[str, object]:
    return {
        "name": segment.name,
        "rule": rule_to_json(segment.rule),
        "branch_ids": [str(one) for one in segment.branch_ids],
        "is_active": segment.is_active,
    }


async def _record_members(uow: UnitOfWork, action: str, segment_id: UUID, count: int) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="segment",
        resource_id=segment_id,
        before=None,
        after={"contacts": count},
    )
