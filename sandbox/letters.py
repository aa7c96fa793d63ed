"""From a stored message to the letter its recipient gets."""

import base64
from email.message import EmailMessage  # noqa: TID251 - builds one source view for a person
from email.policy import SMTP
from typing import Any

import orjson

from sandbox.aws_sns import texts as amazon
from sandbox.letter import Letter, parse_mime
from sandbox.mailgun import rendering as mailgun
from sandbox.postmark import rendering as postmark
from sandbox.push import inbox as push
from sandbox.recipients.texting import CHANNELS
from sandbox.sendgrid import rendering as sendgrid
from sandbox.ses import rendering as ses
from sandbox.store.mail import Message
from sandbox.texts import letter as text_letter
from sandbox.twilio import rendering as twilio


def letter_of(message: Message, body: bytes) -> Letter:
    """Returns the letter of a stored message; `body` is its content's."""
    if message.channel == "smtp":
        return parse_mime(body)
    if message.channel == "mailgun":
        return mailgun.letter(body, message.personal, message.public_id, message.accepted_at)
    if message.channel == "postmark":
        return postmark.letter(message.personal, message.public_id, message.ordinal, message.accepted_at)
    if message.channel == "twilio":
        return twilio.letter(message.personal)
    if message.channel in push.CHANNELS:
        return push.letter(message.personal)
    if message.channel == "aws_sns":
        return amazon.letter(message.personal)
    if message.channel in CHANNELS:
        return text_letter(message.personal, message.sender)
    if message.channel == "ses":
        return ses.letter(body, message.personal, message.public_id, message.ordinal, message.accepted_at)
    return sendgrid.letter(body, message.personal, message.public_id, message.ordinal, message.accepted_at)


def source_of(message: Message, body: bytes) -> bytes:
    """Returns the raw message: as it was transferred, or as the provider would have sent it."""
    return body if message.channel == "smtp" else source(letter_of(message, body), _files(message, body))


def source(view: Letter, files: list[tuple[str, str, bytes]]) -> bytes:
    """Returns the raw message that would have been sent, for people who want to read it."""
    message = EmailMessage(policy=SMTP)
    for name, value in view.headers:
        message[name] = " ".join(value.splitlines())
    if view.text:
        message.set_content(view.text)
    if view.html and view.text:
        message.add_alternative(view.html, subtype="html")
    elif view.html:
        message.set_content(view.html, subtype="html")
    for name, type, content in files:
        kind, _, subtype = type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message.as_bytes()


def _files(message: Message, body: bytes) -> list[tuple[str, str, bytes]]:
    other = "application/octet-stream"
    if message.channel == "sendgrid":
        files: list[dict[str, Any]] = orjson.loads(body).get("attachments") or []
        return [
            (one["filename"], one.get("type") or other, base64.b64decode(one["content"])) for one in files
        ]
    if message.channel == "postmark":
        files = orjson.loads(message.personal).get("Attachments") or []
        return [(one["Name"], one["ContentType"] or other, base64.b64decode(one["Content"])) for one in files]
    return []
