"""How often a rule speaks of one thing (EVT-18, EVT-63, EVT-69)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.campaign.intake.steps import InboundEvent
from services.campaign.rules import memory
from services.campaign.rules.domain import Limit, Rule
from services.campaign.rules.sources import dig
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)
"""How long it is known how often a rule spoke, where it may speak so often ever."""


async def admitted(uow: UnitOfWork, rule: Rule, event: InboundEvent, data: Mapping[str, Any]) -> bool:
    """Returns whether a rule may speak of an event, and counts it; the same fact is counted once."""
    limit = rule.limit
    if limit is None:
        return True
    kind, parts = f"limit/{limit.shared_with or rule.name}", _subject(limit, event, data)
    remembered = await memory.claim(uow, kind, parts)
    uses: dict[str, str] = dict(remembered.get("uses", {}))
    occasion = memory.digest([event.fact]).hex()
    if occasion in uses:
        return True
    now = uow.now()
    at = [datetime.fromisoformat(one) for one in uses.values()]
    if not has_room(limit, at, now):
        return False
    if limit.within:
        uses = {one: said for one, said in uses.items() if datetime.fromisoformat(said) > now - limit.within}
    await memory.save(
        uow, kind, parts, {"uses": {**uses, occasion: now.isoformat()}}, now + (limit.within or KEPT)
    )
    return True


def has_room(limit: Limit, uses: list[datetime], now: datetime) -> bool:
    """Returns whether one more is allowed after these."""
    counted = [one for one in uses if limit.within is None or one > now - limit.within]
    if len(counted) >= limit.most:
        return False
    return limit.apart is None or not counted or max(counted) + limit.apart <= now


def _subject(limit: Limit, event: InboundEvent, data: Mapping[str, Any]) -> list[str]:
    if limit.by == "type aggregate":
        return [event.type, event.aggregate_type, event.aggregate_id]
    return [str(dig(data, limit.by) or "")]
