"""Blocks that are written as bytes are what their objects would have been."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.wire import length, repeated, repeated_texts, tag

TEXTS = st.text(max_size=300)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_a_block_written_by_its_fields_reads_as_the_message_it_stands_for(
    items: list[tuple[str, str]],
) -> None:
    def field(name: str, text: str) -> bytes:
        value = text.encode()
        return tag(events.MessageAccepted, name) + length(len(value)) + value if value else b""

    written = repeated(
        tag(events.MessagesAccepted, "messages"),
        [field("message_id", id) + field("language_code", language) for id, language in items],
    )
    assert events.MessagesAccepted.FromString(written) == events.MessagesAccepted(
        messages=[events.MessageAccepted(message_id=id, language_code=language) for id, language in items]
    )


@given(st.integers(0, 90).flatmap(lambda size: st.lists(st.text("abc-9", min_size=size, max_size=size))))
def test_texts_of_one_length_are_written_as_their_messages_are(texts: list[str]) -> None:
    size = len(texts[0]) if texts else 0
    written = repeated_texts(
        tag(events.MessagesAccepted, "messages"),
        tag(events.MessageAccepted, "message_id") + length(size),
        texts,
    )
    assert events.MessagesAccepted.FromString(written) == events.MessagesAccepted(
        messages=[events.MessageAccepted(message_id=text) for text in texts]
    )
