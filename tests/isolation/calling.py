"""One call of any method, as the caller whom the contract lets in, and its answer as far as tenants should be alike."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import grpc
import grpc.aio
from google.protobuf import text_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.common.rpc.access import access_of
from services.common.rpc.authentication import TENANT_KEY
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import NEIGHBOUR, issue_neighbour, issue_person, issue_service
from services.common.security.permissions import ROLE_PERMISSIONS, SERVICE, SUPER_OWNER
from tests.house import Served

_PATIENCE = 20.0
UNANSWERED = "another service does not answer"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OF_THE_MOMENT = re.compile(
    r"(seconds|nanos): \d+"
    r'|(code|etag|\w*token|\w*secret|\w*signature|public_key|checksum|png|url|document): "([^"\\]|\\.)*"'
    r'|key: "request_id" value: "\w+"|[\w.=+/-]{40,}'
)


def metadata(served: Served, method: MethodDescriptor, tenant_id: UUID) -> tuple[tuple[str, str], ...] | None:
    """The credential of somebody who may call the method for a tenant; None when only the deployment's admins may."""
    access = access_of(method)
    if (
        access.services - {NEIGHBOUR}
        or access.permission in ROLE_PERMISSIONS[SERVICE] - ROLE_PERMISSIONS[SUPER_OWNER]
    ):
        token = issue_service(served.settings, min(access.services - {NEIGHBOUR}, default="gateway"))
        return (("authorization", f"Bearer {token}"), (TENANT_KEY, str(tenant_id)))
    if access.permission in ROLE_PERMISSIONS[SUPER_OWNER] or access.staff:
        token = issue_person(served.settings, tenant_id, "anna", [SUPER_OWNER], [])
        return (("authorization", f"Bearer {token}"),)
    if NEIGHBOUR in access.services:
        return (("authorization", f"Bearer {issue_neighbour(served.settings, tenant_id, 'shop')}"),)
    return None


async def answer(
    channel: grpc.aio.Channel, method: MethodDescriptor, request: Message, credential: Any, *, patience: float
) -> str:
    """What a method answers: its status and details, or all its responses; a watch is left after `patience` seconds."""
    kind = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
    call: Any = getattr(channel, kind)(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    given = iter([request]) if method.client_streaming else request
    try:
        if method.server_streaming:
            waiting = patience if method.name.startswith("Watch") else _PATIENCE
            responses = [
                one
                async for one in _until_quiet(call(given, metadata=credential, timeout=_PATIENCE), waiting)
            ]
        else:
            responses = [await call(given, metadata=credential, timeout=_PATIENCE)]
    except grpc.aio.AioRpcError as error:
        return _fault(error, method)
    return "".join(f"{{{text_format.MessageToString(one, as_one_line=True)}}}" for one in responses)


async def _until_quiet(call: Any, patience: float) -> AsyncIterator[Message]:
    """The responses of a stream, until it ends or has been silent for a while."""
    responses = aiter(call)
    while True:
        try:
            yield await asyncio.wait_for(anext(responses), patience)
        except (StopAsyncIteration, TimeoutError):
            call.cancel()
            return


def _fault(error: grpc.aio.AioRpcError, method: MethodDescriptor) -> str:
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return UNANSWERED
    found = from_rpc_error(error, method.full_name.split(".")[1])
    told = {key: value for key, value in sorted(found.metadata.items()) if key != "request_id"}
    return f"{error.code().name} {found.reason} {found.message!r} {told} {found.violations}"


def alike(text: str, *names: UUID) -> str:
    """An answer without what differs between any two tenants: their ids, new ids, instants, secrets, and order."""
    for name in names:
        for spelling in (str(name), str(name).upper(), str(name)[-8:].upper()):
            text = text.replace(spelling, "<asked>")
    return " ".join(sorted(_OF_THE_MOMENT.sub("<own>", _UUID.sub("<id>", text)).split()))
