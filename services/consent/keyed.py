"""Calls that change something: each happens once per key of its caller (GEN-29)."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import once
from services.common.rpc.context import tenant
from services.consent.directory.handlers import Directory

M = TypeVar("M", bound=Message)
Effect = Callable[[UnitOfWork], Awaitable[M]]


class Keyed(Protocol):
    """A request that carries a key."""

    @property
    def idempotency_key(self) -> str:
        """Returns the key; empty when a repeat may happen again."""


async def keyed(uow: UnitOfWork, method: str, request: Keyed, response: type[M], effect: Effect[M]) -> M:
    """Runs an effect unless its key was used before; the answer says whether it is a stored one.

    Args:
        uow: The unit of work the effect and its answer are stored in.
        method: Name of the service and its method.
        request: The request; another one under the same key is refused.
        response: Type of the answer.
        effect: What the call does.
    """
    answer, repeated = await once(
        uow,
        method=method,
        key=request.idempotency_key,
        request=request,  # type: ignore[arg-type]  # every request is a message
        response_type=response,
        effect=lambda: effect(uow),
    )
    answer.deduplicated = repeated  # type: ignore[attr-defined]  # so is every answer that has this field
    return answer


async def keyed_about(
    database: Database,
    directory: Directory,
    method: str,
    request: Keyed,
    response: type[M],
    effect: Effect[M],
) -> M:
    """Runs an effect about contacts in a unit of work of its own; once more when the directory had to learn of them."""

    async def work() -> M:
        async with database.tenant(tenant()) as uow:
            return await keyed(uow, method, request, response, effect)

    return await directory.with_contacts(tenant(), work)
