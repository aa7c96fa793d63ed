"""Privacy requests as the contract shows them."""

from angarium.consent.v1 import privacy_service_pb2 as pb
from services.consent.privacy.domain import Request, Step
from services.consent.words import Words, timestamp

KIND = Words(pb.PrivacyRequest.Kind, "KIND_")
STATE = Words(pb.PrivacyRequest.State, "STATE_")
FORMAT = Words(pb.PrivacyRequest.Format, "FORMAT_")


def privacy_request(request: Request) -> pb.PrivacyRequest:
    """Returns a request with its parts."""
    found = pb.PrivacyRequest(
        privacy_request_id=str(request.request_id),
        contact_id=str(request.contact_id),
        kind=KIND.number(request.kind),  # type: ignore[arg-type]
        state=STATE.number(request.state),  # type: ignore[arg-type]
        format=FORMAT.number(request.format) if request.kind == "export" else 0,  # type: ignore[arg-type]
        requested_by=request.requested_by,
        requester_verified_by=request.verified_by,
        reason=request.reason,
        parts=[_part(step, request) for step in request.steps],
        create_time=timestamp(request.requested_at),
        due_time=timestamp(request.due_at),
        complete_time=timestamp(request.completed_at),
        result_expire_time=timestamp(request.result_expires_at),
        result_size=request.result_size,
        failure_reason=request.failure_reason,
    )
    if request.receipt is not None:
        document, signature, key_id = request.receipt
        found.receipt.CopyFrom(pb.ErasureReceipt(document=document, signature=signature, key_id=key_id))
    return found


def _part(step: Step, request: Request) -> pb.PrivacyRequestPart:
    return pb.PrivacyRequestPart(
        service=step.service,
        action=step.action,
        state=STATE.number(_state(step, request)),  # type: ignore[arg-type]
        row_count=step.rows,
        remaining_count=step.remaining,
        attempt_count=step.attempts,
        error=step.error,
        complete_time=timestamp(step.completed_at),
    )


def _state(step: Step, request: Request) -> str:
    if step.is_done:
        return "completed"
    if step == request.next_step and request.state in ("running", "failed"):
        return request.state
    return "received"
