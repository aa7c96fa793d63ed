"""No method of any service answers without the right credential; a new method is covered on its first day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from angarium.options.v1 import options_pb2
from services.common.security.jwt import issue_person, issue_service
from services.common.security.permissions import PLATFORM_ADMIN, ROLE_PERMISSIONS, STAFF_ROLES
from tests.house import Served


def methods(served: Served) -> Iterator[MethodDescriptor]:
    for registration in served.service.registrations:
        yield from registration.descriptor.methods


def path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


async def answer(channel: grpc.aio.Channel, method: MethodDescriptor, token: str | None) -> grpc.StatusCode:
    """The status with which a method answers an empty request under a token."""
    request = GetMessageClass(method.input_type)()
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    kind = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
    call: Any = getattr(channel, kind)(
        path(method),
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    given = iter([request]) if method.client_streaming else request
    try:
        if method.server_streaming:
            async for _ in call(given, metadata=metadata, timeout=10):
                return grpc.StatusCode.OK
        else:
            await call(given, metadata=metadata, timeout=10)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


TENANT_STAFF = STAFF_ROLES - {PLATFORM_ADMIN}


async def refusals(served: Served, token: str | None, allowed: set[str], code: grpc.StatusCode) -> list[str]:
    """The methods that did not refuse a token with `code`, apart from those it may call."""
    wrong = []
    async with grpc.aio.insecure_channel(served.address) as channel:
        for method in methods(served):
            if path(method) in allowed:
                continue
            found = await answer(channel, method, token)
            if found is not code:
                wrong.append(f"{path(method)} answers {found.name}")
    return wrong


def open_to(served: Served, *, roles: set[str] = frozenset(), service: str = "") -> set[str]:
    """The methods that the contract opens to these roles or this service."""
    words = {word for role in roles for word in ROLE_PERMISSIONS[role]}
    found = set()
    for method in methods(served):
        access = method.GetOptions().Extensions[options_pb2.access]
        is_own = access.staff and bool(roles & TENANT_STAFF)
        if access.public or access.permission in words or service in access.services or is_own:
            found.add(path(method))
    return found


@pytest.mark.req("SEC-1", "SEC-5", "SEC-124", "REL-18")
async def test_nothing_answers_without_a_credential_or_with_a_bad_or_expired_one(
    house: dict[str, Served],
) -> None:
    for served in house.values():
        settings = served.settings
        expired = issue_person(settings, uuid4(), "anna", ["super_owner"], [], ttl=timedelta(minutes=-5))
        foreign = issue_person(
            settings.model_copy(update={"jwt_issuer": "https://elsewhere.example"}),
            uuid4(),
            "anna",
            ["super_owner"],
            [],
        )
        public = open_to(served)
        for token in (None, "nonsense", expired, foreign):
            assert await refusals(served, token, public, grpc.StatusCode.UNAUTHENTICATED) == []


@pytest.mark.req("SEC-5", "SEC-42", "SEC-44", "REL-18")
async def test_every_role_is_refused_whatever_its_permissions_do_not_name(house: dict[str, Served]) -> None:
    for served in house.values():
        for role in sorted(ROLE_PERMISSIONS):
            if role in ("service", "contact"):
                continue
            token = issue_person(served.settings, uuid4(), "anna", [role], [])
            allowed = open_to(served, roles={role})
            assert await refusals(served, token, allowed, grpc.StatusCode.PERMISSION_DENIED) == []


@pytest.mark.req("SEC-2")
async def test_a_service_is_refused_what_the_contract_does_not_open_to_it(house: dict[str, Served]) -> None:
    for served in house.values():
        for name in ("gateway", "analytics", "stranger"):
            token = issue_service(served.settings, name)
            allowed = open_to(served, roles={"service"}, service=name)
            assert await refusals(served, token, allowed, grpc.StatusCode.PERMISSION_DENIED) == []
