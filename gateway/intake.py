"""The door for neighbours without gRPC: events signed over their exact bytes (GAT-14, GAT-26)."""

from typing import Any, Final
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from gateway import bodies, door, figures
from gateway.intake_keys import SECONDS_FRESH, SECONDS_KEPT
from gateway.problems import held_off, problem, unauthorised, unavailable
from services.common.errors import ServiceError
from services.common.rpc.client import as_tenant
from services.common.security import signed_requests as signing

LONGEST_KEY: Final = 100

_NOBODY: Final = pb.ResolveIntakeKeyResponse(secrets=[b"nobody's"])
"""Stands for an unknown key, so that checking takes as long as for a known one."""


async def receive(request: Request) -> Response:
    """Takes signed events: 202 once stored, with what became of each; 401 when not genuine, 503 when not stored."""
    here = door.of(request)
    body = await bodies.read(request, here.settings.intake_max_bytes)
    if body is None:
        return problem(413, "VALIDATION_FAILED")
    try:
        key = await _signer(request, body)
        if key is None:
            return await _refused(request)
        key_id = request.headers[signing.KEY]
        verdict = await here.limiter.check("intake", key_id, here.settings.intake_per_minute)
        if not verdict.allowed:
            return held_off(verdict)
        with as_tenant(UUID(key.tenant_id)):
            answer = await here.intake.IngestEvents(
                pb.IngestEventsRequest(
                    events_json=body, key_id=key_id, nonce=request.headers[signing.NONCE].lower()
                )
            )
    except ServiceError as error:
        if error.reason in ("SIGNATURE_INVALID", "REPLAYED_REQUEST"):
            return await _refused(request)
        if error.reason == "VALIDATION_FAILED":
            return problem(400, "VALIDATION_FAILED")
        return unavailable()
    return JSONResponse(told(answer), status_code=202)


def told(answer: pb.IngestEventsResponse) -> dict[str, Any]:
    """Returns what became of the events, as neighbours read it."""
    return {
        "accepted": answer.accepted_count,
        "duplicate": answer.duplicate_count,
        "rejected": answer.rejected_count,
        "results": [_result(one) for one in answer.results],
    }


def _result(one: pb.IngestResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "index": one.index,
        "event_id": one.event_id,
        "state": pb.IngestResult.State.Name(one.state).removeprefix("STATE_").lower(),
    }
    if one.reason:
        found["reason"] = one.reason
    if one.violations:
        found["violations"] = [
            MessageToDict(wrong, preserving_proto_field_name=True) for wrong in one.violations
        ]
    return found


async def _signer(request: Request, body: bytes) -> pb.ResolveIntakeKeyResponse | None:
    """Returns the key whose signature a request carries, None when it is not genuine."""
    here = door.of(request)
    key_id = request.headers.get(signing.KEY, "")
    timestamp, nonce = request.headers.get(signing.TIMESTAMP, ""), request.headers.get(signing.NONCE, "")
    if not 1 <= len(key_id) <= LONGEST_KEY or signing.nonce_of(nonce) is None:
        return None
    if not signing.is_timely(timestamp, here.clock.now()):
        return None
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    target = path.partition(b"?")[0].decode("latin-1")
    if request.url.query:
        target = f"{target}?{request.url.query}"
    given = request.headers.get(signing.SIGNATURE, "")
    for within in (SECONDS_KEPT, SECONDS_FRESH):
        key = await here.intake_keys.resolve(key_id, within=within)
        secrets = here.intake_keys.secrets(key or _NOBODY)
        if signing.is_genuine(secrets, given, request.method, target, timestamp, nonce, body):
            return key
        if key is None:
            return None
    return None


async def _refused(request: Request) -> Response:
    """Refuses a request that is not genuine, the same whatever is wrong with it; who guesses much is held off."""
    here = door.of(request)
    verdict = await here.limiter.check(
        "intake-refused", here.clients.counted_as(request), here.settings.rate_limit_max_requests
    )
    here.log.warning("intake_refused")
    figures.REFUSED.labels("intake").inc()
    return unauthorised() if verdict.allowed else held_off(verdict)
