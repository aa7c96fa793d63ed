"""Wallet passes: a file for Apple Wallet, or the way to Google Wallet (GAT-13)."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from angarium.delivery.v1 import wallet_service_pb2
from gateway import door
from gateway.pages import notices, visits
from services.common.errors import ServiceError

APPLE = "application/vnd.apple.pkpass"
GOOGLE = "https://pay.google.com/"


async def fetch(request: Request) -> Response:
    """Answers the link of a pass; what is wrong with one that does not work is not told, but that it is over."""
    if (refused := await visits.refused(request)) is not None:
        return refused
    token = request.path_params["token"]
    try:
        found = await door.of(request).wallets.GetWalletPass(
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
