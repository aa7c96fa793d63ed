"""The SQL of push devices: one statement for those of a whole block."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.devices.domain import MOST_DEVICES

_COLUMNS = """device_id, contact_id, platform, kind, app_id, language_code, time_zone, created_at, last_seen_at,
    disabled_at, disabled_reason, staff_id"""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('delivery.device', 0) # %s)"

_TAKE = """
DELETE FROM push_device WHERE tenant_id = %(tenant_id)s AND app_id = %(app_id)s AND token_hash = ANY (%(hashes)b::bytea[])
  AND contact_id <> %(contact_id)s
"""

_KNOWN = """
SELECT device_id FROM push_device
WHERE tenant_id = %(tenant_id)s AND app_id = %(app_id)s AND token_hash = ANY (%(hashes)b::bytea[])
"""

# Another call with the same token may have been first: then this one moves it.
_PUT = f"""
INSERT INTO push_device (
    tenant_id, device_id, contact_id, platform, kind, app_id, token_hash, sealed, language_code, time_zone, created_at,
    last_seen_at, disabled_reason, staff_id)
VALUES (%(tenant_id)s, %(device_id)s, %(contact_id)s, %(platform)s, %(kind)s, %(app_id)s, %(token_hash)s, %(sealed)s,
    %(language_code)s, %(time_zone)s, %(now)s, %(now)s, '', %(staff_id)s)
ON CONFLICT (tenant_id, app_id, token_hash) DO UPDATE
SET device_id = excluded.device_id, contact_id = excluded.contact_id, platform = excluded.platform,
    kind = excluded.kind, sealed = excluded.sealed, language_code = excluded.language_code,
    time_zone = excluded.time_zone, last_seen_at = excluded.last_seen_at, disabled_at = NULL, disabled_reason = '',
    staff_id = excluded.staff_id
RETURNING {_COLUMNS}
"""

_REHASH = """
UPDATE push_device SET token_hash = %(token_hash)s
WHERE tenant_id = %(tenant_id)s AND device_id = %(device_id)s AND token_hash <> %(token_hash)s
"""

_LEAVE = """
DELETE FROM push_device WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND device_id IN (
    SELECT device_id FROM push_device WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s
    ORDER BY (disabled_at IS NULL) DESC, last_seen_at DESC, device_id DESC OFFSET %(most)s)
"""

_PAGE = f"""
SELECT {_COLUMNS} FROM push_device
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND (%(after)s::uuid IS NULL OR device_id < %(after)s)
ORDER BY device_id DESC LIMIT %(limit)s
"""

# The id of a contact, or the one of a staff member. As probes, one per person: as a join, all devices of the tenant might be read.
_ENABLED = f"""
SELECT uuid_send(r.id), d.device_id, d.kind, d.app_id, d.sealed, d.last_seen_at, uuid_send(k.secret)
FROM unnest(%(contacts)b::uuid[]) AS r (id)
CROSS JOIN LATERAL (
    SELECT device_id, kind, app_id, sealed, last_seen_at FROM push_device
    WHERE tenant_id = %(tenant_id)s AND contact_id = r.id AND disabled_at IS NULL
    ORDER BY device_id LIMIT {MOST_DEVICES}
) AS d
LEFT JOIN LATERAL (
    SELECT secret FROM person_key WHERE tenant_id = %(tenant_id)s AND contact_id = r.id LIMIT 1
) AS k ON true
"""

# A device that came back after its token had died is another one under the same name.
_DISABLE = """
UPDATE push_device d SET disabled_at = %(now)s, disabled_reason = r.reason
FROM unnest(%(ids)b::uuid[], %(reasons)b::text[], %(since)b::timestamptz[]) AS r (id, reason, since)
WHERE d.tenant_id = %(tenant_id)s AND d.device_id = r.id AND d.disabled_at IS NULL AND d.last_seen_at <= r.since
"""

_ATTEMPTS = """
INSERT INTO push_attempt (
    tenant_id, message_id, number, device_id, provider, account_id, finished_at, outcome, code, detail,
    provider_message_id)
SELECT %(tenant_id)s, r.message_id, r.number, r.device_id, r.provider, r.account_id, %(now)s, r.outcome, r.code, r.detail,
    r.provider_id
FROM unnest(%(messages)b::uuid[], %(numbers)b::int2[], %(devices)b::uuid[], %(providers)b::text[], %(accounts)b::uuid[],
    %(outcomes)b::int2[], %(codes)b::text[], %(details)b::text[], %(provider_ids)b::text[])
    AS r (message_id, number, device_id, provider, account_id, outcome, code, detail, provider_id)
ON CONFLICT (tenant_id, message_id, number, device_id) DO UPDATE
SET provider = excluded.provider, account_id = excluded.account_id, finished_at = excluded.finished_at,
    outcome = excluded.outcome, code = excluded.code, detail = excluded.detail,
    provider_message_id = excluded.provider_message_id
"""

_TRIED = """
SELECT number, device_id, provider, account_id, finished_at, outcome, code, detail, provider_message_id
FROM push_attempt WHERE tenant_id = %s AND message_id = %s ORDER BY number, device_id
"""

_UNSEEN = """
DELETE FROM push_device WHERE (tenant_id, device_id) IN (
    SELECT tenant_id, device_id FROM push_device WHERE last_seen_at < %s ORDER BY last_seen_at LIMIT %s)
"""


class Device(NamedTuple):
    """A device without its token."""

    device_id: UUID
    contact_id: UUID
    platform: int
    kind: int
    app_id: str
    language_code: str
    time_zone: str
    created_at: datetime
    last_seen_at: datetime
    disabled_at: datetime | None
    disabled_reason: str
    staff_id: str | None


class Reachable(NamedTuple):
    """A device that messages go to; its token is sealed."""

    contact_id: bytes
    device_id: UUID
    kind: int
    app_id: str
    sealed: bytes
    seen_at: datetime
    secret: bytes | None


class Tried(NamedTuple):
    """What came of one device in one try of a message."""

    message_id: bytes
    number: int
    device_id: UUID
    provider: str
    account_id: UUID
    outcome: int
    code: str
    detail: str
    provider_message_id: str


class Shown(NamedTuple):
    """The same as it is read."""

    number: int
    device_id: UUID
    provider: str
    account_id: UUID
    finished_at: datetime
    outcome: int
    code: str
    detail: str
    provider_message_id: str


class Gone(NamedTuple):
    """A device that nothing reaches any more, since when and why."""

    device_id: UUID
    reason: str
    since: datetime


async def lock(uow: UnitOfWork, contact_id: UUID) -> None:
    """Lets registrations of a contact follow each other until the commit."""
    await uow.execute(_LOCK, (int.from_bytes(contact_id.bytes[8:], "big", signed=True),))


async def known(uow: UnitOfWork, contact_id: UUID, app_id: str, hashes: Sequence[bytes]) -> UUID | None:
    """Takes a token away from other contacts, and returns the contact's own device with it."""
    params = {
        "tenant_id": uow.tenant_id,
        "contact_id": contact_id,
        "app_id": app_id,
        "hashes": columns.blobs(hashes),
    }
    _, found = await uow.run_together((_TAKE, params), (_KNOWN, params))
    return found.rows[0][0] if found.rows else None


async def put(uow: UnitOfWork, row: dict[str, object]) -> Device:
    """Stores a device under its token's hash, also where the hash was made with an earlier key."""
    params = {"tenant_id": uow.tenant_id, "now": uow.now(), **row}
    leave = {"tenant_id": uow.tenant_id, "contact_id": row["contact_id"], "most": MOST_DEVICES}
    _, stored, _ = await uow.run_together((_REHASH, params), (_PUT, params), (_LEAVE, leave))
    return Device(*stored.rows[0])


async def leave_oldest(uow: UnitOfWork, contact_id: UUID) -> None:
    """Removes what a contact has beyond the most devices one may have."""
    await uow.execute(_LEAVE, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "most": MOST_DEVICES})


async def remove(uow: UnitOfWork, contact_id: UUID, device_id: UUID) -> bool:
    """Removes a contact's device; false when it has no such device."""
    return bool(
        await uow.execute(
            "DELETE FROM push_device WHERE tenant_id = %s AND contact_id = %s AND device_id = %s",
            (uow.tenant_id, contact_id, device_id),
        )
    )


async def remove_token(uow: UnitOfWork, contact_id: UUID, app_id: str, hashes: Sequence[bytes]) -> bool:
    """Removes a contact's device by its token; false when it has no such device."""
    return bool(
        await uow.execute(
            "DELETE FROM push_device WHERE tenant_id = %s AND contact_id = %s AND app_id = %s"
            " AND token_hash = ANY (%b::bytea[])",
            (uow.tenant_id, contact_id, app_id, columns.blobs(hashes)),
        )
    )


async def page(uow: UnitOfWork, contact_id: UUID, after: UUID | None, limit: int) -> list[Device]:
    """Returns devices of a contact, newest first."""
    params = {"tenant_id": uow.tenant_id, "contact_id": contact_id, "after": after, "limit": limit}
    return [Device(*row) for row in await uow.fetch_all(_PAGE, params)]


async def enabled(uow: UnitOfWork, contacts: Sequence[bytes]) -> list[Reachable]:
    """Returns the enabled devices of many contacts in one statement."""
    rows = await uow.fetch_all(
        _ENABLED, {"tenant_id": uow.tenant_id, "contacts": columns.uuids(sorted(set(contacts)))}
    )
    return [Reachable(*row) for row in rows]


def record(uow: UnitOfWork, tried: Sequence[Tried], gone: Sequence[Gone], now: datetime) -> None:
    """Writes down what came of devices with the commit, and disables those that are gone."""
    if tried:
        uow.defer(
            _ATTEMPTS,
            {
                "tenant_id": uow.tenant_id,
                "now": now,
                "messages": columns.uuids([one.message_id for one in tried]),
                "numbers": columns.smallints([one.number for one in tried]),
                "devices": columns.uuids([one.device_id.bytes for one in tried]),
                "providers": columns.texts([one.provider for one in tried]),
                "accounts": columns.uuids([one.account_id.bytes for one in tried]),
                "outcomes": columns.smallints([one.outcome for one in tried]),
                "codes": columns.texts([one.code for one in tried]),
                "details": columns.texts([one.detail for one in tried]),
                "provider_ids": columns.texts([one.provider_message_id for one in tried]),
            },
        )
    if gone:
        uow.defer(
            _DISABLE,
            {
                "tenant_id": uow.tenant_id,
                "now": now,
                "ids": columns.uuids([one.device_id.bytes for one in gone]),
                "reasons": columns.texts([one.reason for one in gone]),
                "since": columns.instants([one.since for one in gone]),
            },
        )


async def tried(uow: UnitOfWork, message_id: UUID) -> list[Shown]:
    """Returns what came of each device in each try of a message."""
    return [Shown(*row) for row in await uow.fetch_all(_TRIED, (uow.tenant_id, message_id))]


async def forget_unseen(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes up to so many devices that were not seen since; needs a unit of work across tenants."""
    return await uow.execute(_UNSEEN, (before, limit))
