"""A directory of contacts with consents and preferences, written into the consent service's tables in one go."""

from typing import Any
from uuid import UUID

import psycopg

_FIRST = 0x0190_0000_0000_7000_8000_0000_0000_0000

# What a list looks like: nearly all agreed, a third said something about channels, one in fifty is suppressed.
_FILL = (
    """
INSERT INTO consent.contact (tenant_id, contact_id, state, language, time_zone, email_hash, email_hint, sms_hash,
    whatsapp_hash, phone_hint, hash_key_id, seen_at, created_at, updated_at)
SELECT %(tenant)s, id, 'active', CASE WHEN n %% 3 = 0 THEN 'de' ELSE 'en' END,
    (ARRAY['Europe/Berlin', 'Europe/Lisbon', 'Europe/Paris', NULL])[1 + n %% 4],
    sha256(('e' || n)::bytea), 's***@example.com', sha256(('s' || n)::bytea), sha256(('w' || n)::bytea), '+49***1',
    'k1', now(), now(), now() FROM numbered
""",
    """
INSERT INTO consent.consent (tenant_id, consent_id, contact_id, channel, message_class, status, source, granted_at,
    created_at, updated_at)
SELECT %(tenant)s, id, id, 'email', 'marketing', CASE WHEN n %% 20 = 0 THEN 'revoked' ELSE 'granted' END, 'import',
    now(), now(), now() FROM numbered
""",
    """
INSERT INTO consent.preference (tenant_id, contact_id, email_enabled, email_frequency, quiet_hours_enabled,
    quiet_hours_start, quiet_hours_end, created_at, updated_at)
SELECT %(tenant)s, id, n %% 30 <> 0, CASE WHEN n %% 33 = 0 THEN 'weekly' ELSE 'immediate' END, n %% 5 = 0,
    make_time(20 + n %% 4, 0, 0), make_time(6 + n %% 3, 0, 0), now(), now() FROM numbered WHERE n %% 3 = 0
""",
    """
INSERT INTO consent.category_preference (tenant_id, contact_id, category_or_group, channel, enabled, updated_at)
SELECT %(tenant)s, id, 'marketing', 'email', n %% 40 <> 0, now() FROM numbered WHERE n %% 10 = 0
""",
    """
INSERT INTO consent.suppression (tenant_id, suppression_id, channel, identifier_hash, key_id, scope, reason,
    suppressed_at, updated_at)
SELECT %(tenant)s, id, 'email', sha256(('x' || n)::bytea), 'k1', 'all', 'hard_bounce', now(), now()
FROM numbered WHERE n %% 50 = 0
""",
)
_NUMBERED = """
WITH numbered AS MATERIALIZED (
    SELECT n, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id
    FROM generate_series(0, %(count)s - 1) AS n
)
"""
_TABLES = ("contact", "consent", "preference", "category_preference", "suppression")


def contact_id(number: int) -> UUID:
    """Returns the id of a contact."""
    return UUID(int=_FIRST + number)


def address(number: int) -> str:
    """Returns the e-mail address of a contact."""
    return f"silent+{number}@example.com"


async def fill(database: psycopg.AsyncConnection[Any], tenant_id: UUID, count: int) -> None:
    """Writes so many contacts with what hangs on them, and lets the planner know."""
    for statement in _FILL:
        await database.execute((_NUMBERED + statement).encode(), {"tenant": tenant_id, "count": count})
    for table in _TABLES:
        await database.execute(f"VACUUM ANALYZE consent.{table}".encode())
