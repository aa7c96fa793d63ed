"""SQL of decisions: what is stored about a block of people, in a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.common.db.arrays import HashArray, UuidArray, ints
from services.common.db.arrays import uuids as uuid_array
from services.common.db.uow import UnitOfWork
from services.consent.decisions.categories import CONSENT_CHANNELS, Category, Channel
from services.consent.decisions.verdicts import StoredDecision, StoredVerdict

# What a person says about a channel: switch, frequency, own cap a day.
_PREFERENCES: dict[Channel, tuple[str, str, str]] = {
    "email": ("p.email_enabled", "p.email_frequency", "p.max_emails_per_day"),
    "sms": ("p.sms_enabled", "p.sms_frequency", "p.max_sms_per_day"),
    "whatsapp": ("p.whatsapp_enabled", "p.whatsapp_frequency", "NULL::int"),
    "push": ("p.push_enabled", "p.push_frequency", "NULL::int"),
    "in_app": ("p.in_app_enabled", "NULL::text", "NULL::int"),
    "webhook": ("NULL::bool", "NULL::text", "NULL::int"),
}

# An expired consent is one whatever the job that records it has done (CON-19).
_STATUS = """CASE WHEN {alias}.status = 'granted' AND {alias}.expires_at <= %(at)s
        OR {alias}.status = 'pending' AND {alias}.confirmation_expires_at <= %(at)s
    THEN 'expired' ELSE {alias}.status END"""
_CONSENT = """
LEFT JOIN LATERAL (
    SELECT status, expires_at, confirmation_expires_at FROM consent
    WHERE tenant_id = %(tenant_id)s AND contact_id = asked.contact_id AND channel = %(channel)s
        AND message_class = %(message_class)s AND branch_id {branch} LIMIT 1
) AS {alias} ON true
"""
# Nulls where a person never said anything: most rows are short, and most are equal. Each LIMIT keeps the planner at
# one index probe per person; without it a table of middling size is read whole for every block.
_PEOPLE = """
SELECT asked.place, c.state, coalesce(p.time_zone, c.time_zone, b.time_zone), coalesce(p.language, c.language),
    {status}, p.token_version, p.marketing_opted_out, p.is_dnd, {enabled}, p.sms_critical_only, {frequency},
    p.digest_time, p.quiet_hours_enabled, p.quiet_hours_start, p.quiet_hours_end, {cap}, c.region_code
FROM unnest(%(contacts)b::uuid[]) WITH ORDINALITY AS asked (contact_id, place)
LEFT JOIN LATERAL (
    SELECT state, time_zone, language, branch_id, region_code FROM contact
    WHERE tenant_id = %(tenant_id)s AND contact_id = asked.contact_id LIMIT 1
) AS c ON true
LEFT JOIN branch_policy AS b ON b.tenant_id = %(tenant_id)s AND b.branch_id = c.branch_id
LEFT JOIN LATERAL (
    SELECT * FROM preference WHERE tenant_id = %(tenant_id)s AND contact_id = asked.contact_id LIMIT 1
) AS p ON true
{consent}
"""

PERSON_COLUMNS = 16
"""How many values a person has after the place in the block."""


def needs_consent(channel: Channel, category: Category) -> bool:
    """Returns whether a consent row can bear on the decision at all (CON-55)."""
    return channel in CONSENT_CHANNELS and category.column in ("marketing", "transactional")


@lru_cache(maxsize=64)
def _people_query(channel: Channel, *, consent: bool, branch: bool) -> str:
    enabled, frequency, cap = _PREFERENCES[channel]
    status, joins = "NULL::text", ""
    if consent:
        status = _STATUS.format(alias="k")
        joins = _CONSENT.format(alias="k", branch="IS NULL")
    if consent and branch:
        status = f"coalesce({_STATUS.format(alias='kb')}, {status})"
        joins += _CONSENT.format(alias="kb", branch="= %(branch_id)s")
    return _PEOPLE.format(enabled=enabled, frequency=frequency, cap=cap, status=status, consent=joins)


def people(
    uow: UnitOfWork,
    contacts: UuidArray,
    channel: Channel,
    category: Category,
    branch_id: UUID | None,
    at: datetime,
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for what is known of people: the place from 1, then a `Person`, in any order."""
    query = _people_query(channel, consent=needs_consent(channel, category), branch=branch_id is not None)
    return query, {
        "tenant_id": uow.tenant_id,
        "contacts": contacts,
        "channel": channel,
        "message_class": category.message_class,
        "branch_id": branch_id,
        "at": at,
    }


_CATEGORY_HITS = """
SELECT asked.place, g.category_or_group, g.enabled, g.frequency
FROM unnest(%(contacts)b::uuid[]) WITH ORDINALITY AS asked (contact_id, place)
CROSS JOIN LATERAL (
    SELECT category_or_group, enabled, frequency FROM category_preference
    WHERE tenant_id = %(tenant_id)s AND contact_id = asked.contact_id AND channel = %(channel)s
        AND category_or_group IN (%(category)s, %(group)s) LIMIT 2
) AS g
"""


def category_hits(
    uow: UnitOfWork, contacts: UuidArray, channel: Channel, category: Category
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for what people said about a category or its group: place, name, switch, frequency."""
    return _CATEGORY_HITS, {
        "tenant_id": uow.tenant_id,
        "contacts": contacts,
        "channel": channel,
        "category": category.key,
        "group": category.group,
    }


_ADDRESS_CONSENTS = f"""
SELECT asked.place, {_STATUS.format(alias="k")}
FROM unnest(%(hashes)b::bytea[], %(places)b::int4[]) AS asked (hash, place)
CROSS JOIN LATERAL (
    SELECT status, expires_at, confirmation_expires_at FROM consent
    WHERE tenant_id = %(tenant_id)s AND address_hash = asked.hash AND channel = %(channel)s
        AND message_class = %(message_class)s AND (branch_id IS NULL OR branch_id = %(branch_id)s)
    ORDER BY branch_id NULLS LAST LIMIT 1
) AS k
"""


def address_consents(
    uow: UnitOfWork,
    hashes: HashArray,
    places: Sequence[int],
    channel: Channel,
    category: Category,
    branch_id: UUID | None,
    at: datetime,
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for the row that decides for each bare address that has one: place and status."""
    return _ADDRESS_CONSENTS, {
        "tenant_id": uow.tenant_id,
        "hashes": hashes,
        "places": ints(places),
        "channel": channel,
        "message_class": category.message_class,
        "branch_id": branch_id,
        "at": at,
    }


_DND_HITS = """
SELECT asked.place
FROM unnest(%(hashes)b::bytea[], %(places)b::int4[]) AS asked (hash, place)
CROSS JOIN LATERAL (
    SELECT FROM dnd_entry
    WHERE phone_hash = asked.hash AND registry = ANY(%(registries)b::text[]) AND removed_at IS NULL
        AND (categories = '{}' OR %(category)s = ANY(categories)) LIMIT 1
) AS d
"""


def dnd_hits(
    _: UnitOfWork, hashes: HashArray, places: Sequence[int], registries: Sequence[str], category: Category
) -> tuple[str, dict[str, Any]]:
    """Returns the statement for the places of numbers that stand in one of these registries."""
    return _DND_HITS, {
        "hashes": hashes,
        "places": ints(places),
        "registries": list(registries),
        "category": category.name,
    }


# Decisions of a block are few verdicts over many people: each verdict is sent once.
_INSERT = """
INSERT INTO decision (tenant_id, decision_id, contact_id, address_hash, message_id, branch_id, channel, category,
    outcome, reason, defer_until, checks, detail, time_zone, verdict_id, evaluated_for, created_at)
SELECT %(tenant_id)s, one.decision_id, one.contact_id, one.address_hash, one.message_id, %(branch_id)s, %(channel)s,
    %(category)s, v.outcome, v.reason, v.defer_until, v.checks, v.detail, v.time_zone, v.verdict_id,
    %(at)s, %(now)s
FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[], %(hashes)b::bytea[], %(messages)b::uuid[], %(verdicts)b::int4[])
    AS one (decision_id, contact_id, address_hash, message_id, verdict)
JOIN unnest(%(outcomes)b::text[], %(reasons)b::text[], %(defer_untils)b::timestamptz[], %(checks)b::bytea[],
    %(details)b::text[], %(time_zones)b::text[], %(verdict_ids)b::uuid[])
    WITH ORDINALITY AS v (outcome, reason, defer_until, checks, detail, time_zone, verdict_id, number)
    ON v.number = one.verdict
"""
# In the order of their ids, so that blocks that see the same for the first time wait for each other and never in turn.
_INSERT_VERDICTS = """
INSERT INTO verdict (tenant_id, verdict_id, facts, jurisdictions)
SELECT %(tenant_id)s, v.verdict_id, v.facts, v.jurisdictions
FROM unnest(%(verdict_ids)b::uuid[], %(facts)b::text[], %(jurisdictions)b::text[])
    AS v (verdict_id, facts, jurisdictions)
ORDER BY v.verdict_id
ON CONFLICT DO NOTHING
"""


def insert(  # noqa: PLR0913 - the columns of a block
    uow: UnitOfWork,
    *,
    ids: Sequence[UUID],
    contacts: UuidArray,
    hashes: HashArray,
    messages: UuidArray,
    verdict_numbers: Sequence[int],
    verdicts: Sequence[StoredVerdict],
    channel: Channel,
    category: Category,
    branch_id: UUID | None,
    at: datetime,
) -> None:
    """Stores the decisions of a block and what they saw with the commit; numbers name verdicts from 1."""
    verdict_ids = [verdict.verdict_id(ids[0]) for verdict in verdicts]
    seen = {
        "tenant_id": uow.tenant_id,
        "verdict_ids": verdict_ids,
        "facts": [verdict.facts for verdict in verdicts],
        "jurisdictions": [verdict.jurisdictions for verdict in verdicts],
    }
    uow.defer(_INSERT_VERDICTS, seen)
    uow.defer(
        _INSERT,
        {
            "tenant_id": uow.tenant_id,
            "ids": uuid_array([one.bytes for one in ids]),
            "contacts": contacts,
            "hashes": hashes,
            "messages": messages,
            "verdicts": ints(verdict_numbers),
            "outcomes": [verdict.outcome for verdict in verdicts],
            "reasons": [verdict.reason for verdict in verdicts],
            "defer_untils": [verdict.defer_until for verdict in verdicts],
            "checks": [verdict.checks for verdict in verdicts],
            "details": [verdict.detail for verdict in verdicts],
            "time_zones": [verdict.time_zone for verdict in verdicts],
            "verdict_ids": verdict_ids,
            "branch_id": branch_id,
            "channel": channel,
            "category": category.name,
            "at": at,
            "now": uow.now(),
        },
    )


_SELECT = """
SELECT d.decision_id, d.contact_id, d.message_id, d.channel, d.category, d.outcome, d.reason, d.defer_until, d.checks,
    d.detail, d.time_zone, coalesce(v.facts, ''), coalesce(v.jurisdictions, ''), d.evaluated_for, d.created_at,
    d.branch_id
FROM decision AS d LEFT JOIN verdict AS v ON v.tenant_id = d.tenant_id AND v.verdict_id = d.verdict_id
WHERE d.tenant_id = %(tenant_id)s
"""


def _stored(row: Sequence[Any]) -> StoredDecision:
    decision_id, contact_id, message_id, channel, category = row[:5]
    verdict, (evaluated_for, created_at, branch_id) = StoredVerdict(*row[5:13]), row[13:]
    return StoredDecision(
        decision_id, contact_id, message_id, channel, category, verdict, evaluated_for, created_at, branch_id
    )


async def by_id(uow: UnitOfWork, decision_id: UUID) -> StoredDecision | None:
    """Returns a stored decision."""
    row = await uow.fetch_one(
        f"{_SELECT} AND d.decision_id = %(id)s", {"tenant_id": uow.tenant_id, "id": decision_id}
    )
    return None if row is None else _stored(row)


async def page(
    uow: UnitOfWork,
    *,
    contact_id: UUID | None,
    message_id: UUID | None,
    outcome: str | None,
    start: datetime | None,
    end: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[StoredDecision]:
    """Returns stored decisions newest first, those older than the one a page ended with."""
    filters = {
        "contact_id": ("d.contact_id = %(contact_id)s", contact_id),
        "message_id": ("d.message_id = %(message_id)s", message_id),
        "outcome": ("d.outcome = %(outcome)s", outcome),
        "start": ("d.created_at >= %(start)s", start),
        "end": ("d.created_at < %(end)s", end),
        "before": ("d.decision_id < %(before)s", before),
    }
    given = {name: value for name, (_, value) in filters.items() if value is not None}
    conditions = "".join(f" AND {filters[name][0]}" for name in given)
    rows = await uow.fetch_all(
        f"{_SELECT}{conditions} ORDER BY d.decision_id DESC LIMIT %(limit)s",
        {"tenant_id": uow.tenant_id, "limit": limit, **given},
    )
    return [_stored(row) for row in rows]
