"""Mailgun's face: forms with recipient variables, one answer for all, events signed by time and token."""

import hashlib
import hmac
import json
from typing import Any

import aiohttp

from tests.sandbox.kit import Kit

FORM = {
    "from": "Shop <news@shop.example>", "subject": "Hello %recipient.name%", "text": "Hi %recipient.name%",
    "html": "<p>Hi %recipient.name%</p>", "v:angarium_message_id": "%recipient.v:id%", "o:tag": "spring",
    "h:List-Unsubscribe": "<%recipient.u%>",
}  # fmt: skip


async def send(
    kit: Kit, *people: str, key: str = "key", domain: str = "mg.shop.example", **more: str
) -> tuple[int, str]:
    form = aiohttp.FormData(list({**FORM, **more}.items()))
    for one in people:
        form.add_field("to", one)
    variables = {one: {"name": f"N{n}", "v:id": f"m{n}", "u": f"{kit.gateway.url}/unsubscribe/t{n}"} for n, one in enumerate(people)}  # fmt: skip
    form.add_field("recipient-variables", json.dumps(variables))
    headers = {"Authorization": aiohttp.encode_basic_auth("api", key)}
    async with kit.session.post(f"{kit.url}/v3/{domain}/messages", data=form, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_variables_are_filled_for_each_recipient(kit: Kit) -> None:
    status, text = await send(kit, "silent@b.example", "silent-1@b.example")
    assert (status, json.loads(text)["message"]) == (200, "Queued. Thank you.")
    assert json.loads(text)["id"].endswith("@mg.shop.example>")
    await kit.quiet()
    other = await kit.truth_of("silent-1@b.example")
    assert (other["message_id"], other["subject"]) == ("m1", "Hello N1")
    page = await kit.page("/messages/2?view=source")
    assert "Hi N1" in page
    assert "/unsubscribe/t1" in page
    assert "the Mailgun API" in page


async def test_test_mode_sends_nothing_and_refusals_are_the_vendors(kit: Kit) -> None:
    assert (await send(kit, "a@b.example", **{"o:testmode": "yes"}))[0] == 200
    wrong: list[tuple[tuple[str, ...], dict[str, Any], int]] = [
        (("a@b.example",), {"key": "invalid"}, 401),
        (("a@b.example",), {"domain": "unknown.example"}, 404),
        (("a@b.example", "nobody"), {}, 400),
        ((), {}, 400),
        (("a@b.example",), {"text": "", "html": ""}, 400),
        (tuple(f"a{n}@b.example" for n in range(1001)), {}, 400),
    ]
    for people, change, status in wrong:
        assert (await send(kit, *people, **change))[0] == status, change
    assert (await kit.quiet())["totals"]["accepted"] == 0


async def test_events_are_signed_and_in_the_vendors_shape(kit: Kit) -> None:
    place = f"{kit.gateway.url}/webhooks/sendgrid/token"
    await kit.post(
        "/admin/settings", {"provider": "mailgun", "webhook_url": place, "webhook_secret": "s3cret"}
    )
    people = ("silent", "bounce", "full", "defer", "drop", "complain")
    await send(kit, *(f"{who}@b.example" for who in people))
    await kit.quiet()
    told = []
    for _, raw in kit.gateway.webhooks:
        found = json.loads(raw)
        signature, event = found["signature"], found["event-data"]
        data = (signature["timestamp"] + signature["token"]).encode()
        assert signature["signature"] == hmac.new(b"s3cret", data, hashlib.sha256).hexdigest()
        assert event["user-variables"]["angarium_message_id"].startswith("m")
        who = event["recipient"].partition("@")[0]
        if event["event"] != "accepted":
            told.append((who, event["event"], event.get("severity", ""), event.get("reason", "")))
    drop = next(one for one in told if one[0] == "drop")
    assert drop[1:3] == ("failed", "permanent")
    assert drop[3].startswith("suppress-")
    assert sorted(set(told) - {drop}) == [
        ("bounce", "failed", "permanent", "bounce"),
        ("complain", "complained", "", ""),
        ("complain", "delivered", "", ""),
        ("defer", "delivered", "", ""),
        ("defer", "failed", "temporary", "greylisted"),
        ("full", "failed", "permanent", "bounce"),
        ("silent", "delivered", "", ""),
    ]


async def test_the_signing_key_can_be_asked_for_but_not_with_a_key_that_may_only_send(kit: Kit) -> None:
    for key, status in (("key", 200), ("sending-1", 401)):
        headers = {"Authorization": aiohttp.encode_basic_auth("api", key)}
        async with kit.session.get(f"{kit.url}/v5/accounts/http_signing_key", headers=headers) as answer:
            assert answer.status == status
            if status == 200:
                assert len((await answer.json())["http_signing_key"]) == 32
