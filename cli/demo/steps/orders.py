"""A single transactional message, as a shop's own systems send them: no consent needed, over another provider."""

import asyncio
import time

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Phase
from cli.demo.steps.content import Letter
from cli.output import CommandError

_BUYER = "silent+buyer@example.com"
_PATIENCE = 30.0


async def confirm_order(cast: Cast, letter: Letter, sandbox: SandboxClient, phase: Phase) -> None:
    """Sends one order confirmation and waits until it has arrived."""
    recipient = message_service_pb2.Recipient(address=_BUYER, name="Toni Buyer", language_code="en")
    recipient.variables.update(letter.values)
    began = time.monotonic()
    answer = await patiently(
        cast.ada.messages.SendMessage,
        message_service_pb2.SendMessageRequest(
            content=message_service_pb2.MessageContent(
                channel=enums_pb2.CHANNEL_EMAIL,
                category=enums_pb2.CATEGORY_ORDER,
                template_version_id=letter.version_ids["a"],
                priority=enums_pb2.PRIORITY_HIGH,
            ),
            recipient=recipient,
            idempotency_key="demo-order",
        ),
    )
    while not await sandbox.message(answer.message_id):
        if time.monotonic() - began > _PATIENCE:
            raise CommandError(
                f"The order confirmation did not arrive within {_PATIENCE:.0f} s.",
                f"Its state was {answer.state} {answer.reason}; see the log of the delivery workers.",
            )
        phase.waiting = "waiting for the relay to take it"
        await asyncio.sleep(0.02)
    seconds = time.monotonic() - began
    phase.result = f"arrived {seconds * 1000:.0f} ms after the call{await _provider(cast, answer.message_id)}"


async def _provider(cast: Cast, message_id: str) -> str:
    """Returns who carried a message, for people; the worker may still be writing it down."""
    for _ in range(20):
        found = await patiently(
            cast.ada.messages.GetMessage, message_service_pb2.GetMessageRequest(message_id=message_id)
        )
        if found.message.provider:
            return f", by {found.message.provider}"
        await asyncio.sleep(0.05)
    return ""
