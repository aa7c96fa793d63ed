"""Pages of this service's lists: all are newest first by a UUIDv7."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import Message

from services.common.paging import PageToken, bad_token, parameters_hash

T = TypeVar("T")


def position(request: Message, page_token: str) -> UUID | None:
    """Returns the id the page before ended with, None for the first page."""
    key = PageToken.decode(page_token, parameters_hash(request), length=1)
    if key is None:
        return None
    try:
        return UUID(key[0])
    except ValueError:
        raise bad_token() from None


def cut(
    request: Message, rows: Sequence[T], size: int, id_of: Callable[[T], UUID]
) -> tuple[Sequence[T], str]:
    """Returns the rows of a page and the token of the next, from one row more than the page holds."""
    if len(rows) <= size:
        return rows, ""
    page = rows[:size]
    return page, PageToken.encode([id_of(page[-1])], parameters_hash(request))
