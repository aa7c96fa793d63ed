"""WebhookService: subscriptions of tenants, and what was sent to them."""

from typing import Any

from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1 import webhook_service_pb2_grpc as grpc_pb
from services.common.idempotency import once
from services.common.ids import uuid7
from services.common.masks import apply_mask
from services.common.rpc.context import tenant
from services.delivery.webhooks import convert, handlers, signing
from services.delivery.webhooks.calls import Caller
from services.delivery.webhooks.catalogue import body
from services.delivery.webhooks.domain import TEST
from services.delivery.webhooks.handlers import WAKE, Webhooks, target_of
from services.delivery.webhooks.requested import RequestedCalls


class WebhookServicer(grpc_pb.WebhookServiceServicer):
    """Answers calls about webhooks."""

    def __init__(self, webhooks: Webhooks, caller: Caller, requested: RequestedCalls) -> None:
        self._webhooks = webhooks
        self._caller = caller
        self._requested = requested

    async def CreateWebhookSubscription(
        self, request: pb.CreateWebhookSubscriptionRequest, context: Any
    ) -> pb.CreateWebhookSubscriptionResponse:
        deps, secrets = self._webhooks, list[str]()
        async with deps.database.tenant(tenant()) as uow:

            async def effect() -> pb.CreateWebhookSubscriptionResponse:
                one, secret = await handlers.create(deps, uow, request)
                secrets.append(secret)
                return pb.CreateWebhookSubscriptionResponse(
                    webhook_subscription=convert.subscription(one, uow.now())
                )

            response, repeated = await once(
                uow,
                method="WebhookService.CreateWebhookSubscription",
                key=request.idempotency_key,
                request=request,
                response_type=pb.CreateWebhookSubscriptionResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        # The stored answer holds no secret, so a repeat has none to show.
        response.secret = "".join(secrets)
        return response

    async def GetWebhookSubscription(
        self, request: pb.GetWebhookSubscriptionRequest, context: Any
    ) -> pb.GetWebhookSubscriptionResponse:
        async with self._webhooks.database.tenant(tenant()) as uow:
            one = await handlers.get(uow, request.webhook_subscription_id)
            return pb.GetWebhookSubscriptionResponse(
                webhook_subscription=convert.subscription(one, uow.now())
            )

    async def ListWebhookSubscriptions(
        self, request: pb.ListWebhookSubscriptionsRequest, context: Any
    ) -> pb.ListWebhookSubscriptionsResponse:
        async with self._webhooks.database.tenant(tenant()) as uow:
            return await handlers.page(uow, request)

    async def UpdateWebhookSubscription(
        self, request: pb.UpdateWebhookSubscriptionRequest, context: Any
    ) -> pb.UpdateWebhookSubscriptionResponse:
        deps, paths = self._webhooks, apply_mask(request.update_mask, convert.MUTABLE)
        async with deps.database.tenant(tenant()) as uow:

            async def effect() -> pb.UpdateWebhookSubscriptionResponse:
                one = await handlers.change(deps, uow, request, paths)
                return pb.UpdateWebhookSubscriptionResponse(
                    webhook_subscription=convert.subscription(one, uow.now())
                )

            response, repeated = await once(
                uow,
                method="WebhookService.UpdateWebhookSubscription",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpdateWebhookSubscriptionResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def DeleteWebhookSubscription(
        self, request: pb.DeleteWebhookSubscriptionRequest, context: Any
    ) -> pb.DeleteWebhookSubscriptionResponse:
        async with self._webhooks.database.tenant(tenant()) as uow:

            async def effect() -> pb.DeleteWebhookSubscriptionResponse:
                one = await handlers.delete(uow, request.webhook_subscription_id)
                return pb.DeleteWebhookSubscriptionResponse(
                    webhook_subscription=convert.subscription(one, uow.now())
                )

            response, repeated = await once(
                uow,
                method="WebhookService.DeleteWebhookSubscription",
                key=request.idempotency_key,
                request=request,
                response_type=pb.DeleteWebhookSubscriptionResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Any
    ) -> pb.RotateWebhookSecretResponse:
        deps, secrets = self._webhooks, list[str]()
        async with deps.database.tenant(tenant()) as uow:

            async def effect() -> pb.RotateWebhookSecretResponse:
                one, secret = await handlers.rotate(
                    deps, uow, request.webhook_subscription_id, request.secret
                )
                secrets.append(secret)
                return pb.RotateWebhookSecretResponse(
                    webhook_subscription=convert.subscription(one, uow.now())
                )

            response, repeated = await once(
                uow,
                method="WebhookService.RotateWebhookSecret",
                key=request.idempotency_key,
                request=request,
                response_type=pb.RotateWebhookSecretResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        response.secret = "".join(secrets)
        return response

    async def TestWebhook(self, request: pb.TestWebhookRequest, context: Any) -> pb.TestWebhookResponse:
        deps, event_id = self._webhooks, uuid7()
        async with deps.database.tenant(tenant()) as uow:
            one = await handlers.get(uow, request.webhook_subscription_id)
            target = await target_of(deps, uow, one)
        data = {"webhook_subscription_id": str(one.subscription_id), "name": one.name}
        sent = body(event_id, TEST, deps.clock.now(), str(one.tenant_id), data)
        result = await self._caller.call(target, str(event_id), sent)
        response = pb.TestWebhookResponse(
            is_delivered=result.succeeded,
            response_status=result.status,
            response_excerpt=result.excerpt,
            error=result.error,
            detail=result.detail,
            event_id=str(event_id),
        )
        response.latency.FromTimedelta(result.latency)
        return response

    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, context: Any
    ) -> pb.ListWebhookDeliveriesResponse:
        async with self._webhooks.database.tenant(tenant()) as uow:
            return await handlers.deliveries(uow, request)

    async def RedeliverWebhook(
        self, request: pb.RedeliverWebhookRequest, context: Any
    ) -> pb.RedeliverWebhookResponse:
        deps = self._webhooks
        async with deps.database.tenant(tenant()) as uow:

            async def effect() -> pb.RedeliverWebhookResponse:
                found = await handlers.redeliver(deps, uow, request.webhook_delivery_id)
                return pb.RedeliverWebhookResponse(webhook_delivery=found)

            response, repeated = await once(
                uow,
                method="WebhookService.RedeliverWebhook",
                key=request.idempotency_key,
                request=request,
                response_type=pb.RedeliverWebhookResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def ReplayWebhooks(
        self, request: pb.ReplayWebhooksRequest, context: Any
    ) -> pb.ReplayWebhooksResponse:
        deps = self._webhooks
        async with deps.database.tenant(tenant()) as uow:

            async def effect() -> pb.ReplayWebhooksResponse:
                return await handlers.replay(deps, uow, request)

            response, repeated = await once(
                uow,
                method="WebhookService.ReplayWebhooks",
                key=request.idempotency_key,
                request=request,
                response_type=pb.ReplayWebhooksResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def VerifyWebhookSignature(
        self, request: pb.VerifyWebhookSignatureRequest, context: Any
    ) -> pb.VerifyWebhookSignatureResponse:
        deps = self._webhooks
        async with deps.database.tenant(tenant()) as uow:
            one = await handlers.get(uow, request.webhook_subscription_id)
            keys = await deps.vault.keys(uow, one, uow.now())
        verdict = signing.verify(keys, request.headers, request.body, deps.clock.now())
        return pb.VerifyWebhookSignatureResponse(
            is_valid=verdict.is_valid, reason=verdict.reason, scheme=verdict.scheme
        )

    async def CallWebhook(self, request: pb.CallWebhookRequest, context: Any) -> pb.CallWebhookResponse:
        database = self._webhooks.database
        async with database.tenant(tenant()) as uow:
            subscription_id, repeated = await self._requested.ask(uow, request)
            uow.after_commit(lambda: database.wake(WAKE))
        return pb.CallWebhookResponse(webhook_subscription_id=str(subscription_id), deduplicated=repeated)

    async def ListWebhookEventTypes(
        self, request: pb.ListWebhookEventTypesRequest, context: Any
    ) -> pb.ListWebhookEventTypesResponse:
        return handlers.event_types(request)
