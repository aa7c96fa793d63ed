"""Use cases of receipts: whose webhook it is, and storing what came."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.errors import not_found
from services.common.security.envelope import Envelope
from services.common.security.tokens import TokenSigner
from services.delivery.accounts import store as accounts
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.webhooks import WebhookTokens
from services.delivery.providers import ConfigurationError, MalformedReceiptError
from services.delivery.receipts import bodies, measures, return_path
from services.delivery.receipts.applier import GRACE, WAKE, Applier, aad_of_body
from services.delivery.receipts.bodies import NO_ACCOUNT, Batch
from services.delivery.receipts.parsed import Row

log = structlog.get_logger("receipts")

TOLERANCE_SECONDS: Final = 300
"""How old a signature may be (GAT-21)."""

BOUNCES: Final = "smtp"
_FUTURE: Final = timedelta(minutes=5)


class Receipts:
    """Stores what providers tell, then has it applied."""

    def __init__(
        self,
        database: Database,
        envelope: Envelope,
        tokens: WebhookTokens,
        signer: TokenSigner,
        applier: Applier,
        clock: Clock,
    ) -> None:
        self._database = database
        self._envelope = envelope
        self._tokens = tokens
        self._signer = signer
        self._applier = applier
        self._clock = clock

    async def resolve(self, request: pb.ResolveWebhookAccountRequest) -> pb.ResolveWebhookAccountResponse:
        """Returns whose webhook a token belongs to; NOT_FOUND for any other, for an unknown and a deleted account."""
        async with self._database.system() as uow:
            account = await accounts.by_webhook_token(uow, self._tokens.hashes(request.account_token))
        if account is None or account.provider != request.provider:
            raise not_found("provider account", "webhook")
        return pb.ResolveWebhookAccountResponse(
            provider_account_id=str(account.account_id),
            tenant_id="" if account.tenant_id == PLATFORM else str(account.tenant_id),
            provider=account.provider,
            verification=pb.VerificationMaterial(
                public_key=str(account.config.get("verification_key") or ""),
                tolerance_seconds=TOLERANCE_SECONDS,
            ),
        )

    async def record(self, tenant_id: UUID, request: pb.RecordReceiptsRequest) -> pb.RecordReceiptsResponse:
        """Stores a raw body and answers; applying it follows.

        Raises:
            ServiceError: NOT_FOUND for an account that is not the tenant's, VALIDATION_FAILED for a body that its
                provider did not send, INVALID_TOKEN or TOKEN_EXPIRED for a return path.
        """
        batch = await self._batch(tenant_id, request)
        try:
            rows: list[Row] | None = await self._applier.parse(batch, request.raw_body)
        except MalformedReceiptError:
            measures.refused(batch.provider)
            raise
        except ConfigurationError:
            # What came must not be lost because an account cannot be used at the moment.
            rows = None
        if rows == []:
            # An answer of a person, or nothing at all.
            return pb.RecordReceiptsResponse()
        is_new = await self._store(batch, request.raw_body, is_readable=rows is not None)
        count = len(rows) if rows is not None else 1
        if not is_new:
            measures.left_over(batch.provider, duplicates=count)
            return pb.RecordReceiptsResponse(duplicate_count=count)
        if rows is not None and self._applier.has_room:
            self._applier.offer(batch, rows)
        else:
            self._database.wake(WAKE)
        return pb.RecordReceiptsResponse(stored_count=count)

    async def _batch(self, tenant_id: UUID, request: pb.RecordReceiptsRequest) -> Batch:
        now = self._clock.now()
        received_at = _received(request, now)
        if not request.provider_account_id:
            returned = return_path.parse(self._signer, request.envelope_recipient, now)
            return bodies.new(
                returned.tenant_id, NO_ACCOUNT, BOUNCES, request.content_type, received_at, returned.message_id
            )  # fmt: skip
        account_id = UUID(request.provider_account_id)
        account = await accounts.by_id(self._database, tenant_id, account_id)
        if account is None or account.tenant_id != tenant_id:
            raise not_found("provider account", account_id)
        return bodies.new(tenant_id, account_id, account.provider, request.content_type, received_at)

    async def _store(self, batch: Batch, body: bytes, *, is_readable: bool) -> bool:
        at_once = is_readable and self._applier.has_room
        digest = hashlib.sha256(batch.message_id.bytes if batch.message_id else b"")
        digest.update(body)
        next_at = self._clock.now() + (GRACE if at_once else timedelta())
        async with self._database.tenant(batch.tenant_id) as uow:
            sealed = await self._envelope.seal(uow, body, aad_of_body(batch.batch_id))
            return await bodies.add(uow, batch, sealed, digest.digest(), next_at)


def _received(request: pb.RecordReceiptsRequest, now: datetime) -> datetime:
    """Returns when the gateway heard it; its clock may differ from ours, but not by much."""
    if not request.HasField("receive_time"):
        return now
    said = request.receive_time.ToDatetime(tzinfo=UTC)
    return min(max(said, now - timedelta(days=1)), now + _FUTURE)
