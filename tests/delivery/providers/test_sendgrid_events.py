import uuid
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.providers import MalformedReceiptError, ReceiptKind
from services.delivery.providers.sendgrid.events import parse_events

MESSAGE = uuid.uuid4()


def event(**fields: object) -> dict[str, object]:
    return {
        "email": "ada@example.com", "timestamp": 1_795_000_000, "sg_event_id": "e1",
        "sg_message_id": "abc.filter0001.1-2", "angarium_message_id": str(MESSAGE),
    } | fields  # fmt: skip


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("fields", "kind", "bounce", "suppression"),
    [
        ({"event": "processed"}, ReceiptKind.SENT, "", ""),
        ({"event": "delivered", "response": "250 ok"}, ReceiptKind.DELIVERED, "", ""),
        ({"event": "deferred", "response": "450 busy"}, ReceiptKind.DEFERRED, "", ""),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1"}, ReceiptKind.BOUNCED, "hard", "bounce"),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, ReceiptKind.BOUNCED, "soft", ""),
        ({"event": "bounce", "status": "5.0.0"}, ReceiptKind.BOUNCED, "hard", "bounce"),
        ({"event": "dropped", "reason": "Bounced Address"}, ReceiptKind.FAILED, "", "bounce"),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, ReceiptKind.FAILED, "", "complaint"),
        ({"event": "dropped", "reason": "Invalid"}, ReceiptKind.FAILED, "", "invalid_address"),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, ReceiptKind.FAILED, "", "opt_out"),
        ({"event": "dropped", "reason": "Spam Content"}, ReceiptKind.FAILED, "", ""),
        ({"event": "open"}, ReceiptKind.OPENED, "", ""),
        ({"event": "click", "url": "https://s.example/"}, ReceiptKind.CLICKED, "", ""),
        ({"event": "spamreport"}, ReceiptKind.COMPLAINED, "", "complaint"),
        ({"event": "unsubscribe"}, ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
        ({"event": "group_unsubscribe"}, ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
        ({"event": "group_resubscribe"}, ReceiptKind.IGNORED, "", ""),
        ({"event": "account_status_change"}, ReceiptKind.IGNORED, "", ""),
        ({}, ReceiptKind.IGNORED, "", ""),
    ],
)
def test_each_event_has_its_meaning(fields: dict, kind: ReceiptKind, bounce: str, suppression: str) -> None:
    (receipt,) = parse_events(orjson.dumps([event(**fields)]))
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (kind, bounce, suppression)
    assert receipt.message_id == MESSAGE
    assert receipt.provider_event_id == "e1"
    assert receipt.provider_message_id == "abc"
    assert receipt.occurred_at == datetime.fromtimestamp(1_795_000_000, UTC)


@pytest.mark.req("GAT-28")
def test_one_bad_item_does_not_refuse_the_others() -> None:
    receipts = parse_events(
        orjson.dumps([None, 3, [], event(event="delivered"), {"event": 5, "timestamp": "x"}])
    )
    assert [receipt.kind for receipt in receipts] == [ReceiptKind.DELIVERED, ReceiptKind.IGNORED]
    assert receipts[1].provider_event_id
    assert receipts[1].message_id is None


def test_machine_opens_and_foreign_references_are_told_apart() -> None:
    (receipt,) = parse_events(
        orjson.dumps([event(event="open", sg_machine_open=True, angarium_message_id="x")])
    )
    assert receipt.is_machine
    assert receipt.message_id is None


@pytest.mark.req("REL-16")
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["event", "timestamp", "sg_event_id", "status", "type", "reason", "url", "angarium_message_id"]), inner)))  # fmt: skip
def test_whatever_json_comes_is_read_or_refused(value: object) -> None:
    try:
        parse_events(orjson.dumps(value))
    except (MalformedReceiptError, orjson.JSONEncodeError, TypeError):
        return
