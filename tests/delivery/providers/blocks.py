"""Blocks for adapters under test."""

import uuid
from collections.abc import Sequence
from typing import Any

from services.common.templating import ContentSource, Options, PlainTrail, Variable, compile_content
from services.delivery.providers import Block, Outcome, Outgoing, Provider, Sender

TRAIL = PlainTrail("https://m.example/u/1", "https://m.example/p/1", "https://m.example/o/1")
CONTENT = compile_content(
    ContentSource(
        "For {{ name }}",
        None,
        '<p>Hello {{ name }}</p><p>{{ note }}</p><a href="https://s.example/x">x</a>',
    ),
    [Variable("name"), Variable("note")],
    Options("email", "en", True, branding={"postal_address": "Acme, 1 Main St"}),
)


def message(
    address: str = "ada@example.com", *, name: str = "Ada", note: str = ".dot", **fields: Any
) -> Outgoing:
    return Outgoing(
        fields.pop("message_id", None) or uuid.uuid4(),
        address,
        CONTENT.render_slots({"name": name, "note": note}, TRAIL),
        name,
        "https://m.example/u/1",
        campaign_id="c-1",
        **fields,
    )


def block(outgoing: Sequence[Outgoing], **fields: Any) -> Block:
    return Block(
        CONTENT,
        Sender("news@acme.example", "Acme", "help@acme.example"),
        outgoing,
        category="offers",
        template_name="autumn",
        tenant_id="t1",
        **fields,
    )


async def outcomes(provider: Provider, outgoing: Sequence[Outgoing], **fields: Any) -> list[Outcome]:
    """All outcomes in the order of the messages; exactly one each."""
    found = {}
    async for lot in provider.send(block(outgoing, **fields)):
        for outcome in lot:
            assert outcome.message_id not in found
            found[outcome.message_id] = outcome
    assert set(found) == {one.message_id for one in outgoing}
    return [found[one.message_id] for one in outgoing]
