"""Use cases of carts and views."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from angarium.campaign.v1 import automation_pb2
from angarium.campaign.v1 import automation_service_pb2 as pb
from services.campaign.automations import behaviours
from services.campaign.automations.means import Means
from services.campaign.carts import store
from services.campaign.carts.domain import Cart, CartState, Told, counted, folded
from services.campaign.contacts import handlers as contacts
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.idempotency import keyed
from services.common.money import Money
from services.common.rpc.context import tenant

_SERVICE: Final = "AutomationService"


async def tell(uow: UnitOfWork, means: Means, cart_ref: str, told: Told) -> Cart:
    """Folds what was told into a cart, and ends runs about it once it is active no more."""
    before = await store.claim(uow, cart_ref, told.at)
    after = folded(before, told)
    if after != before:
        await store.save(uow, after)
    if after.state is not CartState.ACTIVE:
        await behaviours.dropped(uow, means, after)
    return after


async def look(
    uow: UnitOfWork,
    means: Means,
    contact_id: UUID,
    subject_ref: str,
    at: datetime,
    ancestry: Sequence[UUID] = (),
) -> int:
    """Counts a view, and starts runs when there were enough; returns how many there were in 30 days."""
    before = await store.views_of(uow, contact_id, subject_ref)
    views = counted(before, at, uow.now())
    await store.save_views(uow, contact_id, subject_ref, views)
    if at not in before:
        await behaviours.viewed(uow, means, contact_id, subject_ref, views, ancestry)
    return len(views)


class Carts:
    """What contacts are about to buy, and what they look at."""

    def __init__(self, database: Database, means: Means) -> None:
        self._database = database
        self._means = means

    async def record(self, request: pb.RecordCartRequest) -> pb.RecordCartResponse:
        """Records what is in a cart."""

        async def effect(uow: UnitOfWork) -> pb.RecordCartResponse:
            await tenants.open_tenant(uow)
            given = request.cart
            contact = await contacts.get(uow, UUID(given.contact_id), None)
            total = _money(given, "total")
            told = Told(
                at=_at(uow, given, "last_activity_time"),
                state=CartState.ACTIVE,
                contact_id=contact.contact_id,
                branch_id=UUID(given.branch_id) if given.branch_id else None,
                items=[_item(one) for one in given.items],
                amount=total.amount if total else None,
                currency=total.currency if total else None,
            )
            cart = await tell(uow, self._means, given.cart_ref, told)
            return pb.RecordCartResponse(cart=cart_to_proto(cart))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.RecordCart", request, pb.RecordCartResponse, effect)

    async def complete(self, request: pb.CompleteCartRequest) -> pb.CompleteCartResponse:
        """Records that a cart was bought."""

        async def effect(uow: UnitOfWork) -> pb.CompleteCartResponse:
            if await store.by_ref(uow, request.cart_ref) is None:
                raise not_found("cart", request.cart_ref)
            told = Told(at=uow.now(), state=CartState.COMPLETED)
            cart = await tell(uow, self._means, request.cart_ref, told)
            return pb.CompleteCartResponse(cart=cart_to_proto(cart))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.CompleteCart", request, pb.CompleteCartResponse, effect)

    async def view(self, request: pb.RecordViewRequest) -> pb.RecordViewResponse:
        """Records that a contact looked at something."""

        async def effect(uow: UnitOfWork) -> pb.RecordViewResponse:
            await tenants.open_tenant(uow)
            contact = await contacts.get(uow, UUID(request.contact_id), None)
            assert contact.contact_id is not None  # noqa: S101 - a stored contact has its id
            at = _at(uow, request, "view_time")
            count = await look(uow, self._means, contact.contact_id, request.subject_ref, at)
            return pb.RecordViewResponse(view_count=count)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.RecordView", request, pb.RecordViewResponse, effect)


def cart_to_proto(cart: Cart) -> automation_pb2.Cart:
    """Returns a cart as the contract shows it."""
    message = automation_pb2.Cart(
        cart_ref=cart.cart_ref,
        contact_id=str(cart.contact_id or ""),
        branch_id=str(cart.branch_id or ""),
        state=f"STATE_{cart.state.name}",
    )
    for one in cart.items:
        item = message.items.add(name=str(one.get("name", "")), quantity=int(one.get("quantity") or 1))
        if one.get("price") is not None and cart.currency:
            item.price.CopyFrom(Money(cart.currency, Decimal(str(one["price"]))).to_proto())
    if cart.amount is not None and cart.currency:
        message.total.CopyFrom(Money(cart.currency, cart.amount).to_proto())
    if cart.last_activity_at:
        message.last_activity_time.FromDatetime(cart.last_activity_at)
    if cart.completed_at:
        message.complete_time.FromDatetime(cart.completed_at)
    return message


def _item(message: automation_pb2.CartItem) -> dict[str, Any]:
    price = _money(message, "price")
    found: dict[str, Any] = {"name": message.name, "quantity": message.quantity}
    return {**found, "price": str(price.amount)} if price else found


def _money(message: Any, field: str) -> Money | None:
    if not message.HasField(field):
        return None
    try:
        found = Money.from_proto(getattr(message, field))
    except ValueError as error:
        raise invalid(f"cart.{field}", str(error)) from None
    if found.amount < 0:
        raise invalid(f"cart.{field}", "must not be negative")
    return found


def _at(uow: UnitOfWork, message: Any, field: str) -> datetime:
    """Returns the instant of a field, now when there is none, and never later than now."""
    if not message.HasField(field):
        return uow.now()
    told: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    return min(told, uow.now())
