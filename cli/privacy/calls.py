"""Calls of the privacy service; what they need is imported when one is made, so that the command line starts at once."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from cli.privacy.showing import OPEN, word_of
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.consent.v1 import privacy_service_pb2

_OWNER = "super_owner"
_POLL_SECONDS = 2.0


async def export(
    folder: StateFolder,
    tenant_id: UUID | None,
    contact_id: UUID,
    verified_by: str,
    csv: bool,
    seconds: int,
    advance: Callable[[int], None],
) -> "privacy_service_pb2.PrivacyRequest":
    """Asks for an export and waits for it; returns it as it then stands."""
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        made = await caller.stub.CreateExport(
            pb.CreateExportRequest(
                contact_id=str(contact_id),
                format=pb.PrivacyRequest.FORMAT_CSV if csv else pb.PrivacyRequest.FORMAT_JSON,
                requester_verified_by=verified_by,
            )
        )
        return await caller.until_done(made.privacy_request, seconds, advance)


async def erase(
    folder: StateFolder,
    tenant_id: UUID | None,
    contact_id: UUID,
    verified_by: str,
    reason: str,
    phrase: str,
    seconds: int,
    advance: Callable[[int], None],
) -> "privacy_service_pb2.PrivacyRequest":
    """Asks for an erasure and waits for it; returns it as it then stands."""
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        made = await caller.stub.CreateErasure(
            pb.CreateErasureRequest(
                contact_id=str(contact_id),
                reason=reason,
                confirmation_phrase=phrase,
                requester_verified_by=verified_by,
            )
        )
        return await caller.until_done(made.privacy_request, seconds, advance)


async def status(
    folder: StateFolder, tenant_id: UUID | None, wanted: UUID | None, contact_id: UUID | None
) -> "list[privacy_service_pb2.PrivacyRequest]":
    """Returns one request, or the newest ones."""
    from angarium.consent.v1 import privacy_service_pb2 as pb

    async with _Caller(folder, tenant_id) as caller:
        if wanted is not None:
            return [await caller.get(str(wanted))]
        answer = await caller.stub.ListPrivacyRequests(
            pb.ListPrivacyRequestsRequest(contact_id=str(contact_id or ""))
        )
        return list(answer.privacy_requests)


async def download(
    folder: StateFolder, tenant_id: UUID | None, request_id: str, path: Path, advance: Callable[[int], None]
) -> int:
    """Writes an archive to a file, readable by its owner only, and returns its size."""
    from angarium.consent.v1 import privacy_service_pb2 as pb

    size, beside = 0, path.with_name(path.name + ".part")
    async with _Caller(folder, tenant_id) as caller:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for piece in caller.stub.DownloadExport(
                pb.DownloadExportRequest(privacy_request_id=request_id)
            ):
                file.write(piece.data)
                size += len(piece.data)
                advance(len(piece.data))
    beside.replace(path)
    return size


class _Caller:
    """The stub of the service while a command lasts."""

    def __init__(self, folder: StateFolder, tenant_id: UUID | None) -> None:
        from cli.client import PersonChannels, client_settings

        self._channels = PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER)
        self.stub: Any = None

    async def __aenter__(self) -> Self:
        from angarium.consent.v1 import privacy_service_pb2_grpc

        await self._channels.__aenter__()
        self.stub = self._channels.stub(privacy_service_pb2_grpc.PrivacyServiceStub, "consent")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channels.close()

    async def get(self, request_id: str) -> "privacy_service_pb2.PrivacyRequest":
        """Returns a request."""
        from angarium.consent.v1 import privacy_service_pb2 as pb

        answer = await self.stub.GetPrivacyRequest(pb.GetPrivacyRequestRequest(privacy_request_id=request_id))
        found: pb.PrivacyRequest = answer.privacy_request
        return found

    async def until_done(
        self, request: "privacy_service_pb2.PrivacyRequest", seconds: int, advance: Callable[[int], None]
    ) -> "privacy_service_pb2.PrivacyRequest":
        """Returns a request once it is done, or as it stands when the time is over."""
        ends, told = time.monotonic() + seconds, 0
        while word_of(request) in OPEN and time.monotonic() < ends:
            await asyncio.sleep(_POLL_SECONDS)
            request = await self.get(request.privacy_request_id)
            done = sum(part.HasField("complete_time") for part in request.parts)
            advance(done - told)
            told = done
        return request
