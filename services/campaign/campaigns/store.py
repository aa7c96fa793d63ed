"""SQL of campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.campaigns.domain import Campaign, Variant
from services.campaign.campaigns.states import FINAL, State
from services.common.db.uow import UnitOfWork

_COLUMNS = (
    "campaign_id, name, channel, template_id, description, message_class, template_version_id, segment_id, "
    "target_all_contacts, branch_ids, scheduled_at, variants, variables, daily_limit, monthly_limit, state, "
    "requires_approval, audience_count, estimated_cost, submitted_by, approved_by, rejection_reason, "
    "pause_reason, created_by, started_at, completed_at, version, created_at, updated_at"
)
_NAMES = tuple(_COLUMNS.split(", "))
_CHANGEABLE = tuple(
    name for name in _NAMES if name not in ("campaign_id", "created_by", "created_at", "updated_at")
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which campaigns a list shows; empty means all."""

    state: int = 0
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    branch_ids: tuple[UUID, ...] = ()
    """Branches the caller is limited to; campaigns of other branches are not there for them."""


async def insert(uow: UnitOfWork, campaign: Campaign) -> None:
    """Adds a draft."""
    await uow.execute(
        f"INSERT INTO campaign (tenant_id, {_COLUMNS}) VALUES (%s, {', '.join(_placeholder(n) for n in _NAMES)})",
        (uow.tenant_id, *_values(campaign, _NAMES)),
    )


async def by_id(uow: UnitOfWork, campaign_id: UUID) -> Campaign | None:
    """Returns a campaign, or None."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM campaign WHERE tenant_id = %s AND campaign_id = %s",
        (uow.tenant_id, campaign_id),
    )
    return None if row is None else _campaign(row)


async def page(uow: UnitOfWork, wanted: Filter, before: UUID | None, limit: int) -> list[Campaign]:
    """Returns campaigns, newest first, older than `before`."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM campaign
        WHERE tenant_id = %(tenant_id)s AND %(state)s IN (0, state)
            AND (%(text)s = '' OR position(lower(%(text)s) IN lower(name)) > 0)
            AND (%(start)s::timestamptz IS NULL OR created_at >= %(start)s)
            AND (%(end)s::timestamptz IS NULL OR created_at < %(end)s)
            AND (%(branches)s::uuid[] = '{{}}' OR (branch_ids <> '{{}}' AND branch_ids <@ %(branches)s::uuid[]))
            AND (%(before)s::uuid IS NULL OR campaign_id < %(before)s)
        ORDER BY campaign_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "state": wanted.state,
            "text": wanted.text,
            "start": wanted.start,
            "end": wanted.end,
            "branches": list(wanted.branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [_campaign(row) for row in rows]


async def change(uow: UnitOfWork, before: Campaign, after: Campaign) -> bool:
    """Writes a change if the campaign is still in the state and version that was read; False when it is not.

    One conditional statement: of two changes that race, one finds nothing to change (CAM-107).
    """
    assignments = ", ".join(f"{name} = {_placeholder(name)}" for name in _CHANGEABLE if name != "version")
    values = _values(after, tuple(name for name in _CHANGEABLE if name != "version"))
    return bool(
        await uow.execute(
            f"UPDATE campaign SET {assignments}, version = version + 1, updated_at = %s "
            "WHERE tenant_id = %s AND campaign_id = %s AND state = %s AND version = %s",
            (*values, uow.now(), uow.tenant_id, before.campaign_id, int(before.state), before.version),
        )
    )


async def delete(uow: UnitOfWork, campaign: Campaign) -> bool:
    """Removes a draft; False when it is none any more."""
    return bool(
        await uow.execute(
            "DELETE FROM campaign WHERE tenant_id = %s AND campaign_id = %s AND state = %s AND version = %s",
            (uow.tenant_id, campaign.campaign_id, int(State.DRAFT), campaign.version),
        )
    )


async def uses_template(uow: UnitOfWork, template_id: UUID) -> bool:
    """Returns whether a campaign that is not finished names a template."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM campaign WHERE tenant_id = %s AND state <> ALL (%s::int2[]) "
            "AND (template_id = %s OR variants @> %s))",
            (
                uow.tenant_id,
                [int(state) for state in FINAL],
                template_id,
                Jsonb([{"template_id": str(template_id)}]),
            ),
        )
    )


async def uses_segment(uow: UnitOfWork, segment_id: UUID) -> bool:
    """Returns whether a campaign that is not finished goes to a segment."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM campaign WHERE tenant_id = %s AND segment_id = %s "
            "AND state <> ALL (%s::int2[]))",
            (uow.tenant_id, segment_id, [int(state) for state in FINAL]),
        )
    )


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenants and campaigns whose time has come; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, campaign_id FROM campaign WHERE state = %s AND scheduled_at <= %s "
        "ORDER BY scheduled_at LIMIT %s",
        (int(State.SCHEDULED), now, limit),
    )
    return [(tenant_id, campaign_id) for tenant_id, campaign_id in rows]


async def take_tests(uow: UnitOfWork, day: date, count: int, most: int) -> bool:
    """Counts test messages of a tenant's day; False when there would be more than `most`."""
    return bool(
        await uow.execute(
            "INSERT INTO test_usage AS used (tenant_id, day, messages) VALUES (%s, %s, %s) "
            "ON CONFLICT (tenant_id, day) DO UPDATE SET messages = used.messages + EXCLUDED.messages "
            "WHERE used.messages + EXCLUDED.messages <= %s",
            (uow.tenant_id, day, count, most),
        )
    )


def variants_to_json(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Returns variants as they are stored."""
    return [
        {
            "key": one.key,
            "name": one.name,
            "share": one.share,
            "template_id": str(one.template_id) if one.template_id else None,
            "subject": one.subject,
            "version_id": str(one.version_id) if one.version_id else None,
        }
        for one in variants
    ]


def _variant(stored: dict[str, Any]) -> Variant:
    return Variant(
        stored["key"],
        stored["name"],
        stored["share"],
        UUID(stored["template_id"]) if stored["template_id"] else None,
        stored["subject"],
        UUID(stored["version_id"]) if stored["version_id"] else None,
    )


def _campaign(row: Sequence[Any]) -> Campaign:
    values = dict(zip(_NAMES, row, strict=True))
    values["branch_ids"] = tuple(values["branch_ids"])
    values["variants"] = tuple(_variant(one) for one in values["variants"])
    values["state"] = State(values["state"])
    return Campaign(**values)


def _values(campaign: Campaign, names: Sequence[str]) -> list[Any]:
    special = {
        "branch_ids": list(campaign.branch_ids),
        "variants": Jsonb(variants_to_json(campaign.variants)),
        "variables": Jsonb(campaign.variables),
        "state": int(campaign.state),
    }
    return [special[name] if name in special else getattr(campaign, name) for name in names]


def _placeholder(name: str) -> str:
    return "%s::uuid[]" if name == "branch_ids" else "%s"
