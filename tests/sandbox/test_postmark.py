"""Postmark's face: its own client library sends, searches and is refused as by the real one."""

import asyncio
import json
from typing import Any

import pytest
from postmarker.core import PostmarkClient
from postmarker.exceptions import ClientError

from tests.sandbox.kit import Kit

TOKEN = "token"
MESSAGE = {
    "From": "Shop <news@shop.example>", "To": "silent@b.example", "Subject": "Hello", "TextBody": "Hi",
    "HtmlBody": "<p>Hi</p>", "Metadata": {"angarium_message_id": "m1", "angarium_campaign_id": "c1"},
}  # fmt: skip


def client(kit: Kit, token: str = TOKEN) -> Any:
    made = PostmarkClient(server_token=token)
    made.root_api_url = kit.url + "/"
    return made


async def run(call: Any, *given: Any, **named: Any) -> Any:
    return await asyncio.to_thread(call, *given, **named)


async def test_the_vendors_clients_calls_are_answered_as_it_expects(kit: Kit) -> None:
    postmark = client(kit)
    one = await run(postmark.emails.send, **MESSAGE)
    assert (one["ErrorCode"], one["Message"]) == (0, "OK")
    several = await run(
        postmark.emails.send_batch,
        *({**MESSAGE, "To": f"{who}@b.example"} for who in ("silent", "drop", "open")),
    )
    assert [item["ErrorCode"] for item in several] == [0, 406, 0]
    found = await run(postmark.messages.outbound.get, one["MessageID"])
    assert (found.Subject, found.Status, found.Recipients) == ("Hello", "Sent", ["silent@b.example"])
    assert (await run(postmark.server.get)).Name == "Sandbox"
    summary = await kit.quiet()
    assert summary["totals"]["accepted"] == 3


async def test_refusals_have_the_vendors_codes(kit: Kit) -> None:
    with pytest.raises(ClientError) as refused:
        await run(client(kit, "invalid").emails.send, **MESSAGE)
    assert refused.value.error_code == 10
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"From": ""}, 300), ({"From": "unverified@shop.example"}, 400), ({"To": "nobody"}, 300),
        ({"Metadata": {"x" * 21: "y"}}, 300),
        ({"Metadata": {"x": "y" * 81}}, 300), ({"To": "drop@b.example"}, 406), ({"MessageStream": "NO"}, 1226),
    ]  # fmt: skip
    for change, code in wrong:
        with pytest.raises(ClientError) as refused:
            await run(client(kit).emails.send, **{**MESSAGE, **change})
        assert refused.value.error_code == code, change
    async with kit.session.post(
        f"{kit.url}/email/batch", json=[MESSAGE] * 501, headers={"X-Postmark-Server-Token": "token"}
    ) as answer:
        assert (answer.status, (await answer.json())["ErrorCode"]) == (422, 410)


async def test_events_come_one_by_one_in_the_vendors_shape_with_the_password_of_the_url(kit: Kit) -> None:
    place = kit.gateway.url.replace("//", "//hook:secret@") + "/webhooks/sendgrid/token"
    await kit.post("/admin/settings", {"provider": "postmark", "webhook_url": place})
    people = ("silent", "bounce", "full", "defer", "complain")
    await run(client(kit).emails.send_batch, *({**MESSAGE, "To": f"{who}@b.example"} for who in people))
    await kit.quiet()
    events = [json.loads(body) for _, body in kit.gateway.webhooks]
    told = sorted(
        (
            (event.get("Email") or event["Recipient"]).partition("@")[0],
            event["RecordType"],
            event.get("Type", ""),
        )
        for event in events
    )
    assert told == [
        ("bounce", "Bounce", "HardBounce"),
        ("complain", "Delivery", ""),
        ("complain", "SpamComplaint", "SpamComplaint"),
        ("defer", "Bounce", "Transient"),
        ("defer", "Delivery", ""),
        ("full", "Bounce", "SoftBounce"),
        ("silent", "Delivery", ""),
    ]
    assert {headers["authorization"] for headers, _ in kit.gateway.webhooks} == {"Basic aG9vazpzZWNyZXQ="}
    assert all(event["Metadata"] == MESSAGE["Metadata"] for event in events)


async def test_the_mailbox_shows_who_brought_the_message_and_its_source(kit: Kit) -> None:
    await run(client(kit).emails.send, **MESSAGE)
    assert "the Postmark API" in await kit.page("/messages/1")
    assert "Subject: Hello" in await kit.page("/messages/1?view=source")
