"""The public keys that receipts of consents are checked with (RFC 7517)."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from angarium.consent.v1 import ledger_service_pb2
from gateway import door, problems
from services.common.errors import ServiceError

KEPT_SECONDS = 300
MOST = 200
"""How many keys are shown; a deployment has a handful."""


async def show(request: Request) -> Response:
    """Shows the keys, the current one first; whoever checks many receipts may keep them for a while."""
    here = door.of(request)
    verdict = await here.limiter.check(
        "pages", here.clients.counted_as(request), here.settings.pages_per_minute
    )
    if not verdict.allowed:
        return problems.held_off(verdict)
    try:
        found = await here.ledger.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest(page_size=MOST))
    except ServiceError:
        return problems.unavailable()
    return JSONResponse(
        {"keys": [json.loads(key.jwk) for key in found.keys]},
        headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"},
        media_type="application/jwk-set+json",
    )
