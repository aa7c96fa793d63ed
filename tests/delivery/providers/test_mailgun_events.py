import uuid
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.providers import MalformedReceiptError, ReceiptKind
from services.delivery.providers.mailgun.events import parse_events

MESSAGE, TENANT = uuid.uuid4(), uuid.uuid4()


def body(**fields: object) -> bytes:
    event = {
        "id": "DACSsAdVSeGpLid7TN03WA", "timestamp": 1_795_000_000.25, "recipient": "ada@example.com",
        "message": {"headers": {"message-id": "20261121.1@mg.acme.example"}},
        "user-variables": {"angarium_message_id": str(MESSAGE), "angarium_tenant_id": str(TENANT)},
    } | fields  # fmt: skip
    return orjson.dumps(
        {"signature": {"timestamp": "1", "token": "t", "signature": "s"}, "event-data": event}
    )


def failed(severity: str, reason: str = "generic", code: str = "5.1.1") -> dict[str, object]:
    status = {"code": 550, "enhanced-code": code, "message": "550 no <ada@example.com>"}
    return {"event": "failed", "severity": severity, "reason": reason, "delivery-status": status}


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("fields", "kind", "bounce", "suppression"),
    [
        ({"event": "accepted"}, ReceiptKind.SENT, "", ""),
        ({"event": "delivered", "delivery-status": {"code": 250}}, ReceiptKind.DELIVERED, "", ""),
        (failed("temporary"), ReceiptKind.DEFERRED, "", ""),
        (failed("permanent"), ReceiptKind.BOUNCED, "hard", "bounce"),
        (failed("permanent", "old"), ReceiptKind.BOUNCED, "soft", ""),
        (failed("permanent", "generic", "5.7.1"), ReceiptKind.BOUNCED, "soft", ""),
        (failed("permanent", "generic", "5.2.2"), ReceiptKind.BOUNCED, "soft", ""),
        (failed("permanent", "suppress-bounce"), ReceiptKind.FAILED, "", "bounce"),
        (failed("permanent", "suppress-complaint"), ReceiptKind.FAILED, "", "complaint"),
        (failed("permanent", "suppress-unsubscribe"), ReceiptKind.FAILED, "", "opt_out"),
        ({"event": "rejected", "reject": {"reason": "x"}}, ReceiptKind.FAILED, "", ""),
        ({"event": "opened"}, ReceiptKind.OPENED, "", ""),
        ({"event": "clicked", "url": "https://s.example/"}, ReceiptKind.CLICKED, "", ""),
        ({"event": "complained"}, ReceiptKind.COMPLAINED, "", "complaint"),
        ({"event": "unsubscribed"}, ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
        ({"event": "list_member_uploaded"}, ReceiptKind.IGNORED, "", ""),
        ({}, ReceiptKind.IGNORED, "", ""),
    ],
)
def test_each_event_has_its_meaning(fields: dict, kind: ReceiptKind, bounce: str, suppression: str) -> None:
    (receipt,) = parse_events(body(**fields))
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (kind, bounce, suppression)
    assert (receipt.message_id, receipt.tenant_id) == (MESSAGE, TENANT)
    assert receipt.provider_message_id == "20261121.1@mg.acme.example"
    assert receipt.occurred_at == datetime.fromtimestamp(1_795_000_000.25, UTC)
    assert "@" not in receipt.reason


@pytest.mark.req("DEL-85")
def test_an_id_that_comes_again_on_another_day_is_another_event() -> None:
    def key(**fields: object) -> str:
        return parse_events(body(**fields))[0].provider_event_id

    assert key(event="opened") == key(event="opened")
    assert key(event="opened") != key(event="opened", timestamp=1_795_086_400.25)


@pytest.mark.req("REL-16")
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["event-data", "event", "timestamp", "id", "user-variables", "message", "headers", "severity", "delivery-status"]), inner)))  # fmt: skip
def test_whatever_json_comes_is_read_or_refused(value: object) -> None:
    try:
        parse_events(orjson.dumps(value))
    except (MalformedReceiptError, orjson.JSONEncodeError, TypeError):
        return
