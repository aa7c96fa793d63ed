"""Blocks of push messages for adapters under test."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.common.templating import ContentSource, Options, PlainTrail, Variable, compile_content
from services.delivery.providers import Block, Device, Outcome, Outgoing, Provider, Sender

CONTENT = compile_content(
    ContentSource("For {{ name }}", "Hello {{ name }}: {{ note }}"),
    [Variable("name"), Variable("note")],
    Options("push", "en", False),
)


def push(device: Device, *, name: str = "Ada", note: str = "hi", **fields: Any) -> Outgoing:
    slots = CONTENT.render_slots({"name": name, "note": note}, PlainTrail())
    given: dict[str, Any] = {
        "campaign_id": "c-1",
        "expire_at": datetime.now(UTC) + timedelta(hours=1),
        **fields,
    }
    message_id = given.pop("message_id", None) or uuid.uuid4()
    return Outgoing(message_id, "", slots, device=device, **given)


def block(outgoing: Sequence[Outgoing], **fields: Any) -> Block:
    named = {"tenant_id": str(uuid.UUID(int=7)), "template_name": "hello", "category": "order", **fields}
    return Block(CONTENT, Sender(""), outgoing, **named)


async def outcomes(provider: Provider, outgoing: Sequence[Outgoing], **fields: Any) -> list[Outcome]:
    """All outcomes in the order of the messages; exactly one for each device."""
    found: dict[tuple[uuid.UUID, uuid.UUID | None], Outcome] = {}
    async for lot in provider.send(block(outgoing, **fields)):
        for outcome in lot:
            key = (outcome.message_id, outcome.device_id)
            assert key not in found
            found[key] = outcome
    wanted = [(one.message_id, one.device.device_id if one.device else None) for one in outgoing]
    assert set(found) == set(wanted)
    return [found[key] for key in wanted]
