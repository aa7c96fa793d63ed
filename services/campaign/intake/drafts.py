"""Campaigns that neighbours ask for: drafts that people approve, never anything sent (EVT-52, EVT-130)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from angarium.common.v1 import enums_pb2
from services.campaign.campaigns import gathering, handlers
from services.campaign.campaigns.domain import MARKETING, Campaign
from services.campaign.intake.steps import InboundEvent
from services.campaign.segments import store as segments
from services.campaign.templates import store as templates
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.ids import uuid7

_CHANNELS: Final[Mapping[str, int]] = {
    name.removeprefix("CHANNEL_").lower(): number for name, number in enums_pb2.Channel.items() if number
}
_ALL: Final = "all"
"""Word of a segment that means every contact."""


class DraftStep:
    """Writes a draft for each campaign that an event asks for; its schedule is a wish, kept while it lies ahead."""

    name: Final = "drafts"
    types: Final = frozenset({"marketing.campaign"})

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Creates the draft; without its template or segment the event fails, and can be replayed once they are there."""
        data = event.data
        channel = _CHANNELS.get(str(data["channel"]).lower())
        if channel is None:
            raise not_found("channel", data["channel"])
        draft = Campaign(
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
        await handlers.create(uow, draft, await gathering.gather(uow, draft))


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
