"""Calls any method with what it may be called with, and says how it answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import code_pb2, error_details_pb2, status_pb2

from angarium.options.v1 import options_pb2
from services.common.rpc.authentication import TENANT_KEY
from services.common.security.jwt import NEIGHBOUR, issue_neighbour, issue_person, issue_service
from services.common.security.permissions import PLATFORM_ADMIN, ROLE_PERMISSIONS
from tests.fuzz import values
from tests.fuzz.pool import Pool, statuses
from tests.fuzz.requests import Requests
from tests.house import Served
from tests.isolation.requests import request as valid_request

_ROLES = ("super_owner", PLATFORM_ADMIN)
_SHORT = 0.5
"""Streams that have no end are read for so long."""
_FALLEN = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS})


def methods(served: Served) -> Iterator[MethodDescriptor]:
    for registration in served.service.registrations:
        yield from registration.descriptor.methods


def path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


@dataclass(frozen=True)
class Asked:
    """One call: what was asked, and how it was answered."""

    method: MethodDescriptor
    requests: tuple[Any, ...]
    metadata: tuple[tuple[str, str], ...]
    code: grpc.StatusCode
    fault: str

    def __str__(self) -> str:
        several = "\n".join(str(request) for request in self.requests)
        return f"{path(self.method)} answers {self.code.name} ({self.fault}) to\n{several}"


class Caller:
    """Somebody who may call every method of a service for one tenant."""

    def __init__(self, served: Served, channel: grpc.aio.Channel, random: Random, pool: Pool) -> None:
        self._served = served
        self._channel = channel
        self._random = random
        self._pool = pool
        self._requests = Requests(random, pool)

    def make(self, method: MethodDescriptor) -> tuple[Any, ...]:
        """The requests of one call."""
        count = self._random.choice((1, 1, 2)) if method.client_streaming else 1
        return tuple(self._make(method) for _ in range(count))

    def _make(self, method: MethodDescriptor) -> Any:
        if self._random.random() < 0.4:
            return self._requests.make(method.input_type)
        own = self._pool.text(self._random, "contact_id") or values.uuid(self._random)
        return self._requests.vary(valid_request(method, own))

    async def ask(self, method: MethodDescriptor, requests: tuple[Any, ...], metadata: Any = None) -> Asked:
        """Makes a call and learns from its answer."""
        metadata = metadata or self._metadata(method)
        kind = "_".join(
            "stream" if streams else "unary" for streams in (method.client_streaming, method.server_streaming)
        )
        call: Any = getattr(self._channel, kind)(
            path(method),
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        given = iter(requests) if method.client_streaming else requests[0]
        answers = []
        try:
            if method.server_streaming:
                async for answer in call(
                    given, metadata=metadata, timeout=10 if method.client_streaming else _SHORT
                ):
                    answers.append(answer)  # noqa: PERF401 - what came before an error counts
            else:
                answers.append(await call(given, metadata=metadata, timeout=10))
        except grpc.aio.AioRpcError as error:
            endless = method.server_streaming and error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            return Asked(method, requests, metadata, error.code(), "" if endless else fault_of(error))
        fault = ""
        for answer in answers:
            self._pool.learn(answer)
            for status in statuses(answer):
                if status.code in (code_pb2.INTERNAL, code_pb2.UNKNOWN, code_pb2.DATA_LOSS):
                    fault = f"an item with {status}"
        return Asked(method, requests, metadata, grpc.StatusCode.OK, fault)

    def _metadata(self, method: MethodDescriptor) -> tuple[tuple[str, str], ...]:
        access: Any = method.GetOptions().Extensions[options_pb2.access]
        settings, tenant_id = self._served.settings, self._served.tenant_id
        roles = [role for role in _ROLES if access.permission in ROLE_PERMISSIONS[role]]
        if roles or access.staff or not access.services:
            role = roles[0] if roles else _ROLES[0]
            token = issue_person(settings, tenant_id, "ada", [role], [])
            return (("authorization", f"Bearer {token}"),)
        name = self._random.choice(list(access.services))
        if name == NEIGHBOUR:
            return (("authorization", f"Bearer {issue_neighbour(settings, tenant_id, name)}"),)
        token = issue_service(settings, name)
        return (("authorization", f"Bearer {token}"), (TENANT_KEY, str(tenant_id)))


def fault_of(error: grpc.aio.AioRpcError) -> str:
    """What is wrong with a refusal; empty when it is one that the contract knows."""
    if error.code() in _FALLEN or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return error.details() or "no words"
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:
        return f"no details: {error.details()}"
    known = [one.TypeName() for one in status_pb2.Status.FromString(details).details]  # type: ignore[arg-type]
    if error_details_pb2.ErrorInfo.DESCRIPTOR.full_name not in known:
        return "no ErrorInfo"
    return ""
