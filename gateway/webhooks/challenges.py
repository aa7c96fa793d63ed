"""Confirming a webhook to whoever sets it up at a provider that asks for that."""

from starlette.requests import Request
from starlette.responses import Response

from gateway import door
from gateway.problems import problem, unavailable
from gateway.webhooks import meta, receive
from services.common.errors import ServiceError


async def answer_challenge(request: Request) -> Response:
    """Confirms a webhook to whoever sets it up and names the account's token; changes nothing (GAT-24)."""
    here = door.of(request)
    if not receive.knows(request.path_params["provider"]):
        return problem(404, "NOT_FOUND")
    if request.path_params["provider"] != "meta":
        return problem(405, "METHOD_NOT_ALLOWED", headers={"Allow": "POST"})
    try:
        account = await here.accounts.resolve("meta", request.path_params["account_token"])
    except ServiceError:
        return unavailable()
    answer = meta.challenge(account.verification, request.query_params) if account else None
    if answer is None:
        here.log.warning("webhook_not_confirmed", provider="meta")
        return Response(status_code=403)
    return Response(answer, media_type="text/plain", headers={"Cache-Control": "no-store"})
