"""Wallet passes: a file for Apple Wallet, or the way to Google Wallet (GAT-13)."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from angarium.delivery.v1 import wallet_service_pb2
from gateway import door
from gateway.pages import notices
from services.common.errors import ServiceError

APPLE = "application/vnd.apple.pkpass"
GOOGLE = "https://pay.google.com/"
MAX_TOKEN = 512


async def fetch(request: Request) -> Response:
    """Answers the link of a pass; what is wrong with one that does not work is not told, but that it is over."""
    here = door.of(request)
    limit = here.settings.pages_per_minute
    verdict = await here.limiter.check("pages", here.clients.of(request), limit)
    if not verdict.allowed:
        return notices.too_many(request, verdict.retry_after)
    token = request.path_params["token"]
    if len(token) > MAX_TOKEN:
        return notices.not_found(request)
    try:
        found = await here.wallets.GetWalletPass(
            wallet_service_pb2.GetWalletPassRequest(download_token=token)
        )
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.pass_over)
    if found.wallet_pass.state != wallet_service_pb2.WalletPass.STATE_ACTIVE:
        return notices.pass_over(request)
    if found.google_save_url.startswith(GOOGLE):
        return RedirectResponse(found.google_save_url, status_code=302)
    name = f'attachment; filename="{found.wallet_pass.ticket_ref}.pkpass"'
    return Response(found.apple_file, media_type=APPLE, headers={"Content-Disposition": name})
