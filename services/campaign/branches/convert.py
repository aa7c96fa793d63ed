"""Between branches and the contract."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.branches.domain import Branch
from services.campaign.tenants.convert import budget
from services.campaign.tenants.domain import Tenant
from services.common.errors import Violation, invalid_many
from services.common.money import Money
from services.common.regions import country_code
from services.common.zones import zone

FIELDS = ("name", "marketing_enabled", "monthly_budget_limit", "time_zone", "region_code")
_READ: Mapping[str, Callable[[str], object]] = {"time_zone": zone, "region_code": country_code}


def branch_from_proto(message: pb.BranchSettings) -> Branch:
    """Returns the branch to create; invalid names what cannot be read."""
    return _readable(
        Branch(
            branch_id=UUID(message.branch_id),
            name=message.name,
            time_zone=message.time_zone,
            region_code=message.region_code,
        )
    )


def changed_branch(current: Branch, message: pb.BranchSettings, paths: list[str], owner: Tenant) -> Branch:
    """Returns a branch with the fields that `paths` name taken from the message; invalid names what cannot be."""
    changes: dict[str, Any] = {name: getattr(message, name) for name in paths}
    if "monthly_budget_limit" in changes:
        given = message.monthly_budget_limit if message.HasField("monthly_budget_limit") else None
        changes["monthly_budget_limit"] = budget(given, owner.currency_code, "branch.monthly_budget_limit")
    return _readable(replace(current, **changes))


def branch_to_proto(branch: Branch, currency: str, spent: Decimal | None = None) -> pb.BranchSettings:
    """Returns a branch as the contract shows it; without `spent` its spend is left out."""
    state = pb.BranchSettings.STATE_ARCHIVED if branch.is_archived else pb.BranchSettings.STATE_ACTIVE
    message = pb.BranchSettings(
        branch_id=str(branch.branch_id),
        name=branch.name,
        marketing_enabled=branch.marketing_enabled,
        time_zone=branch.time_zone,
        region_code=branch.region_code,
        state=state,
        etag=str(branch.version),
    )
    if branch.monthly_budget_limit is not None:
        message.monthly_budget_limit.CopyFrom(Money(currency, branch.monthly_budget_limit).to_proto())
    if spent is not None:
        message.current_month_spend.CopyFrom(Money(currency, spent).to_proto())
    if branch.created_at is not None:
        message.create_time.FromDatetime(branch.created_at)
    return message


def _readable(branch: Branch) -> Branch:
    violations = [] if branch.name.strip() else [Violation("branch.name", "is needed")]
    for name, read in _READ.items():
        try:
            if value := getattr(branch, name):
                read(value)
        except ValueError as error:
            violations.append(Violation(f"branch.{name}", str(error)))
    if violations:
        raise invalid_many(violations)
    return branch
