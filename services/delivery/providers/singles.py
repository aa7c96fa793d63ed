"""Blocks for providers that take one message per request."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial

from services.delivery.providers.base import Outcome, Outgoing
from services.delivery.providers.http import in_flight


async def one_by_one(
    outgoing: Iterable[Outgoing],
    refusal: Callable[[Outgoing], Outcome | None],
    hand_over: Callable[[Outgoing], Awaitable[list[Outcome]]],
    most: int,
) -> AsyncIterator[list[Outcome]]:
    """Yields what is refused here at once, then hands the rest over with at most so many requests in flight."""
    refused: list[Outcome] = []
    sendable: list[Outgoing] = []
    for one in outgoing:
        outcome = refusal(one)
        if outcome is None:
            sendable.append(one)
        else:
            refused.append(outcome)
    if refused:
        yield refused
    async for outcomes in in_flight((partial(hand_over, one) for one in sendable), most):
        yield outcomes
