"""Reading what was claimed, and reserving for it: the first transaction of a pass (DEL-65 steps 1, 2 and 4)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.common.db.uow import UnitOfWork
from services.delivery.dispatch import handover, loading, measures, recording
from services.delivery.dispatch.hand import Hand, is_critical, may_be_held
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.dispatch.needs import Deps
from services.delivery.dispatch.store import Claim
from services.delivery.limits import rates, slots, volume
from services.delivery.limits.domain import RuleSet
from services.delivery.limits.gate import NO_LIMITS
from services.delivery.limits.slots import NOTHING, Usage, Wanted
from services.delivery.limits.volume import Grant
from services.delivery.messages.domain import MessageClass, State


class Reserving:
    """Reads and reserves for one claim."""

    def __init__(self, deps: Deps, claim: Claim, rules: RuleSet) -> None:
        self._deps = deps
        self._claim = claim
        self._rules = rules
        self._contacts = NO_LIMITS

    async def load(self, hand: Hand, ids: Sequence[bytes]) -> None:
        """Reads messages into the hand, with a cap slot each and as much of the tenant's volume as there is."""
        deps, claim = self._deps, self._claim
        now = deps.clock.now()
        async with deps.database.tenant(claim.tenant_id) as uow:
            if claim.was_lost:
                lost = await handover.abandon(
                    uow, claim, ids, deps.sending.estimate, recheck_after=deps.unknown_recheck, now=now
                )
                ids = [id for id in ids if id not in lost]
            loaded = await loading.load(uow, deps.envelope, ids, now)
            known = {item.message_id for item in loaded.items} | {
                stop.item.message_id for stop in loaded.stops
            }
            if len(known) < len(ids):
                # Settled by a cancellation or a receipt while they waited here.
                recording.leave_blocks(uow, claim, set(ids) - known, must_shrink=False)
            items = [item for item in loaded.items if item.is_reachable]
            unreachable = [item for item in loaded.items if not item.is_reachable]
            if claim.was_lost or any(item.attempts for item in items):
                await slots.release_now(
                    uow, [(one.contact_id, one.message_id) for one in items if one.contact_id]
                )
            usage = await self._reserve(uow, items, now)
            grant = Grant(0)
            if items:
                grant = await volume.take(
                    uow, claim.channel, len(items), held_back=may_be_held(claim.message_class, items), now=now
                )
        hand.sequence = loaded.cancel_sequence
        hand.stops = [*loaded.stops, *(Stop(item, State.SKIPPED, "no_address") for item in unreachable)]
        hand.grant = grant
        self._limit(hand, items, usage, now)
        measures.waited(claim.lane, now - claim.waiting_since)

    async def _reserve(self, uow: UnitOfWork, items: Sequence[Item], now: datetime) -> dict[bytes, Usage]:
        zone = self._deps.default_zone
        midnights = {
            name: _midnight(name, zone, now) for name in {item.recipient.time_zone for item in items}
        }
        wanted = [
            Wanted(item.message_id, item.contact_id, midnights[item.recipient.time_zone])
            for item in items
            if item.contact_id is not None
        ]
        if not wanted:
            return {}
        for item in items:
            item.has_slot = item.contact_id is not None
        channel = self._claim.channel
        contacts = (item.contact_id for item in items)
        self._contacts = self._deps.limits.contacts(self._rules, channel, contacts)
        return dict(
            await slots.reserve(
                uow,
                wanted,
                channel,
                is_marketing=self._claim.message_class is MessageClass.MARKETING,
                now=now,
                periods=self._contacts.periods,
            )
        )

    def _limit(self, hand: Hand, items: list[Item], usage: dict[bytes, Usage], now: datetime) -> None:
        """Holds back who has had enough, and what the tenant's volume has no room for."""
        going: list[Item] = []
        for item in items:
            item.usage = usage.get(item.message_id, NOTHING)
            until = self._contacts.held_until(item.contact_id if item.has_slot else None, item.usage, now)
            if until is not None and not is_critical(item):
                rates.refused(self._claim.channel, 1)
                hand.refuse(Stop(item, State.DEFERRED, "rate_limited", until=until))
            elif len(going) >= hand.grant.granted:
                hand.stop(Stop(item, State.DEFERRED, "tenant_volume", until=hand.grant.next_at or now))
            else:
                going.append(item)
        hand.unused = min(hand.unused, hand.grant.granted - len(going))
        hand.items = going


def _midnight(zone_name: str, default: ZoneInfo, now: datetime) -> datetime:
    zone = ZoneInfo(zone_name) if zone_name else default
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
