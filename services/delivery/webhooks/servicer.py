"""WebhookService: subscriptions of tenants, and what was sent to them."""

from typing import Any

from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1 import webhook_service_pb2_grpc as grpc_pb
from services.delivery.webhooks.cases import WebhookCases


class WebhookServicer(grpc_pb.WebhookServiceServicer):
    """Answers calls about webhooks."""

    def __init__(self, webhooks: WebhookCases) -> None:
        self._webhooks = webhooks

    async def CreateWebhookSubscription(
        self, request: pb.CreateWebhookSubscriptionRequest, context: Any
    ) -> pb.CreateWebhookSubscriptionResponse:
        return await self._webhooks.create(request)

    async def GetWebhookSubscription(
        self, request: pb.GetWebhookSubscriptionRequest, context: Any
    ) -> pb.GetWebhookSubscriptionResponse:
        return await self._webhooks.get(request)

    async def ListWebhookSubscriptions(
        self, request: pb.ListWebhookSubscriptionsRequest, context: Any
    ) -> pb.ListWebhookSubscriptionsResponse:
        return await self._webhooks.page(request)

    async def UpdateWebhookSubscription(
        self, request: pb.UpdateWebhookSubscriptionRequest, context: Any
    ) -> pb.UpdateWebhookSubscriptionResponse:
        return await self._webhooks.update(request)

    async def DeleteWebhookSubscription(
        self, request: pb.DeleteWebhookSubscriptionRequest, context: Any
    ) -> pb.DeleteWebhookSubscriptionResponse:
        return await self._webhooks.delete(request)

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Any
    ) -> pb.RotateWebhookSecretResponse:
        return await self._webhooks.rotate_secret(request)

    async def TestWebhook(self, request: pb.TestWebhookRequest, context: Any) -> pb.TestWebhookResponse:
        return await self._webhooks.test(request)

    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, context: Any
    ) -> pb.ListWebhookDeliveriesResponse:
        return await self._webhooks.deliveries(request)

    async def RedeliverWebhook(
        self, request: pb.RedeliverWebhookRequest, context: Any
    ) -> pb.RedeliverWebhookResponse:
        return await self._webhooks.redeliver(request)

    async def ReplayWebhooks(
        self, request: pb.ReplayWebhooksRequest, context: Any
    ) -> pb.ReplayWebhooksResponse:
        return await self._webhooks.replay(request)

    async def VerifyWebhookSignature(
        self, request: pb.VerifyWebhookSignatureRequest, context: Any
    ) -> pb.VerifyWebhookSignatureResponse:
        return await self._webhooks.verify_signature(request)

    async def CallWebhook(self, request: pb.CallWebhookRequest, context: Any) -> pb.CallWebhookResponse:
        return await self._webhooks.call(request)

    async def ListWebhookEventTypes(
        self, request: pb.ListWebhookEventTypesRequest, context: Any
    ) -> pb.ListWebhookEventTypesResponse:
        return await self._webhooks.event_types(request)
