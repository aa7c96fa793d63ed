"""Why somebody was written to or not: every gate in its order, and what it saw."""

from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from angarium.campaign.v1 import contact_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import explain_service_pb2, message_service_pb2
from gateway.console import reasons
from gateway.console.campaigns import number_of
from gateway.console.visits import Found, Visit
from services.common.errors import ServiceError, not_found

_CHANNELS: Final = [number for number in enums_pb2.Channel.values() if number]
_CATEGORIES: Final = [number for number in enums_pb2.Category.values() if number]


async def show(visit: Visit) -> Response:
    """Shows both questions; with a message's id, the answer about it."""
    message_id = visit.query("message")
    if not message_id:
        return _page(visit, Found())
    if not is_id(message_id):
        return _page(visit, Found(trouble="This is no id of a message."), message_id=message_id)
    answer = await _asked(visit, explain_service_pb2.ExplainSendRequest(message_id=message_id))
    known = {"message_id": message_id}
    if answer.reason != "NOT_FOUND" or not is_id(visit.query("contact")):
        return _page(visit, answer, **known)
    # A recipient whom a campaign left out before a message was made: the ledger has the reason, nobody the gates.
    asked = explain_service_pb2.WhatIf(
        contact_id=visit.query("contact"),
        channel=number_of(visit.query("channel"), _CHANNELS),  # type: ignore[arg-type] # known numbers
        category=number_of(visit.query("category"), _CATEGORIES),  # type: ignore[arg-type] # the same
    )
    instead = await _asked(visit, explain_service_pb2.ExplainSendRequest(what_if=asked))
    return _page(visit, instead, was_left_out=True, **known)


async def what_if(visit: Visit) -> Response:
    """Answers what would be decided now about a message that nobody sends; what was typed is in no address."""
    who = visit.posted("who")
    channel = number_of(visit.posted("channel"), _CHANNELS)
    category = number_of(visit.posted("category"), _CATEGORIES)
    asked = explain_service_pb2.WhatIf(channel=channel, category=category)  # type: ignore[arg-type] # known numbers
    typed = {"who": who, "channel": channel, "category": category}
    if not (who and channel and category):
        return _page(visit, Found(trouble="Say who, on which channel, and about what."), **typed)
    try:
        await _name(visit, asked, who)
    except ServiceError as error:
        return _page(visit, Found(trouble=reasons.sentence(error)), **typed)
    return _page(visit, await _asked(visit, explain_service_pb2.ExplainSendRequest(what_if=asked)), **typed)


async def message(visit: Visit, message_id: str) -> dict[str, Any]:
    """Returns a message and its explanation, for pages about one message."""
    if not is_id(message_id):
        raise not_found("message", message_id)
    asked = message_service_pb2.GetMessageRequest(message_id=message_id)
    return await visit.together(
        message=visit.ask.messages.GetMessage(asked),
        explained=_asked(visit, explain_service_pb2.ExplainSendRequest(message_id=message_id)),
    )


def is_id(text: str) -> bool:
    """Returns whether a text is an id."""
    try:
        return bool(UUID(text))
    except ValueError:
        return False


async def _name(visit: Visit, asked: explain_service_pb2.WhatIf, who: str) -> None:
    """Says who is meant: a contact by its id, an address, or a contact by the id it has elsewhere."""
    if is_id(who):
        asked.contact_id = who
    elif "@" in who or who.startswith("+"):
        asked.address = who[:320]
    else:
        found = await visit.ask.contacts.GetContact(
            contact_service_pb2.GetContactRequest(external_id=who[:100])
        )
        asked.contact_id = found.contact.contact_id


async def _asked(visit: Visit, request: explain_service_pb2.ExplainSendRequest) -> Found[Any]:
    return await visit.asked("ExplainService.ExplainSend", visit.ask.explain.ExplainSend(request))


def _page(visit: Visit, answer: Found[Any], **typed: Any) -> Response:
    known = {"message_id": "", "who": "", "channel": 0, "category": 0, "was_left_out": False}
    return visit.page(
        "explain",
        "Why, or why not",
        answer=answer,
        channels=_CHANNELS,
        categories=_CATEGORIES,
        **{**known, **typed},
    )
