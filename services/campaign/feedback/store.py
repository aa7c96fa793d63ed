"""SQL of feedback and of the requests for it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.feedback.domain import Asking, Feedback, FeedbackRequest, Source, Summary
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s

_REQUEST: Final = ", ".join(field.name for field in fields(FeedbackRequest))
_FEEDBACK: Final = ", ".join(field.name for field in fields(Feedback))

_ASKED: Final = {
    "request_id": "uuid",
    "contact_id": "uuid",
    "branch_id": "uuid",
    "reference_id": "text",
    "visited_at": "timestamptz",
}
_ASK: Final = f"""
INSERT INTO feedback_request AS known
    (tenant_id, request_id, contact_id, branch_id, reference_id, visited_at, expires_at, created_at)
SELECT DISTINCT ON (contact_id, reference_id) %(tenant_id)s, request_id, contact_id, branch_id, reference_id,
    visited_at, %(expires_at)s, %(now)s
FROM {named_unnest(_ASKED)}
ORDER BY contact_id, reference_id
ON CONFLICT (tenant_id, contact_id, reference_id) DO UPDATE
    SET expires_at = greatest(known.expires_at, EXCLUDED.expires_at)
RETURNING contact_id, reference_id, request_id
"""


async def ask(uow: UnitOfWork, askings: Sequence[Asking], expires_at: datetime) -> list[UUID]:
    """Makes the requests that are not there yet, prolongs the others; returns their ids, in order."""
    columns: dict[str, list[Any]] = {
        "request_id": list(uuid7s(len(askings))),
        **{name: [getattr(one, name) for one in askings] for name in _ASKED if name != "request_id"},
    }
    rows = await uow.fetch_all(
        _ASK, {**columns, "tenant_id": uow.tenant_id, "expires_at": expires_at, "now": uow.now()}
    )
    made = {(contact, reference): request for contact, reference, request in rows}
    return [made[one.contact_id, one.reference_id] for one in askings]


async def request(uow: UnitOfWork, request_id: UUID) -> FeedbackRequest | None:
    """Returns a request, or None."""
    row = await uow.fetch_one(
        f"SELECT {_REQUEST} FROM feedback_request WHERE tenant_id = %s AND request_id = %s",
        (uow.tenant_id, request_id),
    )
    return None if row is None else FeedbackRequest(*row)


async def request_of(uow: UnitOfWork, contact_id: UUID, reference_id: str) -> FeedbackRequest | None:
    """Returns the request a contact has for a visit, or None."""
    row = await uow.fetch_one(
        f"SELECT {_REQUEST} FROM feedback_request WHERE tenant_id = %s AND contact_id = %s AND reference_id = %s",
        (uow.tenant_id, contact_id, reference_id),
    )
    return None if row is None else FeedbackRequest(*row)


_MESSAGES: Final = {"contact_id": "uuid", "reference_id": "text", "message_id": "uuid"}


async def note_messages(uow: UnitOfWork, asked: Sequence[tuple[UUID, str, UUID]]) -> None:
    """Notes which messages asked contacts about visits."""
    await uow.execute(
        f"UPDATE feedback_request AS r SET message_id = k.message_id FROM {named_unnest(_MESSAGES, 'k')}"
        " WHERE r.tenant_id = %(tenant_id)s AND r.contact_id = k.contact_id AND r.reference_id = k.reference_id",
        {"tenant_id": uow.tenant_id, **dict(zip(_MESSAGES, columns(asked, len(_MESSAGES)), strict=True))},
    )


async def note_answer(uow: UnitOfWork, request_id: UUID) -> None:
    """Notes that a request is answered."""
    await uow.execute(
        "UPDATE feedback_request SET responded_at = %s WHERE tenant_id = %s AND request_id = %s"
        " AND responded_at IS NULL",
        (uow.now(), uow.tenant_id, request_id),
    )


async def answered(uow: UnitOfWork, visits: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Returns those of these visits that have feedback."""
    rows = await uow.fetch_all(
        "SELECT f.contact_id, f.reference_id FROM feedback f JOIN"
        f" {named_unnest({'contact_id': 'uuid', 'reference_id': 'text'})} USING (contact_id, reference_id)"
        " WHERE f.tenant_id = %(tenant_id)s",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": [contact for contact, _ in visits],
            "reference_id": [reference for _, reference in visits],
        },
    )
    return {(contact, reference) for contact, reference in rows}


async def insert(uow: UnitOfWork, one: Feedback) -> bool:
    """Adds feedback; False when its visit has some."""
    names = _FEEDBACK.split(", ")
    return bool(
        await uow.execute(
            f"INSERT INTO feedback (tenant_id, {_FEEDBACK}) VALUES (%s{', %s' * len(names)})"
            " ON CONFLICT (tenant_id, contact_id, reference_id) DO NOTHING",
            (uow.tenant_id, *(getattr(one, name) for name in names)),
        )
    )


async def save(uow: UnitOfWork, one: Feedback) -> None:
    """Writes the comment of feedback and how it was handled."""
    await uow.execute(
        "UPDATE feedback SET comment = %s, handled_by = %s, handled_at = %s, handled_note = %s, updated_at = %s"
        " WHERE tenant_id = %s AND feedback_id = %s",
        (
            one.comment,
            one.handled_by,
            one.handled_at,
            one.handled_note,
            one.updated_at,
            uow.tenant_id,
            one.feedback_id,
        ),
    )


async def by_id(uow: UnitOfWork, feedback_id: UUID, *, lock: bool = False) -> Feedback | None:
    """Returns feedback, or None."""
    row = await uow.fetch_one(
        f"SELECT {_FEEDBACK} FROM feedback WHERE tenant_id = %s AND feedback_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, feedback_id),
    )
    return None if row is None else _feedback(row)


async def of_visit(
    uow: UnitOfWork, contact_id: UUID, reference_id: str, *, lock: bool = False
) -> Feedback | None:
    """Returns what a contact said of a visit, or None."""
    row = await uow.fetch_one(
        f"SELECT {_FEEDBACK} FROM feedback WHERE tenant_id = %s AND contact_id = %s AND reference_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, contact_id, reference_id),
    )
    return None if row is None else _feedback(row)


_WITHIN: Final = """
tenant_id = %(tenant_id)s
    AND (%(start)s::timestamptz IS NULL OR created_at >= %(start)s)
    AND (%(end)s::timestamptz IS NULL OR created_at < %(end)s)
    AND (%(branch_id)s::uuid IS NULL OR branch_id = %(branch_id)s)
    AND (cardinality(%(branches)s::uuid[]) = 0 OR branch_id = ANY (%(branches)s::uuid[]))
"""


async def page(
    uow: UnitOfWork,
    within: Mapping[str, Any],
    *,
    ratings: Sequence[int],
    contact_id: UUID | None,
    handled: bool | None,
    before: UUID | None,
    limit: int,
) -> list[Feedback]:
    """Returns feedback, newest first; no ratings mean all of them."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_FEEDBACK} FROM feedback WHERE {_WITHIN}
            AND (cardinality(%(ratings)s::int2[]) = 0 OR rating = ANY (%(ratings)s::int2[]))
            AND (%(contact_id)s::uuid IS NULL OR contact_id = %(contact_id)s)
            AND (%(handled)s::bool IS NULL OR (handled_at IS NOT NULL) = %(handled)s)
            AND (%(before)s::uuid IS NULL OR feedback_id < %(before)s)
        ORDER BY feedback_id DESC LIMIT %(limit)s
        """,
        {
            **within,
            "tenant_id": uow.tenant_id,
            "ratings": list(ratings),
            "contact_id": contact_id,
            "handled": handled,
            "before": before,
            "limit": limit,
        },
    )
    return [_feedback(row) for row in rows]


async def summary(uow: UnitOfWork, within: Mapping[str, Any]) -> Summary:
    """Returns how often each rating was given."""
    rows = await uow.fetch_all(
        "SELECT rating, count(*), count(*) FILTER (WHERE rating <= 2 AND handled_at IS NULL)"
        f" FROM feedback WHERE {_WITHIN} GROUP BY rating",
        {**within, "tenant_id": uow.tenant_id},
    )
    return Summary({rating: count for rating, count, _ in rows}, sum(waiting for _, _, waiting in rows))


def _feedback(row: Sequence[Any]) -> Feedback:
    values = dict(zip(_FEEDBACK.split(", "), row, strict=True))
    return Feedback(**{**values, "source": Source(values["source"])})


NAMED: Final = ("feedback_request", "feedback")
"""Tables that name contacts."""


async def forget(uow: UnitOfWork, contact_id: UUID, tombstone_id: UUID) -> tuple[int, int]:
    """Removes the requests and the words of a contact; ratings stay counted, and are nobody's.

    Returns:
        How many requests were deleted, and how many ratings are nobody's now.
    """
    values = {"tenant_id": uow.tenant_id, "contact_id": contact_id, "tombstone_id": tombstone_id}
    asked = await uow.execute(
        "DELETE FROM feedback_request WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s", values
    )
    said = await uow.execute(
        "UPDATE feedback SET contact_id = %(tombstone_id)s, comment = '',"
        " handled_note = CASE WHEN handled_note IS NOT NULL THEN '' END"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
        values,
    )
    return asked, said


async def delete_expired(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes requests whose links ended before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM feedback_request WHERE (tenant_id, request_id) IN"
        " (SELECT tenant_id, request_id FROM feedback_request WHERE expires_at < %s LIMIT %s)",
        (before, limit),
    )


async def delete_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes feedback given before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM feedback WHERE (tenant_id, feedback_id) IN"
        " (SELECT tenant_id, feedback_id FROM feedback WHERE created_at < %s LIMIT %s)",
        (before, limit),
    )
