"""The way of every webhook: size, account, signature over the raw bytes, store, answer (GAT-20, GAT-28)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from ipaddress import ip_address, ip_network
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway import bodies, door, figures
from gateway.problems import held_off, problem, unauthorised, unavailable
from gateway.webhooks import gupshup, mailgun, meta, notices, postmark, sendgrid, twilio, unsigned, wati
from gateway.webhooks.notices import Heard
from gateway.webhooks.once import OneTimeTokens
from gateway.webhooks.told import Told
from services.common.errors import ServiceError
from services.common.rpc.client import as_tenant

Verifier = Callable[[delivery_pb2.VerificationMaterial, Mapping[str, str], bytes, datetime, str], bool]
"""Material, headers, raw body, now, and the URL as the provider knows it."""

VERIFIERS: dict[str, Verifier] = {
    "gupshup": unsigned.is_genuine,
    "mailgun": mailgun.is_genuine,
    "meta": meta.is_genuine,
    "msg91": unsigned.is_genuine,
    "postmark": postmark.is_genuine,
    "sendgrid": sendgrid.is_genuine,
    "twilio": twilio.is_genuine,
    "wati": unsigned.is_genuine,
}

GATHERED = frozenset({"sendgrid", "meta", "msg91"})
"""Providers that tell many events in a call."""

ALONE = 60
"""So many more calls may come of providers that tell one event in each, and do not come again for hours."""

First = Callable[[OneTimeTokens, delivery_pb2.VerificationMaterial, str, bytes], Awaitable[bool]]
FIRSTS: dict[str, First] = {"mailgun": mailgun.is_first}
"""Providers whose signature does not cover the body: says whether a genuine call is no replay with another one."""

TEXTS: dict[str, Callable[[bytes], Told]] = {
    "gupshup": gupshup.told,
    "meta": meta.told,
    "twilio": twilio.told,
    "wati": wati.told,
}
"""Providers that bring texts of people by the same webhook."""

# What Twilio does about a call is told by a document; this one says that nothing is to be done.
ANSWERS = {"twilio": (b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>', "text/xml")}


def knows(provider: str) -> bool:
    """Returns whether webhooks of a provider are understood."""
    return provider in VERIFIERS or provider in notices.PROVIDERS


async def receive(request: Request) -> Response:
    """Takes one webhook call: 200 once stored, 401 when not genuine, 503 when it could not be stored."""
    return await _take(request, request.path_params["provider"])


async def receive_twilio(request: Request) -> Response:
    """Takes a call to one of Twilio's two addresses; what a call brings is read from it, not from its address."""
    return await _take(request, "twilio")


async def _take(request: Request, provider: str) -> Response:
    here = door.of(request)
    if not knows(provider):
        return problem(404, "NOT_FOUND")
    body = await bodies.read(request, here.settings.webhook_max_bytes)
    if body is None:
        return problem(413, "VALIDATION_FAILED")
    try:
        account = await here.accounts.resolve(provider, request.path_params["account_token"])
        heard = Heard.REFUSED if account is None else await _heard(request, account, body)
        if account is None or heard is Heard.REFUSED:
            here.log.warning("webhook_refused", provider=provider)
            figures.REFUSED.labels(provider).inc()
            return unauthorised()
        if heard is Heard.DONE:
            return Response()
        first = FIRSTS.get(provider)
        if first and not await first(here.tokens, account.verification, account.provider_account_id, body):
            here.log.warning("webhook_replayed", provider=provider)
            figures.REFUSED.labels(provider).inc()
            return unauthorised()
        limit = here.settings.receipts_per_minute * (1 if provider in GATHERED else ALONE)
        verdict = await here.limiter.check("receipts", account.provider_account_id, limit)
        if not verdict.allowed:
            return held_off(verdict)
        await _store(request, account, body)
        content, media_type = ANSWERS.get(provider, (b"", None))
        return Response(content, media_type=media_type)
    except ServiceError as error:
        if error.reason == "VALIDATION_FAILED":
            return problem(400, "VALIDATION_FAILED")
        return unavailable()


async def _heard(request: Request, account: delivery_pb2.ResolveWebhookAccountResponse, body: bytes) -> Heard:
    """Returns whether a call is genuine, and whether it brings anything."""
    here, verification = door.of(request), account.verification
    if not _may_call(here.clients.of(request), verification.networks):
        return Heard.REFUSED
    if account.provider in notices.PROVIDERS:
        return await here.notices.hear(verification, request.headers, body)
    url = _public_url(request, here.settings.public_base_url)
    verifier = VERIFIERS[account.provider]
    is_genuine = verifier(verification, request.headers, body, here.clock.now(), url)
    return Heard.NOTIFICATION if is_genuine else Heard.REFUSED


async def _store(request: Request, account: delivery_pb2.ResolveWebhookAccountResponse, body: bytes) -> None:
    here = door.of(request)
    whose = as_tenant(UUID(account.tenant_id)) if account.tenant_id else nullcontext()
    read = TEXTS.get(account.provider)
    told = read(body) if read else Told((), True)
    with whose:
        for text in told.texts:
            await _record(here, account, text, is_alone=len(told.texts) == 1 and not told.has_receipts)
        for one in told.decisions:
            one.provider_account_id = account.provider_account_id
            await here.templates.RecordWhatsAppTemplateStatus(one)
        if told.has_receipts:
            await here.receipts.RecordReceipts(_receipts(request, account, body))


async def _record(
    here: door.Door,
    account: delivery_pb2.ResolveWebhookAccountResponse,
    text: delivery_pb2.RecordInboundMessageRequest,
    *,
    is_alone: bool,
) -> None:
    """Records a text; one that nobody can read does not refuse what came with it (GAT-28)."""
    text.provider_account_id = account.provider_account_id
    text.receive_time.FromDatetime(here.clock.now())
    try:
        await here.receipts.RecordInboundMessage(text)
    except ServiceError as error:
        if is_alone or error.reason != "VALIDATION_FAILED":
            raise
        here.log.warning("text_not_recorded", provider=account.provider)


def _receipts(
    request: Request, account: delivery_pb2.ResolveWebhookAccountResponse, body: bytes
) -> delivery_pb2.RecordReceiptsRequest:
    receipts = delivery_pb2.RecordReceiptsRequest(
        provider_account_id=account.provider_account_id,
        raw_body=body,
        content_type=request.headers.get("content-type", "")[:200],
        query=request.url.query[:2000],
    )
    receipts.receive_time.FromDatetime(door.of(request).clock.now())
    return receipts


def _may_call(address: str, networks: Sequence[str]) -> bool:
    """Returns whether an account's webhook may be called from an address; its networks were checked when they were set."""
    if not networks:
        return True
    return bool(address) and any(ip_address(address) in ip_network(one) for one in networks)


def _public_url(request: Request, base: str) -> str:
    """Returns the URL as a provider knows it; what a client says of host and scheme is not looked at (GAT-27)."""
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string") or b""
    place = path.partition(b"?")[0].decode("latin-1")
    return f"{base.rstrip('/')}{place}" + (f"?{query.decode('latin-1')}" if query else "")
