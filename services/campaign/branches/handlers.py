"""Use cases of branches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.branches import convert, store
from services.campaign.branches.access import is_visible, limited_to
from services.campaign.branches.domain import Branch, BranchArchivedError
from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import month_of
from services.campaign.followups.replanning import follow_zone
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, already_exists, denied, not_found
from services.common.events.event import Event
from services.common.rpc.context import Caller
from services.common.zones import zone

BUDGET_FIELDS = frozenset({"monthly_budget_limit"})


async def create(uow: UnitOfWork, branch: Branch) -> Branch:
    """Adds a branch; ALREADY_EXISTS when its id is taken."""
    owner = await tenants.open_tenant(uow)
    if not await store.insert(uow, branch):
        raise already_exists("branch", branch.branch_id)
    created = replace(branch, created_at=uow.now())
    _announce(uow, owner, created, [])
    await _record(uow, "branch.create", branch.branch_id, None, _told(created, convert.FIELDS))
    return created


async def get(uow: UnitOfWork, branch_id: UUID, caller: Caller, *, lock: bool = False) -> Branch:
    """Returns a branch; NOT_FOUND when there is none for the caller."""
    found = await store.by_id(uow, branch_id, lock=lock) if is_visible(branch_id, caller) else None
    if found is None:
        raise not_found("branch", branch_id)
    return found


async def page(
    uow: UnitOfWork, caller: Caller, *, archived: bool, after: UUID | None, limit: int
) -> list[Branch]:
    """Returns the caller's branches by id, after one."""
    return await store.page(uow, only=limited_to(caller), archived=archived, after=after, limit=limit)


async def archive(uow: UnitOfWork, branch_id: UUID, caller: Caller) -> Branch:
    """Archives a branch for good; a repeat changes nothing."""
    owner = await tenants.open_tenant(uow)
    known = await get(uow, branch_id, caller, lock=True)
    if known.is_archived:
        return known
    archived = replace(known, archived_at=uow.now(), version=known.version + 1)
    await store.save(uow, archived)
    _announce(uow, owner, archived, ["state"])
    await _record(uow, "branch.archive", branch_id, {"state": "active"}, {"state": "archived"})
    return archived


async def update(
    uow: UnitOfWork, message: pb.BranchSettings, paths: list[str], caller: Caller, *, may_budget: bool
) -> Branch:
    """Changes the fields that `paths` name."""
    if BUDGET_FIELDS & set(paths) and not may_budget:
        raise denied("budget fields need the permission budget.config")
    owner = await tenants.open_tenant(uow)
    known = await get(uow, UUID(message.branch_id), caller, lock=True)
    if known.is_archived:
        raise BranchArchivedError("the branch is archived")
    if message.etag != str(known.version):
        raise aborted("the branch was changed meanwhile: read it again")
    changed = convert.changed_branch(known, message, paths, owner)
    if changed == known:
        return known
    changed = replace(changed, version=known.version + 1)
    await store.save(uow, changed)
    if changed.time_zone != known.time_zone:
        await follow_zone(uow, zone(changed.time_zone or owner.default_time_zone), changed.branch_id)
    names = [name for name in paths if getattr(changed, name) != getattr(known, name)]
    if BUDGET_FIELDS & set(names):
        await budgets.follow_branch(uow, owner, changed.branch_id, changed.monthly_budget_limit)
    _announce(uow, owner, changed, names)
    await _record(uow, "branch.update", known.branch_id, _told(known, names), _told(changed, names))
    return changed


async def spent(uow: UnitOfWork, owner: Tenant, branches: Sequence[Branch]) -> dict[UUID, Decimal]:
    """Returns what branches spent this month, from the ledger (CAM-3)."""
    month = month_of(uow.now(), owner.default_time_zone)
    return await budgets.spent_by_branch(uow, month, [one.branch_id for one in branches])


async def named(uow: UnitOfWork, branch_ids: Sequence[UUID]) -> list[Branch]:
    """Returns branches that something names, in that order; NOT_FOUND for one that is not the tenant's (CAM-116)."""
    known = await store.by_ids(uow, branch_ids) if branch_ids else {}
    for branch_id in branch_ids:
        if branch_id not in known:
            raise not_found("branch", branch_id)
    return [known[branch_id] for branch_id in branch_ids]


def _announce(uow: UnitOfWork, owner: Tenant, branch: Branch, changed: Sequence[str]) -> None:
    payload = events_pb2.BranchSettingsUpdated(
        branch=convert.branch_to_proto(branch, owner.currency_code), changed_fields=changed
    )
    uow.emit(Event("branch_settings.updated", "branch", str(branch.branch_id), payload))


async def _record(
    uow: UnitOfWork,
    action: str,
    branch_id: UUID,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="branch_settings",
        resource_id=branch_id,
        before=before,
        after=after,
    )


def _told(branch: Branch, names: Iterable[str]) -> dict[str, object]:
    values = {name: getattr(branch, name) for name in names}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
