"""Pages of lists (GEN-26): keyset, never offset, with opaque tokens bound to the parameters of the list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from angarium.common.v1 import paging_pb2
from services.common.errors import ServiceError, invalid
from services.common.rpc.context import maybe_caller

T = TypeVar("T")

DEFAULT_SIZE = 50
MAX_SIZE = 200

_PAGE_FIELDS = ("page_token", "page_size")
_LONGEST_TOKEN = 2048


def page_size(requested: int) -> int:
    """Returns how many rows a page has: 50 when none is asked for, at most 200."""
    if requested < 0:
        raise invalid("page_size", "must not be negative")
    return min(requested, MAX_SIZE) or DEFAULT_SIZE


def parameters_hash(request: Message, *, apart_from: Iterable[str] = ()) -> bytes:
    """Returns the hash of everything in a list request but its page fields, and of the caller's tenant."""
    other = type(request)()
    other.CopyFrom(request)
    for field in (*_PAGE_FIELDS, *apart_from):
        if field in other.DESCRIPTOR.fields_by_name:
            other.ClearField(field)
    caller = maybe_caller()
    tenant = str(caller.tenant_id) if caller is not None else ""
    return hashlib.sha256(
        f"{other.DESCRIPTOR.full_name}/{tenant}/".encode() + other.SerializeToString(deterministic=True)
    ).digest()


class PageToken:
    """Encodes and decodes the token that goes on where a page ended."""

    @staticmethod
    def encode(last_key: Sequence[object], parameters: bytes) -> str:
        """Returns the token that goes on after the row with this key; keys are kept as their texts."""
        token = paging_pb2.PageToken(last_key=[str(value) for value in last_key], parameters_hash=parameters)
        return base64.urlsafe_b64encode(token.SerializeToString()).rstrip(b"=").decode()

    @staticmethod
    def decode(token: str, parameters: bytes, *, length: int | None = None) -> tuple[str, ...] | None:
        """Returns the key to go on after, None for the first page; invalid for any other list's token.

        `length` is how many values the key of this list has. The values are texts from outside: what turns them
        into ids or instants answers a failure with `bad_token()`.
        """
        if not token:
            return None
        if len(token) > _LONGEST_TOKEN:
            raise bad_token()
        try:
            spelled = token.encode("ascii") + b"=" * (-len(token) % 4)
            content = paging_pb2.PageToken.FromString(
                base64.b64decode(spelled, altchars=b"-_", validate=True)
            )
        except (binascii.Error, DecodeError, UnicodeError):
            raise bad_token() from None
        if not hmac.compare_digest(content.parameters_hash, parameters):
            raise bad_token()
        if length is not None and len(content.last_key) != length:
            raise bad_token()
        return tuple(content.last_key)


def position(request: Message, page_token: str) -> UUID | None:
    """Returns the id the page before ended with, None for the first page; of lists that are ordered by one UUIDv7."""
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


def bad_token() -> ServiceError:
    """Returns the error of a page token that this list did not give out."""
    return invalid("page_token", "is not a token of this list with these parameters")
