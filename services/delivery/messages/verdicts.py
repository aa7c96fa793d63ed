"""What consent would say of messages now, asked once for many; it is asked again before they are sent (DEL-57)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.addresses import STAFF
from services.common.errors import ServiceError
from services.common.rpc.context import Caller
from services.delivery.compliance.client import Decision, Outcome, Person, Question
from services.delivery.digests.domain import DIGEST, expiry
from services.delivery.directory.client import has_addresses
from services.delivery.messages.domain import Channel, Content, Origin, State, Verdict, judged_as
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.reading import Block

log = structlog.get_logger("messages")

RETRY_WITHOUT_ANSWER: Final = timedelta(seconds=30)
ALLOWED: Final = Verdict(State.PENDING)
NO_ADDRESS: Final = Verdict(State.SKIPPED, "no_address")


def was_just_asked(content: Content, caller: Caller) -> bool:
    """Returns whether consent was asked a moment ago: by the campaign that hands an audience over, or of a reply."""
    return content.origin is Origin.REPLY or (
        caller.service == "campaign" and content.origin is Origin.CAMPAIGN
    )


async def judged(deps: Acceptance, caller: Caller, tenant_id: UUID, block: Block) -> Block:
    """Returns a block with what consent would say of its recipients now."""
    return (await judged_together(deps, caller, tenant_id, [block]))[0]


async def judged_together(
    deps: Acceptance, caller: Caller, tenant_id: UUID, blocks: Sequence[Block]
) -> list[Block]:
    """Returns blocks of different contents with what consent would say, asked once for all that ask alike."""
    asked: defaultdict[Question, list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        if block.read.good and not was_just_asked(block.content, caller):
            asked[question_of(block.content)].append(number)
    found = list(blocks)
    now = deps.clock.now()
    for question, numbers in asked.items():
        people = [person_of(one, question.channel) for number in numbers for one in blocks[number].read.good]
        foreseen = await previewed(deps, tenant_id, question, people) or ()
        if all(one.outcome is Outcome.ALLOW for one in foreseen):
            # Nothing to say of anybody: such a block is stored by shorter statements.
            foreseen = ()
        decisions = iter(foreseen)
        for number in numbers:
            block = blocks[number]
            verdicts = [
                verdict_within(block.content, decision, now)
                for decision in islice(decisions, len(block.read.good))
            ]
            found[number] = replace(
                block, verdicts=without_addresses(block.content, block.read.good, verdicts or None)
            )
    return found


def person_of(one: pb.Recipient, channel: Channel) -> Person:
    """Returns whom consent is asked about; staff is found in the app and on devices without an address."""
    is_found = one.staff_id and channel in (Channel.IN_APP, Channel.PUSH)
    return Person(one.contact_id, f"{STAFF}{one.staff_id}" if is_found else one.address)


def question_of(content: Content) -> Question:
    """Returns what consent is asked about messages of a content, whenever they expire."""
    category = judged_as(content.category, content.origin)
    return Question(content.channel, category, content.branch_id, content.campaign_id)


async def previewed(
    deps: Acceptance, tenant_id: UUID, question: Question, people: Sequence[Person]
) -> Sequence[Decision] | None:
    """Returns what consent would say now; None when it cannot be asked, for it is asked again before sending."""
    try:
        decisions = await deps.compliance.preview(tenant_id, question, people)
        refused = [place for place, one in enumerate(decisions) if one.outcome is Outcome.DENY]
        if not refused:
            return decisions
        # Nobody asks about them again, so what each check saw is kept here.
        explained = await deps.compliance.explain(tenant_id, question, [people[place] for place in refused])
    except ServiceError as error:
        log.warning("consent could not be asked at acceptance", reason=error.reason)
        return None
    for place, one in zip(refused, explained, strict=True):
        decisions[place] = decisions[place]._replace(checks=one.checks)
    return decisions


def without_addresses(
    content: Content, people: Sequence[pb.Recipient], verdicts: Sequence[Verdict] | None
) -> Sequence[Verdict] | None:
    """Returns verdicts in which nobody goes on who has no address on a channel that needs one (DEL-73)."""
    if not has_addresses(content.channel) or all(one.address for one in people):
        return verdicts
    known = verdicts or [ALLOWED] * len(people)
    return [verdict if one.address else NO_ADDRESS for one, verdict in zip(people, known, strict=True)]


def verdict_within(content: Content, decision: Decision, now: datetime) -> Verdict:
    """Returns what a decision makes of a message, which may expire before it is allowed."""
    if decision.outcome is not Outcome.DEFER or decision.defer_until is None:
        return verdict_of(decision, now)
    last = content.expire_at
    if decision.reason == DIGEST:
        last = expiry(decision.defer_until, None, content.expire_at, is_callers=content.has_own_expiry)
    if decision.defer_until >= last:
        return Verdict(State.SKIPPED, "expires_before_window")
    verdict = verdict_of(decision, now)
    if decision.reason != DIGEST:
        return verdict
    return replace(verdict, frequency=decision.frequency, expire_at=last)


def verdict_of(decision: Decision, now: datetime) -> Verdict:
    """Returns what a decision at acceptance makes of a message."""
    if decision.outcome is Outcome.ALLOW:
        return ALLOWED
    if decision.outcome is Outcome.DENY:
        return Verdict(State.SKIPPED, decision.reason, checks=decision.checks)
    return Verdict(State.DEFERRED, decision.reason, decision.defer_until or now + RETRY_WITHOUT_ANSWER)
