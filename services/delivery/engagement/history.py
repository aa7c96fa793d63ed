"""What engagement adds to the history of a message."""

from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.engagement import store
from services.delivery.messages.history import Entry


async def entries(uow: UnitOfWork, message_id: UUID) -> list[Entry]:
    """Returns the hits of a message as lines of its history, oldest first."""
    return [
        Entry(f"engagement.{kind.name.lower()}", at, f"{judged.name.lower()} {reason}", "gateway")
        for kind, judged, reason, at in await store.history(uow, message_id)
    ]
