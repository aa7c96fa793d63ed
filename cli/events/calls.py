"""What `angarium events` asks of campaign, as the tenant's owner."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from cli.client import PersonChannels, client_settings
from cli.paging import listed
from cli.state_folder import StateFolder
from services.common.ids import uuid7
from services.common.security.permissions import SUPER_OWNER


@asynccontextmanager
async def stub(folder: StateFolder, tenant_id: UUID | None) -> AsyncIterator[Any]:
    """Yields EventIntakeService as the tenant's owner calls it."""
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=SUPER_OWNER) as channels:
        yield channels.stub(EventIntakeServiceStub, "campaign")


async def events(
    folder: StateFolder, tenant_id: UUID | None, *, state: str, kind: str, source: str, count: int
) -> list[pb.InboundEvent]:
    """Returns the newest events."""
    wanted = f"STATE_{state.upper() or 'UNSPECIFIED'}"
    request = pb.ListInboundEventsRequest(state=wanted, type=kind, source=source)
    async with stub(folder, tenant_id) as intake:
        return await listed(intake.ListInboundEvents, request, "inbound_events", count)


async def event(folder: StateFolder, tenant_id: UUID | None, event_id: str) -> pb.InboundEvent:
    """Returns an event with its data."""
    async with stub(folder, tenant_id) as intake:
        answer = await intake.GetInboundEvent(pb.GetInboundEventRequest(event_id=event_id))
        found: pb.InboundEvent = answer.inbound_event
        return found


async def replay(folder: StateFolder, tenant_id: UUID | None, event_ids: Sequence[str]) -> int:
    """Has events handled again and returns how many."""
    async with stub(folder, tenant_id) as intake:
        for event_id in event_ids:
            request = pb.ReplayInboundEventRequest(event_id=event_id, idempotency_key=str(uuid7()))
            await intake.ReplayInboundEvent(request)
    return len(event_ids)


async def create_key(
    folder: StateFolder, tenant_id: UUID | None, source: str, types: Sequence[str]
) -> pb.CreateIntakeKeyResponse:
    """Makes a key; the answer holds its secret."""
    request = pb.CreateIntakeKeyRequest(source=source, event_types=types, idempotency_key=str(uuid7()))
    async with stub(folder, tenant_id) as intake:
        answer: pb.CreateIntakeKeyResponse = await intake.CreateIntakeKey(request)
        return answer


async def rotate_key(
    folder: StateFolder, tenant_id: UUID | None, key_id: str, overlap: timedelta
) -> pb.RotateIntakeKeyResponse:
    """Gives a key its next secret."""
    request = pb.RotateIntakeKeyRequest(key_id=key_id, idempotency_key=str(uuid7()))
    request.overlap.FromTimedelta(overlap)
    async with stub(folder, tenant_id) as intake:
        answer: pb.RotateIntakeKeyResponse = await intake.RotateIntakeKey(request)
        return answer


async def revoke_key(folder: StateFolder, tenant_id: UUID | None, key_id: str) -> pb.IntakeKey:
    """Ends a key."""
    request = pb.RevokeIntakeKeyRequest(key_id=key_id, idempotency_key=str(uuid7()))
    async with stub(folder, tenant_id) as intake:
        answer = await intake.RevokeIntakeKey(request)
        revoked: pb.IntakeKey = answer.intake_key
        return revoked


async def keys(folder: StateFolder, tenant_id: UUID | None, *, with_revoked: bool) -> list[pb.IntakeKey]:
    """Returns all keys, newest first."""
    async with stub(folder, tenant_id) as intake:
        return await listed(
            intake.ListIntakeKeys, pb.ListIntakeKeysRequest(with_revoked=with_revoked), "intake_keys"
        )
