"""Lists that come page by page, read to their end or to as many as were asked for."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

MOST: Final = 200
"""Rows of the largest page."""


async def listed(
    method: Callable[[Any], Awaitable[Any]], request: Any, field: str, limit: int | None = None
) -> list[Any]:
    """Returns up to so many rows of a list, or all.

    Args:
        method: The call of a stub, for example `stub.ListReferrals`.
        request: What is asked, without page; its page fields are written.
        field: The answer's field with the rows.
        limit: At most so many; None means all.
    """
    found: list[Any] = []
    while limit is None or len(found) < limit:
        request.page_size = MOST if limit is None else min(MOST, limit - len(found))
        answer = await method(request)
        found += getattr(answer, field)
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    return found
