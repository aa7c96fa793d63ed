"""Files and media of messages: what is taken, how it is kept, and how it leaves (DEL-60)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.partitions import drop_partitions_before
from services.delivery.messages import attachments
from services.delivery.messages.media import MediaFile
from services.delivery.providers import Account
from services.delivery.providers.twilio.body import Form
from tests.delivery.kit import House
from tests.delivery.messages.calls import SMS, S, person, refused, rows, send, send_many, show, states
from tests.delivery.providers.fake_smtp import FakeSmtp
from tests.delivery.providers.texts import block
from tests.delivery.providers.texts import text as texting
from tests.fakes.carrier import Carrier

pytestmark = pytest.mark.asyncio(loop_scope="module")

PDF = b"%PDF-1.7 ticket"
PNG = b"\x89PNG\r\n\x1a\n picture"
INVALID = grpc.StatusCode.INVALID_ARGUMENT


def file(
    name: str = "ticket.pdf", kind: str = "application/pdf", content: bytes = PDF, **more: Any
) -> pb.Attachment:
    return pb.Attachment(filename=name, content_type=kind, content=content, **more)


TO = person(address="anna@example.com")


@pytest.mark.req("DEL-60", "DEL-104", "DEL-109")
async def test_files_are_kept_sealed_and_leave_with_their_message_alone_by_smtp(
    house_of_its_own: House,
) -> None:
    house = house_of_its_own
    template = house.template(html="<p>Dear {{ name }} <img src='cid:logo'></p>")
    async with FakeSmtp() as smtp:
        config = {
            "host": "127.0.0.1",
            "port": smtp.port,
            "security": "none",
            "from_address": "shop@example.com",
        }
        await house.add_account("smtp", config=config)
        content = house.content(
            template, attachments=[file(), file("logo.png", "image/png", PNG, inline_id="logo")]
        )
        answer = await send(house, content=content, recipient=TO)
        plain = await send(house, content=house.content(template), recipient=person(address="b@example.com"))
        other = await send(
            house,
            content=house.content(template, attachments=[file("other.pdf")]),
            recipient=person(address="c@example.com"),
        )
        assert (await show(house, answer.message_id)).message.attachment_count == 2
        stored = await house.rows("SELECT sealed FROM attachment")
        assert len(stored) == 3
        assert all(b"%PDF" not in sealed and b"ticket" not in sealed for (sealed,) in stored)
        async with house.worker(provider_mode="live"):
            await house.until_states({"sent": 3})
        letters = {to: message_from_bytes(raw, policy=policy.SMTP) for _, to, raw in smtp.letters}
    anna = letters["anna@example.com"]
    assert anna["X-Angarium-Message-Id"] == answer.message_id
    files = {part.get_filename(): part for part in anna.walk() if part.get_filename()}
    assert files["ticket.pdf"].get_content() == PDF
    assert files["ticket.pdf"].get_content_disposition() == "attachment"
    assert files["logo.png"]["Content-ID"] == "<logo>"
    assert [part.get_filename() for part in letters["c@example.com"].walk() if part.get_filename()] == [
        "other.pdf"
    ]
    assert letters["b@example.com"]["X-Angarium-Message-Id"] == plain.message_id
    assert not [part for part in letters["b@example.com"].walk() if part.get_filename()]
    assert other.state == S.STATE_PENDING


@pytest.mark.req("DEL-60", "DEL-116")
async def test_files_of_ten_megabytes_together_leave_by_a_batch_provider_and_more_are_refused(
    house_of_its_own: House,
) -> None:
    house = house_of_its_own
    just = [file(f"{n}.pdf", content=b"x" * (1024 * 1024)) for n in range(10)]
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        answer = await send(house, content=house.content(attachments=just), recipient=TO)
        async with house.worker(provider_mode="live"):
            await house.until_states({"sent": 1})
        assert carrier.taken[answer.message_id] == 1
        assert [one["filename"] for one in carrier.last["attachments"]] == [f"{n}.pdf" for n in range(10)]
    over = house.content(attachments=[*just[:9], file("9.pdf", content=b"x" * (1024 * 1024 + 1))])
    found = await refused(send(house, content=over, recipient=TO))
    assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", ["content.attachments"])
    eleven = house.content(attachments=[file(f"{n}.pdf") for n in range(11)])
    assert (await refused(send(house, content=eleven, recipient=TO)))[3] == ["content.attachments"]
    assert await house.states() == {"sent": 1}


@pytest.mark.req("DEL-60")
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (file("setup.exe"), "filename"),
        (file("invoice.pdf.scr "), "filename"),
        (file("ticket.js.", "text/plain"), "filename"),
        (file("../ticket.pdf"), "filename"),
        (file("ticket\u202efdp.pdf"), "filename"),
        (file("ticket.bin", "application/x-msdownload"), "content_type"),
        (file("ticket.pdf", "pdf"), "content_type"),
        (file("ticket.pdf", content=b"MZ\x90\x00"), "content"),
        (file("ticket.pdf", content=b"\x7fELF\x02"), "content"),
        (file("ticket.pdf", content=b"#!/bin/sh\n"), "content"),
        (file("logo.png", "image/png", PNG, inline_id="a b"), "inline_id"),
        (file(content=b""), ""),
        (file(media_id=str(uuid4())), ""),
        (pb.Attachment(filename="a.pdf", content_type="application/pdf", media_id=str(uuid4())), "media_id"),
    ],
)
async def test_executables_and_malformed_files_are_refused_and_nothing_is_kept(
    office: House, bad: pb.Attachment, field: str
) -> None:
    found = await refused(send(office, content=office.content(attachments=[file(), bad]), recipient=TO))
    path = "content.attachments[1]" + (f".{field}" if field else "")
    assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", [path])
    assert await states(office) == {}
    assert await rows(office, "SELECT count(*) FROM attachment WHERE tenant_id = %s") == [(0,)]


@pytest.mark.req("DEL-60")
async def test_files_travel_with_mail_and_media_with_texts_only(office: House) -> None:
    text = office.template(channel=SMS)
    number = person(address="+491711234567")
    with_file = office.content(text, channel=SMS, attachments=[file()])
    assert (await refused(send(office, content=with_file, recipient=number)))[3] == ["content.attachments"]
    with_media = office.content(media_urls=["https://media.example/a.png"])
    assert (await refused(send(office, content=with_media, recipient=TO)))[3] == ["content.media_urls"]


@pytest.mark.req("DEL-60", "DEL-116", "GEN-25")
@pytest.mark.parametrize(
    "url",
    [
        "http://media.example/a.png",
        "https://user:pw@media.example/a.png",
        "ftp://x/y",
        "https://",
        "https://a b/c",
    ],
)
async def test_media_must_lie_at_addresses_that_anybody_may_see(office: House, url: str) -> None:
    text = office.template(channel=SMS)
    content = office.content(text, channel=SMS, media_urls=["https://media.example/ok.png", url])
    found = await refused(send(office, content=content, recipient=person(address="+491711234567")))
    assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", ["content.media_urls[1]"])
    eleven = office.content(text, channel=SMS, media_urls=["https://media.example/ok.png"] * 11)
    assert (await refused(send(office, content=eleven, recipient=person(address="+491711234567"))))[3] == [
        "content.media_urls"
    ]


@pytest.mark.req("DEL-60")
async def test_addresses_of_media_are_kept_sealed_and_given_to_the_provider_of_texts(office: House) -> None:
    text = office.template(channel=SMS)
    urls = ["https://media.example/a.png?x=1&y=2", "https://media.example/b.mp4"]
    content = office.content(text, channel=SMS, media_urls=urls)
    answer = await send(office, content=content, recipient=person(address="+491711234567"))
    assert answer.state == S.STATE_PENDING
    [(sealed,)] = await rows(office, "SELECT sealed FROM content WHERE tenant_id = %s")
    assert b"media.example" not in sealed
    multimedia = block([texting("+491711234567")], media_urls=urls)
    account = Account(uuid4(), "twilio", {"from": "+15005550006"}, channel="sms")
    body = Form(account, multimedia).body(multimedia.outgoing[0]).decode()
    assert body.count("MediaUrl=") == 2
    assert "MediaUrl=https%3A%2F%2Fmedia.example%2Fa.png%3Fx%3D1%26y%3D2" in body


@pytest.mark.req("DEL-60")
async def test_a_block_has_its_files_once_and_they_go_with_its_content(house_of_its_own: House) -> None:
    office = house_of_its_own
    people = [person(contact_id=str(uuid4()), address=f"p{n}@example.com") for n in range(20)]
    content = office.content(attachments=[file()])
    await send_many(office, content=content, recipients=people)
    assert await rows(office, "SELECT count(*) FROM attachment WHERE tenant_id = %s") == [(1,)]
    async with office.service.database.system() as uow:
        await drop_partitions_before(uow, "attachment", datetime.now(UTC) + timedelta(days=400))
    assert await rows(office, "SELECT count(*) FROM attachment WHERE tenant_id = %s") == [(0,)]


@pytest.mark.req("DEL-60")
async def test_a_media_asset_counts_with_its_size() -> None:
    known = uuid4()
    by_id = pb.Attachment(filename="a.pdf", content_type="application/pdf", media_id=str(known))
    fits = {known: MediaFile("application/pdf", attachments.MOST_BYTES)}
    assert attachments.problems([by_id], fits) == []
    assert attachments.problems([by_id, file()], fits) == [
        ("content.attachments", "must be at most 10 MB together")
    ]


@pytest.mark.req("DEL-60")
async def test_there_is_no_copy_for_others() -> None:
    names = {
        field.name
        for one in (pb.MessageContent, pb.Recipient, pb.SendMessageRequest)
        for field in one.DESCRIPTOR.fields
    }
    assert not {name for name in names if name in ("cc", "bcc") or name.startswith(("cc_", "bcc_"))}


@pytest.mark.req("DEL-1")
async def test_a_reply_address_must_be_one(office: House) -> None:
    content = office.content(reply_to="not an address")
    assert await refused(send(office, content=content, recipient=TO)) == (
        INVALID, "VALIDATION_FAILED", "MARKETING_063", ["content.reply_to"],
    )  # fmt: skip
