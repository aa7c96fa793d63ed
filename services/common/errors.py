"""The errors of the house: one exception type, one table of reasons, one constructor per situation.

    Exception
    └── ServiceError        carries reason, message, metadata and details; every RPC failure is one

Domain code raises its own plain exceptions with a `reason` attribute; `as_service_error` turns those, and what
drivers raise, into a ServiceError. Texts of drivers never travel further than the log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from grpc import StatusCode

from services.common.reasons import DECISION_REASONS, PASSING, REASONS, Reason

__all__ = [
    "DECISION_REASONS",
    "PASSING",
    "REASONS",
    "Precondition",
    "Reason",
    "ServiceError",
    "Violation",
    "aborted",
    "already_exists",
    "as_service_error",
    "deadline_exceeded",
    "denied",
    "exhausted",
    "failed",
    "internal",
    "invalid",
    "invalid_many",
    "not_found",
    "refused",
    "unauthenticated",
    "unavailable",
]

_NOTHING: Mapping[str, str] = MappingProxyType({})
RETRY_SOON = timedelta(seconds=1)


class Violation(NamedTuple):
    """One field of a request that breaks a rule: its path in the request, and what is wrong with it."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class Precondition:
    """One condition that does not hold: its kind, what it concerns, and a sentence about it."""

    type: str
    subject: str
    description: str


class ServiceError(Exception):
    """A failure that the caller is told about by reason; the message is for people and holds no internals."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] = _NOTHING,
        violations: Iterable[Violation] = (),
        preconditions: Iterable[Precondition] = (),
        retry_after: timedelta | None = None,
        origin: str = "",
    ) -> None:
        super().__init__(message)
        self._row = REASONS[reason]
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata)
        self.violations = list(violations)
        self.preconditions = list(preconditions)
        self.retry_after = retry_after
        self.origin = origin
        """Name of the service that answered with this error; empty when it was raised here."""

    @property
    def status(self) -> StatusCode:
        """Returns the canonical code the caller sees."""
        return self._row.status

    @property
    def code(self) -> str:
        """Returns the number of the requirements, for example `MARKETING_020`."""
        return self._row.code

    def __repr__(self) -> str:
        return f"ServiceError({self.reason!r}, {self.message!r})"


def invalid(field: str, description: str, reason: str = "VALIDATION_FAILED") -> ServiceError:
    """Returns the error of one bad field."""
    return invalid_many([Violation(field, description)], reason)


def invalid_many(violations: Iterable[Violation], reason: str = "VALIDATION_FAILED") -> ServiceError:
    """Returns the error of several bad fields, reported together (GEN-31)."""
    found = list(violations)
    fields = sorted({violation.field for violation in found if violation.field})
    named = ", ".join(fields[:8]) + (" and others" if len(fields) > 8 else "")
    message = f"request is invalid: {named}" if fields else "request is invalid"
    return ServiceError(reason, message, violations=found)


def not_found(kind: str, key: object) -> ServiceError:
    """Returns the error of an absent object; another tenant's or branch's object is absent too (SEC-6)."""
    return ServiceError(
        "NOT_FOUND", f"{kind} not found", metadata={"resource_type": kind, "resource_id": str(key)}
    )


def already_exists(kind: str, key: object) -> ServiceError:
    """Returns the error of a natural key that is taken."""
    return ServiceError(
        "ALREADY_EXISTS", f"{kind} already exists", metadata={"resource_type": kind, "resource_id": str(key)}
    )


def failed(reason: str, message: str, **metadata: object) -> ServiceError:
    """Returns the error of any reason, with metadata words for the caller's program."""
    return ServiceError(reason, message, metadata={key: str(value) for key, value in metadata.items()})


def refused(decision_reason: str, message: str) -> ServiceError:
    """Returns the error of a decision reason such as `consent_pending`, by SEC-123."""
    return ServiceError(DECISION_REASONS[decision_reason], message, metadata={"reason": decision_reason})


def denied(message: str = "caller may not do this") -> ServiceError:
    """Returns the error of a known caller who lacks the permission."""
    return ServiceError("PERMISSION_DENIED", message)


def unauthenticated(reason_word: str) -> ServiceError:
    """Returns the error of a credential that is `missing`, `invalid` or `expired` (SEC-1)."""
    return ServiceError("UNAUTHENTICATED", f"credential is {reason_word}", metadata={"reason": reason_word})


def aborted(message: str, reason_word: str = "") -> ServiceError:
    """Returns the error of a lost race; `IN_PROGRESS` as reason word says the first call still runs (GEN-29)."""
    return ServiceError(
        "VERSION_CONFLICT", message, metadata={"reason": reason_word} if reason_word else _NOTHING
    )


def unavailable(dependency: str, retry_after: timedelta = RETRY_SOON) -> ServiceError:
    """Returns the error of a dependency that cannot be reached now."""
    return ServiceError(
        "DEPENDENCY_UNAVAILABLE",
        f"{dependency} is unavailable",
        metadata={"dependency": dependency},
        retry_after=retry_after,
    )


def exhausted(reason: str, message: str, retry_after: timedelta | None = None) -> ServiceError:
    """Returns the error of a rate, cap or quota that is used up."""
    return ServiceError(reason, message, retry_after=retry_after)


def deadline_exceeded(message: str = "deadline is too close to finish the work") -> ServiceError:
    """Returns the error of work that cannot finish in the time the caller left."""
    return ServiceError("DEADLINE_EXCEEDED", message)


def internal() -> ServiceError:
    """Returns the error of a bug: a generic text, nothing else."""
    return ServiceError("INTERNAL", "internal error")


def as_service_error(error: BaseException) -> ServiceError | None:
    """Returns the ServiceError an exception stands for, or None for one that only a bug explains.

    Domain exceptions name their reason in an attribute `reason`; they may also carry `metadata`, `violations`
    and `retry_after`. Driver errors are recognised by type and answered without their text.
    """
    if isinstance(error, ServiceError):
        return error
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and reason in REASONS:
        return ServiceError(
            reason,
            str(error) or reason.replace("_", " ").lower(),
            metadata={key: str(value) for key, value in getattr(error, "metadata", _NOTHING).items()},
            violations=[Violation(*violation) for violation in getattr(error, "violations", ())],
            retry_after=getattr(error, "retry_after", None),
        )
    return _driver_error(error)


def _driver_error(error: BaseException) -> ServiceError | None:
    """Recognises database and Redis errors; a driver that was never imported cannot have raised."""
    if psycopg := sys.modules.get("psycopg"):
        races = (
            psycopg.errors.SerializationFailure,
            psycopg.errors.DeadlockDetected,
            psycopg.errors.LockNotAvailable,
        )
        if isinstance(error, races):
            return aborted("another change came first; read again and repeat")
        if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
            return unavailable("database")
    if (redis := sys.modules.get("redis")) and isinstance(
        error, (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
    ):
        return unavailable("redis")
    return None
