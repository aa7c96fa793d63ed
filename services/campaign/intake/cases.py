"""Use cases of inbound events and of the keys they are signed with, as EventIntakeService asks for them."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import Message

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from services.campaign.intake import convert, keys
from services.campaign.intake.domain import ROTATION_KEPT, IntakeKey
from services.campaign.intake.door import MOST_EVENTS
from services.campaign.intake.handlers import Intake, Signature
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import as_service_error, denied, invalid
from services.common.idempotency import Keyed, keyed
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant
from services.common.rpc.status import to_status
from services.common.security.envelope import Envelope

M = TypeVar("M", bound=Message)
GATEWAY = "gateway"


class IntakeCases:
    """What neighbours tell, and the keys they sign it with."""

    def __init__(self, database: Database, intake: Intake, envelope: Envelope) -> None:
        self._database = database
        self._intake = intake
        self._envelope = envelope

    async def ingest(self, request: pb.IngestEventsRequest) -> pb.IngestEventsResponse:
        """Stores a block."""
        given = convert.envelopes(request)
        return convert.response(await self._intake.ingest(tenant(), given, _signature(request)))

    async def stream(
        self, request_iterator: AsyncIterator[pb.StreamEventsRequest]
    ) -> AsyncGenerator[pb.StreamEventsResponse, None]:
        """Stores blocks one after the other; the next is read when the one before is stored."""
        tenant_id = tenant()
        async for request in request_iterator:
            answer = pb.StreamEventsResponse(block_number=request.block_number)
            try:
                if not 1 <= len(request.events) <= MOST_EVENTS:
                    raise invalid("events", f"must have 1 to {MOST_EVENTS} items")
                given = [convert.envelope(one) for one in request.events]
                answer.result.CopyFrom(convert.response(await self._intake.ingest(tenant_id, given)))
            except Exception as error:
                known = as_service_error(error)
                if known is None:
                    raise
                answer.error.CopyFrom(to_status(known, "campaign"))
            yield answer

    async def page(self, request: pb.ListInboundEventsRequest) -> pb.ListInboundEventsResponse:
        """Returns a page, newest first."""
        size, parameters = page_size(request.page_size), parameters_hash(request)
        last = _last(request.page_token, parameters)
        before = None if last is None else (last[0], _uuid(last[1]))
        async with self._database.tenant(tenant()) as uow:
            found = await self._intake.page(uow, convert.wanted(request), before, size + 1)
        token = ""
        if len(found) > size:
            end = found[size - 1]
            token = PageToken.encode([end.received_at.isoformat(), end.event_id], parameters)
        return pb.ListInboundEventsResponse(
            inbound_events=[convert.event(one) for one in found[:size]], next_page_token=token
        )

    async def get(self, request: pb.GetInboundEventRequest) -> pb.GetInboundEventResponse:
        """Returns an event with its data."""
        async with self._database.tenant(tenant()) as uow:
            stored, data = await self._intake.get(uow, UUID(request.event_id))
        return pb.GetInboundEventResponse(inbound_event=convert.event(stored, data))

    async def replay(self, request: pb.ReplayInboundEventRequest) -> pb.ReplayInboundEventResponse:
        """Has an event handled again."""

        async def effect(uow: UnitOfWork) -> pb.ReplayInboundEventResponse:
            stored = await self._intake.replay(uow, UUID(request.event_id))
            return pb.ReplayInboundEventResponse(inbound_event=convert.event(stored))

        return await self._keyed("ReplayInboundEvent", request, pb.ReplayInboundEventResponse, effect)

    async def create_key(self, request: pb.CreateIntakeKeyRequest) -> pb.CreateIntakeKeyResponse:
        """Makes a key; only the first answer shows its secret, for the stored one has none."""
        secrets: list[str] = []

        async def effect(uow: UnitOfWork) -> pb.CreateIntakeKeyResponse:
            made, secret = await keys.create(uow, self._envelope, request.source, request.event_types)
            secrets.append(secret)
            return pb.CreateIntakeKeyResponse(intake_key=convert.key(made, uow.now()))

        answer = await self._keyed("CreateIntakeKey", request, pb.CreateIntakeKeyResponse, effect)
        answer.secret = "".join(secrets)
        return answer

    async def rotate_key(self, request: pb.RotateIntakeKeyRequest) -> pb.RotateIntakeKeyResponse:
        """Gives a key a new secret; only the first answer shows it."""
        secrets: list[str] = []
        overlap: timedelta = request.overlap.ToTimedelta() if request.HasField("overlap") else ROTATION_KEPT

        async def effect(uow: UnitOfWork) -> pb.RotateIntakeKeyResponse:
            changed, secret = await keys.rotate(uow, self._envelope, request.key_id, overlap)
            secrets.append(secret)
            return pb.RotateIntakeKeyResponse(intake_key=convert.key(changed, uow.now()))

        answer = await self._keyed("RotateIntakeKey", request, pb.RotateIntakeKeyResponse, effect)
        answer.secret = "".join(secrets)
        return answer

    async def revoke_key(self, request: pb.RevokeIntakeKeyRequest) -> pb.RevokeIntakeKeyResponse:
        """Ends a key."""

        async def effect(uow: UnitOfWork) -> pb.RevokeIntakeKeyResponse:
            revoked: IntakeKey = await keys.revoke(uow, request.key_id)
            return pb.RevokeIntakeKeyResponse(intake_key=convert.key(revoked, uow.now()))

        return await self._keyed("RevokeIntakeKey", request, pb.RevokeIntakeKeyResponse, effect)

    async def keys(self, request: pb.ListIntakeKeysRequest) -> pb.ListIntakeKeysResponse:
        """Returns a page of keys, newest first."""
        size, parameters = page_size(request.page_size), parameters_hash(request)
        before = _last(request.page_token, parameters)
        async with self._database.tenant(tenant()) as uow:
            found = await keys.page(uow, with_revoked=request.with_revoked, before=before, limit=size + 1)
            now = uow.now()
        token = ""
        if len(found) > size:
            end = found[size - 1]
            token = PageToken.encode([end.created_at.isoformat(), end.key_id], parameters)
        return pb.ListIntakeKeysResponse(
            intake_keys=[convert.key(one, now) for one in found[:size]], next_page_token=token
        )

    async def resolve_key(self, request: pb.ResolveIntakeKeyRequest) -> pb.ResolveIntakeKeyResponse:
        """Returns what the gateway checks signatures with."""
        async with self._database.system() as uow:
            found = await keys.resolve(uow, self._envelope, request.key_id)
        answer = pb.ResolveIntakeKeyResponse(
            tenant_id=str(found.key.tenant_id), source=found.key.source, secrets=found.secrets
        )
        if found.key.previous_until is not None:
            answer.previous_expire_time.FromDatetime(found.key.previous_until.astimezone(UTC))
        return answer

    async def _keyed(
        self,
        method: str,
        request: Keyed,
        response: type[M],
        effect: Callable[[UnitOfWork], Awaitable[M]],
    ) -> M:
        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"EventIntakeService.{method}", request, response, effect)


def _signature(request: pb.IngestEventsRequest) -> Signature | None:
    """Returns what signed a request; only the gateway checks signatures, so only it may name one, and must."""
    is_gateway = current_caller().service == GATEWAY
    if is_gateway != bool(request.key_id):
        raise denied("requests are signed at the gateway, and nowhere else")
    if not is_gateway:
        return None
    if not request.nonce:
        raise invalid("nonce", "is needed with a key")
    return Signature(request.key_id, UUID(request.nonce))


def _last(token: str, parameters: bytes) -> tuple[datetime, str] | None:
    """Returns the instant and id a page ended with; None for the first page."""
    found = PageToken.decode(token, parameters, length=2)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[0]), found[1]
    except ValueError:
        raise bad_token() from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise bad_token() from None
