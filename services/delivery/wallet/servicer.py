"""WalletService: passes of tickets, and the codes that prove them."""

from typing import Any

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller, tenant
from services.delivery.wallet import blocks, handlers, offers
from services.delivery.wallet.wallets import Wallets


class WalletServicer(grpc_pb.WalletServiceServicer):
    """Answers calls about passes."""

    def __init__(self, wallets: Wallets) -> None:
        self._wallets = wallets

    async def CreateWalletPass(
        self, request: pb.CreateWalletPassRequest, context: Any
    ) -> pb.CreateWalletPassResponse:
        return await handlers.create(self._wallets, tenant(), request)

    async def UpdateWalletPass(
        self, request: pb.UpdateWalletPassRequest, context: Any
    ) -> pb.UpdateWalletPassResponse:
        return await handlers.update(self._wallets, tenant(), request)

    async def VoidWalletPass(
        self, request: pb.VoidWalletPassRequest, context: Any
    ) -> pb.VoidWalletPassResponse:
        return pb.VoidWalletPassResponse(voided_count=await handlers.void(self._wallets, tenant(), request))

    async def OfferWalletPasses(
        self, request: pb.OfferWalletPassesRequest, context: Any
    ) -> pb.OfferWalletPassesResponse:
        return await offers.offer(self._wallets, tenant(), request)

    async def VoidWalletPasses(
        self, request: pb.VoidWalletPassesRequest, context: Any
    ) -> pb.VoidWalletPassesResponse:
        return await blocks.void(self._wallets, tenant(), request)

    async def UpdateEventPasses(
        self, request: pb.UpdateEventPassesRequest, context: Any
    ) -> pb.UpdateEventPassesResponse:
        return await blocks.update_event(self._wallets, tenant(), request)

    async def GetWalletPass(self, request: pb.GetWalletPassRequest, context: Any) -> pb.GetWalletPassResponse:
        return await handlers.get(self._wallets, current_caller(), request)

    async def CreateTicketQr(
        self, request: pb.CreateTicketQrRequest, context: Any
    ) -> pb.CreateTicketQrResponse:
        return handlers.ticket_code(self._wallets, tenant(), request)

    async def ValidateTicketQr(
        self, request: pb.ValidateTicketQrRequest, context: Any
    ) -> pb.ValidateTicketQrResponse:
        return await handlers.validate(self._wallets, tenant(), request.payload)
