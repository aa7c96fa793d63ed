"""Campaigns that neighbours ask for: drafts that people approve, never anything sent (EVT-51, EVT-52, EVT-130)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from angarium.common.v1 import enums_pb2
from services.campaign.campaigns import gathering, handlers
from services.campaign.campaigns.domain import MARKETING, Campaign
from services.campaign.intake.steps import InboundEvent
from services.campaign.segments import handlers as saving
from services.campaign.segments import store as segments
from services.campaign.segments.checks import MAX_WITHIN
from services.campaign.segments.domain import Activity, Behaviour, Rule, Segment
from services.campaign.templates import store as templates
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.ids import uuid7

_CHANNELS: Final[Mapping[str, int]] = {
    name.removeprefix("CHANNEL_").lower(): number for name, number in enums_pb2.Channel.items() if number
}
_ALL: Final = "all"
"""Word of a segment that means every contact."""
_ANNOUNCEMENT: Final = "announcement"
"""Name of the tenant's template for announcements; it is given `title`, `body` and `link`."""


class DraftStep:
    """Writes a draft for each campaign that an event asks for; its schedule is a wish, kept while it lies ahead.

    Announcements of venues that are not needed to attend are campaigns too.
    """

    name: Final = "drafts"
    types: Final = frozenset({"marketing.campaign", "venue.announcement"})

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Creates the draft; without its template or segment the event fails, and can be replayed once they are there."""
        if event.type == "venue.announcement":
            draft = None if event.data["operational"] else await _announcement(uow, event)
        else:
            draft = await _campaign(uow, event)
        if draft is not None:
            await handlers.create(uow, draft, await gathering.gather(uow, draft))


async def _campaign(uow: UnitOfWork, event: InboundEvent) -> Campaign:
    data = event.data
    channel = _CHANNELS.get(str(data["channel"]).lower())
    if channel is None:
        raise not_found("channel", data["channel"])
    return Campaign(
        campaign_id=uuid7(),
        name=str(data["name"])[:100],
        channel=channel,
        template_id=await _template(uow, channel, str(data["template"])),
        message_class=MARKETING,
        segment_id=await _segment(uow, str(data["segment"])),
        target_all_contacts=data["segment"] == _ALL,
        scheduled_at=_ahead(data, uow.now()),
        created_by=f"event:{event.source}",
        source_event_id=event.event_id,
    )


async def _announcement(uow: UnitOfWork, event: InboundEvent) -> Campaign:
    """Returns a draft with the words of an announcement, for those whom it names."""
    data, channel = event.data, enums_pb2.CHANNEL_EMAIL
    audience = data["audience"]
    event_ref = audience.get("event_ref") or audience.get("eventRef")
    named = str(audience.get("segment") or "")
    return Campaign(
        campaign_id=uuid7(),
        name=str(data["title"])[:100],
        channel=channel,
        template_id=await _template(uow, channel, _ANNOUNCEMENT),
        message_class=MARKETING,
        segment_id=await _holders(uow, str(event_ref)) if event_ref else await _segment(uow, named),
        target_all_contacts=not event_ref and named == _ALL,
        variables={name: data.get(name) or "" for name in ("title", "body", "link")},
        created_by=f"event:{event.source}",
        source_event_id=event.event_id,
    )


async def _holders(uow: UnitOfWork, event_ref: str) -> UUID:
    """Returns the segment of those who bought tickets of a venue event, made where there is none."""
    name = f"Tickets of {event_ref}"[:100]
    found = await segments.by_name(uow, name)
    if found is None:
        bought = Behaviour(Activity.TICKET, MAX_WITHIN, reference=event_ref)
        found = await saving.create(uow, Segment(uuid7(), name, Rule(behaviours=(bought,))))
    return found.segment_id


async def _template(uow: UnitOfWork, channel: int, named: str) -> UUID:
    """Returns the tenant's template of an id or a name."""
    by_id = _uuid(named)
    found = await templates.by_id(uow, by_id) if by_id else await templates.by_name(uow, channel, named)
    if found is None:
        raise not_found("template", named)
    return found.template_id


async def _segment(uow: UnitOfWork, named: str) -> UUID | None:
    """Returns the tenant's segment of an id or a name; None for everybody."""
    if named == _ALL:
        return None
    by_id = _uuid(named)
    found = await segments.by_id(uow, by_id) if by_id else await segments.by_name(uow, named)
    if found is None:
        raise not_found("segment", named)
    return found.segment_id


def _ahead(data: Mapping[str, Any], now: datetime) -> datetime | None:
    """Returns the time an event wishes for, where it is one and lies ahead."""
    wished = data.get("schedule")
    if isinstance(wished, Mapping):
        wished = wished.get("at")
    try:
        found = datetime.fromisoformat(wished) if isinstance(wished, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and found > now else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
