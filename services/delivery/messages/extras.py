"""What a content may carry beside its template: notes, addresses of media, a reply address, a window (DEL-60)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.addresses import canonical_email
from services.delivery.messages.domain import Channel

MOST_NOTES: Final = 4 * 1024
MOST_VARIABLES: Final = 64 * 1024
SHORTEST_WINDOW: Final = timedelta(minutes=1)
LONGEST_WINDOW: Final = timedelta(days=30)
_WITH_MEDIA: Final = frozenset({Channel.SMS, Channel.WHATSAPP})
_WORDS: Final = (
    "correlation_key", "correlation_id", "source", "variant_key", "trigger_type", "reply_to", "subject_override",
)  # fmt: skip
_NO_NUMBER: Final = re.compile(rb"\x11.{6}[\xf0-\xff][\x7f\xff]", re.DOTALL)
"""A `Value.number_value` whose exponent is all ones."""
_CERTAINLY_SMALL: Final = 8
"""Text of JSON is at most so many times as long as its Struct is packed; six bytes may stand for one character."""


def is_larger(struct: Struct, most: int) -> bool:
    """Returns whether a Struct is longer than `most` bytes as JSON; small ones are not written out for it."""
    if struct.ByteSize() * _CERTAINLY_SMALL <= most:
        return False
    try:
        return len(orjson.dumps(MessageToDict(struct))) > most
    except ValueError:
        return False  # it is no JSON at all, which is told by itself


NO_NUMBER: Final = "holds a number that JSON does not know"


def may_hold_no_number(packed: bytes) -> bool:
    """Returns whether packed Structs may hold a number that is none; a quick look, which may be mistaken."""
    return _NO_NUMBER.search(packed) is not None


def holds_no_number(struct: Struct) -> bool:
    """Returns whether a Struct holds what is no number, or an endless one: JSON has no word for either."""
    try:
        MessageToDict(struct)
    except ValueError:
        return True
    return False


def problems(request: pb.MessageContent, channel: Channel) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a content beside its times and purpose, by field."""
    yield from _texts(request)
    if request.reply_to:
        try:
            canonical_email(request.reply_to)
        except ValueError:
            yield "content.reply_to", "is not an e-mail address"
    if request.HasField("metadata") and is_larger(request.metadata, MOST_NOTES):
        yield "content.metadata", "must be at most 4 KB"
    if request.HasField("metadata") and holds_no_number(request.metadata):
        yield "content.metadata", NO_NUMBER
    if request.HasField("duplicate_window"):
        window = request.duplicate_window.ToTimedelta()
        if not SHORTEST_WINDOW <= window <= LONGEST_WINDOW:
            yield "content.duplicate_window", "must be from one minute to 30 days"
    if request.attachments and channel is not Channel.EMAIL:
        yield "content.attachments", "travel with e-mail only"
    if request.media_urls and channel not in _WITH_MEDIA:
        yield "content.media_urls", "belong to text messages and WhatsApp only"
    for place, url in enumerate(request.media_urls):
        if text := _wrong_url(url):
            yield f"content.media_urls[{place}]", text


def _texts(request: pb.MessageContent) -> Iterator[tuple[str, str]]:
    """Yields texts that cannot be stored; the rules of requests look at those of single messages only."""
    for name in _WORDS:
        if "\0" in getattr(request, name):
            yield f"content.{name}", "must not hold control characters"
    if "\0" in request.cause.event_id + request.cause.rule:
        yield "content.cause", "must not hold control characters"


def _wrong_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme != "https" or not parts.hostname:
        return "must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "must not hold credentials"
    return "" if url.isprintable() and " " not in url else "is not an address"
