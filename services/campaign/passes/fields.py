"""What of a purchase its passes show, as it waits with the message that offers them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.campaign.intake.steps import InboundEvent

LONGEST: Final[Mapping[str, int]] = {
    "event_name": 200,
    "event_ref": 100,
    "venue_name": 200,
    "venue_address": 500,
    "attendee_name": 200,
}
"""How much of a text a pass takes."""
MOST: Final = 100
"""Tickets of one link."""
TICKET: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""Tickets and events of other names have no passes."""


def of_purchase(event: InboundEvent, attendee: str, time_zone: str) -> dict[str, Any] | None:
    """Returns what passes of a purchase show and whose tickets they are; None where the event does not say enough."""
    about, listed = _said(event)
    tickets = sorted({str(one) for one in listed if TICKET.fullmatch(str(one))})[:MOST]
    at = _instant(about.get("date"))
    ref, name, venue = (str(about.get(field) or "").strip() for field in ("ref", "name", "venue_name"))
    if not tickets or at is None or not (name and venue and 0 < len(ref) <= LONGEST["event_ref"]):
        return None
    texts = {
        "event_name": name,
        "event_ref": ref,
        "venue_name": venue,
        "venue_address": str(about.get("venue_address") or ""),
        "attendee_name": attendee,
    }
    return {
        "ticket_refs": tickets,
        "bought_at": event.occurred_at.isoformat(),
        "event_time": at.isoformat(),
        "fields": {
            **{field: value[: LONGEST[field]] for field, value in texts.items()},
            "time_zone": str(about.get("time_zone") or time_zone),
        },
    }


def _said(event: InboundEvent) -> tuple[Mapping[str, Any], list[Any]]:
    """Returns the venue event and the tickets of a purchase, whichever of its events tells of them first (EVT-27)."""
    data = event.data
    if event.type == "ticket.purchased":
        about = data.get("event")
        return about if isinstance(about, Mapping) else {}, list(data.get("ticket_refs") or ())
    tickets = [one for one in data.get("tickets") or () if isinstance(one, Mapping)]
    first = tickets[0] if tickets else {}
    ref = first.get("event_ref") or data.get("event_ref")
    # Passes of one link are of one event.
    listed = [one.get("ticket_ref") for one in tickets if (one.get("event_ref") or ref) == ref]
    about = {"ref": ref, "name": first.get("event_name"), "date": first.get("event_date")}
    return {**about, **{name: first.get(name) for name in ("venue_name", "venue_address")}}, listed


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else None
