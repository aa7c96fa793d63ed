"""Requests for people and for programs."""

import time
from typing import TYPE_CHECKING, Any

from cli.output import Output

if TYPE_CHECKING:
    from angarium.consent.v1 import privacy_service_pb2

OPEN = ("received", "running")


def show(out: Output, found: "privacy_service_pb2.PrivacyRequest") -> None:
    """Prints a request with what each service did."""
    out.line(
        f"[bold]{kind_of(found)}[/] {found.privacy_request_id}: [bold]{word_of(found)}[/], due {at(found.due_time)}"
    )
    out.table(
        ("service", "step", "state", "rows", "remaining", "tries", "last error"),
        [
            (part.service, part.action, state_of(part.state), part.row_count, part.remaining_count, part.attempt_count, part.error)
            for part in found.parts
        ],
    )  # fmt: skip
    if found.failure_reason:
        out.text("reason", found.failure_reason)
    if word_of(found) == "completed" and found.result_size:
        out.line(
            f"{found.result_size:,} bytes, until {at(found.result_expire_time)}:"
            f" angarium privacy download {found.privacy_request_id} --out <file>"
        )
    if found.HasField("receipt"):
        out.line(
            f"[bold green]Erased and verified.[/] The receipt is signed with key {found.receipt.key_id}."
        )


def row(found: "privacy_service_pb2.PrivacyRequest") -> dict[str, Any]:
    """Returns a request for programs."""
    told: dict[str, Any] = {
        "privacy_request_id": found.privacy_request_id,
        "contact_id": found.contact_id,
        "kind": kind_of(found),
        "state": word_of(found),
        "asked": at(found.create_time),
        "due": at(found.due_time),
        "completed": at(found.complete_time) if found.HasField("complete_time") else None,
        "failure_reason": found.failure_reason,
        "parts": [
            {
                "service": part.service,
                "action": part.action,
                "state": state_of(part.state),
                "rows": part.row_count,
                "remaining": part.remaining_count,
                "attempts": part.attempt_count,
                "error": part.error,
            }
            for part in found.parts
        ],
    }
    if found.result_size:
        told |= {"result_bytes": found.result_size, "result_expires": at(found.result_expire_time)}
    if found.HasField("receipt"):
        told["receipt"] = {
            "document": found.receipt.document.decode(),
            "signature": found.receipt.signature,
            "key_id": found.receipt.key_id,
        }
    return told


def kind_of(found: "privacy_service_pb2.PrivacyRequest") -> str:
    """Returns what was asked for."""
    return {1: "export", 2: "erasure"}.get(found.kind, "")


def word_of(found: "privacy_service_pb2.PrivacyRequest") -> str:
    """Returns where a request stands."""
    return state_of(found.state)


def state_of(number: int) -> str:
    """Returns the word of a state, of a request or of one of its parts."""
    return {1: "received", 2: "running", 3: "completed", 4: "failed", 5: "rejected"}.get(number, "")


def at(stamp: Any) -> str:
    """Returns an instant for people."""
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M} UTC"


def is_overdue(found: "privacy_service_pb2.PrivacyRequest") -> bool:
    """Returns whether a request is still open although its time is over."""
    return word_of(found) in OPEN and found.due_time.seconds < time.time()
