"""What `angarium webhooks` asks of the services, and of the sandbox."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from angarium.delivery.v1 import webhook_pb2
from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1 import webhook_service_pb2_grpc as pb_grpc
from cli.client import PersonChannels, client_settings
from cli.environment import Environments, known_ports
from cli.output import CommandError
from cli.paging import listed
from cli.state_folder import StateFolder
from services.common.ids import uuid7
from services.common.security.permissions import SUPER_OWNER


@asynccontextmanager
async def stub(folder: StateFolder, tenant_id: UUID | None) -> AsyncIterator[Any]:
    """Yields WebhookService as the tenant's owner calls it."""
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=SUPER_OWNER) as channels:
        yield channels.stub(pb_grpc.WebhookServiceStub, "delivery")


async def create(
    folder: StateFolder,
    tenant_id: UUID | None,
    *,
    name: str,
    url: str,
    events: Sequence[str],
    headers: Mapping[str, str],
    secret: str,
) -> pb.CreateWebhookSubscriptionResponse:
    """Creates a subscription; the answer holds its secret."""
    request = pb.CreateWebhookSubscriptionRequest(
        webhook_subscription=webhook_pb2.WebhookSubscription(name=name, url=url, events=events),
        headers=headers,
        secret=secret,
        idempotency_key=str(uuid7()),
    )
    async with stub(folder, tenant_id) as webhooks:
        answer: pb.CreateWebhookSubscriptionResponse = await webhooks.CreateWebhookSubscription(request)
        return answer


async def subscriptions(folder: StateFolder, tenant_id: UUID | None) -> list[webhook_pb2.WebhookSubscription]:
    """Returns all subscriptions, newest first."""
    async with stub(folder, tenant_id) as webhooks:
        return await listed(
            webhooks.ListWebhookSubscriptions, pb.ListWebhookSubscriptionsRequest(), "webhook_subscriptions"
        )


async def switch(
    folder: StateFolder, tenant_id: UUID | None, subscription_id: str, *, on: bool
) -> webhook_pb2.WebhookSubscription:
    """Switches a subscription on or off."""
    async with stub(folder, tenant_id) as webhooks:
        request = pb.GetWebhookSubscriptionRequest(webhook_subscription_id=subscription_id)
        one = (await webhooks.GetWebhookSubscription(request)).webhook_subscription
        one.is_disabled = not on
        change = pb.UpdateWebhookSubscriptionRequest(webhook_subscription=one, idempotency_key=str(uuid7()))
        change.update_mask.paths.append("is_disabled")
        changed: webhook_pb2.WebhookSubscription = (
            await webhooks.UpdateWebhookSubscription(change)
        ).webhook_subscription
        return changed


async def delete(folder: StateFolder, tenant_id: UUID | None, subscription_id: str) -> str:
    """Deletes a subscription and returns its name."""
    request = pb.DeleteWebhookSubscriptionRequest(
        webhook_subscription_id=subscription_id, idempotency_key=str(uuid7())
    )
    async with stub(folder, tenant_id) as webhooks:
        return str((await webhooks.DeleteWebhookSubscription(request)).webhook_subscription.name)


async def try_out(
    folder: StateFolder, tenant_id: UUID | None, subscription_id: str
) -> pb.TestWebhookResponse:
    """Has an event sent now and returns what came back."""
    async with stub(folder, tenant_id) as webhooks:
        request = pb.TestWebhookRequest(webhook_subscription_id=subscription_id)
        answer: pb.TestWebhookResponse = await webhooks.TestWebhook(request)
        return answer


async def rotate(
    folder: StateFolder, tenant_id: UUID | None, subscription_id: str, secret: str
) -> pb.RotateWebhookSecretResponse:
    """Gives a subscription its next secret."""
    request = pb.RotateWebhookSecretRequest(
        webhook_subscription_id=subscription_id, secret=secret, idempotency_key=str(uuid7())
    )
    async with stub(folder, tenant_id) as webhooks:
        answer: pb.RotateWebhookSecretResponse = await webhooks.RotateWebhookSecret(request)
        return answer


async def deliveries(
    folder: StateFolder, tenant_id: UUID | None, subscription_id: str, state: str, event_type: str, count: int
) -> list[webhook_pb2.WebhookDelivery]:
    """Returns the newest deliveries."""
    request = pb.ListWebhookDeliveriesRequest(
        webhook_subscription_id=subscription_id,
        state=f"STATE_{state.upper() or 'UNSPECIFIED'}",
        event_type=event_type,
    )
    async with stub(folder, tenant_id) as webhooks:
        return await listed(webhooks.ListWebhookDeliveries, request, "webhook_deliveries", count)


async def redeliver(
    folder: StateFolder, tenant_id: UUID | None, delivery_id: str
) -> webhook_pb2.WebhookDelivery:
    """Makes a delivery due now."""
    request = pb.RedeliverWebhookRequest(webhook_delivery_id=delivery_id, idempotency_key=str(uuid7()))
    async with stub(folder, tenant_id) as webhooks:
        found: webhook_pb2.WebhookDelivery = (await webhooks.RedeliverWebhook(request)).webhook_delivery
        return found


async def replay(
    folder: StateFolder,
    tenant_id: UUID | None,
    subscription_id: str,
    since: datetime,
    until: datetime | None,
    *,
    everything: bool,
) -> int:
    """Makes the events of a time due, however many there are, and returns how many."""
    scope = pb.ReplayWebhooksRequest.SCOPE_ALL if everything else pb.ReplayWebhooksRequest.SCOPE_MISSED
    request = pb.ReplayWebhooksRequest(webhook_subscription_id=subscription_id, scope=scope)
    request.start_time.FromDatetime(since)
    if until is not None:
        request.end_time.FromDatetime(until)
    count = 0
    async with stub(folder, tenant_id) as webhooks:
        while True:
            request.idempotency_key = str(uuid7())
            answer = await webhooks.ReplayWebhooks(request)
            count += int(answer.replayed_count)
            if not answer.HasField("next_start_time"):
                return count
            request.start_time.CopyFrom(answer.next_start_time)


async def event_types(folder: StateFolder, tenant_id: UUID | None) -> list[webhook_pb2.WebhookEventType]:
    """Returns the types of events there are."""
    async with stub(folder, tenant_id) as webhooks:
        return await listed(webhooks.ListWebhookEventTypes, pb.ListWebhookEventTypesRequest(), "event_types")


def sandbox_url(folder: StateFolder, partner: str) -> str:
    """Returns where a partner of the sandbox is called."""
    return f"{Environments(folder, {}, known_ports(folder)).sandbox_url}/partners/{partner}"


async def tell_sandbox(url: str, secret: str) -> None:
    """Tells a partner of the sandbox the secret its calls are signed with."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.put(url, json={"secret": secret}) as answer,
        ):
            answer.raise_for_status()
    except aiohttp.ClientError as error:
        raise CommandError(
            f"The sandbox cannot be told the secret: {type(error).__name__}.",
            "See what is down: angarium status",
        ) from None
