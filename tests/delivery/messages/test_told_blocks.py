"""What events say of a block, whoever it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7_bytes
from services.delivery.columns import id_text, id_texts
from services.delivery.messages import announce, convert
from services.delivery.messages.domain import Content, Recipients

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def content() -> Content:
    request = pb.MessageContent(channel=enums_pb2.CHANNEL_EMAIL, category=enums_pb2.CATEGORY_OFFER)
    return convert.content(request, uuid4(), NOW)


def test_each_accepted_message_is_told_with_its_contact_and_its_language() -> None:
    ids, contact = uuid7_bytes(3), uuid4()
    recipients = Recipients(ids, [contact.bytes, None, contact.bytes], ["ta-Taml-IN", "", "de"], [])
    event = announce.accepted(uuid4(), content(), recipients)
    assert event.count == 3
    payload = cast("events.MessagesAccepted", event.payload)
    assert [(one.message_id, one.contact_id, one.language_code) for one in payload.messages] == [
        (str(UUID(bytes=ids[0])), str(contact), "ta-Taml-IN"),
        (str(UUID(bytes=ids[1])), "", ""),
        (str(UUID(bytes=ids[2])), str(contact), "de"),
    ]
    assert payload.dimensions.channel == enums_pb2.CHANNEL_EMAIL


@pytest.mark.parametrize("has_contacts", [True, False])
@pytest.mark.parametrize("language", ["", "de"])
def test_blocks_whose_messages_tell_the_same_are_told_as_mixed_ones_are(
    *, has_contacts: bool, language: str
) -> None:
    ids = uuid7_bytes(3)
    contacts = [uuid4().bytes if has_contacts else None for _ in ids]
    event = announce.accepted(uuid4(), content(), Recipients(ids, contacts, [language] * 3, []))
    payload = cast("events.MessagesAccepted", event.payload)
    assert [(one.message_id, one.contact_id, one.language_code) for one in payload.messages] == [
        (id_text(id), id_text(contact) if contact else "", language)
        for id, contact in zip(ids, contacts, strict=True)
    ]


def test_a_block_of_a_campaign_that_waits_is_told_with_its_time() -> None:
    ids, campaign = uuid7_bytes(2), str(uuid4())
    event = announce.scheduled(uuid4(), campaign, NOW, ids)
    payload = cast("events.MessagesScheduled", event.payload)
    assert payload.campaign_id == event.aggregate_id == campaign
    assert payload.due_time.ToDatetime(tzinfo=UTC) == NOW
    assert [one.message_id for one in payload.messages] == [str(UUID(bytes=id)) for id in ids]


def test_ids_of_a_block_read_as_each_does_alone() -> None:
    ids = [*uuid7_bytes(50), bytes(16), b"\xff" * 16]
    assert id_texts(ids) == [id_text(id) for id in ids] == [str(UUID(bytes=id)) for id in ids]
    assert id_texts([]) == []
