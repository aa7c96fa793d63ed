"""Notifications of SES become receipts (DEL-86)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.providers import MalformedReceiptError, Receipt, ReceiptKind
from services.delivery.providers.ses.events import parse_notification

MESSAGE, TENANT = uuid.uuid4(), uuid.uuid4()
AT = "2026-11-21T08:00:05.123Z"


def raw(event: Any, kind: str = "Notification") -> bytes:
    message = event if isinstance(event, str) else json.dumps(event)
    return json.dumps({"Type": kind, "MessageId": "n1", "TopicArn": "t", "Message": message}).encode()


def event(name: str, field: str, detail: dict[str, Any], key: str = "eventType") -> dict[str, Any]:
    return {
        key: name,
        "mail": {
            "timestamp": "2026-11-21T08:00:00.000Z",
            "messageId": "0107018-abc",
            "destination": ["ada@example.com"],
            "tags": {
                "angarium_message_id": [str(MESSAGE)],
                "angarium_tenant_id": [str(TENANT)],
                "ses:configuration-set": ["news"],
            },
        },
        field: detail,
    }


def only(found: dict[str, Any]) -> Receipt:
    [receipt] = parse_notification(raw(found))
    return receipt


def bounce(kind: str, subtype: str, status: str = "") -> dict[str, Any]:
    person = {"emailAddress": "ada@example.com"}
    person |= {"status": status, "diagnosticCode": f"smtp; 550 {status} no ada@example.com"} if status else {}
    return {
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [person],
        "feedbackId": "f1",
        "timestamp": AT,
    }


@pytest.mark.req("DEL-86")
@pytest.mark.parametrize(
    ("name", "field", "detail", "kind", "bounce_type", "suppression"),
    [
        ("Send", "send", {}, ReceiptKind.SENT, "", ""),
        ("Delivery", "delivery", {"timestamp": AT}, ReceiptKind.DELIVERED, "", ""),
        ("DeliveryDelay", "deliveryDelay", {"timestamp": AT, "delayType": "MailboxFull"}, ReceiptKind.DEFERRED, "", ""),
        ("Bounce", "bounce", bounce("Permanent", "General", "5.1.1"), ReceiptKind.BOUNCED, "hard", "bounce"),
        ("Bounce", "bounce", bounce("Permanent", "NoEmail"), ReceiptKind.BOUNCED, "hard", "bounce"),
        ("Bounce", "bounce", bounce("Permanent", "General", "5.7.26"), ReceiptKind.BOUNCED, "block", ""),
        ("Bounce", "bounce", bounce("Permanent", "Suppressed"), ReceiptKind.FAILED, "", "bounce"),
        ("Bounce", "bounce", bounce("Permanent", "OnAccountSuppressionList"), ReceiptKind.FAILED, "", "bounce"),
        ("Bounce", "bounce", bounce("Permanent", "UnsubscribedRecipient"), ReceiptKind.FAILED, "", "opt_out"),
        ("Bounce", "bounce", bounce("Transient", "MailboxFull", "5.2.2"), ReceiptKind.BOUNCED, "soft", ""),
        ("Bounce", "bounce", bounce("Transient", "General", "5.4.4"), ReceiptKind.BOUNCED, "hard", "bounce"),
        ("Bounce", "bounce", bounce("Transient", "ContentRejected"), ReceiptKind.BOUNCED, "block", ""),
        ("Bounce", "bounce", bounce("Undetermined", "Undetermined"), ReceiptKind.BOUNCED, "soft", ""),
        ("Complaint", "complaint", {"timestamp": AT, "complaintFeedbackType": "abuse"}, ReceiptKind.COMPLAINED, "", "complaint"),
        ("Complaint", "complaint", {"timestamp": AT}, ReceiptKind.COMPLAINED, "", "complaint"),
        ("Complaint", "complaint", {"timestamp": AT, "complaintFeedbackType": "not-spam"}, ReceiptKind.IGNORED, "", ""),
        ("Complaint", "complaint", {"timestamp": AT, "complaintSubType": "OnAccountSuppressionList"}, ReceiptKind.FAILED, "", "complaint"),
        ("Reject", "reject", {"reason": "Bad content"}, ReceiptKind.FAILED, "", ""),
        ("Rendering Failure", "failure", {"errorMessage": "Attribute 'x' is missing"}, ReceiptKind.FAILED, "", ""),
        ("Open", "open", {"timestamp": AT}, ReceiptKind.OPENED, "", ""),
        ("Click", "click", {"timestamp": AT, "link": "https://s.example/x"}, ReceiptKind.CLICKED, "", ""),
        ("Subscription", "subscription", {"timestamp": AT, "newTopicPreferences": {"unsubscribeAll": True}}, ReceiptKind.UNSUBSCRIBED, "", "opt_out"),
        ("Subscription", "subscription", {"timestamp": AT, "newTopicPreferences": {"unsubscribeAll": False}}, ReceiptKind.IGNORED, "", ""),
        ("Something New", "new", {}, ReceiptKind.IGNORED, "", ""),
    ],
)  # fmt: skip
def test_each_event_says_its_word(
    name: str, field: str, detail: dict[str, Any], kind: ReceiptKind, bounce_type: str, suppression: str
) -> None:
    receipt = only(event(name, field, detail))
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (kind, bounce_type, suppression)
    assert (receipt.message_id, receipt.tenant_id) == (MESSAGE, TENANT)
    assert receipt.provider_message_id == "0107018-abc"
    second = 5 if "timestamp" in detail else 0
    assert receipt.occurred_at.replace(microsecond=0) == datetime(2026, 11, 21, 8, 0, second, tzinfo=UTC)
    assert receipt.link_url == (detail.get("link") or "")
    assert "@" not in receipt.reason


@pytest.mark.req("DEL-86")
def test_notifications_of_identities_are_read_too_and_codes_are_kept() -> None:
    receipt = only(event("Bounce", "bounce", bounce("Permanent", "General", "5.1.1"), key="notificationType"))
    assert (receipt.kind, receipt.code) == (ReceiptKind.BOUNCED, "5.1.1")
    assert only(event("Bounce", "bounce", bounce("Permanent", "Suppressed"))).code == "Suppressed"
    assert only(event("Reject", "reject", {"reason": "Bad content"})).code == "rejected"


@pytest.mark.req("DEL-85")
def test_the_same_event_has_the_same_key_whatever_brings_it_and_others_have_others() -> None:
    found = event("Bounce", "bounce", bounce("Permanent", "General", "5.1.1"))
    again = json.loads(raw(found)) | {"MessageId": "n2", "TopicArn": "other"}
    assert (
        only(found).provider_event_id == parse_notification(json.dumps(again).encode())[0].provider_event_id
    )
    keys = {
        only(event("Open", "open", {"timestamp": AT})).provider_event_id,
        only(event("Open", "open", {"timestamp": AT.replace("05", "06")})).provider_event_id,
        only(event("Delivery", "delivery", {"timestamp": AT})).provider_event_id,
        only(found).provider_event_id,
    }
    assert len(keys) == 4


def test_what_tells_of_no_message_is_none() -> None:
    assert parse_notification(raw("Successfully validated SNS topic for Amazon SES event publishing.")) == []
    assert parse_notification(raw("", "SubscriptionConfirmation")) == []
    assert parse_notification(raw([1, 2])) == []
    assert parse_notification(raw({"eventType": "Delivery"})) == []
    for body in (b"", b"{", b"[]", b"{}", b'{"Type": 1}'):
        with pytest.raises(MalformedReceiptError):
            parse_notification(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mail", "tags", "timestamp", "bounceType", "bouncedRecipients", "angarium_message_id", "status"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    st.sampled_from(["Bounce", "Complaint", "Delivery", "DeliveryDelay", "Subscription", "Click"]),
    VALUES,
    VALUES,
)
def test_whatever_an_event_holds_is_read_without_failing(name: str, mail: Any, detail: Any) -> None:
    field = name[0].lower() + name[1:]
    for receipt in parse_notification(raw({"eventType": name, "mail": mail, field: detail})):
        assert len(receipt.provider_event_id) <= 200
