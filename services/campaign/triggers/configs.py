"""SQL of how tenants use triggers."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.campaign.triggers.domain import Config, TriggerType, default
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

_FIELDS: Final = {
    "trigger_type": "int2",
    "is_enabled": "bool",
    "delay_minutes": "int4",
    "days_before": "int4",
    "days_after": "int4",
    "send_time": "text",
    "template_id": "uuid",
    "channel": "int2",
    "fallback_channel": "int2",
    "cooldown_days": "int4",
    "campaign_id": "uuid",
    "enabled_at": "timestamptz",
    "updated_by": "text",
    "version": "int4",
}
_NAMES: Final = ", ".join(_FIELDS)
_READ: Final = f"{_NAMES}, branch_ids, updated_at"

_SEED: Final = f"""
INSERT INTO trigger_config (tenant_id, {_NAMES}, branch_ids, created_at, updated_at)
SELECT %(tenant_id)s, {_NAMES}, '{{}}', %(now)s, %(now)s FROM {named_unnest(_FIELDS)}
ON CONFLICT DO NOTHING
"""


async def seed(uow: UnitOfWork) -> None:
    """Gives a new tenant the eleven triggers with their defaults."""
    rows = [_row(default(one, uow.now())) for one in TriggerType]
    named = dict(zip(_FIELDS, columns(rows, len(_FIELDS)), strict=True))
    await uow.execute(_SEED, {"tenant_id": uow.tenant_id, "now": uow.now(), **named})


async def every(uow: UnitOfWork, *, lock: bool = False) -> dict[TriggerType, Config]:
    """Returns the triggers of the tenant, in the order of their numbers."""
    rows = await uow.fetch_all(
        f"SELECT {_READ} FROM trigger_config WHERE tenant_id = %s ORDER BY trigger_type"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id,),
    )
    return {TriggerType(row[0]): _config(row) for row in rows}


async def one(uow: UnitOfWork, trigger_type: TriggerType, *, lock: bool = False) -> Config | None:
    """Returns one trigger of the tenant."""
    row = await uow.fetch_one(
        f"SELECT {_READ} FROM trigger_config WHERE tenant_id = %s AND trigger_type = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, int(trigger_type)),
    )
    return None if row is None else _config(row)


async def save(uow: UnitOfWork, config: Config) -> None:
    """Writes a trigger whose row is locked."""
    named = dict(zip(_FIELDS, _row(config), strict=True))
    assigned = ", ".join(f"{name} = %({name})s" for name in _FIELDS if name != "trigger_type")
    await uow.execute(
        f"UPDATE trigger_config SET {assigned}, branch_ids = %(branch_ids)s::uuid[], updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND trigger_type = %(trigger_type)s",
        {
            **named,
            "branch_ids": list(config.branch_ids),
            "now": uow.now(),
            "tenant_id": uow.tenant_id,
        },
    )


async def uses_template(uow: UnitOfWork, template_id: UUID) -> bool:
    """Returns whether a trigger that is on sends by a template (CAM-46)."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM trigger_config WHERE tenant_id = %s AND template_id = %s AND is_enabled)",
            (uow.tenant_id, template_id),
        )
    )


def _row(config: Config) -> tuple[Any, ...]:
    return tuple(
        int(config.trigger_type) if name == "trigger_type" else getattr(config, name) for name in _FIELDS
    )


def _config(row: Sequence[Any]) -> Config:
    values = dict(zip(_READ.split(", "), row, strict=True))
    values["trigger_type"] = TriggerType(values["trigger_type"])
    values["branch_ids"] = tuple(values["branch_ids"])
    return Config(**values)
