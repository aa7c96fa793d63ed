"""Events of neighbours as steps get them, and the steps that fold them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.campaign.intake.steps import InboundEvent, person_of
from services.campaign.reactions import steps
from tests.house import Served

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_EVENTS = UUID(int=0xE)


def event(served: Served, type_: str, *, minutes: int = 0, branch: str = "", **data: Any) -> InboundEvent:
    """An event some minutes after noon; its id follows from what it says, so that a repeat is the same event."""
    said = f"{type_}/{minutes}/{sorted(data.items())}"
    return InboundEvent(
        tenant_id=served.tenant_id,
        event_id=uuid5(_EVENTS, said),
        type=type_,
        source="shop",
        occurred_at=NOON + timedelta(minutes=minutes),
        received_at=NOON + timedelta(minutes=minutes),
        aggregate_type="order",
        aggregate_id="o-1",
        data=data,
        fact=said,
        person=person_of(data.get("person")),
        branch_ref=branch,
    )


async def told(served: Served, events: Iterable[InboundEvent]) -> None:
    """Takes events through the projections, each in a transaction of its own."""
    projections = [one for one in steps(served.settings) if one.name in ("contacts", "orders")]  # type: ignore[arg-type]
    for one in events:
        for step in projections:
            if "*" in step.types or one.type in step.types:
                async with served.service.database.tenant(served.tenant_id) as uow:
                    await step.run(uow, one)


def at(minutes: int) -> str:
    """An instant some minutes after noon, as events write it."""
    return (NOON + timedelta(minutes=minutes)).isoformat()
