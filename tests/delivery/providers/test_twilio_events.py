"""Status callbacks of Twilio, normalised."""

import uuid
from urllib.parse import urlencode

import pytest

from services.delivery.providers import MalformedReceiptError, ReceiptKind
from services.delivery.providers.twilio.events import parse_callback

ID = uuid.UUID("0192f0c1-2a3b-7c4d-8e5f-60718293a4b5")
TENANT = uuid.UUID(int=7)


def callback(status: str, error: int | None = None, **fields: str) -> bytes:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+12025550143", **fields}
    if error:
        form["ErrorCode"] = str(error)
    query = {"angarium_tenant_id": str(TENANT), "angarium_message_id": str(ID)}
    return f"{urlencode(form)}&{urlencode(query)}".encode()


@pytest.mark.req("DEL-86")
@pytest.mark.parametrize(
    ("status", "error", "kind", "bounce", "code", "suppression"),
    [
        ("queued", None, ReceiptKind.IGNORED, "", "", ""),
        ("accepted", None, ReceiptKind.IGNORED, "", "", ""),
        ("scheduled", None, ReceiptKind.IGNORED, "", "", ""),
        ("sending", None, ReceiptKind.SENT, "", "", ""),
        ("sent", None, ReceiptKind.SENT, "", "", ""),
        ("partially_delivered", None, ReceiptKind.SENT, "", "", ""),
        ("delivered", None, ReceiptKind.DELIVERED, "", "", ""),
        ("read", None, ReceiptKind.READ, "", "", ""),
        ("undelivered", 30005, ReceiptKind.BOUNCED, "hard", "invalid_recipient", "bounce"),
        ("undelivered", 30006, ReceiptKind.BOUNCED, "hard", "invalid_recipient", "bounce"),
        ("undelivered", 30004, ReceiptKind.BOUNCED, "block", "blocked", ""),
        ("undelivered", 30003, ReceiptKind.BOUNCED, "soft", "unreachable", ""),
        ("undelivered", 30008, ReceiptKind.BOUNCED, "soft", "carrier_unknown", ""),
        ("undelivered", 30007, ReceiptKind.FAILED, "", "filtered", ""),
        ("undelivered", 39999, ReceiptKind.BOUNCED, "soft", "twilio_39999", ""),
        ("undelivered", None, ReceiptKind.BOUNCED, "soft", "undelivered", ""),
        ("failed", 21211, ReceiptKind.FAILED, "", "invalid_recipient", "invalid_address"),
        ("failed", 21610, ReceiptKind.FAILED, "", "opted_out", "opt_out"),
        ("failed", 20003, ReceiptKind.FAILED, "", "credentials", ""),
        ("failed", 63016, ReceiptKind.FAILED, "", "outside_window", ""),
        ("failed", None, ReceiptKind.FAILED, "", "failed", ""),
        ("canceled", None, ReceiptKind.FAILED, "", "canceled", ""),
        ("something_new", None, ReceiptKind.IGNORED, "", "", ""),
    ],
)
def test_a_status_means_what_the_table_says(
    status: str, error: int | None, kind: ReceiptKind, bounce: str, code: str, suppression: str
) -> None:
    [receipt] = parse_callback(callback(status, error))
    assert (receipt.kind, receipt.bounce_type, receipt.code, receipt.suppression) == (
        kind,
        bounce,
        code,
        suppression,
    )
    assert (receipt.message_id, receipt.tenant_id, receipt.provider_message_id) == (ID, TENANT, "SM1")
    assert receipt.provider_event_id == f"SM1:{status}"
    assert "+1202" not in receipt.reason


@pytest.mark.req("DEL-85")
def test_a_repeat_has_the_same_key_and_a_form_cannot_be_overruled_by_its_query() -> None:
    assert parse_callback(callback("sent")) == parse_callback(callback("sent"))
    [receipt] = parse_callback(callback("sent") + b"&MessageStatus=failed&MessageSid=SM2")
    assert (receipt.kind, receipt.provider_message_id) == (ReceiptKind.SENT, "SM1")


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"{", b"MessageSid=SM1", b"MessageStatus=sent"])
def test_what_is_no_callback_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedReceiptError):
        parse_callback(raw)


def test_a_message_of_somebody_elses_names_none_of_ours() -> None:
    [receipt] = parse_callback(b"MessageSid=SM1&MessageStatus=sent&angarium_message_id=x")
    assert receipt.message_id is None
