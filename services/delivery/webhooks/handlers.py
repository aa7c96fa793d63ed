"""Use cases of subscriptions and their deliveries (DEL-47, DEL-48, DEL-50)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import webhook_pb2
from angarium.delivery.v1 import webhook_service_pb2 as pb
from services.common import audit
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, invalid, invalid_many, not_found
from services.common.ids import uuid7, uuid7s
from services.common.net.guard import Guard, UnsafeUrl
from services.common.paging import PageToken, cut, page_size, parameters_hash, position
from services.common.rpc.context import current_caller
from services.delivery.webhooks import convert, domain, signing, store
from services.delivery.webhooks.calls import Target
from services.delivery.webhooks.catalogue import KINDS
from services.delivery.webhooks.sealing import Vault
from services.delivery.webhooks.signing import SigningKeys
from services.delivery.webhooks.store import Subscription, Wanted

WAKE: Final = "webhooks"
"""Topic on which deliveries that are due wake the sender."""

MOST_REPLAYED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the use cases need."""

    database: Database
    vault: Vault
    guard: Guard
    clock: Clock


async def create(
    deps: Webhooks, uow: UnitOfWork, request: pb.CreateWebhookSubscriptionRequest
) -> tuple[Subscription, str]:
    """Creates a subscription; returns it with its secret."""
    given = request.webhook_subscription
    _check(deps, url=given.url, events=given.events, headers=request.headers)
    if await store.count_locked(uow) >= domain.MOST_SUBSCRIPTIONS:
        raise invalid("webhook_subscription", f"a tenant has at most {domain.MOST_SUBSCRIPTIONS}")
    keys = _keys(request.secret)
    id, now = uuid7(), uow.now()
    one = Subscription(
        tenant_id=_owner(uow),
        subscription_id=id,
        name=given.name,
        url=given.url,
        events=list(dict.fromkeys(given.events)),
        secret=await deps.vault.seal_keys(uow, id, keys),
        public_key=keys.public_key,
        created_by=current_caller().subject,
        created_at=now,
        headers=await deps.vault.seal_headers(uow, id, request.headers),
        header_names=tuple(sorted(request.headers)),
        is_enabled=not given.is_disabled,
        disabled_at=now if given.is_disabled else None,
    )
    await store.insert(uow, one)
    await _audit(uow, "webhook.create", None, one)
    return one, keys.secret


async def change(
    deps: Webhooks, uow: UnitOfWork, request: pb.UpdateWebhookSubscriptionRequest, paths: Sequence[str]
) -> Subscription:
    """Changes a subscription; VERSION_CONFLICT when it was changed since it was read."""
    given = request.webhook_subscription
    current = await get(uow, given.webhook_subscription_id)
    if given.etag != str(current.version):
        raise aborted("the subscription was changed meanwhile: read it again")
    changed = current
    if "name" in paths:
        if not given.name:
            raise invalid("webhook_subscription.name", "must not be empty")
        changed = replace(changed, name=given.name)
    if "url" in paths:
        changed = replace(changed, url=given.url)
    if "events" in paths:
        changed = replace(changed, events=list(dict.fromkeys(given.events)))
    if "is_disabled" in paths and given.is_disabled is current.is_enabled:
        at = uow.now() if given.is_disabled else None
        changed = replace(changed, is_enabled=not given.is_disabled, disabled_at=at, disabled_reason="")
    _check(
        deps,
        url=given.url if "url" in paths else None,
        events=given.events if "events" in paths else (),
        headers=request.headers if convert.HEADERS in paths else {},
    )
    if convert.HEADERS in paths:
        sealed = await deps.vault.seal_headers(uow, current.subscription_id, request.headers)
        changed = replace(changed, headers=sealed, header_names=tuple(sorted(request.headers)))
    # Another place has not failed yet.
    renewed = changed.is_enabled and (not current.is_enabled or changed.url != current.url)
    if not await store.update(uow, changed, renewed=renewed):
        raise aborted("the subscription was changed meanwhile: read it again")
    await _audit(uow, "webhook.update", current, changed)
    if renewed:
        uow.after_commit(lambda: deps.database.wake(WAKE))
    return await get(uow, given.webhook_subscription_id)


async def rotate(
    deps: Webhooks, uow: UnitOfWork, subscription_id: str, secret: str
) -> tuple[Subscription, str]:
    """Gives a subscription new keys; the old ones sign too for a day."""
    current = await get(uow, subscription_id)
    keys = _keys(secret)
    sealed = await deps.vault.seal_keys(uow, current.subscription_id, keys)
    until = uow.now() + domain.ROTATION
    await store.rotate(uow, current.subscription_id, sealed, keys.public_key, until)
    await _audit(uow, "webhook.rotate", current, current)
    return await get(uow, subscription_id), keys.secret


async def delete(uow: UnitOfWork, subscription_id: str) -> Subscription:
    """Deletes a subscription with its secrets and returns it as it was."""
    current = await get(uow, subscription_id)
    await store.delete(uow, current.subscription_id)
    await _audit(uow, "webhook.delete", current, None)
    return current


async def get(uow: UnitOfWork, subscription_id: str) -> Subscription:
    """Returns a subscription of the caller; NOT_FOUND for any other's."""
    try:
        found = await store.get(uow, UUID(subscription_id))
    except ValueError:
        found = None
    if found is None:
        raise not_found("webhook subscription", subscription_id)
    return found


async def page(
    uow: UnitOfWork, request: pb.ListWebhookSubscriptionsRequest
) -> pb.ListWebhookSubscriptionsResponse:
    """Returns a page of the caller's subscriptions, newest first."""
    size, before = page_size(request.page_size), position(request, request.page_token)
    found = await store.page(uow, before, size + 1)
    shown, token = cut(request, found, size, lambda one: one.subscription_id)
    return pb.ListWebhookSubscriptionsResponse(
        webhook_subscriptions=[convert.subscription(one, uow.now()) for one in shown], next_page_token=token
    )


async def deliveries(
    uow: UnitOfWork, request: pb.ListWebhookDeliveriesRequest
) -> pb.ListWebhookDeliveriesResponse:
    """Returns a page of deliveries, newest first."""
    size, before = page_size(request.page_size), position(request, request.page_token)
    wanted = Wanted(
        UUID(request.webhook_subscription_id) if request.webhook_subscription_id else None,
        int(request.state),
        request.event_type,
        UUID(request.event_id) if request.event_id else None,
    )
    found = await store.deliveries(uow, wanted, before, size + 1)
    shown, token = cut(request, found, size, lambda one: one.delivery_id)
    return pb.ListWebhookDeliveriesResponse(
        webhook_deliveries=[convert.delivery(one) for one in shown], next_page_token=token
    )


async def redeliver(deps: Webhooks, uow: UnitOfWork, delivery_id: str) -> webhook_pb2.WebhookDelivery:
    """Makes a delivery due now; NOT_FOUND for another's, and for one whose event is not kept any more."""
    found = await store.again(uow, UUID(delivery_id))
    if found is None:
        raise not_found("webhook delivery", delivery_id)
    await get(uow, str(found.subscription_id))
    await _tell(deps, uow, "webhook.redeliver", found.subscription_id, {"delivery_id": delivery_id})
    return convert.delivery(found)


async def replay(
    deps: Webhooks, uow: UnitOfWork, request: pb.ReplayWebhooksRequest
) -> pb.ReplayWebhooksResponse:
    """Makes kept events of a time due; says where to go on when there are more."""
    one = await get(uow, request.webhook_subscription_id)
    start = request.start_time.ToDatetime(tzinfo=UTC)
    end = request.end_time.ToDatetime(tzinfo=UTC) if request.HasField("end_time") else uow.now()
    if end <= start:
        raise invalid("end_time", "must lie after start_time")
    also_delivered = request.scope == pb.ReplayWebhooksRequest.SCOPE_ALL
    ids = uuid7s(MOST_REPLAYED)
    due = await store.replay(uow, one, start, end, ids, also_delivered=also_delivered)
    answer = pb.ReplayWebhooksResponse(replayed_count=len(due))
    if len(due) == MOST_REPLAYED:
        # Those of the last instant that did not fit are due again; what is due already is not made due twice.
        answer.next_start_time.FromDatetime(due[-1])
    span = {"start": start, "end": end, "count": len(due)}
    await _tell(deps, uow, "webhook.replay", one.subscription_id, span)
    return answer


def event_types(request: pb.ListWebhookEventTypesRequest) -> pb.ListWebhookEventTypesResponse:
    """Returns a page of the types of events there are, by name."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=1)
    found = [kind for kind in KINDS.values() if key is None or kind.type > key[0]]
    answer = pb.ListWebhookEventTypesResponse(event_types=[convert.event_type(kind) for kind in found[:size]])
    if len(found) > size:
        answer.next_page_token = PageToken.encode([found[size - 1].type], parameters)
    return answer


async def target_of(deps: Webhooks, uow: UnitOfWork, one: Subscription) -> Target:
    """Returns where a subscription's calls go, with what signs them now."""
    return Target(one.url, await deps.vault.keys(uow, one, uow.now()), await deps.vault.headers(uow, one))


async def _tell(
    deps: Webhooks, uow: UnitOfWork, action: str, subscription_id: UUID, after: Mapping[str, object]
) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="webhook_subscription",
        resource_id=subscription_id,
        before=None,
        after=after,
    )
    uow.after_commit(lambda: deps.database.wake(WAKE))


def _check(deps: Webhooks, *, url: str | None, events: Sequence[str], headers: Mapping[str, str]) -> None:
    if url is not None:
        try:
            deps.guard.check_url(url)
        except UnsafeUrl as unsafe:
            raise invalid("webhook_subscription.url", str(unsafe), "UNSAFE_URL") from None
    wrong = domain.event_problems(events, KINDS) + domain.header_problems(headers)
    if wrong:
        raise invalid_many(Violation(*one) for one in wrong)


def _keys(secret: str) -> SigningKeys:
    if problem := signing.problem_of(secret):
        raise invalid("secret", problem)
    return SigningKeys.make(secret)


def _owner(uow: UnitOfWork) -> UUID:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    return uow.tenant_id


async def _audit(
    uow: UnitOfWork, action: str, before: Subscription | None, after: Subscription | None
) -> None:
    subject = after or before
    assert subject is not None  # noqa: S101 - something was, or is
    await audit.record(
        uow,
        action=action,
        resource_type="webhook_subscription",
        resource_id=subject.subscription_id,
        before=convert.audited(before) if before else None,
        after=convert.audited(after) if after else None,
    )
