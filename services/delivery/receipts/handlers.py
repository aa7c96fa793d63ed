"""Use cases of receipts: whose webhook it is, and storing what came."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.errors import not_found
from services.common.security.envelope import Envelope
from services.common.security.tokens import InvalidToken, TokenSigner
from services.delivery.accounts import store as accounts
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.webhooks import WebhookTokens
from services.delivery.mail.bounces import claimed_paths
from services.delivery.providers import ConfigurationError, MalformedReceiptError
from services.delivery.providers.registry import kind_of
from services.delivery.receipts import bodies, measures, return_path
from services.delivery.receipts.applier import GRACE, WAKE, Applier, aad_of_body
from services.delivery.receipts.bodies import NO_ACCOUNT, Batch
from services.delivery.receipts.parsed import Row
from services.delivery.receipts.return_path import Returned

log = structlog.get_logger("receipts")

BOUNCES: Final = "smtp"
FORM: Final = "application/x-www-form-urlencoded"
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
        adapters: Adapters,
    ) -> None:
        self._database = database
        self._envelope = envelope
        self._tokens = tokens
        self._signer = signer
        self._applier = applier
        self._clock = clock
        self._adapters = adapters

    async def resolve(self, request: pb.ResolveWebhookAccountRequest) -> pb.ResolveWebhookAccountResponse:
        """Returns whose webhook a token belongs to; NOT_FOUND for any other, for an unknown and a deleted account."""
        async with self._database.system() as uow:
            account = await accounts.by_webhook_token(uow, self._tokens.hashes(request.account_token))
        if account is None or account.provider != request.provider:
            raise not_found("provider account", "webhook")
        kind, known = kind_of(account.provider), dict[str, str]()
        if kind.webhook_secret:
            known = await self._adapters.credentials(account)
        return pb.ResolveWebhookAccountResponse(
            provider_account_id=str(account.account_id),
            tenant_id="" if account.tenant_id == PLATFORM else str(account.tenant_id),
            provider=account.provider,
            verification=pb.VerificationMaterial(
                public_key=str(account.config.get("verification_key") or ""),
                shared_secret=known.get(kind.webhook_secret, ""),
                tolerance_seconds=kind.webhook_seconds,
                challenge_token=known.get(kind.webhook_challenge, ""),
                networks=[str(one) for one in account.config.get("webhook_networks") or ()],
                topic=str(account.config.get("topic_arn") or ""),
                allow_sha1=account.config.get("allow_signature_version_1") is True,
                stand_in_origin=str(account.config.get("base_url") or ""),
            ),
        )

    async def record(self, tenant_id: UUID, request: pb.RecordReceiptsRequest) -> pb.RecordReceiptsResponse:
        """Stores a raw body and answers; applying it follows.

        Raises:
            ServiceError: NOT_FOUND for an account that is not the tenant's, VALIDATION_FAILED for a body that its
                provider did not send, INVALID_TOKEN or TOKEN_EXPIRED for a return path.
        """
        batch = await self._batch(tenant_id, request)
        body = _whole(request)
        try:
            rows: list[Row] | None = await self._applier.parse(batch, body)
        except MalformedReceiptError:
            measures.refused(batch.provider)
            raise
        except ConfigurationError:
            # What came must not be lost because an account cannot be used at the moment.
            rows = None
        if rows == []:
            # An answer of a person, or nothing at all.
            return pb.RecordReceiptsResponse()
        is_new = await self._store(batch, body, is_readable=rows is not None)
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
        received_at = received(request, now)
        if not request.provider_account_id:
            returned = self._returned(request, now)
            return bodies.new(
                returned.tenant_id, NO_ACCOUNT, BOUNCES, request.content_type, received_at, returned.message_id
            )  # fmt: skip
        account_id = UUID(request.provider_account_id)
        account = await accounts.by_id(self._database, tenant_id, account_id)
        if account is None or account.tenant_id != tenant_id:
            raise not_found("provider account", account_id)
        return bodies.new(tenant_id, account_id, account.provider, request.content_type, received_at)

    def _returned(self, request: pb.RecordReceiptsRequest, now: datetime) -> Returned:
        """Returns whose message came back: by the address it came to, else by the return path a report quotes."""
        try:
            return return_path.parse(self._signer, request.envelope_recipient, now)
        except InvalidToken:
            for claimed in claimed_paths(request.raw_body):
                with suppress(InvalidToken):
                    return return_path.parse(self._signer, claimed, now)
            raise

    async def _store(self, batch: Batch, body: bytes, *, is_readable: bool) -> bool:
        at_once = is_readable and self._applier.has_room
        digest = hashlib.sha256(batch.message_id.bytes if batch.message_id else b"")
        digest.update(body)
        next_at = self._clock.now() + (GRACE if at_once else timedelta())
        async with self._database.tenant(batch.tenant_id) as uow:
            sealed = await self._envelope.seal(uow, body, aad_of_body(batch.batch_id))
            return await bodies.add(uow, batch, sealed, digest.digest(), next_at)


def _whole(request: pb.RecordReceiptsRequest) -> bytes:
    """Returns what is stored: the body, and behind it what the query of its URL adds to a form."""
    if not request.query or not request.content_type.startswith(FORM):
        return request.raw_body
    return b"&".join(filter(None, (request.raw_body, request.query.encode())))


def received(request: pb.RecordReceiptsRequest | pb.RecordInboundMessageRequest, now: datetime) -> datetime:
    """Returns when the gateway heard it; its clock may differ from ours, but not by much."""
    if not request.HasField("receive_time"):
        return now
    said = request.receive_time.ToDatetime(tzinfo=UTC)
    return min(max(said, now - timedelta(days=1)), now + _FUTURE)
