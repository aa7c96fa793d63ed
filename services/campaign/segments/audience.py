"""Who is in an audience, as a condition that other statements use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.segments import holdouts, store
from services.campaign.segments.compiler import Compiler
from services.campaign.segments.domain import BUCKETS, EVERYBODY, Rule, Segment, Split
from services.campaign.tenants import store as tenants
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found

_STATIC = (
    "EXISTS (SELECT FROM segment_member m WHERE m.tenant_id = c.tenant_id AND m.segment_id = {}::uuid"
    " AND m.contact_id = c.contact_id)"
)


@dataclass(frozen=True, slots=True)
class Audience:
    """A condition over the alias `c` of table contact, tenant and state included, and its named parameters."""

    where: str
    params: dict[str, Any] = field(default_factory=dict)
    segment_version: int | None = None
    """Version of the segment it was made of."""


async def audience(uow: UnitOfWork, *, segment_id: UUID | None, branch_ids: Sequence[UUID]) -> Audience:
    """Returns whom a campaign to a segment, or to all contacts, reaches: branches limit it, holdouts are left out.

    Raises:
        ServiceError: NOT_FOUND for a segment that does not exist.
    """
    compiler = await compiler_of(uow)
    segment = None
    if segment_id is not None:
        segment = await store.by_id(uow, segment_id)
        if segment is None:
            raise not_found("segment", segment_id)
    parts = [everybody(compiler, branch_ids)]
    if segment is not None:
        parts.append(membership(segment, compiler))
    held = await holdouts.of(uow, [EVERYBODY, *([segment_id] if segment_id else [])])
    parts += [compiler.split(Split(one.salt, one.basis_points, BUCKETS)) for one in held]
    return Audience(" AND ".join(parts), compiler.params, segment.version if segment else None)


async def of_segment(uow: UnitOfWork, segment: Segment, *limits: Sequence[UUID]) -> Audience:
    """Returns who is in a segment, holdouts included; each list of branches limits it further."""
    compiler = await compiler_of(uow)
    where = f"{everybody(compiler, *limits)} AND {membership(segment, compiler)}"
    return Audience(where, compiler.params)


async def of_rule(
    uow: UnitOfWork, rule: Rule | None, branch_ids: Sequence[UUID], *others: Sequence[UUID]
) -> Audience:
    """Returns the audience of a rule without problems; None means all contacts. Each list of branches limits it."""
    compiler = await compiler_of(uow)
    where = everybody(compiler, branch_ids, *others)
    if rule is not None:
        where += f" AND {compiler.rule(rule)}"
    return Audience(where, compiler.params)


async def compiler_of(uow: UnitOfWork, *, few: bool = False) -> Compiler:
    """Returns a compiler for the tenant's zone and this instant."""
    assert uow.tenant_id is not None  # noqa: S101 - audiences belong to a tenant's unit of work
    owner = await tenants.tenant(uow, uow.tenant_id)
    zone = ZoneInfo(owner.default_time_zone if owner else "UTC")
    return Compiler(tenant_id=uow.tenant_id, now=uow.now(), zone=zone, few=few)


def everybody(compiler: Compiler, *limits: Iterable[UUID]) -> str:
    """Returns who may be in any audience: active contacts of the tenant, of these branches where some are named.

    It is always joined with AND, so that no OR of a rule escapes it (CAM-136).
    """
    where = "c.tenant_id = %(a_tenant)s AND c.state = 1"
    for branches in map(list, limits):
        if branches:
            where += f" AND c.branch_id = ANY({compiler.param(branches)}::uuid[])"
    return where


def membership(segment: Segment, compiler: Compiler) -> str:
    """Returns what makes an active contact a member: the rule or the list, and the segment's branches."""
    holds = (
        compiler.rule(segment.rule)
        if segment.is_dynamic
        else _STATIC.format(compiler.param(segment.segment_id))
    )
    if not segment.branch_ids:
        return holds
    return f"({holds} AND c.branch_id = ANY({compiler.param(list(segment.branch_ids))}::uuid[]))"
