"""What receipts add to the history of a message."""

from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.messages.history import Entry
from services.delivery.receipts import store


async def entries(uow: UnitOfWork, message_id: UUID) -> list[Entry]:
    """Returns the receipts of a message as lines of its history, oldest first; addresses are masked already."""
    return [
        Entry(f"receipt.{kind.name.lower()}", at, f"{code} {reason}".strip(), "provider")
        for kind, at, code, reason in await store.history(uow, message_id)
    ]
