"""From a stored message to the letter its recipient gets."""

from sandbox.letter import Letter, parse_mime
from sandbox.sendgrid import rendering
from sandbox.store.mail import Message


def letter_of(message: Message, body: bytes) -> Letter:
    """Returns the letter of a stored message; `body` is its content's."""
    if message.channel == "smtp":
        return parse_mime(body)
    return rendering.letter(body, message.personal, message.public_id, message.ordinal, message.accepted_at)


def source_of(message: Message, body: bytes) -> bytes:
    """Returns the raw message: as it was transferred, or as SendGrid would have sent it."""
    return body if message.channel == "smtp" else rendering.source(body, letter_of(message, body))
