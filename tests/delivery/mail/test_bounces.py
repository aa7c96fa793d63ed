import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.mail.bounces import claimed_paths, parse_report
from services.delivery.providers import ReceiptKind

MESSAGE = uuid.uuid4()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def dsn(
    action: str,
    status: str,
    diagnostic: str = "smtp; 550 user ada@example.com unknown",
    *,
    message: bool = True,
) -> bytes:
    ours = f"X-Angarium-Message-Id: {MESSAGE}\r\n" if message else ""
    return (
        "From: mailer@mx.example\r\nMessage-ID: <r1@mx.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; ada@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n{ours}\r\n--b--\r\n"
    ).encode()


def arf(kind: str) -> bytes:
    return (
        "From: fbl@isp.example\r\nMessage-ID: <r2@isp.example>\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: ISP/1\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nX-Angarium-Message-Id: {MESSAGE}\r\nSubject: x\r\n\r\nbody\r\n--b--\r\n"
    ).encode()


@pytest.mark.req("DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("action", "status", "kind", "bounce", "suppression"),
    [
        ("failed", "5.1.1", ReceiptKind.BOUNCED, "hard", "bounce"),
        ("failed", "5.1.10 (null mx)", ReceiptKind.BOUNCED, "hard", "bounce"),
        ("failed", "5.2.2", ReceiptKind.BOUNCED, "soft", ""),
        ("failed", "5.7.1", ReceiptKind.BOUNCED, "block", ""),
        ("failed", "4.4.7", ReceiptKind.BOUNCED, "soft", ""),
        ("delayed", "4.4.1", ReceiptKind.DEFERRED, "", ""),
        ("Delivered", "2.0.0", ReceiptKind.DELIVERED, "", ""),
        ("relayed", "2.0.0", ReceiptKind.IGNORED, "", ""),
    ],
)
def test_delivery_reports_are_normalised(
    action: str, status: str, kind: ReceiptKind, bounce: str, suppression: str
) -> None:
    (receipt,) = parse_report(dsn(action, status), NOW)
    assert (receipt.kind, receipt.bounce_type, receipt.suppression) == (kind, bounce, suppression)
    assert receipt.message_id == MESSAGE
    assert receipt.occurred_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert receipt.provider_event_id == "<r1@mx.example>.1"
    assert "@" not in receipt.reason


@pytest.mark.req("DEL-86")
def test_reports_about_international_addresses_are_read_alike() -> None:
    raw = dsn("failed", "5.1.1").replace(b"message/delivery-status", b"message/global-delivery-status")
    raw = raw.replace(b"rfc822; ada@example.com", "utf-8; zoë@example.com".encode())
    raw = raw.replace(b"text/rfc822-headers", b"message/global-headers")
    (receipt,) = parse_report(raw, NOW)
    assert (receipt.kind, receipt.bounce_type, receipt.code) == (ReceiptKind.BOUNCED, "hard", "5.1.1")
    assert receipt.message_id == MESSAGE


def test_a_report_quotes_the_return_path_of_its_message() -> None:
    fields = b"Feedback-Type: abuse\r\nOriginal-Mail-From: <one@b.example>\r\n"
    raw = arf("abuse").replace(b"Feedback-Type: abuse\r\n", fields)
    raw = raw.replace(b"Subject: x\r\n\r\nbody", b"Return-Path: <two@b.example>\r\nSubject: x\r\n\r\nbody")
    assert claimed_paths(raw) == ["one@b.example", "two@b.example"]
    assert len(claimed_paths(b"Return-Path: <a@b.example>\r\n" * 100)) == 5
    assert claimed_paths(dsn("failed", "5.1.1")) == []


def test_a_report_without_our_header_is_read_without_a_message() -> None:
    (receipt,) = parse_report(dsn("failed", "5.1.1", message=False), NOW)
    assert receipt.message_id is None


@pytest.mark.req("DEL-87")
def test_abuse_reports_are_complaints_and_the_rest_is_not() -> None:
    (receipt,) = parse_report(arf("abuse"), NOW)
    assert (receipt.kind, receipt.suppression, receipt.message_id) == (
        ReceiptKind.COMPLAINED,
        "complaint",
        MESSAGE,
    )
    assert receipt.occurred_at == NOW
    assert parse_report(arf("not-spam"), NOW)[0].kind is ReceiptKind.IGNORED


def test_answers_of_people_are_no_reports() -> None:
    assert (
        parse_report(b"From: ada@example.com\r\nSubject: Out of office\r\n\r\nBack on Monday.\r\n", NOW) == []
    )


@pytest.mark.req("REL-16")
@given(st.binary(max_size=400), st.integers(0, 900))
def test_whatever_comes_is_read_without_failing(noise: bytes, at: int) -> None:
    raw = dsn("failed", "5.1.1")
    parse_report(noise, NOW)
    claimed_paths(noise)
    parse_report(raw.replace(b"message/delivery-status", b"message/global-delivery-status")[:at] + noise, NOW)
    parse_report(raw[:at] + noise + raw[at:], NOW)
    parse_report(arf("abuse")[:at] + noise, NOW)
