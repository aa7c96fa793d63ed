"""SQL of preferences and unsubscribe actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7, uuid7s
from services.common.rpc.context import maybe_caller


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contact stands across channels; the defaults are those of one who never said anything."""

    opted_out: bool = False
    opted_out_at: datetime | None = None
    opt_out_source: str | None = None
    is_dnd: bool = False
    token_version: int = 1


async def standing(uow: UnitOfWork, contact_id: UUID) -> Standing:
    """Returns where a contact stands; reading creates nothing (CON-28)."""
    row = await uow.fetch_one(
        "SELECT marketing_opted_out, opted_out_at, opt_out_source, is_dnd, token_version FROM preference"
        " WHERE tenant_id = %s AND contact_id = %s",
        (uow.tenant_id, contact_id),
    )
    return Standing(*row) if row else Standing()


async def language(uow: UnitOfWork, contact_id: UUID) -> str:
    """Returns the language a contact prefers; empty when it is not known."""
    found: str | None = await uow.fetch_value(
        "SELECT coalesce(p.language, c.language) FROM contact AS c"
        " LEFT JOIN preference AS p ON p.tenant_id = c.tenant_id AND p.contact_id = c.contact_id"
        " WHERE c.tenant_id = %s AND c.contact_id = %s",
        (uow.tenant_id, contact_id),
    )
    return found or ""


_OPT_OUT = """
INSERT INTO preference AS known
    (tenant_id, contact_id, marketing_opted_out, opted_out_at, opt_out_source, created_at, updated_at)
SELECT %(tenant_id)s, contact_id, true, %(now)s, %(source)s, %(now)s, %(now)s
FROM unnest(%(contacts)b::uuid[]) AS contact_id
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET
    marketing_opted_out = true, opted_out_at = excluded.opted_out_at, opt_out_source = excluded.opt_out_source,
    updated_at = excluded.updated_at, version = known.version + 1
WHERE NOT known.marketing_opted_out
RETURNING contact_id
"""


async def opt_out(uow: UnitOfWork, contact_ids: Sequence[UUID], source: str) -> set[UUID]:
    """Sets the flag that stops all marketing and returns the contacts for whom it was not set before."""
    rows = await uow.fetch_all(
        _OPT_OUT,
        {
            "tenant_id": uow.tenant_id,
            "contacts": sorted(set(contact_ids)),
            "source": source,
            "now": uow.now(),
        },
    )
    return {contact_id for (contact_id,) in rows}


async def cancel_opt_out(uow: UnitOfWork, contact_id: UUID) -> bool:
    """Clears the flag that stops all marketing; returns whether it was set."""
    return bool(
        await uow.execute(
            "UPDATE preference SET marketing_opted_out = false, opted_out_at = NULL, opt_out_source = NULL,"
            " updated_at = %s, version = version + 1"
            " WHERE tenant_id = %s AND contact_id = %s AND marketing_opted_out",
            (uow.now(), uow.tenant_id, contact_id),
        )
    )


async def set_dnd(uow: UnitOfWork, contact_id: UUID, *, is_dnd: bool) -> bool:
    """Asserts do-not-disturb for a contact, or takes it back; returns whether that changed anything."""
    return bool(
        await uow.execute(
            "INSERT INTO preference AS known (tenant_id, contact_id, is_dnd, created_at, updated_at)"
            " SELECT %(tenant_id)s, %(contact_id)s, %(is_dnd)s, %(now)s, %(now)s"
            " WHERE %(is_dnd)s OR EXISTS ("
            "SELECT FROM preference WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)"
            " ON CONFLICT (tenant_id, contact_id) DO UPDATE SET is_dnd = excluded.is_dnd,"
            " updated_at = excluded.updated_at, version = known.version + 1"
            " WHERE known.is_dnd <> excluded.is_dnd",
            {"tenant_id": uow.tenant_id, "contact_id": contact_id, "is_dnd": is_dnd, "now": uow.now()},
        )
    )


_UNSUBSCRIBED = """
INSERT INTO preference AS known (tenant_id, contact_id, unsubscribed_at, created_at, updated_at)
VALUES (%(tenant_id)s, %(contact_id)s, %(now)s, %(now)s, %(now)s)
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET unsubscribed_at = excluded.unsubscribed_at
"""
_ACTION = """
INSERT INTO unsubscribe_action
    (tenant_id, unsubscribe_action_id, contact_id, channel, method, message_id, campaign_id, ip_address, user_agent,
    created_at)
VALUES (%(tenant_id)s, %(id)s, %(contact_id)s, %(channel)s, %(method)s, %(message_id)s, %(campaign_id)s,
    %(ip_address)s, %(user_agent)s, %(now)s)
"""


@dataclass(frozen=True, slots=True)
class UnsubscribeAction:
    """What somebody did to unsubscribe (CON-10)."""

    contact_id: UUID | None
    channel: str | None
    """None for every channel."""
    method: str
    message_id: UUID | None
    campaign_id: UUID | None
    ip_address: str | None
    user_agent: str | None


async def add_action(uow: UnitOfWork, action: UnsubscribeAction) -> None:
    """Records an unsubscribe action."""
    now = uow.now()
    await uow.execute(
        _ACTION,
        {
            "tenant_id": uow.tenant_id,
            "id": uuid7(),
            "contact_id": action.contact_id,
            "channel": action.channel,
            "method": action.method,
            "message_id": action.message_id,
            "campaign_id": action.campaign_id,
            "ip_address": action.ip_address,
            "user_agent": action.user_agent,
            "now": now,
        },
    )
    if action.contact_id is not None:
        await uow.execute(
            _UNSUBSCRIBED, {"tenant_id": uow.tenant_id, "contact_id": action.contact_id, "now": now}
        )


_VOID = """
INSERT INTO preference AS known (tenant_id, contact_id, token_version, created_at, updated_at)
VALUES (%(tenant_id)s, %(contact_id)s, 2, %(now)s, %(now)s)
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET token_version = known.token_version + 1
RETURNING token_version
"""


async def raise_token_version(uow: UnitOfWork, contact_id: UUID) -> int:
    """Voids every link made for a contact so far and returns the version that links carry from now on."""
    version: int = await uow.fetch_value(
        _VOID, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now()}
    )
    return version


# The switch follows from a grant, so its history names who granted; a row of fields is not made for it.
_TURN_ON = """
WITH turned AS (
    INSERT INTO category_preference (tenant_id, contact_id, category_or_group, channel, enabled, updated_at)
    SELECT %(tenant_id)s, contact_id, %(group)s, %(channel)s, true, %(now)s
    FROM unnest(%(contacts)b::uuid[]) AS contact_id
    ON CONFLICT (tenant_id, contact_id, channel, category_or_group) DO NOTHING
    RETURNING contact_id
), known AS (
    UPDATE preference AS p SET version = p.version + 1, updated_at = %(now)s
    FROM turned WHERE p.tenant_id = %(tenant_id)s AND p.contact_id = turned.contact_id
)
INSERT INTO preference_history (tenant_id, preference_history_id, contact_id, changed_by, changes, source, created_at)
SELECT %(tenant_id)s, asked.history_id, turned.contact_id, %(actor)s, %(changes)s, 'system', %(now)s
FROM turned JOIN unnest(%(contacts)b::uuid[], %(ids)b::uuid[]) AS asked (contact_id, history_id) USING (contact_id)
"""


async def turn_on_unless_said(uow: UnitOfWork, contact_ids: Sequence[UUID], group: str, channel: str) -> None:
    """Switches a group that is off by default on, for contacts who never said anything about it, with history."""
    contacts = sorted(set(contact_ids))
    caller = maybe_caller()
    await uow.execute(
        _TURN_ON,
        {
            "tenant_id": uow.tenant_id,
            "contacts": contacts,
            "ids": uuid7s(len(contacts)),
            "group": group,
            "channel": channel,
            "actor": caller.subject if caller else "system",
            "changes": Jsonb({f"category.{group}.{channel}": {"from": False, "to": True}}),
            "now": uow.now(),
        },
    )
