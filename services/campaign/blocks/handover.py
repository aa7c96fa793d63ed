"""Handing blocks to delivery: consent first, then the same request in every repeat, then the ledger (CAM-100).

A block is leased, judged, handed over and finished. A kill between any two of these steps ends the lease, and the next
holder repeats from the step that was not committed: a judged block names the same people under the same key, and
delivery knows their message ids, so nobody gets anything twice.
"""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.consent.v1 import compliance_service_pb2_grpc as consent_grpc
from angarium.delivery.v1 import message_service_pb2 as delivery_pb
from angarium.delivery.v1 import message_service_pb2_grpc as delivery_grpc
from services.campaign.blocks import limits, store
from services.campaign.blocks.domain import Block, BlockState
from services.campaign.blocks.messages import NO_CODES, REASON_WORDS, Plan, batch, question
from services.campaign.blocks.planning import Plans
from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import announce
from services.campaign.campaigns.domain import EXPIRY
from services.campaign.coupons import pool
from services.campaign.coupons.domain import Coupon
from services.campaign.ledger import store as ledger
from services.campaign.ledger.domain import RecipientState
from services.campaign.ledger.store import NO_ADDRESS, Skipped
from services.campaign.runs import pauses
from services.campaign.runs import store as runs
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import PASSING, ServiceError, unavailable
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.status import from_status
from services.common.telemetry import counter

logger = logging.getLogger(__name__)

CALL_SECONDS = 30.0
ACTIVE = 1
NO_CODE = "coupon_exhausted"
"""Why somebody was not written to for whom the coupon's pool had no code left."""

_handed_over = counter("campaign_recipients_handed_over_total", "Recipients handed to delivery.", ["channel"])
_given_back = counter(
    "campaign_blocks_given_back_total", "Blocks to be tried again, by reason.", ["reason_word"]
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast, and how many at once (CAM-100)."""

    per_second: int
    at_once: int
    lease: timedelta


class HandOver:
    """Hands blocks of any run over; any number of processes may."""

    def __init__(self, database: Database, channels: Channels, pace: Pace) -> None:
        self._database = database
        self._consent = channels.stub(consent_grpc.ComplianceServiceStub, "consent")
        self._delivery = channels.stub(delivery_grpc.MessageServiceStub, "delivery")
        self._pace = pace
        self._plans = Plans(database)

    async def hand_over_once(self, key: runs.RunKey) -> bool:
        """Hands the next block of a run over; False when none is due."""
        async with self._database.tenant(key.tenant_id) as uow:
            block = await store.claim(
                uow,
                key.run_id,
                rate=self._pace.per_second,
                most=self._pace.at_once,
                lease=self._pace.lease,
            )
        if block is None:
            return False
        plan = await self._plans.of(key)
        try:
            await self._hand_over(plan, block)
        except ServiceError as error:
            await self._give_back(plan, block, error)
        return True

    async def _hand_over(self, plan: Plan, block: Block) -> None:
        people = await self._people(plan, block)
        if block.state is BlockState.OPEN:
            block, people = await self._judged(plan, block, people)
        refused: Mapping[UUID, str] = {}
        reachable = [one for one in people if one.address is not None]
        codes: Mapping[UUID, str] = NO_CODES
        if plan.coupon is not None and plan.arm_of(block).shows_code:
            codes = await self._codes(plan, plan.coupon, reachable)
            reachable = [one for one in reachable if one.recipient_id in codes]
        if reachable:
            refused = await self._deliver(plan, batch(plan, block, reachable, codes), reachable)
        lost = {one.recipient_id: NO_ADDRESS for one in people if one.address is None}
        if plan.arm_of(block).shows_code:
            named = {one.recipient_id for one in people if one.address is not None}
            lost |= dict.fromkeys(named - codes.keys(), NO_CODE)
        async with self._database.tenant(plan.tenant_id) as uow:
            await tallies.lock(uow, block.run_id)
            await _skip(uow, plan, block, {**refused, **lost})
            moved = await ledger.move_block(uow, block.run_id, block.number, RecipientState.HANDED_OVER)
            await store.finish(uow, block)
        _handed_over.labels(plan.campaign.channel).inc(moved)

    async def _people(self, plan: Plan, block: Block) -> list[store.Person]:
        arm = plan.arm_of(block)
        async with self._database.tenant(plan.tenant_id) as uow:
            return await store.people(
                uow,
                block,
                plan.campaign.channel,
                attributes=bool(arm.attributes),
            )

    async def _codes(self, plan: Plan, coupon: Coupon, people: Sequence[store.Person]) -> dict[UUID, str]:
        """Holds a code for each recipient before anything is handed over; whom none is left for is missing (W5)."""
        async with self._database.tenant(plan.tenant_id) as uow:
            recipients = {one.recipient_id: one.contact_id for one in people}
            return await pool.take(uow, coupon, recipients, plan.campaign.campaign_id)

    async def _judged(
        self, plan: Plan, block: Block, people: Sequence[store.Person]
    ) -> tuple[Block, list[store.Person]]:
        """Asks consent about a block and writes its answer down, before anybody is handed over."""
        reasons = {one.recipient_id: reason for one in people if (reason := _unfit(one))}
        asked = [one for one in people if one.recipient_id not in reasons]
        expires_at = _expiry(plan, self._database.clock.now())
        if asked:
            category = plan.arm_of(block).category
            reasons |= await self._denied(plan, _question(plan, category, asked, expires_at), asked)
        async with self._database.tenant(plan.tenant_id) as uow:
            if plan.campaign.daily_limit or plan.campaign.monthly_limit:
                # A new block may be needed; who writes chunks locks in this order too.
                await runs.by_id(uow, block.run_id, lock=True)
            await tallies.lock(uow, block.run_id)
            if block.variant and plan.campaign.ab_test is not None:
                await ledger.give_variant(uow, block.run_id, block.number, block.variant)
            await _skip(uow, plan, block, reasons)
            kept = [one for one in people if one.recipient_id not in reasons]
            kept = await self._limited(uow, plan, block, kept)
            await store.judge(uow, block, len(kept), expires_at)
        return replace(block, state=BlockState.JUDGED, expires_at=expires_at), kept

    async def _denied(
        self, plan: Plan, request: consent_pb.EvaluateSendBatchRequest, asked: Sequence[store.Person]
    ) -> dict[UUID, str]:
        """Returns who may not be written to, and why; a fault of consent is never an allow."""
        with as_tenant(plan.tenant_id):
            answer = await self._consent.EvaluateSendBatch(request, timeout=CALL_SECONDS)
        if len(answer.decisions) != len(asked):
            raise unavailable("consent")
        denied = {}
        for one, decision in zip(asked, answer.decisions, strict=True):
            if decision.outcome not in (consent_pb.OUTCOME_ALLOW, consent_pb.OUTCOME_DEFER):
                denied[one.recipient_id] = REASON_WORDS[decision.reason]
        return denied

    async def _limited(
        self, uow: UnitOfWork, plan: Plan, block: Block, people: list[store.Person]
    ) -> list[store.Person]:
        """Returns those whom the campaign's limits let through now; the others wait in a block of their own."""
        found = await limits.allowance(uow, plan.campaign)
        if found is None:
            return people
        now_due, later = people[: found.messages], people[found.messages :]
        if later:
            number = await store.take_block_numbers(uow, block.run_id, 1)
            await ledger.split_block(uow, block.run_id, block.number, len(now_due), number)
            await store.add_block(uow, block.run_id, number, block.variant, len(later), found.next_at)
        if now_due:
            await store.use(uow, plan.campaign.campaign_id, found.day, len(now_due))
        return now_due

    async def _deliver(
        self, plan: Plan, request: delivery_pb.SendBatchRequest, people: Sequence[store.Person]
    ) -> dict[UUID, str]:
        """Hands a block to delivery and returns whom it refused, and why."""

        async def blocks() -> AsyncIterator[delivery_pb.StreamMessagesRequest]:
            yield delivery_pb.StreamMessagesRequest(batch=request)

        answer: delivery_pb.StreamMessagesResponse | None = None
        with as_tenant(plan.tenant_id):
            async for response in self._delivery.StreamMessages(blocks(), timeout=CALL_SECONDS):
                answer = response
        if answer is None:
            raise unavailable("delivery")
        if answer.HasField("error"):
            raise from_status(answer.error, "delivery")
        return {
            people[error.index].recipient_id: from_status(error.status, "delivery").reason.lower()
            for error in answer.result.errors
        }

    async def _give_back(self, plan: Plan, block: Block, error: ServiceError) -> None:
        """Ends the lease of a block that could not be handed over; what no repeat mends pauses the campaign."""
        _given_back.labels(error.reason.lower()).inc()
        respell = error.reason == "IDEMPOTENCY_CONFLICT"
        logger.warning("block %s of run %s waits: %s", block.number, block.run_id, error.reason)
        now = self._database.clock.now()
        # A contact changed between two tries: other content, but the same ids, which delivery takes once.
        due_at = now if respell else now + backoff(block.attempts)
        async with self._database.tenant(plan.tenant_id) as uow:
            await store.give_back(uow, block, due_at, respell=respell)
            if not respell and error.reason not in PASSING:
                await pauses.pause_by_itself(uow, plan.campaign.campaign_id, "failure_rate")


async def _skip(uow: UnitOfWork, plan: Plan, block: Block, reasons: Mapping[UUID, str]) -> None:
    if not reasons:
        return
    lines: list[Skipped] = await ledger.skip(uow, block.run_id, reasons)
    ids = [line.recipient_id for line in lines]
    await budgets.release_messages(uow, ids)
    if plan.coupon is not None:
        await pool.give_back(uow, ids)
    campaign = plan.campaign
    keys = [one.key for one in campaign.variants]
    announce.skipped(uow, campaign.campaign_id, block.run_id, campaign.channel, keys, lines)


def _question(
    plan: Plan, category: int, people: Sequence[store.Person], expires_at: datetime
) -> consent_pb.EvaluateSendBatchRequest:
    """Returns the question by which recipients are chosen: consent keeps why it says no, by the message's id (W2)."""
    request = question(
        plan.campaign,
        category,
        ((one.contact_id, one.address) for one in people),
        expires_at,
        consent_pb.EVALUATION_PURPOSE_SELECTION,
    )
    for item, one in zip(request.items, people, strict=True):
        item.message_id = str(one.recipient_id)
    return request


def _unfit(one: store.Person) -> str:
    """Returns why somebody is not asked about at all; empty when nothing is known against it."""
    if one.state is None:
        return "contact_erased"
    if one.state != ACTIVE:
        return "contact_blocked" if one.address is not None else "contact_erased"
    return NO_ADDRESS if one.address is None else ""


def _expiry(plan: Plan, now: datetime) -> datetime:
    """Returns until when a block is worth sending: as long after its hand-over, where that came late, as any."""
    return max(plan.planned_at, now) + EXPIRY
