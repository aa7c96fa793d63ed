"""The SQL of asking providers later: whose messages are asked for, and when next."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns

FIRST: Final = timedelta(minutes=2)
LONGEST: Final = timedelta(hours=6)
KEPT: Final = timedelta(hours=72)
"""So long messages are asked for (DEL-80)."""

_ADD: Final = """
INSERT INTO provider_poll (
    tenant_id, message_id, account_id, provider, provider_message_id, campaign_id, attempt, cost_before, sent_at, due_at)
SELECT %(tenant_id)s, m.message_id, %(account_id)s, %(provider)s, r.name, m.campaign_id, r.attempt,
    coalesce(m.cost, 0), %(now)s, %(due_at)s
FROM unnest(%(ids)b::uuid[], %(names)b::text[], %(attempts)b::int2[]) AS r (id, name, attempt)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
ON CONFLICT (tenant_id, message_id) DO UPDATE SET account_id = excluded.account_id, provider = excluded.provider,
    provider_message_id = excluded.provider_message_id, attempt = excluded.attempt,
    cost_before = excluded.cost_before, sent_at = excluded.sent_at, due_at = excluded.due_at, poll_count = 0
"""

# Taking is pushing the instant of the next question: another replica passes these over, a lost one delays them.
_TAKE: Final = """
WITH due AS (
    SELECT tenant_id, message_id FROM provider_poll WHERE due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE provider_poll p SET poll_count = p.poll_count + 1,
    due_at = %(now)s + least(%(first)s * power(2, p.poll_count + 1), %(longest)s::interval)
FROM due d WHERE p.tenant_id = d.tenant_id AND p.message_id = d.message_id
RETURNING p.tenant_id, p.account_id, p.provider, p.message_id, p.provider_message_id, p.sent_at
"""

_DROP: Final = "DELETE FROM provider_poll WHERE tenant_id = %s AND message_id = ANY (%b::uuid[])"

_FORGET: Final = """
DELETE FROM provider_poll WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM provider_poll WHERE sent_at < %s LIMIT %s)
"""


class Sent(NamedTuple):
    """A message that a provider took and calls by a name."""

    message_id: bytes
    name: str
    attempt: int


class Due(NamedTuple):
    """A message to ask for."""

    tenant_id: UUID
    account_id: UUID
    provider: str
    message_id: UUID
    name: str
    sent_at: datetime


def adding(
    tenant_id: UUID | None, account_id: UUID, provider: str, sent: Sequence[Sent], now: datetime
) -> tuple[str, dict[str, object]]:
    """Returns what notes that messages will be asked for; to be run before their costs are added."""
    return _ADD, {
        "tenant_id": tenant_id,
        "account_id": account_id,
        "provider": provider,
        "now": now,
        "due_at": now + FIRST,
        "ids": columns.uuids([one.message_id for one in sent]),
        "names": columns.texts([one.name for one in sent]),
        "attempts": columns.smallints([one.attempt for one in sent]),
    }


async def take(uow: UnitOfWork, now: datetime, limit: int) -> list[Due]:
    """Returns messages whose time has come, and puts them off; needs a unit of work across tenants."""
    row = {"now": now, "limit": limit, "first": FIRST, "longest": LONGEST}
    return [Due(*found) for found in await uow.fetch_all(_TAKE, row)]


async def drop(uow: UnitOfWork, message_ids: Iterable[UUID]) -> None:
    """Asks for messages no more."""
    await uow.execute(_DROP, (uow.tenant_id, columns.uuids([one.bytes for one in message_ids])))


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Asks no more for messages sent before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (before, limit))
