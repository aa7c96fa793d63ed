"""Rows of made-up tenants in every table of a service: all that a tenant has answers to one id.

Every id and every text of a planted row is the same value, so that whatever a request asks for by it is there, and
refers to what is there. Checks of the database are heard: of the values a column may have, the first is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import psycopg

from services.common.ids import uuid7

NOW = "now()"
LATER = "now() + interval '1 hour'"
HASH = "decode(repeat('00', 32), 'hex')"

BY_NAME = {
    "language_code": "'en'",
    "language": "'en'",
    "fallback_language_code": "'en'",
    "default_language_code": "'en'",
    "default_language": "'en'",
    "time_zone": "'Europe/Berlin'",
    "default_time_zone": "'Europe/Berlin'",
    "currency": "'EUR'",
    "currency_code": "'EUR'",
    "region_code": "'DE'",
    "month": "to_char(now(), 'YYYY-MM')",
    "version": "1",
    "expires_at": LATER,
    "expire_at": LATER,
    "valid_until": "current_date + 1",
    "code": "upper(p.id::text)",
    "referral_code": "upper(p.id::text)",
    "last_hash": HASH,
    "mac": HASH,
    "key": "p.id::text",
}
"""Columns that mean the same wherever they are."""

BY_COLUMN = {
    "analytics.compliance_count.kind": "'consent'",
    "analytics.privacy_request.kind": "'export'",
    "analytics.reason_stat.kind": "'skipped'",
    "analytics.merged_contact.merged_id": "gen_random_uuid()",
    "campaign.automation_run.due_at": NOW,
    "campaign.campaign.recurrence_pattern": "0",
    "campaign.campaign.target_all_contacts": "false",
    "campaign.campaign_run.reason": "''",
    "campaign.confirmation.request_id": "NULL",
    "campaign.confirmation.reason": "NULL",
    "campaign.contact.merged_into": "NULL",
    "campaign.contact.assigned_staff_id": "p.id::text",
    "campaign.contact.external_id": "p.id::text",
    "campaign.contact.packages": "'[]'",
    "campaign.contact_merge.merged_id": "gen_random_uuid()",
    "campaign.coupon.code": "upper(p.id::text)",
    "campaign.coupon.percentage": "1",
    "campaign.coupon_code.state": "'held'",
    "campaign.inbound_event.due_at": NOW,
    "campaign.intake_key.secret": "'x'",
    "campaign.merged_contact.merged_id": "gen_random_uuid()",
    "campaign.notice.source": "'rule'",
    "campaign.notice.reason": "''",
    "campaign.notice.sealed": "'x'",
    "campaign.notice_cancellation.message_id": "NULL",
    "campaign.notification_memory.subject": "decode(repeat('00', 16), 'hex')",
    "campaign.notification_override.is_enabled": "true",
    "campaign.order_reference.currency_code": "'EUR'",
    "campaign.pass_order.key": HASH,
    "campaign.referral_code.code": "upper(right(p.id::text, 8))",
    "campaign.referral_settings.referred_percentage": "1",
    "campaign.referral_settings.referrer_points": "1",
    "campaign.segment.rule": """'{"join": "AND", "conditions": [], "groups": [], "behaviours": [], "splits": []}'""",
    "campaign.staff_alert.reason": "NULL",
    "campaign.staff_member.is_disabled": "false",
    "campaign.template.active_version": "1",
    "campaign.trigger_config.enabled_at": NOW,
    "campaign.trigger_config.fallback_channel": "2",
    "consent.merged_contact.merged_id": "gen_random_uuid()",
    "consent.consent_audit.sequence": "1",
    "consent.consent_audit.previous_hash": HASH,
    "consent.consent_audit.entry_hash": HASH,
    "consent.consent_audit.commitment": HASH,
    "consent.decision.outcome": "'allow'",
    "consent.privacy_step.action": "'collect'",
    "consent.privacy_step.service": "'consent'",
    "consent.preference.marketing_opted_out": "false",
    "delivery.digest_item.frequency": "'daily'",
    "delivery.merged_contact.merged_id": "gen_random_uuid()",
    "delivery.message_wait.state": "3",
    "delivery.dead_letter.resolution": "NULL",
}
"""Columns of which a check of the database or the house asks something of their own."""


LEFT_ALONE = {"data_key"}
"""Tables whose made-up rows would keep their tenant from sealing anything; test_tables.py looks at these."""


@dataclass(frozen=True)
class Planted:
    """A tenant, and the id that everything it has answers to."""

    tenant_id: UUID
    id: UUID


def strangers(count: int) -> list[Planted]:
    return [Planted(uuid7(), uuid7()) for _ in range(count)]


def tenant_tables(owner: psycopg.Connection, service: str) -> list[str]:
    """The tables of a service that have a tenant and can be planted."""
    rows = owner.execute(
        """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY 1
        """,
        (service,),
    ).fetchall()
    return [name for (name,) in rows if name not in LEFT_ALONE]


def plant(owner: psycopg.Connection, service: str, table: str, tenants: Iterable[Planted]) -> None:
    """Puts one row of each tenant into a table; references are not looked at while `owner` is a replica."""
    wanted = list(tenants)
    names, values = [], []
    for name, kind, is_needed in _columns(owner, service, table):
        value = _value(owner, service, table, name, kind, is_needed)
        if value is not None:
            names.append(f'"{name}"')
            values.append(value)
    owner.execute(
        f"INSERT INTO {service}.{table} ({', '.join(names)}) SELECT {', '.join(values)}"
        " FROM unnest(%s::uuid[], %s::uuid[]) AS p (tenant_id, id)",
        ([one.tenant_id for one in wanted], [one.id for one in wanted]),
    )


def _columns(owner: psycopg.Connection, service: str, table: str) -> list[tuple[str, str, bool]]:
    return owner.execute(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
        FROM pg_attribute a
        WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attidentity = '' AND a.attgenerated = ''
        """,
        (f"{service}.{table}",),
    ).fetchall()


def _value(
    owner: psycopg.Connection, service: str, table: str, name: str, kind: str, is_needed: bool
) -> str | None:
    """What a column is given, as SQL; None where it is left empty."""
    if name == "tenant_id":
        return "p.tenant_id"
    if value := BY_COLUMN.get(f"{service}.{table}.{name}"):
        return value
    is_reference = kind == "uuid" and name.endswith("_id")
    if not is_needed and not is_reference:
        return None
    if value := BY_NAME.get(name):
        return value
    return _allowed(owner, service, table, name) or _sample(kind)


def _allowed(owner: psycopg.Connection, service: str, table: str, column: str) -> str | None:
    """The first of the values that a check of this column alone lists."""
    rows = owner.execute(
        """
        SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = %s
        WHERE k.conrelid = %s::regclass AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
        """,
        (column, f"{service}.{table}"),
    ).fetchall()
    for (definition,) in rows:
        if listed := re.search(r"= ANY \(\(?ARRAY\[('[^']*'|\d+)", definition):
            return str(listed[1])
    return None


def _sample(kind: str) -> str:
    if kind == "uuid[]":
        return "ARRAY[p.id]"
    if kind.endswith("[]"):
        return f"'{{}}'::{kind}"
    known = {
        "uuid": "p.id",
        "text": "p.id::text",
        "jsonb": "'{}'::jsonb",
        "bytea": HASH,
        "boolean": "true",
        "timestamp with time zone": NOW,
        "date": "current_date",
        "inet": "'127.0.0.1'::inet",
        "time without time zone": "'10:00'::time",
    }
    return known.get(kind, f"'1'::{kind}")
