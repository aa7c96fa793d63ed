"""Reports as mail systems send them: delivery status (RFC 3464) and complaints (RFC 5965)."""

import secrets
import time
from email.utils import formatdate
from typing import Any

import orjson

from sandbox.store.mail import Message

_HOST = "sandbox.angarium.test"
_SUBJECTS = {
    "failed": "Undelivered Mail Returned to Sender",
    "delayed": "Delayed Mail (still being retried)",
    "delivered": "Successful Mail Delivery Report",
}


def delivery_status(message: Message, raw: bytes, data: dict[str, Any]) -> bytes:
    """Returns a delivery status notification to the envelope sender, which is addressed with MAIL FROM:<>."""
    personal = orjson.loads(message.personal)
    action, status, diagnostic = data["action"], data["status"], data["diagnostic"]
    recipient = personal["rcpt_to"]
    group = [f"Reporting-MTA: dns; {_HOST}", f"Arrival-Date: {formatdate(message.accepted_at)}"]
    if "envid" in personal:
        group.insert(0, f"Original-Envelope-Id: {personal['envid']}")
    person = [f"Final-Recipient: rfc822; {recipient}"]
    if "orcpt" in personal:
        person.append(f"Original-Recipient: {personal['orcpt'].replace(';', '; ', 1)}")
    person += [f"Action: {action}", f"Status: {status}", "Remote-MTA: dns; mx.example.net",
               f"Diagnostic-Code: smtp; {diagnostic}"]  # fmt: skip
    if action == "delayed":
        person.append(f"Will-Retry-Until: {formatdate(message.accepted_at + 86400 * 4)}")
    text = (
        f"This is the mail system at host {_HOST}.\r\n\r\nYour message to <{recipient}>: {action}.\r\n\r\n"
        f"    {diagnostic}\r\n"
    )
    headers_only = action != "failed" or str(personal.get("ret", "")).upper() == "HDRS"
    returned = _header_block(raw) if headers_only else raw
    headers = (
        f"From: Mail Delivery System <MAILER-DAEMON@{_HOST}>\r\nTo: <{personal['mail_from']}>\r\n"
        f"Subject: {_SUBJECTS[action]}\r\nAuto-Submitted: auto-replied\r\n"
    )
    status_part = "\r\n".join([*group, "", *person])
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return _report(headers, "delivery-status", text, status_part, kind, returned)


def complaint(message: Message, raw: bytes) -> bytes:
    """Returns an abuse report with the message complained of, as a feedback loop sends it."""
    personal = orjson.loads(message.personal)
    fields = [
        "Feedback-Type: abuse",
        "User-Agent: Angarium-Sandbox-FBL/1.0",
        "Version: 1",
        f"Original-Mail-From: <{personal['mail_from']}>",
        f"Original-Rcpt-To: <{personal['rcpt_to']}>",
        f"Arrival-Date: {formatdate(message.accepted_at)}",
        f"Reported-Domain: {message.sender.partition('@')[2] or 'unknown'}",
        "Source-IP: 192.0.2.25",
    ]
    headers = (
        f"From: Feedback Loop <fbl@{_HOST}>\r\nTo: <{personal['mail_from']}>\r\n"
        f"Subject: FW: {_ascii(message.subject)}\r\n"
    )
    text = "This is an email abuse report for a message received from your network.\r\n"
    return _report(headers, "feedback-report", text, "\r\n".join(fields), "message/rfc822", raw)


def _report(headers: str, kind: str, text: str, status: str, returned_type: str, returned: bytes) -> bytes:
    boundary = f"=_{secrets.token_hex(12)}"
    head = (
        f"{headers}Date: {formatdate(time.time())}\r\nMessage-ID: <{secrets.token_hex(12)}@{_HOST}>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind};\r\n"
        f'\tboundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        f"--{boundary}\r\nContent-Type: message/{kind}\r\n\r\n{status}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: {returned_type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return head.encode() + returned + f"\r\n--{boundary}--\r\n".encode()


def _header_block(raw: bytes) -> bytes:
    end = raw.find(b"\r\n\r\n")
    return raw if end < 0 else raw[: end + 2]


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
