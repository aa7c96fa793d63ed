"""What triggers enqueued and became pointless before it was sent (LIF-61)."""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.campaign.coupons import pool
from services.campaign.notices.notices import Notices
from services.campaign.triggers import history, telling
from services.campaign.triggers.domain import OF_VISIT, SINCE_VISIT, Anchor, TriggerType
from services.common.db.uow import UnitOfWork

GONE: Final = "condition_gone"
_MAY_WAIT: Final = timedelta(days=2)
"""A message of a trigger is worthless after a day; what is older went out."""


def key_of(anchor: Anchor) -> str:
    """Returns the key by which a message is stopped; empty for what nothing stops."""
    if anchor.trigger_type in OF_VISIT:
        return _of_visit(anchor.reference_id)
    return since_visit(anchor.contact_id) if anchor.trigger_type in SINCE_VISIT else ""


async def stop_of_visit(uow: UnitOfWork, notices: Notices, contact_id: UUID, reference: str) -> None:
    """Stops what thanks or asks for a visit, here and at delivery."""
    await _stop(uow, notices, contact_id, OF_VISIT, reference, _of_visit(reference))


async def stop_since_visit(uow: UnitOfWork, notices: Notices, contact_id: UUID) -> None:
    """Stops what asks a contact to come back."""
    await _stop(uow, notices, contact_id, SINCE_VISIT, None, since_visit(contact_id))


async def _stop(
    uow: UnitOfWork,
    notices: Notices,
    contact_id: UUID,
    types: Collection[TriggerType],
    reference: str | None,
    key: str,
) -> None:
    if await history.is_recent(uow, contact_id, types, reference, uow.now() - _MAY_WAIT):
        # What is the trigger's own first, as when outcomes are heard: two that meet do not wait crosswise.
        ended = await history.give_up(uow, contact_id, types, reference, GONE)
        await notices.cancel(uow, key, GONE)
        for kind in types:
            # Delivery may know them by another key: that of a contact which became part of this one.
            await notices.cancel(uow, key, GONE, rule=kind.word)
        telling.skipped(uow, ended)
        await pool.give_back(uow, [one.history_id for one in ended if one.campaign_id])


def _of_visit(reference: str) -> str:
    return f"trigger:visit:{hashlib.sha256(reference.encode()).hexdigest()[:32]}"


def since_visit(contact_id: UUID) -> str:
    """Returns the key of what asks a contact to come back."""
    return f"trigger:since:{contact_id}"
