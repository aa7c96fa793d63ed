"""Events of neighbours as automations hear them, those that no catalogue knows included (EVT-5, LIF-64)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.automations import behaviours, causes, hearing, store
from services.campaign.automations.hearing import Happening
from services.campaign.automations.means import Means
from services.campaign.contacts import people
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import ContactState
from services.campaign.intake.handlers import without_secrets
from services.campaign.intake.steps import EVERY_TYPE, InboundEvent, Person, person_of
from services.campaign.orders import store as orders
from services.common.db.uow import UnitOfWork


class AutomationStep:
    """Lets automations hear every inbound event."""

    name: Final = "automations"
    types: Final = EVERY_TYPE

    def __init__(self, means: Means) -> None:
        self._means = means

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Ends runs that the event makes groundless, then those it stops, wakes others, and starts new ones."""
        heard = await store.hears(uow, event.type)
        if heard is None:
            return
        contact_id = await contact_of(uow, event)
        if contact_id:
            await behaviours.recheck(uow, self._means, [contact_id])
        known = await causes.ancestries(uow, [event.causation_id]) if event.causation_id else {}
        ancestry = known.get(event.causation_id, [])
        if ancestry:
            # What this event brings about goes back to the same runs.
            await causes.note(uow, [(str(event.event_id), ancestry)])
        if heard:
            data: dict[str, Any] = orjson.loads(without_secrets(orjson.dumps(dict(event.data))))
            happening = Happening(event.event_id, contact_id, data, ancestry)
            await hearing.hear(uow, self._means, event.type, [happening])


async def contact_of(uow: UnitOfWork, event: InboundEvent) -> UUID | None:
    """Returns the contact that an event is about: its person, the buyer of its order, or whom its data names."""
    person = event.person or person_of(_mapping(event.data.get("person")))
    if person is None and isinstance(event.data.get("user_id"), str):
        person = Person(event.data["user_id"])
    if person is not None:
        return await people.known(uow, person)
    if isinstance(order_ref := event.data.get("order_id"), str):
        order = await orders.by_ref(uow, order_ref)
        return order.contact_id if order else None
    try:
        named = UUID(str(event.data.get("contact_id")))
    except ValueError:
        return None
    found = await contacts.by_key(uow, contact_id=named)
    return found.contact_id if found and found.state is not ContactState.ERASED else None


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None
