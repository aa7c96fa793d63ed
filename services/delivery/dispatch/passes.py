"""One pass over a claimed block: check, ask, render, hand over, record (DEL-65).

Three transactions, whatever the size: read and reserve; write the hand-over down; record what came of it. No RPC,
no Redis and no provider is called inside one.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

import structlog

from services.common import telemetry
from services.common.errors import ServiceError
from services.common.telemetry import Span
from services.delivery.accounts import internal
from services.delivery.accounts import store as accounts
from services.delivery.accounts.store import ProviderAccount
from services.delivery.compliance.client import Decision
from services.delivery.dispatch import alerts, handover, judging, measures, recording
from services.delivery.dispatch.gates import Gate
from services.delivery.dispatch.hand import Hand
from services.delivery.dispatch.handover import LeaseLostError, PlacesLostError
from services.delivery.dispatch.loading import Stop
from services.delivery.dispatch.needs import WITHOUT_ACCOUNT, WITHOUT_CONSENT, Deps, PutBackError
from services.delivery.dispatch.outcomes import Handover
from services.delivery.dispatch.parcels import Parcel
from services.delivery.dispatch.placing import Placing
from services.delivery.dispatch.reserving import Reserving
from services.delivery.dispatch.store import Claim
from services.delivery.explain import records
from services.delivery.limits import rates, slots, volume
from services.delivery.limits.domain import RuleSet
from services.delivery.messages.domain import State
from services.delivery.sent.store import Packed
from services.delivery.templates.cache import Template

log = structlog.get_logger("dispatch")


class Pass:
    """Works on one claim; its blocks are settled or back in the queue when it returns."""

    def __init__(self, deps: Deps, claim: Claim, gate: Gate) -> None:
        self._deps = deps
        self._claim = claim
        self._gate = gate
        self._hand = Hand()
        self._was_refused = False
        """Whether the last hand-over failed by the provider's fault and for all its messages."""

    async def run(self) -> None:
        """Does the pass; what cannot be done now is put back. LeaseLostError when another worker has the blocks."""
        try:
            later = await self._run()
        except PutBackError as error:
            measures.put_back(self._claim.channel, error.reason, len(self._claim.message_ids))
            later = error.after
            self._hand.put_down()
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
            await Reserving(self._deps, claim, RuleSet(())).load(self._hand, ids)
            await self._fail_all("channel_disabled")
            return timedelta()
        limits = self._deps.limits
        rules = await limits.rules(claim.tenant_id)
        windows = limits.windows(rules, claim.tenant_id, claim.channel, claim.campaign_id)
        placing = Placing(self._deps, claim, windows)
        # Both only look, in stores of their own.
        (suitable, usable), places = await asyncio.gather(self._accounts(), placing.room(len(ids)))
        await Reserving(self._deps, claim, rules).load(self._hand, ids[: places.granted])
        if not suitable:
            await self._fail_all("provider_not_configured")
        elif self._hand.items:
            with self._span():
                template = await self._judge()
                await placing.take(self._hand, suitable)
                await self._hand_over(template, usable)
        else:
            await self._settle_stops()
        if len(ids) > places.granted:
            rates.refused(claim.channel, len(ids) - places.granted)
        return max(places.retry_after, self._hand.later)

    def _span(self) -> AbstractContextManager[Span]:
        """Returns the step of this pass in the traces in which its messages were accepted."""
        traces = {item.content.traceparent for item in self._hand.items}
        facts: telemetry.Facts = {
            "angarium.lane": self._claim.lane.name.lower(),
            "angarium.channel": self._claim.channel.name.lower(),
            "messaging.batch.message_count": len(self._hand.items),
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

    # Ask

    async def _judge(self) -> Template:
        """Asks consent about every message and gets the template; only allowed messages stay."""
        deps, claim = self._deps, self._claim
        version_id = self._hand.items[0].content.template_version_id
        try:
            template, decisions = await asyncio.gather(
                deps.templates.get(claim.tenant_id, version_id),
                judging.decide(deps.compliance, claim.tenant_id, self._hand.items),
            )
        except ServiceError as error:
            if error.reason == "NOT_FOUND":
                await self._fail_all("template_not_found")
                raise PutBackError(timedelta(), "template_not_found") from None
            raise PutBackError(WITHOUT_CONSENT, "compliance_unavailable") from None
        self._sort(decisions)
        for stop in judging.without_leave(self._hand.items, template):
            self._hand.items.remove(stop.item)
            self._hand.refuse(stop)
        return template

    def _sort(self, decisions: Sequence[Decision]) -> None:
        now = self._deps.clock.now()
        allowed = []
        for item, decision in zip(self._hand.items, decisions, strict=True):
            stop = judging.stop_of(item, decision, now)
            if stop is None:
                item.unsubscribe_token = decision.unsubscribe_token
                allowed.append(item)
            else:
                self._hand.refuse(stop)
        self._hand.items = allowed

    # Hand over and record: the second and third transaction

    async def _hand_over(self, template: Template, usable: Sequence[ProviderAccount]) -> None:
        deps, claim = self._deps, self._claim
        rendered, failed = await deps.renderer.render(claim.tenant_id, template, self._hand.items)
        for stop in failed:
            self._hand.refuse(stop)
        parcels = await deps.sending.parcels(claim.tenant_id, rendered, usable)
        if not parcels:
            self._hand.items = []
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
                    self._hand.items = [item for one in parcels[number - 1 :] for item in one.items]
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
            self._hand.items = [item for parcel in rest for item in parcel.items]
            raise PutBackError(timedelta() if refused.alternatives else WITHOUT_ACCOUNT, "circuits_open")

    async def _hand_over_one(self, template: Template, parcel: Parcel) -> list[asyncio.Task[None]]:
        deps, claim = self._deps, self._claim
        prepared = await deps.sending.prepare(claim.tenant_id, template, parcel)
        async with deps.sending.turn(parcel):
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
            sequence = await handover.check(uow, claim, self._hand.mark if begun is not None else 0)
            stops, freed, unused = self._hand.take_rest()
            if begun is not None and sequence != self._hand.sequence:
                cancelled = await handover.not_waiting(uow, [item.message_id for item in begun.items])
                freed += [item for item in begun.items if item.message_id in cancelled]
                begun.items[:] = [item for item in begun.items if item.message_id not in cancelled]
            if begun is not None and begun.items:
                handover.begin(uow, claim, begun)
                if said is not None:
                    await deps.keeper.keep(uow, said, cancelled, now)
            await recording.stop(uow, stops, actor="dispatch", now=now)
            await alerts.of_templates(uow, stops, now)
            room = self._hand.grant.granted if self._hand.grant.periods else None
            records.of_pass(uow, stops, begun, granted=room, now=now)
            await deps.fallbacks.make(uow, [one.item.message_id for one in stops if one.wants_fallback], now)
            freed += [stop.item for stop in stops]
            slots.release(uow, recording.slots_of(freed))
            volume.give_back(uow, claim.channel, self._hand.grant, unused, now)
            gone = cancelled | {stop.item.message_id for stop in stops}
            moved = any(stop.state is State.DEFERRED for stop in stops)
            recording.leave_blocks(uow, claim, gone, must_shrink=moved)
        for stop in stops:
            measures.stopped(claim.channel, stop.state)

    async def _settle_stops(self) -> None:
        if self._hand.stops or self._hand.freed or self._hand.unused:
            await self._write_down(None)

    async def _fail_all(self, reason: str) -> None:
        for item in self._hand.items:
            self._hand.stop(Stop(item, State.FAILED, reason, dead_letter=True))
        self._hand.items = []
        await self._settle_stops()
