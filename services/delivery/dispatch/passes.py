"""One pass over a claimed block: check, ask, render, hand over, record (DEL-65).

Three transactions, whatever the size: read and reserve; write the hand-over down; record what came of it. No RPC,
no Redis and no provider is called inside one.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from services.common import telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.security.envelope import Envelope
from services.common.telemetry import Span
from services.delivery.accounts import internal, warmup
from services.delivery.accounts import store as accounts
from services.delivery.accounts.store import ProviderAccount
from services.delivery.compliance.client import Compliance, Decision
from services.delivery.dispatch import alerts, handover, judging, loading, measures, recording
from services.delivery.dispatch.choosing import Choosing, Lot
from services.delivery.dispatch.gates import Gate
from services.delivery.dispatch.handover import LeaseLostError, PlacesLostError
from services.delivery.dispatch.leases import Leases
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.dispatch.outcomes import Handover
from services.delivery.dispatch.parcels import Parcel
from services.delivery.dispatch.recorder import Recorder
from services.delivery.dispatch.rendering import Renderer
from services.delivery.dispatch.sending import Sending
from services.delivery.dispatch.store import Claim
from services.delivery.explain import records
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.limits import rates, slots, volume
from services.delivery.limits.domain import RuleSet
from services.delivery.limits.gate import NO_LIMITS, Limits
from services.delivery.limits.rates import Places, Window
from services.delivery.limits.slots import NOTHING, Usage, Wanted
from services.delivery.limits.volume import Grant
from services.delivery.messages.domain import CRITICAL, Channel, MessageClass, State
from services.delivery.sent.store import Keeper, Packed
from services.delivery.templates.cache import Template, TemplateCache

log = structlog.get_logger("dispatch")

WITHOUT_CONSENT: Final = timedelta(seconds=30)
WITHOUT_ACCOUNT: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Deps:
    """What a pass needs."""

    database: Database
    clock: Clock
    envelope: Envelope
    templates: TemplateCache
    compliance: Compliance
    limits: Limits
    renderer: Renderer
    keeper: Keeper
    sending: Sending
    recorder: Recorder
    fallbacks: Fallbacks
    leases: Leases
    enabled_channels: frozenset[Channel]
    default_zone: ZoneInfo
    unknown_recheck: timedelta


class PutBackError(Exception):
    """The rest of the blocks goes back into the queue for a while; no attempt is used."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after
        self.reason = reason


class Pass:
    """Works on one claim; its blocks are settled or back in the queue when it returns."""

    def __init__(self, deps: Deps, claim: Claim, gate: Gate) -> None:
        self._deps = deps
        self._claim = claim
        self._gate = gate
        self._items: list[Item] = []
        self._stops: list[Stop] = []
        self._freed: list[Item] = []
        self._grant = Grant(0)
        self._unused = 0
        self._sequence = 0
        self._later = timedelta()
        """How long what stays in the blocks waits at least."""
        self._rules = RuleSet(())
        self._contacts = NO_LIMITS
        self._mark = 0
        """Of the memory in which places under rate limits were taken; 0 before there are any."""
        self._was_refused = False
        """Whether the last hand-over failed by the provider's fault and for all its messages."""

    async def run(self) -> None:
        """Does the pass; what cannot be done now is put back. LeaseLostError when another worker has the blocks."""
        try:
            later = await self._run()
        except PutBackError as error:
            measures.put_back(self._claim.channel, error.reason, len(self._claim.message_ids))
            later = error.after
            self._freed += self._items
            self._unused += len(self._items)
            self._items = []
            await self._settle_stops()
        if self._claim.blocks:
            due_at = self._deps.clock.now() + later if later else None
            async with self._claim.lock, self._deps.database.tenant(self._claim.tenant_id) as uow:
                await recording.put_back(uow, self._claim, due_at)

    async def _run(self) -> timedelta:
        """Returns when what is left of the blocks is due."""
        claim = self._claim
        ids = claim.message_ids
        if claim.channel not in self._deps.enabled_channels:
            await self._load(ids)
            await self._fail_all("channel_disabled")
            return timedelta()
        suitable, usable = await self._accounts()
        windows = await self._windows()
        places = await self._room(windows, len(ids))
        await self._load(ids[: places.granted])
        if not suitable:
            await self._fail_all("provider_not_configured")
        elif self._items:
            with self._span():
                template = await self._judge()
                await self._choose(suitable, windows)
                await self._hand_over(template, usable)
        else:
            await self._settle_stops()
        if len(ids) > places.granted:
            rates.refused(claim.channel, len(ids) - places.granted)
        return max(places.retry_after, self._later)

    def _span(self) -> AbstractContextManager[Span]:
        """Returns the step of this pass in the traces in which its messages were accepted."""
        traces = {item.content.traceparent for item in self._items}
        facts: telemetry.Facts = {
            "angarium.lane": self._claim.lane.name.lower(),
            "angarium.channel": self._claim.channel.name.lower(),
            "messaging.batch.message_count": len(self._items),
        }
        parent = telemetry.leading(traces)
        return telemetry.span("dispatch", kind="consumer", parent=parent, also=traces, attributes=facts)

    # What may be asked before anything is read

    async def _accounts(self) -> tuple[list[ProviderAccount], list[ProviderAccount]]:
        claim = self._claim
        suitable = await internal.suitable(
            self._deps.database, claim.tenant_id, claim.channel, claim.message_class
        )
        now = self._deps.clock.now()
        usable = [account for account in suitable if account.is_usable(now)]
        if suitable and not usable:
            raise PutBackError(WITHOUT_ACCOUNT, "circuits_open")
        return suitable, usable

    async def _windows(self) -> list[Window]:
        limits, claim = self._deps.limits, self._claim
        self._rules = await limits.rules(claim.tenant_id)
        return limits.windows(self._rules, claim.tenant_id, claim.channel, claim.campaign_id)

    async def _room(self, windows: Sequence[Window], wanted: int) -> Places:
        try:
            places = await self._deps.limits.rates.room(windows, wanted)
        except ServiceError:
            raise PutBackError(rates.wait_without_store(self._claim.lane), "rate_store_unavailable") from None
        if not places.granted:
            rates.refused(self._claim.channel, wanted)
            raise PutBackError(places.retry_after, "rate_limited")
        return places

    # Read and reserve: the first transaction

    async def _load(self, ids: Sequence[bytes]) -> None:
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
                    uow, claim.channel, len(items), held_back=self._may_be_held(items), now=now
                )
        self._sequence = loaded.cancel_sequence
        self._stops = [*loaded.stops, *(Stop(item, State.SKIPPED, "no_address") for item in unreachable)]
        self._grant = grant
        self._limit(items, usage, now)
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

    def _may_be_held(self, items: Sequence[Item]) -> bool:
        return self._claim.message_class is MessageClass.MARKETING and not any(
            _is_critical(one) for one in items
        )

    def _limit(self, items: list[Item], usage: dict[bytes, Usage], now: datetime) -> None:
        """Holds back who has had enough, and what the tenant's volume has no room for."""
        going: list[Item] = []
        for item in items:
            item.usage = usage.get(item.message_id, NOTHING)
            until = self._contacts.held_until(item.contact_id if item.has_slot else None, item.usage, now)
            if until is not None and not _is_critical(item):
                rates.refused(self._claim.channel, 1)
                self._stop(Stop(item, State.DEFERRED, "rate_limited", until=until))
                self._unused += 1
            elif len(going) >= self._grant.granted:
                self._stop(Stop(item, State.DEFERRED, "tenant_volume", until=self._grant.next_at or now))
            else:
                going.append(item)
        self._unused = min(self._unused, self._grant.granted - len(going))
        self._items = going

    # Ask, and take places

    async def _judge(self) -> Template:
        """Asks consent about every message and gets the template; only allowed messages stay."""
        deps, claim = self._deps, self._claim
        version_id = self._items[0].content.template_version_id
        try:
            template, decisions = await asyncio.gather(
                deps.templates.get(claim.tenant_id, version_id),
                judging.decide(deps.compliance, claim.tenant_id, self._items),
            )
        except ServiceError as error:
            if error.reason == "NOT_FOUND":
                await self._fail_all("template_not_found")
                raise PutBackError(timedelta(), "template_not_found") from None
            raise PutBackError(WITHOUT_CONSENT, "compliance_unavailable") from None
        self._sort(decisions)
        for stop in judging.without_leave(self._items, template):
            self._items.remove(stop.item)
            self._stop(stop)
            self._unused += 1
        return template

    def _sort(self, decisions: Sequence[Decision]) -> None:
        now = self._deps.clock.now()
        allowed = []
        for item, decision in zip(self._items, decisions, strict=True):
            stop = judging.stop_of(item, decision, now)
            if stop is None:
                item.unsubscribe_token = decision.unsubscribe_token
                allowed.append(item)
            else:
                self._stop(stop)
                self._unused += 1
        self._items = allowed

    async def _choose(self, suitable: Sequence[ProviderAccount], windows: Sequence[Window]) -> None:
        """Chooses an account for each message and takes places under all limits; who gets none stays in the block."""
        if not self._items:
            return
        deps, claim = self._deps, self._claim
        now = deps.clock.now()
        per_second = {one.account_id: deps.sending.messages_per_second(one) for one in suitable}
        choosing = Choosing(deps.database, claim.channel, suitable)
        choice = await choosing.choose(
            self._items, per_second, is_held=self._may_be_held(self._items), now=now
        )
        for stop in choice.stops:
            self._stop(stop)
            self._unused += 1
        if choice.waiting:
            self._leave(choice.waiting, WITHOUT_ACCOUNT)
        going: list[Item] = []
        for number, lot in enumerate(choice.lots):
            self._items = [*going, *(item for open_lot in choice.lots[number:] for item in open_lot.items)]
            going += await self._take_places(windows, lot, now)
        self._items = going
        if not self._items and self._later:
            raise PutBackError(self._later, "rate_limited")

    async def _take_places(self, windows: Sequence[Window], lot: Lot, now: datetime) -> list[Item]:
        """Takes places for messages of one account in all windows at once, and returns those that got one."""
        deps = self._deps
        try:
            places = await deps.limits.rates.take([*windows, *lot.windows], len(lot.items))
        except ServiceError:
            raise PutBackError(rates.wait_without_store(self._claim.lane), "rate_store_unavailable") from None
        if places.mark:
            self._mark = min(self._mark or places.mark, places.mark)
        if places.granted < len(lot.items):
            rates.refused(self._claim.channel, len(lot.items) - places.granted)
            self._leave(lot.items[places.granted :], places.retry_after)
        items, account = lot.items[: places.granted], lot.account
        maximum = account.warm_up.maximum(warmup.today(now)) if account.warm_up and items else None
        if maximum is not None:
            granted = await warmup.take(
                deps.database,
                account.tenant_id,
                account.account_id,
                len(items),
                maximum,
                is_held=self._may_be_held(items),
                now=now,
            )
            if granted < len(items):
                # Another worker took the last places of the day since they were read.
                self._leave(items[granted:], timedelta(seconds=1))
            items = items[:granted]
        return items

    def _leave(self, items: Sequence[Item], later: timedelta) -> None:
        """Leaves messages in their blocks, without a slot, for some time."""
        self._freed += items
        self._unused += len(items)
        self._later = max(self._later, later)

    # Hand over and record: the second and third transaction

    async def _hand_over(self, template: Template, usable: Sequence[ProviderAccount]) -> None:
        deps, claim = self._deps, self._claim
        rendered, failed = await deps.renderer.render(claim.tenant_id, template, self._items)
        for stop in failed:
            self._stop(stop)
            self._unused += 1
        parcels = await deps.sending.parcels(claim.tenant_id, rendered, usable)
        if not parcels:
            self._items = []
            await self._settle_stops()
            return
        recordings: list[asyncio.Task[None]] = []
        try:
            for number, parcel in enumerate(parcels, start=1):
                # One record may still be under way while the next parcel is handed over.
                if len(recordings) > 1:
                    await recordings.pop(0)
                self._was_refused = False
                try:
                    async with self._gate.passed(self._claim.tenant_id):
                        recordings += await self._hand_over_one(template, parcel)
                except PlacesLostError:
                    self._items = [item for one in parcels[number - 1 :] for item in one.items]
                    raise PutBackError(timedelta(), "places_lost") from None
                if self._was_refused and number < len(parcels):
                    while recordings:
                        await recordings.pop(0)
                    await self._ask_for_circuit(parcel, parcels[number:])
        finally:
            await asyncio.gather(*recordings)

    async def _ask_for_circuit(self, refused: Parcel, rest: Sequence[Parcel]) -> None:
        """Puts the rest back once the circuit of an account is open: a provider that is away costs no more tries."""
        claim, account_id = self._claim, refused.account.account_id
        account = await internal.by_id(self._deps.database, claim.tenant_id, account_id)
        if account is None or account.circuit != accounts.CLOSED:
            self._items = [item for parcel in rest for item in parcel.items]
            raise PutBackError(timedelta() if refused.alternatives else WITHOUT_ACCOUNT, "circuits_open")

    async def _hand_over_one(self, template: Template, parcel: Parcel) -> list[asyncio.Task[None]]:
        deps, claim = self._deps, self._claim
        prepared = await deps.sending.prepare(claim.tenant_id, template, parcel)
        await deps.sending.wait_for_turn(parcel)
        if deps.leases.is_lost(claim):
            raise LeaseLostError
        begun = handover.new(
            parcel.account.account_id,
            parcel.account.provider,
            claim.lane,
            claim.channel,
            parcel.items,
            deps.clock.now(),
        )
        said = await deps.keeper.packed(parcel.rendered.content, begun.handover_id, begun.items)
        await self._write_down(begun, said)
        if not begun.items:
            return []
        answered = await deps.sending.send(claim.tenant_id, template, parcel, prepared)
        self._was_refused = bool(answered.seen.provider_faults and not answered.seen.successes)
        return [asyncio.create_task(deps.recorder.record(claim, begun, parcel.account, answered))]

    async def _write_down(self, begun: Handover | None, said: Packed | None = None) -> None:
        """Records what stopped so far and, if anything goes, the hand-over; whoever was cancelled is taken out."""
        deps, claim = self._deps, self._claim
        now = deps.clock.now()
        cancelled: set[bytes] = set()
        async with claim.lock, deps.database.tenant(claim.tenant_id) as uow:
            sequence = await handover.check(uow, claim, self._mark if begun is not None else 0)
            stops, self._stops = self._stops, []
            freed, self._freed = self._freed, []
            unused, self._unused = self._unused, 0
            if begun is not None and sequence != self._sequence:
                cancelled = await handover.not_waiting(uow, [item.message_id for item in begun.items])
                freed += [item for item in begun.items if item.message_id in cancelled]
                begun.items[:] = [item for item in begun.items if item.message_id not in cancelled]
            if begun is not None and begun.items:
                handover.begin(uow, claim, begun)
                if said is not None:
                    await deps.keeper.keep(uow, said, cancelled, now)
            await recording.stop(uow, stops, actor="dispatch", now=now)
            await alerts.of_templates(uow, stops, now)
            room = self._grant.granted if self._grant.periods else None
            records.of_pass(uow, stops, begun, granted=room, now=now)
            await deps.fallbacks.make(uow, [one.item.message_id for one in stops if one.wants_fallback], now)
            freed += [stop.item for stop in stops]
            slots.release(uow, recording.slots_of(freed))
            volume.give_back(uow, claim.channel, self._grant, unused, now)
            gone = cancelled | {stop.item.message_id for stop in stops}
            moved = any(stop.state is State.DEFERRED for stop in stops)
            recording.leave_blocks(uow, claim, gone, must_shrink=moved)
        for stop in stops:
            measures.stopped(claim.channel, stop.state)

    async def _settle_stops(self) -> None:
        if self._stops or self._freed or self._unused:
            await self._write_down(None)

    async def _fail_all(self, reason: str) -> None:
        for item in self._items:
            self._stop(Stop(item, State.FAILED, reason, dead_letter=True))
        self._items = []
        await self._settle_stops()

    def _stop(self, stop: Stop) -> None:
        self._stops.append(stop)


def _midnight(zone_name: str, default: ZoneInfo, now: datetime) -> datetime:
    zone = ZoneInfo(zone_name) if zone_name else default
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _is_critical(item: Item) -> bool:
    return item.content.category in CRITICAL
