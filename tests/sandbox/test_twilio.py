"""Twilio's face of the sandbox, driven by Twilio's own client."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.sandbox.kit import Kit

SID = "AC" + "0" * 32
TOKEN = "secret"
FROM = "+12025550199"


class Local(TwilioHttpClient):  # type: ignore[misc]  # published without types
    """Sends what the client would send to Twilio to the sandbox instead."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *arguments, **named)


def client(kit: Kit, token: str = TOKEN) -> Any:
    return Client(SID, token, http_client=Local(kit.url))


async def create(kit: Kit, to: str, body: str = "Hello", **more: Any) -> Any:
    fields = {"from_": FROM, "status_callback": callback(kit, more.pop("message_id", "m1")), **more}
    return await asyncio.to_thread(lambda: client(kit).messages.create(to=to, body=body, **fields))


def callback(kit: Kit, message_id: str) -> str:
    return f"{kit.gateway.url}/webhooks/sendgrid/token?angarium_message_id={message_id}"


def told(kit: Kit) -> list[dict[str, str]]:
    return [dict(parse_qsl(body.decode())) for _, body in kit.gateway.webhooks]


async def test_the_vendors_client_sends_fetches_and_lists(kit: Kit) -> None:
    made = await create(kit, "+12025550100", "Hello €" + "a" * 160)
    assert (made.status, made.num_segments, made.direction) == ("queued", "2", "outbound-api")
    await kit.quiet()
    api = client(kit)
    fetched = await asyncio.to_thread(lambda: api.messages(made.sid).fetch())
    assert (fetched.status, fetched.price, fetched.body) == ("delivered", "-0.01580", made.body)
    listed = await asyncio.to_thread(lambda: api.messages.list(to="+12025550100", limit=5))
    assert [one.sid for one in listed] == [made.sid]
    assert {one["MessageStatus"] for one in told(kit)} == {"sent", "delivered"}
    assert (await kit.truth_of("%2B12025550100"))["message_id"] == "m1"


async def test_callbacks_carry_a_signature_the_vendors_library_takes(kit: Kit) -> None:
    await create(kit, "+12025550106")
    await kit.quiet()
    for headers, body in kit.gateway.webhooks:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        url = callback(kit, "m1")
        assert RequestValidator(TOKEN).validate(url, fields, headers["x-twilio-signature"])
        assert not RequestValidator("other").validate(url, fields, headers["x-twilio-signature"])
    assert told(kit)[-1]["ErrorCode"] == "30005"


@pytest.mark.parametrize(
    ("to", "fields", "code"),
    [
        ("12", {}, 21211),
        ("+12025550100", {"body": ""}, 21602),
        ("+12025550100", {"body": "a" * 1601}, 21617),
        ("+12025550112", {}, 21610),
        ("+12025550111", {}, 21614),
    ],
)
async def test_refusals_are_twilios_own(kit: Kit, to: str, fields: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await create(kit, to, **fields)
    assert (caught.value.status, caught.value.code) == (400, code)


async def test_a_wrong_token_is_refused(kit: Kit) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(lambda: client(kit, "invalid").messages("SM1").fetch())
    assert (caught.value.status, caught.value.code) == (401, 20003)


async def test_people_answer_the_first_text_of_a_sender_by_the_same_webhook(kit: Kit) -> None:
    await create(kit, "+12025550104")
    await kit.quiet()
    answers = [one for one in told(kit) if "Body" in one]
    assert [one["Body"] for one in answers] == ["STOP", "START"]
    assert {(one["From"], one["To"], one["SmsStatus"]) for one in answers} == {
        ("+12025550104", FROM, "received")
    }
    await create(kit, "+12025550104", message_id="m2")
    await kit.quiet()
    assert len([one for one in told(kit) if "Body" in one]) == 2
    [first, second] = (await kit.get("/truth?address=%2B12025550104"))["messages"]
    assert [one["what"] for one in first["answered"]] == ["STOP", "START"]
    assert second["answered"] == []


async def test_the_mailbox_shows_texts_as_bubbles(kit: Kit) -> None:
    await create(kit, "+12025550103", "Your table <is> ready")
    await kit.quiet()
    page = await kit.page("/messages/1")
    assert '<ol class="bubbles"' in page
    assert "Your table &lt;is&gt; ready" in page
    assert '<li class="own">HELP</li>' in page
    assert "+12025550103" in await kit.page("/inboxes")


async def test_the_behaviours_of_numbers_are_shown_and_make_a_thousand(kit: Kit) -> None:
    phones = (await kit.get("/behaviours"))["phones"]
    assert sum(one["per_thousand"] for one in phones) == 1000
    assert {"digits": "5550102", "summary": "answers STOP"}.items() <= phones[2].items()
