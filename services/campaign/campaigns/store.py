"""SQL of campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.campaigns.domain import Campaign, Kind, PassedTime, ScheduleZone
from services.campaign.campaigns.recurrences import Pattern, Recurrence
from services.campaign.campaigns.states import FINAL, LAUNCHED, State
from services.campaign.campaigns.variants import AbTest, Metric, Variant
from services.common.db.uow import UnitOfWork

_RECURRENCE = ("recurrence_pattern", "recurrence_day", "recurrence_time", "recurrence_end_at")
_NAMES = (
    *(one.name for one in fields(Campaign) if one.name != "recurrence"),
    *_RECURRENCE,
)
_COLUMNS = ", ".join(_NAMES)
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
    kind: int = 0
    channel: int = 0
    branch_id: UUID | None = None
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
            AND %(kind)s IN (0, kind) AND %(channel)s IN (0, channel)
            AND (%(branch)s::uuid IS NULL OR %(branch)s = ANY (branch_ids))
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
            "kind": wanted.kind,
            "channel": wanted.channel,
            "branch": wanted.branch_id,
            "text": wanted.text,
            "start": wanted.start,
            "end": wanted.end,
            "branches": list(wanted.branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [_campaign(row) for row in rows]


async def names(uow: UnitOfWork, campaigns: Sequence[Campaign]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Returns the names of the templates and segments that campaigns name, by their ids."""
    templates = await uow.fetch_all(
        "SELECT template_id, name FROM template WHERE tenant_id = %s AND template_id = ANY (%s::uuid[])",
        (uow.tenant_id, [one.template_id for one in campaigns]),
    )
    segments = await uow.fetch_all(
        "SELECT segment_id, name FROM segment WHERE tenant_id = %s AND segment_id = ANY (%s::uuid[])",
        (uow.tenant_id, [one.segment_id for one in campaigns if one.segment_id]),
    )
    return dict(templates), dict(segments)


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


async def senders_by(uow: UnitOfWork, template_id: UUID) -> list[tuple[UUID, str]]:
    """Returns ids and names of the campaigns that are not finished and name a template."""
    rows = await uow.fetch_all(
        "SELECT campaign_id, name FROM campaign WHERE tenant_id = %s AND state <> ALL (%s::int2[]) "
        "AND (template_id = %s OR variants @> %s) ORDER BY campaign_id",
        (
            uow.tenant_id,
            [int(state) for state in FINAL],
            template_id,
            Jsonb([{"template_id": str(template_id)}]),
        ),
    )
    return [(campaign_id, name) for campaign_id, name in rows]


async def uses_segment(uow: UnitOfWork, segment_id: UUID) -> bool:
    """Returns whether a campaign that is not finished goes to a segment."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM campaign WHERE tenant_id = %s AND segment_id = %s "
            "AND state <> ALL (%s::int2[]))",
            (uow.tenant_id, segment_id, [int(state) for state in FINAL]),
        )
    )


async def is_going_out_to(uow: UnitOfWork, segment_id: UUID) -> bool:
    """Returns whether a run to a segment still writes down whom it reaches."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM campaign c JOIN campaign_run r ON r.tenant_id = c.tenant_id "
            "AND r.campaign_id = c.campaign_id WHERE c.tenant_id = %s AND c.segment_id = %s "
            "AND c.state = ANY (%s::int2[]) AND r.state IN (1, 2) AND r.phase = 1 AND r.source_run_id IS NULL)",
            (uow.tenant_id, segment_id, [int(State.SENDING), int(State.PAUSED)]),
        )
    )


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenants and campaigns whose time has come; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, campaign_id FROM campaign WHERE due_at <= %s ORDER BY due_at LIMIT %s",
        (now, limit),
    )
    return [(tenant_id, campaign_id) for tenant_id, campaign_id in rows]


async def astray(uow: UnitOfWork, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns recurring campaigns without a next occurrence, or with one that lies before an instant; needs all tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, campaign_id FROM campaign WHERE kind = 2 AND state = %s "
        "AND (next_run_at IS NULL OR due_at IS NULL OR due_at < %s) ORDER BY campaign_id LIMIT %s",
        (int(State.SCHEDULED), before, limit),
    )
    return [(tenant_id, campaign_id) for tenant_id, campaign_id in rows]


async def lock_in_tenant_zone(uow: UnitOfWork) -> list[Campaign]:
    """Locks and returns campaigns to come whose times are meant as the tenant's clocks show them."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM campaign WHERE tenant_id = %s AND state <> ALL (%s::int2[]) AND "
        "(next_run_at IS NOT NULL OR (schedule_zone = %s AND scheduled_at IS NOT NULL AND state <> ALL (%s::int2[]))) "
        "ORDER BY campaign_id FOR NO KEY UPDATE",
        (
            uow.tenant_id,
            [int(state) for state in FINAL],
            int(ScheduleZone.RECIPIENT),
            [int(state) for state in LAUNCHED],
        ),
    )
    return [_campaign(row) for row in rows]


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


def _ab_test(stored: dict[str, Any]) -> AbTest:
    return AbTest(
        stored["share"],
        timedelta(seconds=stored["seconds"]),
        Metric(stored["metric"]),
        stored["min_per_variant"],
        stored["fallback_key"],
    )


def _ab_test_to_json(test: AbTest) -> dict[str, Any]:
    return {
        "share": test.share,
        "seconds": int(test.duration.total_seconds()),
        "metric": int(test.metric),
        "min_per_variant": test.min_per_variant,
        "fallback_key": test.fallback_key,
    }


def _campaign(row: Sequence[Any]) -> Campaign:
    values = dict(zip(_NAMES, row, strict=True))
    pattern, *rest = (values.pop(name) for name in _RECURRENCE)
    values["recurrence"] = Recurrence(Pattern(pattern), *rest) if pattern else None
    values["branch_ids"] = tuple(values["branch_ids"])
    values["variants"] = tuple(_variant(one) for one in values["variants"])
    values["ab_test"] = _ab_test(values["ab_test"]) if values["ab_test"] else None
    for name, kind in (
        ("state", State),
        ("kind", Kind),
        ("schedule_zone", ScheduleZone),
        ("passed_time", PassedTime),
    ):
        values[name] = kind(values[name])
    return Campaign(**values)


def _values(campaign: Campaign, names: Sequence[str]) -> list[Any]:
    recurrence = campaign.recurrence
    special = {
        "branch_ids": list(campaign.branch_ids),
        "variants": Jsonb(variants_to_json(campaign.variants)),
        "variables": Jsonb(campaign.variables),
        "ab_test": Jsonb(_ab_test_to_json(campaign.ab_test)) if campaign.ab_test else None,
        "state": int(campaign.state),
        "kind": int(campaign.kind),
        "schedule_zone": int(campaign.schedule_zone),
        "passed_time": int(campaign.passed_time),
        "recurrence_pattern": int(recurrence.pattern) if recurrence else 0,
        "recurrence_day": recurrence.day if recurrence else 0,
        "recurrence_time": recurrence.local_time if recurrence else "",
        "recurrence_end_at": recurrence.end_at if recurrence else None,
    }
    return [special[name] if name in special else getattr(campaign, name) for name in names]


def _placeholder(name: str) -> str:
    return "%s::uuid[]" if name == "branch_ids" else "%s"
