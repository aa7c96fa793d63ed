"""Refusals in the words of Google's APIs."""

import time
from typing import Any

from starlette.responses import Response

from sandbox import faces

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class RefusedError(faces.RefusalError):
    """A request FCM refuses."""

    def __init__(
        self,
        status: int,
        word: str,
        message: str,
        code: str = "",
        *,
        field: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self._status, self._word, self._message = status, word, message
        self._code, self._field, self._headers = code, field, headers

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        details: list[dict[str, Any]] = []
        if self._code:
            details.append({"@type": FCM_ERROR, "errorCode": self._code})
        if self._field:
            violation = {"field": self._field, "description": self._message}
            details.append({"@type": BAD_REQUEST, "fieldViolations": [violation]})
        error = {"code": self._status, "message": self._message, "status": self._word, "details": details}
        return faces.json({"error": error}, self._status, self._headers)


class TokenError(faces.RefusalError):
    """A grant the server of tokens refuses."""

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        return faces.json({"error": "invalid_grant", "error_description": str(self)}, 400)


def too_many(reset: int | None) -> RefusedError:
    """Returns the refusal of a project over its quota."""
    headers = {"Retry-After": str(max(1, reset - int(time.time())))} if reset else None
    return RefusedError(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "QUOTA_EXCEEDED", headers=headers)


def failed(status: int) -> RefusedError:
    """Returns the answer of a service that is not well."""
    code = "INTERNAL" if status == 500 else "UNAVAILABLE"
    return RefusedError(status, code, "The service is currently unavailable", code)


UNAUTHENTICATED = (401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
OF_DEVICE = {
    "device_unregistered": (404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"),
    "device_wrong_app": (403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"),
    "device_invalid": (
        400,
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
        "INVALID_ARGUMENT",
    ),
    "device_busy": (429, "RESOURCE_EXHAUSTED", "Message rate exceeded", "QUOTA_EXCEEDED"),
    "device_unavailable": (503, "UNAVAILABLE", "The service is currently unavailable", "UNAVAILABLE"),
}
"""What FCM says of devices that do not take a message."""
