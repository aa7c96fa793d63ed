"""Instants as people read them."""

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp


def instant(stamp: "Timestamp") -> str:
    """Returns an instant in UTC."""
    return stamp.ToDatetime(tzinfo=UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00") + "Z"


def instant_of(message: "Message", field: str) -> str | None:
    """Returns an instant that a message may have, in UTC; None when it has none."""
    return instant(getattr(message, field)) if message.HasField(field) else None
