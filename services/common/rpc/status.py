"""ServiceError to `google.rpc.Status` and back: the only place that knows how errors travel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import grpc
import grpc.aio
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from services.common.errors import REASONS, RETRY_SOON, Precondition, ServiceError, Violation
from services.common.privacy import redact_text

DETAILS_KEY = "grpc-status-details-bin"
DOMAIN = "angarium"

# A header block is limited to some kilobytes; a request broken in a thousand places says so with the first ones.
MAX_VIOLATIONS = 50

_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}
_REASON_OF_BARE_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: "VALIDATION_FAILED",
    grpc.StatusCode.OUT_OF_RANGE: "VALIDATION_FAILED",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    grpc.StatusCode.NOT_FOUND: "NOT_FOUND",
    grpc.StatusCode.ALREADY_EXISTS: "ALREADY_EXISTS",
    grpc.StatusCode.PERMISSION_DENIED: "PERMISSION_DENIED",
    grpc.StatusCode.UNAUTHENTICATED: "UNAUTHENTICATED",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "RATE_LIMITED",
    grpc.StatusCode.ABORTED: "VERSION_CONFLICT",
    grpc.StatusCode.UNAVAILABLE: "DEPENDENCY_UNAVAILABLE",
    grpc.StatusCode.CANCELLED: "DEPENDENCY_UNAVAILABLE",
}


def to_status(error: ServiceError, service: str, request_id: str = "") -> status_pb2.Status:
    """Returns the status of an error: ErrorInfo always, and at most one each of the four details."""
    message = redact_text(error.message)
    status = status_pb2.Status(code=error.status.value[0], message=message)
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=f"{error.origin or service}.{DOMAIN}")
    info.metadata["code"] = error.code
    for key, value in error.metadata.items():
        info.metadata[key] = redact_text(value)
    if request_id:
        info.metadata["request_id"] = request_id
    status.details.add().Pack(info)
    if error.violations:
        status.details.add().Pack(_bad_request(error.violations))
    if error.status is grpc.StatusCode.FAILED_PRECONDITION:
        status.details.add().Pack(_precondition_failure(error, message))
    if error.status is grpc.StatusCode.RESOURCE_EXHAUSTED:
        quota = error_details_pb2.QuotaFailure()
        quota.violations.add(subject=redact_text(error.metadata.get("subject", service)), description=message)
        status.details.add().Pack(quota)
    if (retry_after := _retry_after(error)) is not None:
        delay = Duration()
        delay.FromTimedelta(retry_after)
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return status


def _bad_request(violations: list[Violation]) -> error_details_pb2.BadRequest:
    bad = error_details_pb2.BadRequest()
    for field, description in violations[:MAX_VIOLATIONS]:
        bad.field_violations.add(field=redact_text(field), description=redact_text(description))
    if (more := len(violations) - MAX_VIOLATIONS) > 0:
        bad.field_violations.add(field="", description=f"and {more} more")
    return bad


def _precondition_failure(error: ServiceError, message: str) -> error_details_pb2.PreconditionFailure:
    failure = error_details_pb2.PreconditionFailure()
    subject = error.metadata.get("resource_id", "")
    for one in error.preconditions or [Precondition(error.reason, subject, message)]:
        failure.violations.add(
            type=one.type, subject=redact_text(one.subject), description=redact_text(one.description)
        )
    return failure


def _retry_after(error: ServiceError) -> timedelta | None:
    if error.retry_after is None and error.status is grpc.StatusCode.UNAVAILABLE:
        return RETRY_SOON
    return error.retry_after


def from_rpc_error(error: grpc.aio.AioRpcError, service: str) -> ServiceError:
    """Returns the error another service answered with: same reason, metadata and details, `origin` that service."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return from_status(status_pb2.Status.FromString(value), service)
            except DecodeError:
                break
    return _from_bare_status(error, service)


def from_status(status: status_pb2.Status, service: str) -> ServiceError:
    """Returns the error a status with details stands for; also that of one item of a batch."""
    reason = ""
    metadata: dict[str, str] = {}
    violations: list[Violation] = []
    preconditions: list[Precondition] = []
    retry_after: timedelta | None = None
    info = error_details_pb2.ErrorInfo()
    bad = error_details_pb2.BadRequest()
    failure = error_details_pb2.PreconditionFailure()
    retry = error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
            service = info.domain.removesuffix(f".{DOMAIN}") or service
        elif detail.Unpack(bad):
            violations = [Violation(one.field, one.description) for one in bad.field_violations]
        elif detail.Unpack(failure):
            preconditions = [
                Precondition(one.type, one.subject, one.description) for one in failure.violations
            ]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta()
    metadata.pop("code", None)
    return ServiceError(
        reason if reason in REASONS else _bare_reason(_BY_NUMBER.get(status.code)),
        status.message,
        metadata=metadata,
        violations=violations,
        preconditions=preconditions,
        retry_after=retry_after,
        origin=service,
    )


def _from_bare_status(error: grpc.aio.AioRpcError, service: str) -> ServiceError:
    """Reads a status without details: the transport's own, such as a lost connection or a passed deadline."""
    reason = _bare_reason(error.code())
    if reason == "DEPENDENCY_UNAVAILABLE":
        message, metadata = f"{service} is unavailable", {"dependency": service}
    else:
        message, metadata = reason.replace("_", " ").lower(), {}
    return ServiceError(
        reason,
        message,
        metadata=metadata,
        retry_after=RETRY_SOON if reason == "DEPENDENCY_UNAVAILABLE" else None,
        origin=service,
    )


def _bare_reason(code: grpc.StatusCode | None) -> str:
    return _REASON_OF_BARE_STATUS.get(code, "INTERNAL") if code is not None else "INTERNAL"


def item_status(error: ServiceError | None, service: str) -> status_pb2.Status:
    """Returns the status of one item of a batch; code OK when there is no error."""
    return to_status(error, service) if error is not None else status_pb2.Status()


def trailers(status: status_pb2.Status) -> Iterable[tuple[str, bytes]]:
    """Returns the trailing metadata that carries a status with its details."""
    return ((DETAILS_KEY, status.SerializeToString()),)
