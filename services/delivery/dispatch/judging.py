"""What consent says of a block right before it leaves (DEL-66)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.delivery.columns import id_text
from services.delivery.compliance.client import Compliance, Decision, Outcome, Person, Question
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.messages.domain import Category, Origin, State, judged_as
from services.delivery.turns import in_turns

ALLOWED: Final = Decision(Outcome.ALLOW)
"""What was said of a reply when the text it answers came."""

UNTIL_ASKED_AGAIN: Final = timedelta(minutes=15)
"""How long a deferral without an instant waits, such as that of a suspended tenant."""


async def decide(compliance: Compliance, tenant_id: UUID, items: Sequence[Item]) -> list[Decision]:
    """Returns one decision per message, in order.

    Messages worked on together may expire at different instants; then the expiry is held against a deferral here.
    """
    decisions: list[Decision | None] = [None] * len(items)
    places: defaultdict[tuple[UUID | None, UUID | None, Category], list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        content = item.content
        if content.origin is Origin.REPLY:
            decisions[place] = ALLOWED
            continue
        places[content.branch_id, content.campaign_id, judged_as(content.category, content.origin)].append(
            place
        )
    for (branch_id, campaign_id, category), members in places.items():
        content = items[members[0]].content
        expiries = {items[place].content.expire_at for place in members}
        question = Question(
            content.channel,
            category,
            branch_id,
            campaign_id,
            expiries.pop() if len(expiries) == 1 else None,
        )
        people: list[Person] = []
        async for part in in_turns(members):
            people += [_person(items[place]) for place in part]
        answers = await compliance.decide(tenant_id, question, people)
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
    if until >= item.content.expire_at and decision.defer_until is not None:
        return Stop(item, State.SKIPPED, "expires_before_window")
    return Stop(item, State.DEFERRED, decision.reason, until=max(until, now + timedelta(seconds=1)))


def _person(item: Item) -> Person:
    usage = item.usage
    return Person(
        id_text(item.contact_id) if item.contact_id else "",
        item.recipient.address,
        id_text(item.message_id),
        usage.sent_today,
        usage.marketing_today,
        usage.marketing_week,
    )
