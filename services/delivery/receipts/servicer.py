"""ReceiptService: the gateway's side of delivery."""

from typing import Any

from angarium.delivery.v1 import receipt_service_pb2 as pb
from angarium.delivery.v1 import receipt_service_pb2_grpc as grpc_pb
from services.common.clock import Clock
from services.delivery.accounts.owners import account_owner
from services.delivery.engagement.handlers import Engagement
from services.delivery.inbound.handlers import InboundTexts
from services.delivery.receipts.handlers import Receipts


class ReceiptServicer(grpc_pb.ReceiptServiceServicer):
    """Answers the gateway."""

    def __init__(self, receipts: Receipts, engagement: Engagement, texts: InboundTexts, clock: Clock) -> None:
        self._receipts = receipts
        self._engagement = engagement
        self._texts = texts
        self._clock = clock

    async def ResolveWebhookAccount(
        self, request: pb.ResolveWebhookAccountRequest, context: Any
    ) -> pb.ResolveWebhookAccountResponse:
        return await self._receipts.resolve(request)

    async def RecordReceipts(
        self, request: pb.RecordReceiptsRequest, context: Any
    ) -> pb.RecordReceiptsResponse:
        # Without a tenant it is an account of the platform, or a bounce mail that says itself whose it is.
        return await self._receipts.record(account_owner(), request)

    async def RecordInboundMessage(
        self, request: pb.RecordInboundMessageRequest, context: Any
    ) -> pb.RecordInboundMessageResponse:
        return await self._texts.record(account_owner(), request, self._clock.now())

    async def RecordEngagement(
        self, request: pb.RecordEngagementRequest, context: Any
    ) -> pb.RecordEngagementResponse:
        return await self._engagement.record(request)
