"""Payloads of events as their own message classes."""

from functools import lru_cache

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope


@lru_cache(maxsize=1024)
def _class_of(name: str) -> type[Message]:
    # Only messages whose module is imported are found; a consumer imports those that it handles.
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


def payload_of(envelope: EventEnvelope) -> Message:
    """Returns the payload as its own message; LookupError when this process does not know its class."""
    name = envelope.payload.type_url.rpartition("/")[2]
    return _class_of(name).FromString(envelope.payload.value)
