"""How channels are called on the pages."""

from angarium.common.v1 import enums_pb2
from gateway.pages.texts import Texts

_NAMES = {
    enums_pb2.CHANNEL_EMAIL: "email",
    enums_pb2.CHANNEL_SMS: "sms",
    enums_pb2.CHANNEL_WHATSAPP: "whatsapp",
    enums_pb2.CHANNEL_PUSH: "push",
}


def word(words: Texts, channel: enums_pb2.Channel) -> str:
    """Returns the word of a channel in a language; that of e-mail for one that has none."""
    return words[_NAMES.get(channel, "email")]
