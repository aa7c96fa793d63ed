"""SQL of the tenant policy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent.decisions.facts import Policy
from services.consent.decisions.windows import Window
from services.consent.policy.domain import Branding, TenantPolicy

DND_FRESHNESS = timedelta(days=7)
"""How old the newest list of a registry may be (CON-88)."""

_LOAD = """
SELECT p.state, p.name, p.region_code, p.default_time_zone, p.marketing_enabled, p.enabled_channels,
    p.blocked_channels, p.send_window_start, p.send_window_end, p.sms_window_start, p.sms_window_end,
    p.quiet_hours_start, p.quiet_hours_end, p.daily_message_limit, p.weekly_message_limit, p.dnd_channels,
    p.dnd_registries, p.double_opt_in_channels, p.consent_validity_days, p.logo_url, p.primary_color, p.footer_text,
    b.marketing_enabled, b.time_zone, b.is_archived,
    EXISTS (SELECT FROM suppression WHERE tenant_id = %(tenant_id)s AND channel = 'all'),
    EXISTS (SELECT FROM platform_suppression),
    ARRAY(
        SELECT wanted.registry FROM unnest(p.dnd_registries) AS wanted (registry)
        WHERE NOT EXISTS (
            SELECT FROM dnd_import AS i
            WHERE i.registry = wanted.registry AND i.status = 'completed' AND i.finished_at > %(fresh)s
        )
    )
FROM (SELECT) AS once
LEFT JOIN tenant_policy AS p ON p.tenant_id = %(tenant_id)s
LEFT JOIN branch_policy AS b ON b.tenant_id = %(tenant_id)s AND b.branch_id = %(branch_id)s
"""


class MalformedPolicyError(Exception):
    """Settings of a tenant are stored that no settings can be; nothing may be decided by them."""


async def load(uow: UnitOfWork, branch_id: UUID | None = None) -> TenantPolicy:
    """Returns the policy of the tenant, with what concerns a branch; never from a cache (GEN-39)."""
    (row,) = await uow.fetch_all(*loading(uow, branch_id))
    return policy_of(row)


def loading(uow: UnitOfWork, branch_id: UUID | None) -> tuple[str, dict[str, Any]]:
    """Returns the statement that loads the policy, for a round trip with others; its row is for `policy_of`."""
    return _LOAD, {
        "tenant_id": uow.tenant_id,
        "branch_id": branch_id,
        "fresh": uow.now() - DND_FRESHNESS,
    }


def policy_of(row: Sequence[Any]) -> TenantPolicy:
    """Returns the policy of a row; MalformedPolicyError when no settings can be what it holds."""
    (state, name, region, zone, marketing, enabled, blocked, *windows, daily, weekly) = row[:15]
    (dnd_channels, registries, double_opt_in, validity, logo, color, footer) = row[15:22]
    (branch_marketing, branch_zone, branch_archived, any_channel, platform, stale) = row[22:]
    policy = TenantPolicy(
        branch_marketing=branch_marketing is not False,
        branch_time_zone=branch_zone or "",
        branch_archived=bool(branch_archived),
        has_any_channel_entries=any_channel,
        has_platform_entries=platform,
        stale_registries=tuple(stale),
    )
    if state is None:
        return policy
    rules = Policy(tenant_state=state, default_time_zone=zone)
    policy = replace(policy, rules=rules, name=name, region_code=region)
    if marketing is None:
        return policy
    send_start, send_end, sms_start, sms_end, quiet_start, quiet_end = windows
    needed = (enabled, blocked, *windows[:4], daily, weekly, dnd_channels, registries, double_opt_in)
    if any(value is None for value in needed) or (quiet_start is None) != (quiet_end is None):
        raise MalformedPolicyError
    return replace(
        policy,
        rules=replace(
            rules,
            marketing_enabled=marketing,
            enabled_channels=frozenset(enabled),
            blocked_channels=frozenset(blocked),
            send_window=Window(send_start, send_end),
            sms_window=Window(sms_start, sms_end),
            quiet_hours=Window(quiet_start, quiet_end) if quiet_start is not None else None,
            daily_limit=daily,
            weekly_limit=weekly,
            dnd_channels=frozenset(dnd_channels),
        ),
        double_opt_in_channels=frozenset(double_opt_in),
        consent_validity_days=validity,
        dnd_registries=tuple(registries),
        branding=Branding(logo or "", color or "", footer or ""),
    )


_SEE_TENANT = """
INSERT INTO tenant_policy AS known
    (tenant_id, state, name, region_code, default_time_zone, default_language, tenant_seen_at, created_at, updated_at)
VALUES (%(tenant_id)s, %(state)s, %(name)s, %(region_code)s, %(default_time_zone)s, %(default_language)s,
    %(seen_at)s, %(now)s, %(now)s)
ON CONFLICT (tenant_id) DO UPDATE SET
    state = excluded.state, name = excluded.name, region_code = excluded.region_code,
    default_time_zone = excluded.default_time_zone, default_language = excluded.default_language,
    tenant_seen_at = excluded.tenant_seen_at, updated_at = excluded.updated_at
WHERE known.tenant_seen_at <= excluded.tenant_seen_at
"""


async def see_tenant(uow: UnitOfWork, tenant: Mapping[str, Any], seen_at: datetime) -> None:
    """Stores what was seen of the tenant at an instant, unless something newer is known."""
    await uow.execute(
        _SEE_TENANT, {**tenant, "tenant_id": uow.tenant_id, "seen_at": seen_at, "now": uow.now()}
    )


SETTINGS = (
    "marketing_enabled",
    "enabled_channels",
    "blocked_channels",
    "send_window_start",
    "send_window_end",
    "sms_window_start",
    "sms_window_end",
    "quiet_hours_start",
    "quiet_hours_end",
    "daily_message_limit",
    "weekly_message_limit",
    "dnd_channels",
    "dnd_registries",
    "double_opt_in_channels",
    "consent_validity_days",
    "logo_url",
    "primary_color",
    "footer_text",
)

_SEE_SETTINGS = f"""
UPDATE tenant_policy SET {", ".join(f"{name} = %({name})s" for name in SETTINGS)},
    settings_seen_at = %(seen_at)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND (settings_seen_at IS NULL OR settings_seen_at <= %(seen_at)s)
"""


async def see_settings(uow: UnitOfWork, settings: Mapping[str, Any], seen_at: datetime) -> None:
    """Stores the marketing settings seen at an instant of a tenant that is known, unless newer ones are."""
    await uow.execute(
        _SEE_SETTINGS, {**settings, "tenant_id": uow.tenant_id, "seen_at": seen_at, "now": uow.now()}
    )


_SEE_BRANCH = """
INSERT INTO branch_policy AS known
    (tenant_id, branch_id, marketing_enabled, time_zone, is_archived, seen_at, created_at, updated_at)
VALUES (%(tenant_id)s, %(branch_id)s, %(marketing_enabled)s, %(time_zone)s, %(is_archived)s, %(seen_at)s, %(now)s,
    %(now)s)
ON CONFLICT (tenant_id, branch_id) DO UPDATE SET
    marketing_enabled = excluded.marketing_enabled, time_zone = excluded.time_zone,
    is_archived = excluded.is_archived, seen_at = excluded.seen_at, updated_at = excluded.updated_at
WHERE known.seen_at <= excluded.seen_at
"""


async def see_branch(uow: UnitOfWork, branch: Mapping[str, Any], seen_at: datetime) -> None:
    """Stores what was seen of a branch at an instant, unless something newer is known."""
    await uow.execute(
        _SEE_BRANCH, {**branch, "tenant_id": uow.tenant_id, "seen_at": seen_at, "now": uow.now()}
    )
