"""Who is in an audience, as a condition that other statements use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.segments import store
from services.campaign.segments.compiler import compile_rule
from services.campaign.segments.domain import Rule
from services.campaign.tenants import store as tenants
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found


@dataclass(frozen=True, slots=True)
class Audience:
    """A condition over the alias `c` of table contact, tenant and state included, and its named parameters."""

    where: str
    params: dict[str, Any] = field(default_factory=dict)


async def audience(uow: UnitOfWork, *, segment_id: UUID | None, branch_ids: Sequence[UUID]) -> Audience:
    """Returns the audience of a segment, or of all contacts; branches limit it further.

    Raises:
        ServiceError: NOT_FOUND for a segment that does not exist.
    """
    if segment_id is None:
        return await of_rule(uow, None, branch_ids)
    segment = await store.by_id(uow, segment_id)
    if segment is None:
        raise not_found("segment", segment_id)
    limited = await of_rule(uow, segment.rule, branch_ids)
    if not segment.branch_ids:
        return limited
    return Audience(
        f"{limited.where} AND c.branch_id = ANY(%(a_segment_branches)s::uuid[])",
        {**limited.params, "a_segment_branches": list(segment.branch_ids)},
    )


async def of_rule(uow: UnitOfWork, rule: Rule | None, branch_ids: Sequence[UUID]) -> Audience:
    """Returns the audience of a rule without problems; None means all contacts.

    The branch filter and the state are always joined with AND, so no OR of a rule escapes them (CAM-136).
    """
    assert uow.tenant_id is not None  # noqa: S101 - audiences belong to a tenant's unit of work
    where = "c.tenant_id = %(a_tenant)s AND c.state = 1"
    params: dict[str, Any] = {"a_tenant": uow.tenant_id}
    if branch_ids:
        where += " AND c.branch_id = ANY(%(a_branches)s::uuid[])"
        params["a_branches"] = list(branch_ids)
    if rule is not None:
        owner = await tenants.tenant(uow, uow.tenant_id)
        zone = owner.default_time_zone if owner else "UTC"
        compiled = compile_rule(rule, today=uow.now().astimezone(ZoneInfo(zone)).date(), zone=zone)
        where += f" AND {compiled.where}"
        params |= compiled.params
    return Audience(where, params)
