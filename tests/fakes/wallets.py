"""Passes as delivery's callers meet them: what was asked is kept, and answered in blocks."""

from dataclasses import dataclass, field
from typing import Any

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc as grpc_pb
from services.common.errors import ServiceError
from services.common.service import Registration


@dataclass
class FakeWallets(grpc_pb.WalletServiceServicer):
    """Takes every order; refuses what it is told to refuse."""

    offered: list[pb.OfferWalletPassesRequest] = field(default_factory=list)
    voided: list[pb.VoidWalletPassesRequest] = field(default_factory=list)
    changed: list[pb.UpdateEventPassesRequest] = field(default_factory=list)
    error: ServiceError | None = None
    blocks: int = 1
    """In how many calls an order is carried out."""

    async def OfferWalletPasses(self, request: Any, context: Any) -> pb.OfferWalletPassesResponse:
        self._refuse()
        self.offered.append(_copy(request))
        url = f"https://go.angarium.example/passes/{request.offer_id}"
        return pb.OfferWalletPassesResponse(download_url=url, pass_count=len(request.ticket_refs))

    async def VoidWalletPasses(self, request: Any, context: Any) -> pb.VoidWalletPassesResponse:
        self._refuse()
        self.voided.append(_copy(request))
        return pb.VoidWalletPassesResponse(has_more=self.voided.count(request) < self.blocks)

    async def UpdateEventPasses(self, request: Any, context: Any) -> pb.UpdateEventPassesResponse:
        self._refuse()
        self.changed.append(_copy(request))
        if len(self.changed) < self.blocks:
            number = len(self.changed)
            return pb.UpdateEventPassesResponse(next_pass_id=f"019ff0d2-0000-7000-8000-{number:012}")
        return pb.UpdateEventPassesResponse()

    def registration(self) -> Registration:
        """Returns it as a service of the fake delivery."""
        return Registration(
            pb.DESCRIPTOR.services_by_name["WalletService"],
            grpc_pb.add_WalletServiceServicer_to_server,
            self,
        )

    def clear(self) -> None:
        """Forgets what it was asked."""
        for kept in (self.offered, self.voided, self.changed):
            kept.clear()
        self.error, self.blocks = None, 1

    def _refuse(self) -> None:
        if self.error is not None:
            raise self.error


def _copy(request: Any) -> Any:
    made = type(request)()
    made.CopyFrom(request)
    return made
