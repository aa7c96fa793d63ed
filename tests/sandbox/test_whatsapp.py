"""The faces of Meta, Gupshup, WATI and MSG91: what they take and refuse, and what they tell."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from tests.sandbox.kit import Kit

ECHO = "angarium_campaign_id=c1&angarium_message_id=m1"
PATHS = {
    "meta": "/v24.0/27681414235104944/messages",
    "gupshup": "/wa/api/v1/template/msg",
    "wati": "/api/ext/v3/messageTemplates/send",
    "msg91": "/api/v5/flow",
}


def order(provider: str, to: str) -> dict[str, Any]:
    """A request as senders post it."""
    if provider == "meta":
        body = {
            "messaging_product": "whatsapp", "recipient_type": "individual", "type": "template", "to": to,
            "template": {
                "name": "hello", "language": {"code": "en"},
                "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ada <b>"}]}],
            },
            "biz_opaque_callback_data": ECHO,
        }  # fmt: skip
        return {"json": body, "headers": {"Authorization": "Bearer token"}}
    if provider == "gupshup":
        form = {"channel": "whatsapp", "source": "1", "src.name": "Salon", "destination": to,
                "template": '{"id": "hello", "params": ["Ada <b>"]}'}  # fmt: skip
        return {"data": form, "headers": {"apikey": "key"}}
    if provider == "wati":
        values = [{"name": "name", "value": "Ada <b>"}]
        person = {"target": to, "local_message_id": "m1", "custom_params": values}
        body = {"template_name": "hello", "broadcast_name": "angarium-c1", "recipients": [person]}
        return {"json": body, "headers": {"Authorization": "Bearer token"}}
    body = {"template_id": "hello", "recipients": [{"mobiles": to, "name": "Ada <b>"}]}
    return {"json": body, "headers": {"authkey": "key"}}


async def send(kit: Kit, provider: str, to: str, path: str = "", **changes: Any) -> tuple[int, Any]:
    request = {**order(provider, to), **changes}
    async with kit.session.post(kit.url + (path or PATHS[provider]), **request) as answer:
        return answer.status, orjson.loads(await answer.read())


async def heard(kit: Kit, provider: str, secret: str = "") -> None:
    url = kit.gateway.url.replace("://", "://user:password@") + "/webhooks/sendgrid/token"
    await kit.post("/admin/settings", {"provider": provider, "webhook_url": url, "webhook_secret": secret})


def calls(kit: Kit) -> list[Any]:
    return [orjson.loads(body) for _, body in kit.gateway.webhooks]


def words(provider: str, body: Any) -> list[str]:
    """The statuses and the texts of a call."""
    if provider == "meta":
        values = [change["value"] for entry in body["entry"] for change in entry["changes"]]
        return [
            one.get("status") or one["text"]["body"]
            for value in values
            for one in value.get("statuses", []) + value.get("messages", [])
        ]
    if provider == "gupshup":
        return [body["payload"]["payload"]["text"] if body["type"] == "message" else body["payload"]["type"]]
    return [body["text"] if body["eventType"] == "message" else body["statusString"].lower()]


@pytest.mark.parametrize("provider", ["meta", "gupshup", "wati"])
async def test_people_read_and_answer_by_the_same_webhook(kit: Kit, provider: str) -> None:
    await heard(kit, provider, "secret")
    status, answer = await send(kit, provider, "12025550104")
    assert status in (200, 202), answer
    await kit.quiet()
    told = [word for body in calls(kit) for word in words(provider, body)]
    assert sorted(told) == ["START", "STOP", "delivered", "read", "sent"]
    for headers, body in kit.gateway.webhooks:
        if provider == "meta":
            expected = hmac.digest(b"secret", body, "sha256").hex()
            assert headers["x-hub-signature-256"] == f"sha256={expected}"
        else:
            assert headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    found = await kit.truth_of("%2B12025550104")
    assert ([one["what"] for one in found["answered"]], list(found["opened"])) == (
        ["STOP", "START"],
        ["human"],
    )
    assert found["message_id"] == ("m1" if provider != "gupshup" else answer["messageId"])


@pytest.mark.parametrize(("digits", "code"), [("0105", 131026), ("0112", 131050), ("0109", 131049)])
async def test_what_does_not_arrive_fails_with_metas_codes(kit: Kit, digits: str, code: int) -> None:
    await heard(kit, "meta", "secret")
    await send(kit, "meta", f"1202555{digits}")
    await kit.quiet()
    [status] = calls(kit)[-1]["entry"][0]["changes"][-1]["value"]["statuses"]
    assert (status["status"], status["errors"][0]["code"]) == ("failed", code)
    assert status["biz_opaque_callback_data"] == ECHO


async def test_a_text_arrives_only_after_its_reader_wrote(kit: Kit) -> None:
    await heard(kit, "meta", "secret")
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", "type": "text",
            "text": {"body": "hi"}}  # fmt: skip

    async def last(to: str) -> str:
        await send(kit, "meta", to, json={**body, "to": to})
        await kit.quiet()
        return words("meta", calls(kit)[-1])[-1]

    assert await last("12025550101") == "failed"
    await send(kit, "meta", "12025550101")
    await kit.quiet()
    assert await last("12025550101") in ("delivered", "read")


async def test_reports_of_msg91_are_forms_in_the_time_of_india(kit: Kit) -> None:
    await heard(kit, "msg91")
    for digits in ("0100", "0105", "0107", "0109"):
        await send(kit, "msg91", f"1202555{digits}")
    await kit.quiet()
    reports = [
        report
        for headers, body in kit.gateway.webhooks
        for request in orjson.loads(parse_qs(body.decode())["data"][0])
        for report in request["report"]
        if headers["content-type"] == "application/x-www-form-urlencoded"
    ]
    told = {(one["number"][-4:], one["status"], one["desc"]) for one in reports}
    assert told == {
        ("0100", "1", "DELIVERED"),
        ("0105", "2", "FAILED"),
        ("0107", "2", "FAILED"),
        ("0109", "9", "NDNC"),
    }


@pytest.mark.parametrize(
    ("provider", "changes", "status", "words"),
    [
        ("meta", {"headers": {"Authorization": "Bearer invalid"}}, 401, '"code":190'),
        ("meta", {"json": {}}, 400, '"code":100'),
        ("gupshup", {"headers": {"apikey": "invalid"}}, 401, '"status":"error"'),
        (
            "gupshup",
            {"data": {"source": "1", "src.name": "x", "destination": "1202555010x"}},
            400,
            "Destination",
        ),
        ("wati", {"headers": {}}, 401, "Unauthorized"),
        ("wati", {"json": {"recipients": []}}, 400, "required"),
        ("msg91", {"headers": {"authkey": "invalid"}}, 401, '"code":"201"'),
        ("msg91", {"json": {"recipients": []}}, 200, '"type":"error"'),
    ],
)
async def test_refusals_are_the_providers_own(
    kit: Kit, provider: str, changes: dict[str, Any], status: int, words: str
) -> None:
    found, answer = await send(kit, provider, "12025550100", **changes)
    assert found == status
    assert words in orjson.dumps(answer).decode()
    assert (await kit.get("/truth"))["messages"] == []


@pytest.mark.parametrize(("provider", "look"), [("meta", "bubbles whatsapp"), ("msg91", "bubbles")])
async def test_the_mailbox_shows_them_as_bubbles(kit: Kit, provider: str, look: str) -> None:
    await heard(kit, provider, "secret")
    await send(kit, provider, "12025550103")
    await kit.quiet()
    page = await kit.page("/messages/1")
    assert f'<ol class="{look}"' in page
    assert "Ada &lt;b&gt;" in page
    assert ('<li class="own">HELP</li>' in page) is (provider == "meta")
    assert "+12025550103" in await kit.page("/messages/1/source")
