"""Blocks of texts for adapters under test."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from services.common.templating import ContentSource, Options, PlainTrail, Variable, compile_content
from services.delivery.providers import Block, Outcome, Outgoing, Provider, Sender

VARIABLES = [Variable("name"), Variable("note")]
TEXT = compile_content(
    ContentSource(None, "Hello {{ name }}: {{ note }}"), VARIABLES, Options("sms", "en", False)
)
TEMPLATE = compile_content(
    ContentSource(None, "Hello {{ name }}: {{ note }}", parameters=("name", "note")),
    VARIABLES,
    Options("whatsapp", "de", False),
)


def text(number: str = "+12025550100", *, name: str = "Ada", note: str = "hi", **fields: Any) -> Outgoing:
    slots = TEXT.render_slots({"name": name, "note": note}, PlainTrail())
    return Outgoing(
        fields.pop("message_id", None) or uuid.uuid4(), number, slots, campaign_id="c-1", **fields
    )


def block(outgoing: Sequence[Outgoing], content: Any = TEXT, **fields: Any) -> Block:
    named = {"tenant_id": str(uuid.UUID(int=7)), "template_name": "hello", **fields}
    return Block(content, Sender(""), outgoing, category="order", **named)


async def outcomes(
    provider: Provider, outgoing: Sequence[Outgoing], content: Any = TEXT, **fields: Any
) -> list[Outcome]:
    """All outcomes in the order of the messages; exactly one each."""
    found: dict[uuid.UUID, Outcome] = {}
    async for lot in provider.send(block(outgoing, content, **fields)):
        for outcome in lot:
            assert outcome.message_id not in found
            found[outcome.message_id] = outcome
    assert set(found) == {one.message_id for one in outgoing}
    return [found[one.message_id] for one in outgoing]
