"""SQL of texts that were read: what each did, never what it said."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text did."""

    action: str
    """stopped, started, help or none."""
    language: str
    contact_id: UUID | None


async def answered(uow: UnitOfWork, account_id: UUID, message_id: str) -> Answer | None:
    """Returns what a text did when it came before."""
    row = await uow.fetch_one(
        "SELECT action, language, contact_id FROM inbound_text"
        " WHERE tenant_id = %s AND provider_account_id = %s AND provider_message_id = %s",
        (uow.tenant_id, account_id, message_id),
    )
    return None if row is None else Answer(*row)


async def remember(
    uow: UnitOfWork, account_id: UUID, message_id: str, channel: str, answer: Answer, received_at: datetime
) -> None:
    """Notes what a text did."""
    await uow.execute(
        "INSERT INTO inbound_text (tenant_id, provider_account_id, provider_message_id, channel, action, language,"
        " contact_id, received_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            account_id,
            message_id,
            channel,
            answer.action,
            answer.language,
            answer.contact_id,
            received_at,
            uow.now(),
        ),
    )


async def tenant_language(uow: UnitOfWork) -> str:
    """Returns the language of the tenant; empty while it is not known."""
    found: str | None = await uow.fetch_value(
        "SELECT default_language FROM tenant_policy WHERE tenant_id = %s", (uow.tenant_id,)
    )
    return found or ""
