import uuid
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.providers import MalformedReceiptError, ReceiptKind
from services.delivery.providers.postmark.events import parse_events

MESSAGE, TENANT = uuid.uuid4(), uuid.uuid4()
AT = "2026-11-19T10:33:54.9070259Z"


def event(**fields: object) -> dict[str, object]:
    return {
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "MessageStream": "outbound", "Tag": "offers",
        "Metadata": {"angarium_message_id": str(MESSAGE), "angarium_tenant_id": str(TENANT)},
        "DeliveredAt": AT, "BouncedAt": AT, "ReceivedAt": AT, "ChangedAt": AT,
    } | fields  # fmt: skip


def bounce(type: str) -> dict[str, object]:
    return {"RecordType": "Bounce", "Type": type, "ID": 42, "Details": "smtp;550 5.1.1 <ada@example.com>"}


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("fields", "kind", "bounce_type", "suppression"),
    [
        ({"RecordType": "Delivery", "Details": "ok"}, ReceiptKind.DELIVERED, "", ""),
        (bounce("HardBounce"), ReceiptKind.BOUNCED, "hard", "bounce"),
        (bounce("BadEmailAddress"), ReceiptKind.BOUNCED, "hard", "invalid_address"),
        (bounce("SoftBounce"), ReceiptKind.BOUNCED, "soft", ""),
        (bounce("Transient"), ReceiptKind.DEFERRED, "", ""),
        (bounce("DnsError"), ReceiptKind.DEFERRED, "", ""),
        (bounce("Blocked"), ReceiptKind.FAILED, "", ""),
        (bounce("SMTPApiError"), ReceiptKind.FAILED, "", ""),
        (bounce("SpamNotification"), ReceiptKind.COMPLAINED, "", "complaint"),
        (bounce("Unsubscribe"), ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
        (bounce("AutoResponder"), ReceiptKind.IGNORED, "", ""),
        (bounce("SomethingNew"), ReceiptKind.IGNORED, "", ""),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 7}, ReceiptKind.COMPLAINED, "", "complaint"),
        ({"RecordType": "Open"}, ReceiptKind.OPENED, "", ""),
        ({"RecordType": "Click", "OriginalLink": "https://s.example/"}, ReceiptKind.CLICKED, "", ""),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression",
             "Origin": "Recipient"},
            ReceiptKind.UNSUBSCRIBED, "", "opt_out",
        ),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression",
             "Origin": "Customer"},
            ReceiptKind.IGNORED, "", "",
        ),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "SpamComplaint"},
            ReceiptKind.COMPLAINED, "", "complaint",
        ),
        ({"RecordType": "SubscriptionChange", "SuppressSending": False, "Origin": "Recipient"}, ReceiptKind.IGNORED, "", ""),
        ({"RecordType": "Inbound"}, ReceiptKind.IGNORED, "", ""),
    ],
)  # fmt: skip
def test_each_event_has_its_meaning(
    fields: dict, kind: ReceiptKind, bounce_type: str, suppression: str
) -> None:
    (receipt,) = parse_events(orjson.dumps(event(**fields)))
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (kind, bounce_type, suppression)
    assert (receipt.message_id, receipt.tenant_id) == (MESSAGE, TENANT)
    assert receipt.provider_message_id == "883953f4-6105-42a2-a16a-77a8eac79483"
    assert "@" not in receipt.reason
    if fields["RecordType"] != "Inbound":
        assert receipt.occurred_at == datetime(2026, 11, 19, 10, 33, 54, 907025, UTC)


@pytest.mark.req("DEL-85")
def test_the_same_event_has_the_same_key_and_another_has_another() -> None:
    def key(**fields: object) -> str:
        return parse_events(orjson.dumps(event(**fields)))[0].provider_event_id

    assert key(RecordType="Delivery") == key(RecordType="Delivery")
    assert key(RecordType="Bounce", ID=1, Details="a") == key(RecordType="Bounce", ID=1, Details="b")
    assert key(RecordType="Open", ReceivedAt=AT) != key(
        RecordType="Open", ReceivedAt=AT.replace("10:", "11:")
    )
    assert key(RecordType="Bounce", ID=1) != key(RecordType="SpamComplaint", ID=1)


@pytest.mark.req("REL-16")
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["RecordType", "Metadata", "MessageID", "ID", "Type", "BouncedAt", "Details", "Origin", "ReceivedAt"]), inner)))  # fmt: skip
def test_whatever_json_comes_is_read_or_refused(value: object) -> None:
    try:
        parse_events(orjson.dumps(value))
    except (MalformedReceiptError, orjson.JSONEncodeError, TypeError):
        return
