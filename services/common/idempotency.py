"""Repeating a call is safe: its effect happens once and its answer is kept for a day (GEN-29)."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, aborted
from services.common.rpc.context import current_caller

M = TypeVar("M", bound=Message)
Effect = Callable[[UnitOfWork], Awaitable[M]]

KEPT = timedelta(hours=24)
_KEY_FIELD = "idempotency_key"
_TOLD = "deduplicated"
_PLATFORM = UUID(int=0)
"""Stands for the tenant in calls that belong to none, such as creating one."""

# The row may have been stored between this statement's look and its lock; the INSERT at the commit decides.
_CLAIM = """
SELECT pg_try_advisory_xact_lock(%s), known.request_hash, known.response, known.created_at
FROM (SELECT 1) AS once
LEFT JOIN idempotency AS known ON known.tenant_id = %s AND known.claim_id = %s
"""

_FORGET = "DELETE FROM idempotency WHERE tenant_id = %s AND claim_id = %s"

_STORE = """
INSERT INTO idempotency (tenant_id, claim_id, request_hash, response, created_at) VALUES (%s, %s, %s, %s, %s)
"""


class Keyed(Protocol):
    """A request that carries a key."""

    @property
    def idempotency_key(self) -> str:
        """Returns the key; empty when a repeat may happen again."""


async def keyed(uow: UnitOfWork, method: str, request: Keyed, response: type[M], effect: Effect[M]) -> M:
    """Runs an effect unless its key was used before; an answer with a field for it says whether it is a stored one.

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
    if _TOLD in response.DESCRIPTOR.fields_by_name:
        setattr(answer, _TOLD, repeated)
    return answer


async def once(
    uow: UnitOfWork,
    *,
    method: str,
    key: str,
    request: Message,
    response_type: type[M],
    effect: Callable[[], Awaitable[M]],
) -> tuple[M, bool]:
    """Runs the effect of a call unless the same call was made before; returns its answer, and whether it is a repeat.

    The answer is stored in the transaction of the effect, so an effect that fails releases its claim. The key is
    scoped by tenant, caller and method. Without a key the effect just runs.

    Args:
        uow: The transaction of the effect; claim it before reading what the effect decides by.
        method: Name of the method, for example `MessageService.SendMessage`.
        key: The caller's key.
        request: The request; compared without its key.
        response_type: Class of the answer.
        effect: Does the work in this unit of work.

    Raises:
        ServiceError: IDEMPOTENCY_CONFLICT when the key came with another request; VERSION_CONFLICT with the reason
            IN_PROGRESS while the first call still runs.
    """
    if not key:
        return await effect(), False
    tenant_id = uow.tenant_id or _PLATFORM
    claim_id, lock = _identify(uow.schema, tenant_id, current_caller().subject, method, key)
    request_hash = _hash(request)
    now = uow.now()
    row = await uow.fetch_one(_CLAIM, (lock, tenant_id, claim_id))
    locked, known_hash, known_response, stored_at = row or (False, None, None, None)
    if stored_at is not None and stored_at > now - KEPT:
        if known_hash != request_hash:
            raise conflict(method)
        return response_type.FromString(known_response), True
    if not locked:
        raise _in_progress()
    if stored_at is not None:
        uow.defer(_FORGET, (tenant_id, claim_id))
    answer = await effect()
    # If the first call ended between this one's look and its lock, the row is there: repeating returns what it says.
    uow.on_violation("pk_idempotency", _in_progress)
    uow.defer(_STORE, (tenant_id, claim_id, request_hash, answer.SerializeToString(deterministic=True), now))
    return answer, False


def conflict(method: str) -> ServiceError:
    """Returns the error of a key that came with another request of a method."""
    text = "was used with another request"
    return ServiceError(
        "IDEMPOTENCY_CONFLICT",
        f"idempotency key {text}",
        metadata={"method": method},
        violations=[Violation(_KEY_FIELD, text)],
    )


async def delete_expired(uow: UnitOfWork, limit: int = 500) -> int:
    """Removes up to `limit` answers older than a day; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM idempotency WHERE (tenant_id, claim_id) IN"
        " (SELECT tenant_id, claim_id FROM idempotency WHERE created_at <= %s LIMIT %s)",
        (uow.now() - KEPT, limit),
    )


def _identify(schema: str, tenant_id: UUID, subject: str, method: str, key: str) -> tuple[UUID, int]:
    """Returns the claim's id and its lock's number; advisory locks are shared by all schemas of a database."""
    digest = hashlib.sha256("\0".join((schema, str(tenant_id), subject, method, key)).encode()).digest()
    return UUID(bytes=digest[:16]), int.from_bytes(digest[16:24], "big", signed=True)


def _hash(request: Message) -> bytes:
    if _KEY_FIELD in request.DESCRIPTOR.fields_by_name and getattr(request, _KEY_FIELD):
        copy = type(request)()
        copy.CopyFrom(request)
        copy.ClearField(_KEY_FIELD)
        request = copy
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def _in_progress() -> ServiceError:
    return aborted("the first call with this idempotency key is still running", "IN_PROGRESS")
