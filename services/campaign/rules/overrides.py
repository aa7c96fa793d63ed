"""SQL of what tenants changed of rules."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from services.campaign.rules.domain import Override
from services.campaign.rules.table import CHANNELS
from services.common.db.uow import UnitOfWork

_WORDS: Final = {number: word for word, number in CHANNELS.items()}
_SELECT: Final = (
    "SELECT rule, is_enabled, template, delay_seconds, channels, mode, version FROM notification_override"
    " WHERE tenant_id = %s"
)


async def of_rules(uow: UnitOfWork, names: Sequence[str]) -> dict[str, Override]:
    """Returns what the tenant changed of rules, by name."""
    rows = await uow.fetch_all(f"{_SELECT} AND rule = ANY(%b::text[])", (uow.tenant_id, list(names)))
    return {row[0]: _override(row) for row in rows}


async def claim(uow: UnitOfWork, name: str) -> Override:
    """Returns what the tenant changed of a rule and locks it, also while that is nothing."""
    # A row that says nothing may not stand, so what is locked is the name.
    await uow.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{uow.tenant_id}/{name}",))
    row = await uow.fetch_one(f"{_SELECT} AND rule = %s", (uow.tenant_id, name))
    return _override(row) if row else Override()


async def save(uow: UnitOfWork, name: str, override: Override, actor: str) -> None:
    """Writes what a tenant wants of a rule that is locked; what says nothing is removed."""
    await delete(uow, name)
    if override.says_nothing:
        return
    channels = None if override.channels is None else [CHANNELS[word] for word in override.channels]
    await uow.execute(
        "INSERT INTO notification_override (tenant_id, rule, is_enabled, template, delay_seconds, channels, mode,"
        " version, updated_by, updated_at) VALUES (%s, %s, %s, %s, %s, %s::smallint[], %s, %s, %s, %s)",
        (
            uow.tenant_id,
            name,
            override.is_enabled,
            override.template,
            None if override.delay is None else int(override.delay.total_seconds()),
            channels,
            override.mode,
            override.version,
            actor,
            uow.now(),
        ),
    )


async def sends_by(uow: UnitOfWork, name: str, channel: int) -> bool:
    """Returns whether a rule that the tenant has on sends by a template it named, perhaps on this channel."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM notification_override WHERE tenant_id = %s AND template = %s"
            " AND is_enabled IS NOT FALSE AND (channels IS NULL OR %s = ANY(channels)))",
            (uow.tenant_id, name, channel),
        )
    )


async def delete(uow: UnitOfWork, name: str) -> int:
    """Removes what a tenant changed of a rule; returns how many rows that was."""
    return await uow.execute(
        "DELETE FROM notification_override WHERE tenant_id = %s AND rule = %s", (uow.tenant_id, name)
    )


def _override(row: Sequence[Any]) -> Override:
    _, is_enabled, template, seconds, channels, mode, version = row
    return Override(
        is_enabled=is_enabled,
        template=template,
        delay=None if seconds is None else timedelta(seconds=seconds),
        channels=None if channels is None else tuple(_WORDS[one] for one in channels),
        mode=mode,
        version=version,
    )
