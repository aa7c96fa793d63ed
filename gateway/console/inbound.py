"""Events of neighbour systems that could not be handled, and handling them again."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from gateway.console.campaigns import number_of
from gateway.console.visits import Visit

_PAGE: Final = 50
_STATES: Final = [number for number in pb.InboundEvent.State.values() if number]
_AGAIN: Final = (pb.InboundEvent.STATE_DEAD, pb.InboundEvent.STATE_FAILED)


async def show_all(visit: Visit) -> Response:
    """Lists events, newest first; the dead ones unless others are asked for."""
    state = number_of(visit.query("state"), _STATES) or pb.InboundEvent.STATE_DEAD
    found = await visit.ask.events.ListInboundEvents(
        pb.ListInboundEventsRequest(
            state=state,  # type: ignore[arg-type] # one of the enum's own numbers
            type=visit.query("type")[:100],
            source=visit.query("source")[:100],
            page_size=_PAGE,
            page_token=visit.query("page"),
        )
    )
    return visit.page(
        "events",
        "Inbound events",
        events=found.inbound_events,
        next_page=found.next_page_token,
        states=_STATES,
        state=state,
        type=visit.query("type"),
        source=visit.query("source"),
    )


async def show_one(visit: Visit) -> Response:
    """Shows one event with its data, addresses masked."""
    asked = pb.GetInboundEventRequest(event_id=visit.path("event_id"))
    event = (await visit.ask.events.GetInboundEvent(asked)).inbound_event
    return visit.page(
        "event",
        f"Event {event.type}",
        event=event,
        may_replay=event.state in _AGAIN and visit.may("EventIntakeService.ReplayInboundEvent"),
    )


async def replay(visit: Visit) -> Response:
    """Has an event handled again."""
    event_id = visit.path("event_id")
    await visit.ask.events.ReplayInboundEvent(
        pb.ReplayInboundEventRequest(event_id=event_id, idempotency_key=visit.act_key)
    )
    return RedirectResponse(f"/console/events/{event_id}?told=replayed", status_code=303)
