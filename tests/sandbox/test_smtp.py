"""The SMTP relay, asked by the standard library and by aiosmtplib; its reports read by the standard parser."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import Message

import aiohttp
import aiosmtplib
import pytest

from sandbox.runner import started
from sandbox.settings import Settings
from tests.sandbox.kit import Kit, raw
from tests.sandbox.standin import BounceBox, Gateway


async def test_the_standard_library_sends_and_is_answered_per_recipient(kit: Kit) -> None:
    def send() -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", kit.smtp_port, timeout=10) as client:
            client.ehlo()
            assert {"size", "pipelining", "8bitmime", "smtputf8", "dsn"} <= client.esmtp_features.keys()
            client.login("user", "password")
            return client.sendmail(
                "b@shop.example",
                ["silent@x.example", "reject@x.example"],
                raw("http://g.example", "silent@x.example", "t"),
            )

    refused = await asyncio.to_thread(send)
    assert refused == {"reject@x.example": (550, b"5.1.1 No such user here")}
    totals = (await kit.quiet())["totals"]
    assert totals["accepted"] == totals["delivered"] == 1
    assert totals["refused_at_rcpt"] == 1


async def test_what_was_transferred_is_kept_byte_for_byte(kit: Kit) -> None:
    body = b"Subject: dots\r\n\r\n.one\r\n..two\r\n. \r\n.\r\n...\r\nlast\r\n"
    client = await kit.smtp()
    await client.sendmail("b@shop.example", ["silent@x.example"], body)
    await client.quit()
    (message,) = (await kit.get("/truth"))["messages"]
    async with kit.session.get(f"{kit.url}/messages/{message['number']}/source") as response:
        assert await response.read() == body


async def test_one_connection_takes_many_messages_and_pipelined_commands(kit: Kit) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", kit.smtp_port)
    conversation = b"EHLO x\r\n"
    for number in range(20):
        conversation += b"MAIL FROM:<a@b.example>\r\nRCPT TO:<silent+%d@x.example>\r\nDATA\r\n" % number
        conversation += b"Subject: %d\r\n\r\nbody\r\n.\r\n" % number
    writer.write(conversation + b"QUIT\r\n")
    replies = (await reader.read()).decode().split("\r\n")
    writer.close()
    assert len([reply for reply in replies if reply.startswith("250 2.0.0 Ok: queued as ")]) == 20
    assert replies[-2] == "221 2.0.0 Bye"
    assert (await kit.get("/truth/summary"))["totals"]["accepted"] == 20


async def command(kit: Kit, *lines: bytes) -> list[str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", kit.smtp_port)
    writer.write(b"".join(line + b"\r\n" for line in lines) + b"QUIT\r\n")
    replies = (await reader.read()).decode().split("\r\n")[1:-2]
    writer.close()
    return [reply for reply in replies if reply[3:4] != "-"]


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ((b"MAIL FROM:<a@b.example>",), "503 5.5.1 EHLO first"),
        ((b"EHLO x", b"MAIL FROM:a@b.example"), "501 5.5.4 Syntax: MAIL FROM:<address>"),
        ((b"EHLO x", b"MAIL FROM:<a@b.example> SIZE=99999999"), "552 5.3.4 Message too big"),
        ((b"EHLO x", b"MAIL FROM:<a@b.example> SIZE=x"), "501 5.5.4 SIZE is a number"),
        ((b"EHLO x", "MAIL FROM:<ü@b.example>".encode()), "553 5.6.7 SMTPUTF8 is needed for this address"),
        ((b"EHLO x", b"RCPT TO:<a@b.example>"), "503 5.5.1 MAIL first"),
        ((b"EHLO x", b"DATA"), "503 5.5.1 MAIL first"),
        ((b"EHLO x", b"MAIL FROM:<a@b.example>", b"DATA"), "554 5.5.1 No valid recipients"),
        (
            (b"EHLO x", b"MAIL FROM:<a@b.example>", b"MAIL FROM:<a@b.example>"),
            "503 5.5.1 Nested MAIL command",
        ),
        ((b"EHLO x", b"AUTH PLAIN !"), "501 5.5.2 AUTH cancelled or not readable"),
        ((b"EHLO x", b"AUTH GSSAPI"), "504 5.5.4 Mechanism not supported"),
        ((b"NONSENSE",), "500 5.5.1 Command not recognised"),
        ((b"\xff",), "500 5.5.2 Commands are UTF-8"),
        ((b"EHLO",), "501 5.5.4 A name is needed"),
    ],
)
async def test_a_wrong_command_is_answered_and_the_conversation_goes_on(
    kit: Kit, lines: tuple[bytes, ...], reply: str
) -> None:
    assert (await command(kit, *lines))[-1] == reply


async def test_addresses_may_be_international(kit: Kit) -> None:
    client = await kit.smtp()
    await client.sendmail(
        "b@shop.example", ["müller@x.example"], b"Subject: a\r\n\r\nb\r\n", mail_options=["SMTPUTF8"]
    )
    await client.quit()
    assert (await kit.truth_of("müller@x.example"))["subject"] == "a"


async def test_a_greylisted_recipient_is_taken_at_the_second_try(kit: Kit) -> None:
    client = await kit.smtp()
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
        await client.sendmail("b@shop.example", ["greylist@x.example"], b"Subject: a\r\n\r\nb\r\n")
    assert caught.value.recipients[0].code == 451
    await client.sendmail("b@shop.example", ["greylist@x.example"], b"Subject: a\r\n\r\nb\r\n")
    await client.quit()
    assert (await kit.quiet())["totals"]["delivered"] == 1


def part(message: Message, number: int) -> Message:
    payload = message.get_payload()
    assert isinstance(payload, list)
    found = payload[number]
    assert isinstance(found, Message)
    return found


async def test_a_hard_bounce_comes_back_as_a_delivery_status_notification(kit: Kit) -> None:
    client = await kit.smtp()
    await client.mail("bounce+token@shop.example", options=["RET=HDRS", "ENVID=abc"])
    await client.rcpt("bounce@x.example", options=["ORCPT=rfc822;Bounce@x.example"])
    await client.data(raw("http://g.example", "bounce@x.example", "t1"))
    await client.quit()
    await kit.quiet()
    ((sender, recipients, report),) = kit.bounces.mails
    assert sender == "<>"
    assert recipients == ["bounce+token@shop.example"]
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    status = part(report, 1)
    assert status.get_content_type() == "message/delivery-status"
    about_message, about_recipient = part(status, 0), part(status, 1)
    assert about_message["Reporting-MTA"].startswith("dns;")
    assert about_message["Original-Envelope-Id"] == "abc"
    assert about_recipient["Final-Recipient"] == "rfc822; bounce@x.example"
    assert about_recipient["Original-Recipient"] == "rfc822; Bounce@x.example"
    assert (about_recipient["Action"], about_recipient["Status"]) == ("failed", "5.1.1")
    assert about_recipient["Diagnostic-Code"].startswith("smtp; 550 5.1.1")
    assert part(report, 2).get_content_type() == "text/rfc822-headers"
    assert "X-Angarium-Message-Id: t1" in part(report, 2).get_payload()
    assert (await kit.truth_of("bounce@x.example"))["bounced"] == "hard"


async def test_a_soft_bounce_and_a_delay_say_so(kit: Kit) -> None:
    client = await kit.smtp()
    for name in ("full", "defer"):
        await client.sendmail("b@shop.example", [f"{name}@x.example"], raw("http://g.example", "x", name))
    await client.quit()
    await kit.quiet()
    found = {
        part(part(report, 1), 1)["Action"]: part(part(report, 1), 1)["Status"]
        for *_, report in kit.bounces.mails
    }
    assert found == {"failed": "5.2.2", "delayed": "4.7.1"}
    assert (await kit.truth_of("defer@x.example"))["delivered_at"] is not None


async def test_notify_decides_which_reports_are_sent(kit: Kit) -> None:
    client = await kit.smtp()
    for name, notify in (("bounce", "NEVER"), ("silent", "SUCCESS"), ("full", "SUCCESS")):
        await client.mail("b@shop.example")
        await client.rcpt(f"{name}@x.example", options=[f"NOTIFY={notify}"])
        await client.data(b"Subject: a\r\n\r\nb\r\n")
    await client.quit()
    await kit.quiet()
    ((*_, report),) = kit.bounces.mails
    assert part(part(report, 1), 1)["Action"] == "delivered"


async def test_a_complaint_comes_as_an_abuse_report_with_the_message(kit: Kit) -> None:
    client = await kit.smtp()
    await client.sendmail(
        "verp@shop.example", ["complain@x.example"], raw(kit.gateway.url, "complain@x.example", "t9")
    )
    await client.quit()
    summary = await kit.quiet()
    assert summary["totals"]["complained"] == 1
    ((_, recipients, report),) = kit.bounces.mails
    assert recipients == ["verp@shop.example"]
    assert report.get_param("report-type") == "feedback-report"
    feedback = part(part(report, 1), 0)
    assert (feedback["Feedback-Type"], feedback["Version"]) == ("abuse", "1")
    assert feedback["User-Agent"]
    assert feedback["Reported-Domain"] == "shop.example"
    assert part(part(report, 2), 0)["X-Angarium-Message-Id"] == "t9"


@pytest.fixture
async def guarded(settings: Settings, gateway: Gateway, bounces: BounceBox) -> AsyncIterator[Kit]:
    wanted = replace(settings, smtp_credentials=("mailer", "secret"))
    async with started(wanted) as running, aiohttp.ClientSession() as session:
        yield Kit(running.http_port, running.smtp_port, session, gateway, bounces)


async def test_credentials_are_demanded_when_configured(guarded: Kit) -> None:
    client = await guarded.smtp()
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
        await client.sendmail("b@shop.example", ["silent@x.example"], b"Subject: a\r\n\r\nb\r\n")
    assert refused.value.code == 530
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as wrong:
        await client.login("mailer", "guess")
    assert wrong.value.code == 535
    await client.auth_login("mailer", "secret")
    await client.sendmail("b@shop.example", ["silent@x.example"], b"Subject: a\r\n\r\nb\r\n")
    await client.quit()
