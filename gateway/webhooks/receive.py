"""The way of every webhook: size, account, signature over the raw bytes, store, answer (GAT-20, GAT-28)."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway import door
from gateway.problems import problem, too_many, unauthorised, unavailable
from gateway.webhooks import sendgrid
from services.common.errors import ServiceError
from services.common.rpc.client import as_tenant

Verifier = Callable[[delivery_pb2.VerificationMaterial, Mapping[str, str], bytes, datetime], bool]

VERIFIERS: dict[str, Verifier] = {"sendgrid": sendgrid.is_genuine}


async def receive(request: Request) -> Response:
    """Takes one webhook call: 200 once stored, 401 when not genuine, 503 when it could not be stored."""
    here = door.of(request)
    provider = request.path_params["provider"]
    verifier = VERIFIERS.get(provider)
    if verifier is None:
        return problem(404, "NOT_FOUND")
    body = await _body(request, here.settings.webhook_max_bytes)
    if body is None:
        return problem(413, "VALIDATION_FAILED")
    try:
        account = await here.accounts.resolve(provider, request.path_params["account_token"])
        if account is None or not verifier(account.verification, request.headers, body, here.clock.now()):
            here.log.warning("webhook_refused", provider=provider)
            return unauthorised()
        limit = here.settings.receipts_per_minute
        verdict = await here.limiter.check("receipts", account.provider_account_id, limit)
        if not verdict.allowed:
            return too_many(verdict.retry_after, limit)
        return await _store(request, account, body)
    except ServiceError as error:
        if error.reason == "VALIDATION_FAILED":
            return problem(400, "VALIDATION_FAILED")
        return unavailable()


async def _store(
    request: Request, account: delivery_pb2.ResolveWebhookAccountResponse, body: bytes
) -> Response:
    here = door.of(request)
    receipts = delivery_pb2.RecordReceiptsRequest(
        provider_account_id=account.provider_account_id,
        raw_body=body,
        content_type=request.headers.get("content-type", "")[:200],
    )
    receipts.receive_time.FromDatetime(here.clock.now())
    with as_tenant(UUID(account.tenant_id)) if account.tenant_id else nullcontext():
        await here.receipts.RecordReceipts(receipts)
    return Response(status_code=200)


async def _body(request: Request, limit: int) -> bytes | None:
    """Returns the raw body, or None when it is larger than `limit`; nothing larger is ever held."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
