"""Blocks made into requests: what would never be taken is refused here, the rest is parted by number and size."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from services.delivery.mail.headers import HeaderError, token, wire_address
from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    Code,
    Outcome,
    Outgoing,
    Result,
)


def refusal(one: Outgoing, forbidden: Collection[str] = ()) -> Outcome | None:
    """The outcome of a message whose address or headers no provider could take; None when they may leave.

    Args:
        one: The message.
        forbidden: Names of headers, in lower case, that are ours or the provider's.
    """
    try:
        if not wire_address(one.address).isascii():
            raise HeaderError("not an address")
    except HeaderError as error:
        return Outcome(
            one.message_id, Result.PERMANENT, Code.INVALID_RECIPIENT, str(error), recipient_fault=True
        )
    if one.headers:
        if any(name.lower() in forbidden for name in one.headers):
            return refused(one, "a header is ours or the provider's")
        if any("\n" in value or "\r" in value for value in one.headers.values()):
            return refused(one, "a header is one line")
    if one.headers or one.unsubscribe_url:
        try:
            if one.unsubscribe_url:
                token(one.unsubscribe_url)
            if one.unsubscribe_mailto:
                token(one.unsubscribe_mailto)
        except HeaderError as error:
            return refused(one, str(error))
    return None


def refused(one: Outgoing, reason: str) -> Outcome:
    """The outcome of a message that cannot be put into a request."""
    return Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, reason)


def arguments(one: Outgoing) -> dict[str, str]:
    """Our references, which come back with every event; they hold no personal data."""
    found = {**one.custom_args, MESSAGE_ARGUMENT: str(one.message_id)}
    if one.campaign_id:
        found[CAMPAIGN_ARGUMENT] = one.campaign_id
    return found


def headers(one: Outgoing) -> dict[str, str]:
    """The headers of a message beside those that every message has: its own and the way out (RFC 8058)."""
    if not one.unsubscribe_url:
        return dict(one.headers)
    mailto = f", <{one.unsubscribe_mailto}>" if one.unsubscribe_mailto else ""
    return {
        **one.headers,
        "List-Unsubscribe": f"<{one.unsubscribe_url}>{mailto}",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def waves(outgoing: Iterable[Outgoing]) -> list[list[Outgoing]]:
    """Messages in which no address stands twice, for providers that take an address once per request."""
    seen: defaultdict[str, int] = defaultdict(int)
    found: list[list[Outgoing]] = []
    for one in outgoing:
        address = one.address.lower()
        number = seen[address]
        seen[address] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(one)
    return found


def lots(
    outgoing: Sequence[Outgoing], most: int, max_weight: int, weight: Callable[[Outgoing], int]
) -> list[list[Outgoing]]:
    """Messages in lots of at most so many and, as far as one message allows, of at most so much weight."""
    found: list[list[Outgoing]] = []
    total = 0
    for one in outgoing:
        own = weight(one)
        if not found or total + own > max_weight or len(found[-1]) >= most:
            found.append([])
            total = 0
        found[-1].append(one)
        total += own
    return found
