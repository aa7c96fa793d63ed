"""Asking contacts for feedback: a request for each visit, and the link that answers it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.campaign.feedback import store
from services.campaign.feedback.domain import VALIDITY, Asking
from services.campaign.settings import CampaignSettings
from services.common.db.uow import UnitOfWork
from services.common.security.tokens import InvalidToken, Payload, Purpose, TokenSigner


class FeedbackLinks:
    """Makes and reads the links by which contacts answer."""

    def __init__(self, settings: CampaignSettings) -> None:
        self._signer = TokenSigner(settings.token_keys)
        self._base_url = settings.public_base_url

    async def links_for(self, uow: UnitOfWork, askings: Sequence[Asking]) -> list[str]:
        """Returns the link of each asking, in order, good for 30 days from now.

        A contact has one request for a visit: asked about it again, the contact gets a fresh link to the same one.
        """
        issued = uow.now()
        expires = issued + VALIDITY
        ids = await store.ask(uow, askings, expires)
        assert uow.tenant_id is not None  # noqa: S101 - requests belong to a tenant
        tokens = self._signer.sign_many(
            Purpose.FEEDBACK, uow.tenant_id, [one.bytes for one in ids], issued=issued, expires=expires
        )
        return [f"{self._base_url}/feedback/{token}" for token in tokens]

    async def link_for(
        self,
        uow: UnitOfWork,
        contact_id: UUID,
        branch_id: UUID | None,
        reference_id: str,
        *,
        visited_at: datetime | None = None,
    ) -> str:
        """Returns the link by which a contact tells of one visit."""
        [link] = await self.links_for(uow, [Asking(contact_id, reference_id, branch_id, visited_at)])
        return link

    def open(self, token: str, now: datetime) -> tuple[Payload, UUID]:
        """Returns what a token says, and the request it is for; raises as TokenSigner.verify."""
        payload = self._signer.verify(Purpose.FEEDBACK, token, now)
        if len(payload.body) != 16:
            raise InvalidToken
        return payload, UUID(bytes=payload.body)


async def answered(uow: UnitOfWork, visits: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Returns those of these visits, named by contact and reference, that have feedback."""
    return await store.answered(uow, visits)


async def sent(uow: UnitOfWork, asked: Sequence[tuple[UUID, str, UUID]]) -> None:
    """Notes the messages that asked contacts about visits (contact, reference, message); answers are credited to them."""
    if asked:
        await store.note_messages(uow, asked)
