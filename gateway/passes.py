"""Wallet passes: a file for Apple Wallet, or the way to Google Wallet (GAT-13)."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from angarium.delivery.v1 import wallet_service_pb2
from gateway import door
from gateway.pages import notices, visits
from services.common.errors import ServiceError

APPLE = "application/vnd.apple.pkpass"
SEVERAL = "application/vnd.apple.pkpasses"
APPLES = ("iPhone", "iPad", "Macintosh")
"""What agents on machines with Apple Wallet call themselves."""
GOOGLE = "https://pay.google.com/"


async def fetch(request: Request) -> Response:
    """Answers the link of a pass; what is wrong with one that does not work is not told, but that it is over."""
    if (refused := await visits.refused(request)) is not None:
        return refused
    token = request.path_params["token"]
    try:
        found = await door.of(request).wallets.GetWalletPass(
            wallet_service_pb2.GetWalletPassRequest(download_token=token, preferred_kind=wallet_of(request))
        )
    except ServiceError as error:
        return notices.refusal(request, error, late=notices.pass_over)
    if found.wallet_pass.state != wallet_service_pb2.WalletPass.STATE_ACTIVE:
        return notices.pass_over(request)
    if found.google_save_url.startswith(GOOGLE):
        return RedirectResponse(found.google_save_url, status_code=302)
    is_bundle = found.pass_count > 1
    name = "tickets.pkpasses" if is_bundle else f"{found.wallet_pass.ticket_ref}.pkpass"
    return Response(
        found.apple_file,
        media_type=SEVERAL if is_bundle else APPLE,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Vary": "User-Agent"},
    )


def wallet_of(request: Request) -> wallet_service_pb2.WalletPass.Kind:
    """Returns the wallet of who follows a link that has passes for both."""
    agent = request.headers.get("User-Agent", "")
    if any(word in agent for word in APPLES):
        return wallet_service_pb2.WalletPass.KIND_APPLE
    return wallet_service_pb2.WalletPass.KIND_GOOGLE
