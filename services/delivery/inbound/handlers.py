"""The use case of texts that come in: stored before anything else, then read and answered (DEL-33)."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.db.database import Database
from services.common.errors import ServiceError, not_found
from services.common.security.envelope import Envelope
from services.delivery.accounts import store as accounts
from services.delivery.accounts.domain import PLATFORM
from services.delivery.inbound.consent import Text
from services.delivery.inbound.replies import Replies
from services.delivery.messages.domain import Channel
from services.delivery.receipts import bodies
from services.delivery.receipts.applier import GRACE, aad_of_body
from services.delivery.receipts.bodies import Batch
from services.delivery.receipts.handlers import received

log = structlog.get_logger("inbound")

TYPE: Final = "application/x-angarium-inbound-text"
"""Content type of stored bodies that are texts."""


class InboundTexts:
    """Stores texts; what could not be read at once is read later."""

    def __init__(self, database: Database, envelope: Envelope, replies: Replies) -> None:
        self._database = database
        self._envelope = envelope
        self._replies = replies

    async def record(
        self, tenant_id: UUID, request: pb.RecordInboundMessageRequest, now: datetime
    ) -> pb.RecordInboundMessageResponse:
        """Stores a text, then has it understood and answered; a repeat changes nothing.

        Raises:
            ServiceError: NOT_FOUND for an account that is not the tenant's.
        """
        account_id = UUID(request.provider_account_id)
        account = await accounts.by_id(self._database, tenant_id, account_id)
        if account is None or account.tenant_id != tenant_id:
            raise not_found("provider account", account_id)
        if tenant_id == PLATFORM:
            # Nobody can say which of the tenants that share a number is meant.
            log.warning("a text to a number of the platform belongs to no tenant", provider=account.provider)
            return pb.RecordInboundMessageResponse(action="none")
        batch = bodies.new(tenant_id, account_id, account.provider, TYPE, received(request, now))
        digest = hashlib.sha256(f"{TYPE}\0{request.provider_message_id}".encode()).digest()
        body = request.SerializeToString()
        async with self._database.tenant(tenant_id) as uow:
            sealed = await self._envelope.seal(uow, body, aad_of_body(batch.batch_id))
            is_new = await bodies.add(uow, batch, sealed, digest, now + GRACE)
        if not is_new:
            return pb.RecordInboundMessageResponse()
        try:
            action, reply = await self.apply(batch, body, now)
        except ServiceError as error:
            log.warning("a text is read later", reason=error.reason)
            return pb.RecordInboundMessageResponse()
        return pb.RecordInboundMessageResponse(action=action, reply_message_id=reply)

    async def apply(self, batch: Batch, body: bytes, now: datetime) -> tuple[str, str]:
        """Has a stored text understood and answered, and forgets its words: nobody needs them any more."""
        request = pb.RecordInboundMessageRequest.FromString(body)
        text = Text(
            account_id=batch.account_id,
            channel=Channel(request.channel),
            from_address=request.from_address,
            text=request.text,
            provider_message_id=request.provider_message_id,
            received_at=batch.received_at,
            is_answered=request.is_answered,
        )
        try:
            done = await self._replies.answer(batch.tenant_id, text)
        except ServiceError as error:
            if error.reason not in ("VALIDATION_FAILED", "INVALID_RECIPIENT"):
                raise
            # A short code or a name: no person that could stop or be answered.
            log.warning("a text came from what is no number", provider=batch.provider)
            done = ("none", "")
        async with self._database.tenant(batch.tenant_id) as uow:
            if await bodies.hold(uow, batch):
                await bodies.finish(uow, batch, 1, 0, now)
                await bodies.clear(uow, batch)
        return done
