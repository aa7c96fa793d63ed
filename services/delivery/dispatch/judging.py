"""What consent says of a block right before it leaves (DEL-66)."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.turns import in_turns
from services.delivery.columns import id_text
from services.delivery.compliance.client import Compliance, Decision, Outcome, Person, Question
from services.delivery.digests.domain import DIGEST, expiry
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.fallbacks.planning import is_allowed
from services.delivery.messages.domain import Category, Channel, Origin, State, judged_as
from services.delivery.templates.cache import Template

ALLOWED: Final = Decision(Outcome.ALLOW)
"""What was said of a reply when the text it answers came."""

UNTIL_ASKED_AGAIN: Final = timedelta(minutes=15)
"""How long a deferral without an instant waits, such as that of a suspended tenant."""


async def decide(compliance: Compliance, tenant_id: UUID, items: Sequence[Item]) -> list[Decision]:
    """Returns one decision per message, in order, with the usage each of them saw.

    Messages worked on together may expire at different instants; then the expiry is held against a deferral here.
    """
    return await _asked(compliance.decide, tenant_id, items)


async def forecast(compliance: Compliance, tenant_id: UUID, items: Sequence[Item]) -> list[Decision]:
    """Returns what would be decided of each message now; nothing is stored and no cap is held."""
    return await _asked(compliance.preview, tenant_id, items)


Ask = Callable[[UUID, Question, Sequence[Person]], Awaitable[list[Decision]]]


async def _asked(ask: Ask, tenant_id: UUID, items: Sequence[Item]) -> list[Decision]:
    decisions: list[Decision | None] = [None] * len(items)
    places: defaultdict[tuple[UUID | None, UUID | None, Category, bool], list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        content = item.content
        if content.origin is Origin.REPLY:
            decisions[place] = ALLOWED
            continue
        category = judged_as(content.category, content.origin)
        is_digest = content.origin is Origin.DIGEST
        places[content.branch_id, content.campaign_id, category, is_digest].append(place)
    for (branch_id, campaign_id, category, is_digest), members in places.items():
        content = items[members[0]].content
        # A default expiry moves behind the digest that a message waits for, so consent is not told of it.
        expiries = {items[place].expire_at if items[place].has_firm_expiry else None for place in members}
        question = Question(
            content.channel,
            category,
            branch_id,
            campaign_id,
            expiries.pop() if len(expiries) == 1 else None,
            is_digest,
        )
        people: list[Person] = []
        async for part in in_turns(members):
            people += [_person(items[place]) for place in part]
        answers = await ask(tenant_id, question, people)
        for place, answer in zip(members, answers, strict=True):
            decisions[place] = answer
    return [one for one in decisions if one is not None]


def stop_of(item: Item, decision: Decision, now: datetime) -> Stop | None:
    """Returns what stops a message, or None when it may go."""
    if decision.outcome is Outcome.ALLOW:
        return None
    if decision.outcome is Outcome.DENY:
        return Stop(item, State.SKIPPED, decision.reason)
    until = decision.defer_until or now + UNTIL_ASKED_AGAIN
    is_digest = decision.reason == DIGEST and item.contact_id is not None
    last = item.expire_at
    if is_digest:
        last = expiry(until, item.own_expiry, item.content.expire_at, is_callers=item.content.has_own_expiry)
    if until >= last and decision.defer_until is not None:
        return Stop(item, State.SKIPPED, "expires_before_window")
    return Stop(
        item,
        State.DEFERRED,
        decision.reason,
        until=max(until, now + timedelta(seconds=1)),
        frequency=decision.frequency if is_digest else "",
        expire_at=last if is_digest else None,
    )


def without_leave(items: Sequence[Item], template: Template) -> list[Stop]:
    """Returns the fallbacks that the tenant does not allow any more."""
    return [
        Stop(item, State.SKIPPED, "fallback_disabled")
        for item in items
        if item.content.fallback_from
        and not is_allowed(Channel(item.content.fallback_from), item.content.channel, template)
    ]


def _person(item: Item) -> Person:
    usage = item.usage
    return Person(
        id_text(item.contact_id) if item.contact_id else "",
        item.recipient.address,
        id_text(item.message_id),
        usage.sent_today,
        usage.marketing_today,
        usage.marketing_week,
        usage.marketing_24_hours,
    )
