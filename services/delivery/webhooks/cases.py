"""Use cases of webhooks as WebhookService asks for them."""

from angarium.delivery.v1 import webhook_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.masks import apply_mask
from services.common.rpc.context import tenant
from services.delivery.webhooks import convert, handlers, signing
from services.delivery.webhooks.calls import Caller
from services.delivery.webhooks.catalogue import body
from services.delivery.webhooks.domain import TEST
from services.delivery.webhooks.handlers import WAKE, Webhooks, target_of
from services.delivery.webhooks.requested import RequestedCalls


class WebhookCases:
    """Subscriptions of tenants, and what was sent to them."""

    def __init__(self, webhooks: Webhooks, caller: Caller, requested: RequestedCalls) -> None:
        self._webhooks = webhooks
        self._caller = caller
        self._requested = requested

    async def create(
        self, request: pb.CreateWebhookSubscriptionRequest
    ) -> pb.CreateWebhookSubscriptionResponse:
        """Makes a subscription; only the first answer shows its secret, for the stored one holds none."""
        deps, secrets = self._webhooks, list[str]()

        async def effect(uow: UnitOfWork) -> pb.CreateWebhookSubscriptionResponse:
            one, secret = await handlers.create(deps, uow, request)
            secrets.append(secret)
            return pb.CreateWebhookSubscriptionResponse(
                webhook_subscription=convert.subscription(one, uow.now())
            )

        async with deps.database.tenant(tenant()) as uow:
            response = await keyed(
                uow,
                "WebhookService.CreateWebhookSubscription",
                request,
                pb.CreateWebhookSubscriptionResponse,
                effect,
            )
        response.secret = "".join(secrets)
        return response

    async def get(self, request: pb.GetWebhookSubscriptionRequest) -> pb.GetWebhookSubscriptionResponse:
        """Returns a subscription."""
        async with self._webhooks.database.tenant(tenant()) as uow:
            one = await handlers.get(uow, request.webhook_subscription_id)
            return pb.GetWebhookSubscriptionResponse(
                webhook_subscription=convert.subscription(one, uow.now())
            )

    async def page(self, request: pb.ListWebhookSubscriptionsRequest) -> pb.ListWebhookSubscriptionsResponse:
        """Returns a page of subscriptions, newest first."""
        async with self._webhooks.database.tenant(tenant()) as uow:
            return await handlers.page(uow, request)

    async def update(
        self, request: pb.UpdateWebhookSubscriptionRequest
    ) -> pb.UpdateWebhookSubscriptionResponse:
        """Changes what the mask names."""
        deps, paths = self._webhooks, apply_mask(request.update_mask, convert.MUTABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateWebhookSubscriptionResponse:
            one = await handlers.change(deps, uow, request, paths)
            return pb.UpdateWebhookSubscriptionResponse(
                webhook_subscription=convert.subscription(one, uow.now())
            )

        async with deps.database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "WebhookService.UpdateWebhookSubscription",
                request,
                pb.UpdateWebhookSubscriptionResponse,
                effect,
            )

    async def delete(
        self, request: pb.DeleteWebhookSubscriptionRequest
    ) -> pb.DeleteWebhookSubscriptionResponse:
        """Deletes a subscription with its secrets."""

        async def effect(uow: UnitOfWork) -> pb.DeleteWebhookSubscriptionResponse:
            one = await handlers.delete(uow, request.webhook_subscription_id)
            return pb.DeleteWebhookSubscriptionResponse(
                webhook_subscription=convert.subscription(one, uow.now())
            )

        async with self._webhooks.database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "WebhookService.DeleteWebhookSubscription",
                request,
                pb.DeleteWebhookSubscriptionResponse,
                effect,
            )

    async def rotate_secret(self, request: pb.RotateWebhookSecretRequest) -> pb.RotateWebhookSecretResponse:
        """Gives a subscription new keys; only the first answer shows the secret."""
        deps, secrets = self._webhooks, list[str]()

        async def effect(uow: UnitOfWork) -> pb.RotateWebhookSecretResponse:
            one, secret = await handlers.rotate(deps, uow, request.webhook_subscription_id, request.secret)
            secrets.append(secret)
            return pb.RotateWebhookSecretResponse(webhook_subscription=convert.subscription(one, uow.now()))

        async with deps.database.tenant(tenant()) as uow:
            response = await keyed(
                uow, "WebhookService.RotateWebhookSecret", request, pb.RotateWebhookSecretResponse, effect
            )
        response.secret = "".join(secrets)
        return response

    async def test(self, request: pb.TestWebhookRequest) -> pb.TestWebhookResponse:
        """Calls a subscription once, now, and tells what came of it."""
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

    async def deliveries(self, request: pb.ListWebhookDeliveriesRequest) -> pb.ListWebhookDeliveriesResponse:
        """Returns a page of deliveries, newest first."""
        async with self._webhooks.database.tenant(tenant()) as uow:
            return await handlers.deliveries(uow, request)

    async def redeliver(self, request: pb.RedeliverWebhookRequest) -> pb.RedeliverWebhookResponse:
        """Makes a delivery due now."""
        deps = self._webhooks

        async def effect(uow: UnitOfWork) -> pb.RedeliverWebhookResponse:
            found = await handlers.redeliver(deps, uow, request.webhook_delivery_id)
            return pb.RedeliverWebhookResponse(webhook_delivery=found)

        async with deps.database.tenant(tenant()) as uow:
            return await keyed(
                uow, "WebhookService.RedeliverWebhook", request, pb.RedeliverWebhookResponse, effect
            )

    async def replay(self, request: pb.ReplayWebhooksRequest) -> pb.ReplayWebhooksResponse:
        """Makes kept events of a time due."""
        deps = self._webhooks

        async def effect(uow: UnitOfWork) -> pb.ReplayWebhooksResponse:
            return await handlers.replay(deps, uow, request)

        async with deps.database.tenant(tenant()) as uow:
            return await keyed(
                uow, "WebhookService.ReplayWebhooks", request, pb.ReplayWebhooksResponse, effect
            )

    async def verify_signature(
        self, request: pb.VerifyWebhookSignatureRequest
    ) -> pb.VerifyWebhookSignatureResponse:
        """Tells whether a signature is one of a subscription's keys."""
        deps = self._webhooks
        async with deps.database.tenant(tenant()) as uow:
            one = await handlers.get(uow, request.webhook_subscription_id)
            keys = await deps.vault.keys(uow, one, uow.now())
        verdict = signing.verify(keys, request.headers, request.body, deps.clock.now())
        return pb.VerifyWebhookSignatureResponse(
            is_valid=verdict.is_valid, reason=verdict.reason, scheme=verdict.scheme
        )

    async def call(self, request: pb.CallWebhookRequest) -> pb.CallWebhookResponse:
        """Takes a call to a subscription that a service asks for."""
        database = self._webhooks.database
        async with database.tenant(tenant()) as uow:
            subscription_id, repeated = await self._requested.ask(uow, request)
            uow.after_commit(lambda: database.wake(WAKE))
        return pb.CallWebhookResponse(webhook_subscription_id=str(subscription_id), deduplicated=repeated)

    async def event_types(self, request: pb.ListWebhookEventTypesRequest) -> pb.ListWebhookEventTypesResponse:
        """Returns a page of the types of events there are."""
        return handlers.event_types(request)
