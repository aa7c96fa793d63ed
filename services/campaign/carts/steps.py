"""What events of neighbours say of carts and views (EVT-14, EVT-25, EVT-28, EVT-38 to EVT-41, EVT-45, EVT-83)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from services.campaign.automations import causes
from services.campaign.automations.means import Means
from services.campaign.carts import handlers
from services.campaign.carts.domain import CartState, Told
from services.campaign.contacts import people
from services.campaign.intake.steps import InboundEvent
from services.common.db.uow import UnitOfWork
from services.common.money import exponent

_ENDED: Final = frozenset({"expired", "abandoned", "dropped", "cancelled", "deleted"})


def _ordered(event: InboundEvent, told: Told) -> Told:
    """Returns what an order says; one that needs no payment is bought."""
    state = CartState.ACTIVE if event.data["payment_required"] else CartState.COMPLETED
    return replace(told, state=state, **_content(event.data))


def _reserved(event: InboundEvent, told: Told) -> Told:
    items = [{"name": event.data["event_name"], "quantity": 1}]
    return replace(told, state=CartState.ACTIVE, items=items)


def _updated(event: InboundEvent, told: Told) -> Told:
    status = str(event.data.get("status") or "active").lower()
    state = CartState.COMPLETED if status == "completed" else CartState.EXPIRED
    state = state if status in {"completed", *_ENDED} else CartState.ACTIVE
    return replace(
        told, state=state, branch_id=people.branch_of(event.data.get("branch")), **_content(event.data)
    )


def _is(state: CartState, *, is_activity: bool = True) -> Callable[[InboundEvent, Told], Told]:
    return lambda _, told: replace(told, state=state, is_activity=is_activity)


_AGAIN: Final = _is(CartState.ACTIVE, is_activity=False)
_BOUGHT: Final = _is(CartState.COMPLETED)

_READERS: Final[Mapping[str, tuple[str, Callable[[InboundEvent, Told], Told]]]] = {
    "payment.intent_created": ("order", lambda _, told: told),
    "order.created": ("order", _ordered),
    "order.expired": ("order", _AGAIN),
    "order.cancelled": ("order", _is(CartState.EXPIRED, is_activity=False)),
    "order.paid": ("order", _BOUGHT),
    "order.completed": ("order", _BOUGHT),
    "payment.succeeded": ("order", _BOUGHT),
    "reservation.created": ("reservation", _reserved),
    "reservation.expired": ("reservation", _AGAIN),
    "reservation.confirmed": ("reservation", _BOUGHT),
    "reservation.released": ("reservation", _is(CartState.EXPIRED, is_activity=False)),
    "cart.updated": ("cart", _updated),
    "cart.completed": ("cart", _BOUGHT),
}


class CartStep:
    """Keeps carts; contacts are kept before it."""

    name: Final = "carts"
    types: Final = frozenset(_READERS)

    def __init__(self, means: Means) -> None:
        self._means = means

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Folds an event into its cart."""
        kind, read = _READERS[event.type]
        ref = event.data.get("cart_ref" if kind == "cart" else f"{kind}_id")
        if not isinstance(ref, str) or not ref:
            return
        contact_id = await people.known(uow, event.person)
        told = read(event, Told(at=min(event.occurred_at, uow.now()), contact_id=contact_id))
        # References of orders, reservations and carts may be alike.
        await handlers.tell(uow, self._means, ref if kind == "cart" else f"{kind}:{ref}", told)


class ViewStep:
    """Counts views; contacts are kept before it."""

    name: Final = "views"
    types: Final = frozenset({"event.viewed"})

    def __init__(self, means: Means) -> None:
        self._means = means

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Counts a view of an event."""
        contact_id = await people.known(uow, event.person)
        if contact_id is None:
            return
        known = await causes.ancestries(uow, [event.causation_id])
        at = min(event.occurred_at, uow.now())
        ancestry = known.get(event.causation_id, ())
        await handlers.look(uow, self._means, contact_id, str(event.data["event_ref"]), at, ancestry)


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is in a cart, amounts in major units."""
    currency = data.get("currency")
    minor = data["amount"] if "amount" in data else data.get("total")
    return {
        "items": _items(data.get("items") or (), currency),
        "amount": _major(minor, currency),
        "currency": currency,
    }


def _items(items: Sequence[Mapping[str, Any]], currency: str | None) -> list[dict[str, Any]]:
    found = []
    for one in items:
        item: dict[str, Any] = {"name": one.get("name"), "quantity": one.get("quantity")}
        price = _major(one.get("price"), currency)
        found.append({**item, "price": str(price)} if price is not None else item)
    return found


def _major(minor: Any, currency: str | None) -> Decimal | None:
    if not isinstance(minor, int) or not currency:
        return None
    return Decimal(minor).scaleb(-exponent(currency))
