"""Codes of which each recipient of a message gets their own: taken before, issued by what went out, given back else (W5)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.campaign.coupons import codes
from services.campaign.coupons.domain import CodeKind, Coupon
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

_ADD = """
INSERT INTO coupon_code (tenant_id, code, coupon_id, state, created_at, updated_at)
SELECT %(tenant_id)s, new.code, %(coupon_id)s, 'free', %(now)s, %(now)s
FROM unnest(%(codes)b::text[]) AS new (code)
WHERE NOT EXISTS (SELECT FROM coupon WHERE tenant_id = %(tenant_id)s AND code = new.code)
ON CONFLICT (tenant_id, code) DO NOTHING
RETURNING code
"""

# Who already has a code keeps it: a hand-over that is repeated after a crash gets the same answer.
_HAS = """
SELECT message_id, code FROM coupon_code
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(messages)b::uuid[])
"""

_TAKE = f"""
WITH wanted AS (
    SELECT message_id, contact_id, row_number() OVER () AS place
    FROM {named_unnest({"message_id": "uuid", "contact_id": "uuid"})}
), free AS (
    SELECT code, row_number() OVER () AS place FROM (
        SELECT code FROM coupon_code
        WHERE tenant_id = %(tenant_id)s AND coupon_id = %(coupon_id)s AND state = 'free'
        ORDER BY updated_at, code LIMIT %(count)s FOR UPDATE SKIP LOCKED
    ) AS picked
)
UPDATE coupon_code AS c SET state = 'held', message_id = wanted.message_id, contact_id = wanted.contact_id,
    last_message_id = NULL, last_contact_id = NULL, campaign_id = %(campaign_id)s, updated_at = %(now)s
FROM free JOIN wanted USING (place)
WHERE c.tenant_id = %(tenant_id)s AND c.code = free.code
RETURNING c.message_id, c.code
"""  # noqa: S608 - names of columns

_MAKE = f"""
INSERT INTO coupon_code
    (tenant_id, code, coupon_id, state, contact_id, message_id, campaign_id, created_at, updated_at)
SELECT %(tenant_id)s, new.code, %(coupon_id)s, 'held', new.contact_id, new.message_id, %(campaign_id)s, %(now)s, %(now)s
FROM {named_unnest({"code": "text", "message_id": "uuid", "contact_id": "uuid"}, "new")}
WHERE NOT EXISTS (SELECT FROM coupon WHERE tenant_id = %(tenant_id)s AND code = new.code)
ON CONFLICT DO NOTHING
RETURNING message_id, code
"""  # noqa: S608 - names of columns

_ISSUE = """
UPDATE coupon_code SET state = 'issued', updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(messages)b::uuid[]) AND state = 'held'
"""

_HAND_ON = f"""
UPDATE coupon_code AS c SET state = 'issued', message_id = new.message_id, updated_at = %(now)s
FROM {named_unnest({"holder": "uuid", "message_id": "uuid"}, "new")}
WHERE c.tenant_id = %(tenant_id)s AND c.message_id = new.holder AND c.state = 'held'
"""  # noqa: S608 - names of columns

# It goes behind all others, and remembers whose it was: a message that is tried again gets it back.
_RETURN = """
UPDATE coupon_code SET state = 'free', last_message_id = message_id, last_contact_id = contact_id, contact_id = NULL,
    message_id = NULL, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(messages)b::uuid[]) AND state = ANY(%(states)s)
"""


_RETAKE = """
UPDATE coupon_code SET state = 'held', message_id = last_message_id, contact_id = last_contact_id,
    last_message_id = NULL, last_contact_id = NULL, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND last_message_id = ANY(%(messages)b::uuid[]) AND state = 'free'
"""


async def add(uow: UnitOfWork, coupon_id: UUID, texts: Sequence[str]) -> set[str]:
    """Adds canonical codes to a pool; returns those that are new."""
    rows = await uow.fetch_all(
        _ADD,
        {"tenant_id": uow.tenant_id, "coupon_id": coupon_id, "codes": list(texts), "now": uow.now()},
    )
    return {code for (code,) in rows}


async def of_coupon(uow: UnitOfWork, coupon_id: UUID, texts: Sequence[str]) -> set[str]:
    """Returns which of these codes a coupon has."""
    rows = await uow.fetch_all(
        "SELECT code FROM coupon_code WHERE tenant_id = %(tenant_id)s AND coupon_id = %(coupon_id)s "
        "AND code = ANY(%(codes)b::text[])",
        {"tenant_id": uow.tenant_id, "coupon_id": coupon_id, "codes": list(texts)},
    )
    return {code for (code,) in rows}


async def take(
    uow: UnitOfWork, coupon: Coupon, recipients: Mapping[UUID, UUID], campaign_id: UUID | None
) -> dict[UUID, str]:
    """Holds a code for each message, once however often it is asked.

    Args:
        uow: The unit of work that hands the messages over.
        coupon: Its recipients have codes of their own.
        recipients: Contact of each message.
        campaign_id: Campaign that sends them.

    Returns:
        The code of each message; messages for which the pool has none left are missing.
    """
    values = {
        "tenant_id": uow.tenant_id,
        "coupon_id": coupon.coupon_id,
        "campaign_id": campaign_id,
        "now": uow.now(),
        "messages": list(recipients),
    }
    found: dict[UUID, str] = dict(await uow.fetch_all(_HAS, values))
    missing = [(message, contact) for message, contact in recipients.items() if message not in found]
    while missing:
        if coupon.code_kind is CodeKind.POOL:
            messages, contacts = columns(missing, 2)
            pairs = {"message_id": messages, "contact_id": contacts}
            found.update(await uow.fetch_all(_TAKE, {**values, **pairs, "count": len(missing)}))
            break
        made = columns([(codes.generate(), *pair) for pair in missing], 3)
        named = dict(zip(("code", "message_id", "contact_id"), made, strict=True))
        found.update(await uow.fetch_all(_MAKE, {**values, **named}))
        # A code that happened to exist is made anew.
        missing = [pair for pair in missing if pair[0] not in found]
    return found


async def has_codes(uow: UnitOfWork) -> bool:
    """Returns whether the tenant has a code at all; most have none, and their messages need not be looked at."""
    found: bool = await uow.fetch_value(
        "SELECT EXISTS (SELECT FROM coupon_code WHERE tenant_id = %s)", (uow.tenant_id,)
    )
    return found


async def issue(uow: UnitOfWork, messages: Sequence[UUID]) -> int:
    """Gives the codes of messages that went out to their contacts, for good."""
    return await uow.execute(_ISSUE, _named(uow, messages))


async def hand_on(uow: UnitOfWork, messages: Mapping[UUID, UUID]) -> None:
    """Issues codes that were held before their messages had ids, and names the messages that carry them."""
    if messages:
        await uow.execute(
            _HAND_ON,
            {
                "now": uow.now(),
                "tenant_id": uow.tenant_id,
                "holder": list(messages),
                "message_id": list(messages.values()),
            },
        )


async def give_back(uow: UnitOfWork, messages: Sequence[UUID]) -> int:
    """Returns the codes of messages that did not go out to the pool; one that went out keeps its own."""
    return await uow.execute(_RETURN, {**_named(uow, messages), "states": ["held"]}) if messages else 0


async def take_back(uow: UnitOfWork, messages: Sequence[UUID]) -> int:
    """Returns codes that were issued with messages of which it turned out that they never left; used ones stay."""
    return await uow.execute(_RETURN, {**_named(uow, messages), "states": ["issued"]}) if messages else 0


async def retake(uow: UnitOfWork, messages: Sequence[UUID]) -> int:
    """Holds the codes of messages that are tried again, unless somebody else got them meanwhile."""
    return await uow.execute(_RETAKE, _named(uow, messages))


async def counts(uow: UnitOfWork, coupon_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Returns how many codes of coupons are in each state."""
    rows = await uow.fetch_all(
        "SELECT coupon_id, state, count(*) FROM coupon_code WHERE tenant_id = %s AND coupon_id = ANY(%s) "
        "GROUP BY coupon_id, state",
        (uow.tenant_id, list(coupon_ids)),
    )
    found: dict[UUID, dict[str, int]] = {}
    for coupon_id, state, number in rows:
        found.setdefault(coupon_id, {})[state] = number
    return found


async def campaign_of(uow: UnitOfWork, code: str) -> UUID | None:
    """Returns the campaign whose message brought a code, or None."""
    found: UUID | None = await uow.fetch_value(
        "SELECT campaign_id FROM coupon_code WHERE tenant_id = %s AND code = %s", (uow.tenant_id, code)
    )
    return found


async def mark(uow: UnitOfWork, code: str, *, is_redeemed: bool) -> None:
    """Notes that a code was redeemed, or that its redemption was reversed."""
    before, after = ("issued", "redeemed") if is_redeemed else ("redeemed", "issued")
    await uow.execute(
        "UPDATE coupon_code SET state = %s, updated_at = %s WHERE tenant_id = %s AND code = %s AND state = %s",
        (after, uow.now(), uow.tenant_id, code, before),
    )


def _named(uow: UnitOfWork, messages: Sequence[UUID]) -> dict[str, object]:
    return {"tenant_id": uow.tenant_id, "messages": list(messages), "now": uow.now()}
