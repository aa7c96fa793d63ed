"""Taking an answer: once for a visit, told to analytics and, when it is low, to the branch manager."""

from dataclasses import replace
from typing import Final

from services.campaign.branches import store as branches
from services.campaign.branches.domain import Branch
from services.campaign.feedback import convert, store
from services.campaign.feedback.domain import AlreadyAnsweredError, Feedback
from services.campaign.staff import alerts
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.security.permissions import BRANCH_MANAGER, SUPER_OWNER

ALERT: Final = "feedback-low"
"""Template by which staff is told."""


async def take(uow: UnitOfWork, given: Feedback) -> Feedback:
    """Returns what stands after an answer: the first one, or the first with this comment while it may change.

    Raises:
        AlreadyAnsweredError: The visit was rated too long ago.
    """
    if await store.insert(uow, given):
        asked = await store.request(uow, given.request_id) if given.request_id else None
        if asked is not None:
            await store.note_answer(uow, asked.request_id)
        uow.emit(
            Event(
                "feedback.received",
                "feedback",
                str(given.feedback_id),
                convert.received(given, asked.message_id if asked else None),
            )
        )
        if given.is_low:
            await _alert(uow, given)
        return given
    known = await store.of_visit(uow, given.contact_id, given.reference_id, lock=True)
    if known is None or not known.is_editable(uow.now()):
        raise AlreadyAnsweredError
    if known.comment == given.comment:
        return known
    edited = replace(known, comment=given.comment, updated_at=uow.now())
    await store.save(uow, edited)
    return edited


async def _alert(uow: UnitOfWork, given: Feedback) -> None:
    """Tells the managers of the branch; the owners of a tenant where there is no branch."""
    branch: Branch | None = None
    if given.branch_id is not None:
        branch = await branches.by_id(uow, given.branch_id)
    await alerts.add(
        uow,
        ALERT,
        SUPER_OWNER if branch is None else BRANCH_MANAGER,
        {
            "rating": given.rating,
            "branchName": "" if branch is None else branch.name,
            "referenceId": given.reference_id,
            "feedbackId": str(given.feedback_id),
        },
        branch_id=None if branch is None else branch.branch_id,
    )
