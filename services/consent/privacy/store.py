"""SQL of privacy requests and their steps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.consent.privacy.domain import STEPS, Erased, Request, Step

_COLUMNS: Final = (
    "tenant_id, privacy_request_id, contact_id, tombstone_id, kind, state, format, requested_by, verified_by, reason,"
    " requested_at, due_at, completed_at, result_expires_at, result_size, failure_reason, receipt, receipt_signature,"
    " receipt_key_id"
)
_STEP: Final = "number, service, action, is_done, rows, remaining, attempts, error, stores, completed_at"

_INSERT: Final = """
INSERT INTO privacy_request (tenant_id, privacy_request_id, contact_id, tombstone_id, kind, state, format, requested_by,
    verified_by, reason, requested_at, due_at, next_at, archive_master_id, archive_key, suppression_ids)
VALUES (%(tenant_id)s, %(request_id)s, %(contact_id)s, %(tombstone_id)s, %(kind)s, 'received', %(format)s,
    %(requested_by)s, %(verified_by)s, %(reason)s, %(now)s, %(due_at)s, %(now)s, %(master_id)s, %(archive_key)s,
    %(suppression_ids)s)
"""

_INSERT_STEPS: Final = """
INSERT INTO privacy_step (tenant_id, privacy_request_id, number, service, action)
SELECT %s, %s, n, service, action FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS step (service, action, n)
"""


async def insert(
    uow: UnitOfWork,
    request: Request,
    *,
    archive: tuple[str, bytes] | None,
    suppression_ids: Sequence[UUID] = (),
) -> None:
    """Adds a request with its steps."""
    await uow.execute(
        _INSERT,
        {
            "tenant_id": request.tenant_id,
            "request_id": request.request_id,
            "contact_id": request.contact_id,
            "tombstone_id": request.tombstone_id,
            "kind": request.kind,
            "format": request.format,
            "requested_by": request.requested_by,
            "verified_by": request.verified_by,
            "reason": request.reason,
            "now": request.requested_at,
            "due_at": request.due_at,
            "master_id": archive[0] if archive else None,
            "archive_key": archive[1] if archive else None,
            "suppression_ids": Jsonb([str(one) for one in suppression_ids]),
        },
    )
    steps = STEPS[request.kind]
    await uow.execute(
        _INSERT_STEPS,
        (request.tenant_id, request.request_id, [one for one, _ in steps], [two for _, two in steps]),
    )


async def by_id(uow: UnitOfWork, request_id: UUID, *, lock: bool = False) -> Request | None:
    """Returns a request with its steps."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM privacy_request WHERE tenant_id = %s AND privacy_request_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, request_id),
    )
    return None if row is None else (await _with_steps(uow, [row]))[0]


async def open_of(uow: UnitOfWork, contact_id: UUID, kind: str) -> UUID | None:
    """Returns the id of a contact's open request of a kind."""
    found: UUID | None = await uow.fetch_value(
        "SELECT privacy_request_id FROM privacy_request WHERE tenant_id = %s AND contact_id = %s AND kind = %s"
        " AND state IN ('received', 'running')",
        (uow.tenant_id, contact_id, kind),
    )
    return found


async def page(
    uow: UnitOfWork,
    *,
    contact_id: UUID | None,
    kind: str | None,
    state: str | None,
    before: UUID | None,
    limit: int,
) -> list[Request]:
    """Returns requests newest first, those older than the one a page ended with."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM privacy_request WHERE tenant_id = %(tenant_id)s"
        " AND (%(contact_id)s::uuid IS NULL OR contact_id = %(contact_id)s)"
        " AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(state)s::text IS NULL OR state = %(state)s)"
        " AND (%(before)s::uuid IS NULL OR privacy_request_id < %(before)s)"
        " ORDER BY privacy_request_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "kind": kind,
            "state": state,
            "before": before,
            "limit": limit,
        },
    )
    return await _with_steps(uow, rows)


async def _with_steps(uow: UnitOfWork, rows: Sequence[tuple[Any, ...]]) -> list[Request]:
    ids = [row[1] for row in rows]
    steps: dict[UUID, list[Step]] = {one: [] for one in ids}
    if ids:
        for request_id, *step in await uow.fetch_all(
            f"SELECT privacy_request_id, {_STEP} FROM privacy_step WHERE tenant_id = %s"
            " AND privacy_request_id = ANY(%b::uuid[]) ORDER BY number",
            (uow.tenant_id, ids),
        ):
            number, service, action, is_done, count, remaining, attempts, error, stores, completed_at = step
            steps[request_id].append(
                Step(
                    number, service, action, is_done, count, remaining, attempts, error,
                    tuple(Erased(*one) for one in stores), completed_at,
                )
            )  # fmt: skip
    return [_request(row, steps[row[1]]) for row in rows]


def _request(row: tuple[Any, ...], steps: Sequence[Step]) -> Request:
    *values, document, signature, key_id = row
    found = Request(*values)
    receipt = None if document is None else (bytes(document), signature or "", key_id or "")
    return replace(found, receipt=receipt, steps=tuple(steps))


async def archive_key(uow: UnitOfWork, request_id: UUID) -> tuple[str, bytes] | None:
    """Returns the wrapped key of a request's archive; None once it was destroyed."""
    row = await uow.fetch_one(
        "SELECT archive_master_id, archive_key FROM privacy_request WHERE tenant_id = %s AND privacy_request_id = %s"
        " AND archive_key IS NOT NULL",
        (uow.tenant_id, request_id),
    )
    return None if row is None else (row[0], bytes(row[1]))


async def begin(uow: UnitOfWork, request_id: UUID) -> None:
    """Notes that a request runs."""
    await uow.execute(
        "UPDATE privacy_request SET state = 'running' WHERE tenant_id = %s AND privacy_request_id = %s"
        " AND state = 'received'",
        (uow.tenant_id, request_id),
    )


async def finish_step(
    uow: UnitOfWork, request_id: UUID, step: Step, *, rows: int, remaining: int, stores: Sequence[Erased]
) -> None:
    """Notes that a step is done; the request goes on at once."""
    await uow.execute(
        "UPDATE privacy_step SET is_done = true, rows = %s, remaining = %s, attempts = attempts + 1, error = '',"
        " stores = %s, completed_at = %s WHERE tenant_id = %s AND privacy_request_id = %s AND number = %s",
        (
            rows,
            remaining,
            Jsonb([[one.store, one.deleted, one.anonymized, one.keys] for one in stores]),
            uow.now(),
            uow.tenant_id,
            request_id,
            step.number,
        ),
    )
    await uow.execute(
        "UPDATE privacy_request SET next_at = %s WHERE tenant_id = %s AND privacy_request_id = %s",
        (uow.now(), uow.tenant_id, request_id),
    )


async def put_off(
    uow: UnitOfWork, request_id: UUID, step: Step, *, error: str, remaining: int, until: datetime
) -> None:
    """Notes a try that failed, and when the next one is."""
    await uow.execute(
        "UPDATE privacy_step SET attempts = attempts + 1, error = %s, remaining = %s"
        " WHERE tenant_id = %s AND privacy_request_id = %s AND number = %s",
        (error[:200], remaining, uow.tenant_id, request_id, step.number),
    )
    await uow.execute(
        "UPDATE privacy_request SET next_at = %s WHERE tenant_id = %s AND privacy_request_id = %s",
        (until, uow.tenant_id, request_id),
    )


async def complete(
    uow: UnitOfWork,
    request_id: UUID,
    *,
    result_expires_at: datetime | None = None,
    result_size: int = 0,
    receipt: tuple[bytes, str, str] | None = None,
    aftercare_at: datetime | None = None,
) -> None:
    """Ends a request that did all it should."""
    await uow.execute(
        "UPDATE privacy_request SET state = 'completed', completed_at = %s, result_expires_at = %s, result_size = %s,"
        " receipt = %s, receipt_signature = %s, receipt_key_id = %s, aftercare_at = %s"
        " WHERE tenant_id = %s AND privacy_request_id = %s",
        (
            uow.now(),
            result_expires_at,
            result_size,
            receipt[0] if receipt else None,
            receipt[1] if receipt else None,
            receipt[2] if receipt else None,
            aftercare_at,
            uow.tenant_id,
            request_id,
        ),
    )


async def end(uow: UnitOfWork, request_id: UUID, state: str, reason: str) -> None:
    """Ends a request without a result; its archive goes."""
    await uow.execute(
        "UPDATE privacy_request SET state = %s, failure_reason = %s, completed_at = %s, archive_key = NULL,"
        " archive_master_id = NULL WHERE tenant_id = %s AND privacy_request_id = %s",
        (state, reason, uow.now(), uow.tenant_id, request_id),
    )
    await drop_pieces(uow, request_id)


async def drop_pieces(uow: UnitOfWork, request_id: UUID, *, but: str | None = None) -> None:
    """Removes pieces of a request, all of them or all but those of one part."""
    await uow.execute(
        "DELETE FROM privacy_piece WHERE tenant_id = %s AND privacy_request_id = %s"
        " AND (%s::text IS NULL OR part <> %s)",
        (uow.tenant_id, request_id, but, but),
    )


async def exports_of(uow: UnitOfWork, contact_id: UUID) -> list[tuple[UUID, str]]:
    """Returns id and state of a contact's exports, locked."""
    rows = await uow.fetch_all(
        "SELECT privacy_request_id, state FROM privacy_request WHERE tenant_id = %s AND contact_id = %s"
        " AND kind = 'export' ORDER BY privacy_request_id FOR UPDATE",
        (uow.tenant_id, contact_id),
    )
    return [(request_id, state) for request_id, state in rows]


async def forget_words(uow: UnitOfWork, contact_id: UUID) -> int:
    """Clears what people wrote into a contact's requests, and the archives they had made."""
    await uow.execute(
        "DELETE FROM privacy_piece p USING privacy_request r WHERE r.tenant_id = %(tenant_id)s"
        " AND r.contact_id = %(contact_id)s AND p.tenant_id = r.tenant_id"
        " AND p.privacy_request_id = r.privacy_request_id",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id},
    )
    return await uow.execute(
        "UPDATE privacy_request SET reason = '', archive_key = NULL, archive_master_id = NULL,"
        " verified_by = CASE WHEN kind = 'export' THEN '' ELSE verified_by END"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
        " AND (reason <> '' OR archive_key IS NOT NULL OR (kind = 'export' AND verified_by <> ''))",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id},
    )


async def suppression_ids(uow: UnitOfWork, request_id: UUID) -> list[UUID]:
    """Returns the suppression entries that a request added when it was made."""
    found = await uow.fetch_value(
        "SELECT suppression_ids FROM privacy_request WHERE tenant_id = %s AND privacy_request_id = %s",
        (uow.tenant_id, request_id),
    )
    return [UUID(one) for one in found or []]


# Across tenants: what the job does next.


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenant and id of open requests whose next step is due; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, privacy_request_id FROM privacy_request WHERE state IN ('received', 'running')"
        " AND next_at <= %s ORDER BY next_at LIMIT %s",
        (now, limit),
    )
    return [(tenant_id, request_id) for tenant_id, request_id in rows]


async def late(uow: UnitOfWork, before: datetime) -> list[tuple[UUID, UUID, datetime]]:
    """Returns open requests that are due before an instant; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, privacy_request_id, due_at FROM privacy_request"
        " WHERE state IN ('received', 'running') AND due_at <= %s ORDER BY due_at",
        (before,),
    )
    return [(tenant_id, request_id, due_at) for tenant_id, request_id, due_at in rows]


async def expire_archives(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Destroys archives whose time has passed, key and pieces; needs a unit of work across tenants (GEN-47)."""
    rows = await uow.fetch_all(
        "UPDATE privacy_request SET archive_key = NULL, archive_master_id = NULL"
        " WHERE (tenant_id, privacy_request_id) IN (SELECT tenant_id, privacy_request_id FROM privacy_request"
        " WHERE archive_key IS NOT NULL AND result_expires_at <= %s LIMIT %s)"
        " RETURNING tenant_id, privacy_request_id",
        (now, limit),
    )
    for tenant_id, request_id in rows:
        await uow.execute(
            "DELETE FROM privacy_piece WHERE tenant_id = %s AND privacy_request_id = %s",
            (tenant_id, request_id),
        )
    return len(rows)


async def due_aftercare(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID, int]]:
    """Returns erasures that are looked after again, and how often they were; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, privacy_request_id, aftercare FROM privacy_request WHERE aftercare_at <= %s"
        " ORDER BY aftercare_at LIMIT %s",
        (now, limit),
    )
    return [(tenant_id, request_id, times) for tenant_id, request_id, times in rows]


async def cared_for(uow: UnitOfWork, request_id: UUID, times: int, next_at: datetime | None) -> None:
    """Notes that an erased person was looked for again."""
    await uow.execute(
        "UPDATE privacy_request SET aftercare = %s, aftercare_at = %s WHERE tenant_id = %s AND privacy_request_id = %s",
        (times, next_at, uow.tenant_id, request_id),
    )
