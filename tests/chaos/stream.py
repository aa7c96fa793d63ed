"""A stream of transactional messages that goes on while everything dies around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from angarium.campaign.v1 import template_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from cli.demo.actors import Cast, patiently

State = message_pb2.Message.State
FINAL = frozenset(
    {
        State.STATE_SENT,
        State.STATE_DELIVERED,
        State.STATE_READ,
        State.STATE_BOUNCED,
        State.STATE_FAILED,
        State.STATE_SKIPPED,
        State.STATE_EXPIRED,
        State.STATE_CANCELLED,
    }
)
TAKEN = frozenset({State.STATE_SENT, State.STATE_DELIVERED, State.STATE_READ, State.STATE_BOUNCED})
_CALLERS = 4
_SUBJECT = "Your order {{ order_number }}"
_TEXT = "Your order {{ order_number }} is on its way.\n"


@dataclass
class Sent:
    """What the caller was told: an id for every message that was accepted."""

    ids: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    """Answers that said the key had been used: a call whose first answer was lost."""


async def order_template(cast: Cast) -> str:
    """Makes the template of the stream and returns the id of its version."""
    number = template_service_pb2.TemplateVariable(
        name="order_number", type=template_service_pb2.VARIABLE_TYPE_STRING, is_required=True
    )
    number.sample_value.string_value = "A-1"
    made = await patiently(
        cast.ada.templates.CreateTemplate,
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name="Order on its way",
                channel=enums_pb2.CHANNEL_EMAIL,
                template_type=template_service_pb2.TEMPLATE_TYPE_TRANSACTIONAL,
                category=enums_pb2.CATEGORY_ORDER,
            ),
            version=template_service_pb2.TemplateVersion(
                fallback_language_code="en",
                variables=[number],
                contents=[
                    template_service_pb2.TemplateContent(
                        language_code="en", subject=_SUBJECT, body_text=_TEXT
                    )
                ],
            ),
            idempotency_key="chaos-template",
        ),
    )
    active = await patiently(
        cast.ada.templates.ActivateTemplateVersion,
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=made.template.template_id,
            version=made.version.version,
            idempotency_key="chaos-activate",
        ),
    )
    return str(active.version.template_version_id)


@asynccontextmanager
async def streaming(cast: Cast, version_id: str, count: int, seconds: float) -> AsyncIterator[Sent]:
    """Sends messages over so many seconds while the block runs; every call is repeated until it is answered."""
    sent = Sent()
    numbers = iter(range(count))
    pause = seconds * _CALLERS / max(1, count)

    async def caller() -> None:
        for number in numbers:
            answer = await patiently(cast.ada.messages.SendMessage, _request(version_id, number))
            assert answer.message_id not in sent.ids, "one message id was given to two messages"
            sent.ids[answer.message_id] = number
            sent.repeated += answer.deduplicated
            await asyncio.sleep(pause)

    tasks = [asyncio.create_task(caller()) for _ in range(_CALLERS)]
    try:
        yield sent
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


_RUN = uuid4().hex


def _request(version_id: str, number: int) -> pb.SendMessageRequest:
    recipient = pb.Recipient(address=f"silent+{number}@customers.example", name=f"Customer {number}")
    recipient.variables["order_number"] = f"A-{number}"
    return pb.SendMessageRequest(
        content=pb.MessageContent(
            channel=enums_pb2.CHANNEL_EMAIL,
            category=enums_pb2.CATEGORY_ORDER,
            template_version_id=version_id,
            priority=enums_pb2.PRIORITY_HIGH,
        ),
        recipient=recipient,
        idempotency_key=f"chaos-{_RUN}-{number}",
    )


async def states_of(cast: Cast, wanted: set[str]) -> dict[str, State.ValueType]:
    """Returns the state of every message of the stream, and of no other."""
    found: dict[str, State.ValueType] = {}
    token = ""
    while True:
        page = await patiently(
            cast.ada.messages.ListMessages,
            pb.ListMessagesRequest(
                channel=enums_pb2.CHANNEL_EMAIL,
                category=enums_pb2.CATEGORY_ORDER,
                page_size=200,
                page_token=token,
            ),
        )
        for message in page.messages:
            assert message.message_id not in found, "a message was listed twice"
            found[message.message_id] = message.state
        token = page.next_page_token
        if not token:
            break
    # A call whose answer was lost and was never repeated could leave a message nobody knows of.
    assert set(found) == wanted, f"{len(set(found) ^ wanted)} messages differ from what the caller was told"
    return found


async def until_final(cast: Cast, sent: Sent, *, patience: float) -> dict[str, State.ValueType]:
    """Waits until every message of the stream is final."""
    async with asyncio.timeout(patience):
        while True:
            states = await states_of(cast, set(sent.ids))
            if all(state in FINAL for state in states.values()):
                return states
            await asyncio.sleep(1.0)
