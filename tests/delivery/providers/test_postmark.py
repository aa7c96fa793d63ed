import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.delivery.providers import Account, Attachment, Code, Presence, Result
from services.delivery.providers.mailboxes import mailbox
from services.delivery.providers.postmark.adapter import Postmark
from tests.delivery.providers.blocks import message, outcomes
from tests.delivery.providers.fake_postmark import FakePostmark

GOOD = "good"


@pytest.fixture
async def server() -> AsyncIterator[FakePostmark]:
    async with FakePostmark() as running:
        yield running


@pytest.fixture
async def provider(server: FakePostmark) -> AsyncIterator[Postmark]:
    made = Postmark(account(server))
    yield made
    await made.close()


def account(server: FakePostmark, token: str = GOOD, *, concurrency: int = 4, **config: object) -> Account:
    return Account(
        uuid.uuid4(),
        "postmark",
        {
            "base_url": server.url,
            "from_address": "news@acme.example",
            "broadcast_stream": "broadcast",
            **config,
        },
        {"server_token": token},
        timedelta(seconds=0.5),
        max_concurrency=concurrency,
        production=False,
    )


@pytest.mark.req("DEL-103", "DEL-109", "DEL-72")
async def test_a_message_carries_references_tags_the_way_out_and_no_tracking(
    server: FakePostmark, provider: Postmark
) -> None:
    sent = message(headers={"X-Own": "y"}, unsubscribe_mailto="mailto:u@acme.example", name='Ada "B"')
    files = [Attachment("a.txt", "text/plain", b"abc"), Attachment("b.png", "image/png", b"x", "logo")]
    await outcomes(provider, [sent], attachments=files)
    ((one,),) = server.requests
    assert one["Metadata"] == {
        "angarium_message_id": str(sent.message_id), "angarium_campaign_id": "c-1", "angarium_tenant_id": "t1",
        "template": "autumn",
    }  # fmt: skip
    assert (one["Tag"], one["MessageStream"]) == ("offers", "broadcast")
    assert one["Headers"] == [
        {"Name": "X-Own", "Value": "y"},
        {"Name": "List-Unsubscribe", "Value": "<https://m.example/u/1>, <mailto:u@acme.example>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
    assert (one["From"], one["ReplyTo"]) == ("Acme <news@acme.example>", "help@acme.example")
    assert one["To"] == '"Ada \\"B\\"" <ada@example.com>'
    assert (one["TrackOpens"], one["TrackLinks"]) == (False, "None")
    assert [file.get("ContentID") for file in one["Attachments"]] == [None, "cid:logo"]
    assert not any("@" in value for value in one["Metadata"].values())
    assert all(len(name) <= 20 for name in one["Metadata"])


async def test_what_has_no_way_out_goes_by_the_other_stream(server: FakePostmark, provider: Postmark) -> None:
    sent = message()
    sent.unsubscribe_url = ""
    await outcomes(provider, [sent])
    ((one,),) = server.requests
    assert one["MessageStream"] == "outbound"
    assert "Headers" not in one


@pytest.mark.parametrize(("concurrency", "at_once"), [(1, 1), (2, 2), (8, 3)])
async def test_lots_of_five_hundred_travel_as_many_at_a_time_as_the_account_allows(
    server: FakePostmark, concurrency: int, at_once: int
) -> None:
    provider = Postmark(account(server, concurrency=concurrency))
    results = await outcomes(provider, [message(f"r{n}@example.com") for n in range(1001)])
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert sorted(map(len, server.requests)) == [1, 500, 500]
    assert server.most_at_once == at_once
    assert len({one.provider_message_id for one in results}) == 1001
    await provider.close()


@pytest.mark.req("DEL-82", "DEL-83", "DEL-77")
@pytest.mark.parametrize(
    ("code", "result", "word", "recipient_fault", "provider_fault"),
    [
        (10, Result.RETRYABLE, Code.CREDENTIALS, False, True),
        (100, Result.RETRYABLE, Code.UNAVAILABLE, False, True),
        (300, Result.PERMANENT, Code.REQUEST_REFUSED, False, False),
        (400, Result.PERMANENT, Code.SENDER_REFUSED, False, False),
        (405, Result.RETRYABLE, Code.CREDENTIALS, False, True),
        (406, Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        (411, Result.PERMANENT, Code.CONTENT_REFUSED, False, False),
        (412, Result.RETRYABLE, Code.CREDENTIALS, False, True),
        (429, Result.RETRYABLE, Code.RATE_LIMITED, False, True),
        (99_999, Result.RETRYABLE, "postmark_99999", False, False),
    ],
)
async def test_each_message_of_a_batch_has_its_own_code(
    server: FakePostmark, provider: Postmark, code: int, result: Result, word: str, recipient_fault: bool, provider_fault: bool
) -> None:  # fmt: skip
    server.codes["a@example.com"] = code
    one, other = await outcomes(provider, [message("a@example.com"), message("b@example.com")])
    assert (one.result, one.code, one.recipient_fault, one.provider_fault) == (
        result,
        word,
        recipient_fault,
        provider_fault,
    )
    assert "@" not in one.reason
    assert other.result is Result.ACCEPTED


@pytest.mark.req("DEL-81", "DEL-82", "DEL-78")
@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        ("429", Result.RETRYABLE, Code.RATE_LIMITED),
        ("500", Result.RETRYABLE, Code.UNAVAILABLE),
        ("504", Result.UNKNOWN, Code.TIMEOUT),
        ("413", Result.PERMANENT, Code.TOO_LARGE),
        ("garbage", Result.UNKNOWN, Code.UNREADABLE_ANSWER),
    ],
)
async def test_a_request_that_fails_as_a_whole_says_the_same_of_all_its_messages(
    server: FakePostmark, provider: Postmark, fault: str, result: Result, code: str
) -> None:
    server.faults.append(fault)
    found = await outcomes(provider, [message("a@example.com"), message("b@example.com")])
    assert {(one.result, one.code) for one in found} == {(result, code)}
    assert not any("@" in one.reason for one in found)
    if fault == "429":
        assert found[0].retry_after == timedelta(seconds=7)


async def test_fields_over_the_limit_and_foreign_headers_are_refused_before_sending(
    server: FakePostmark, provider: Postmark
) -> None:
    results = await outcomes(
        provider,
        [
            message(custom_args={"x": "y" * 81}),
            message(custom_args={"x" * 21: "y"}),
            message(custom_args={str(n): "y" for n in range(9)}),
            message(headers={"Subject": "x"}),
            message(headers={"X-Own": "a\r\nBcc: b@example.com"}),
        ],
    )
    assert {(one.result, one.code) for one in results} == {(Result.PERMANENT, Code.REQUEST_REFUSED)}
    assert server.requests == []


@pytest.mark.req("DEL-36")
async def test_a_wrong_token_and_a_missing_stream_are_found(server: FakePostmark) -> None:
    wrong = Postmark(account(server, "bad"))
    found = await wrong.verify()
    assert (found.ok, found.provider_fault) == (False, True)
    (outcome,) = await outcomes(wrong, [message()])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (
        Result.RETRYABLE,
        Code.CREDENTIALS,
        True,
    )
    await wrong.close()
    missing = Postmark(account(server, broadcast_stream="gone"))
    assert (await missing.verify()).details == "no such stream"
    await missing.close()


@pytest.mark.req("DEL-78")
async def test_without_message_search_nobody_can_say_whether_a_message_arrived(
    server: FakePostmark, provider: Postmark
) -> None:
    sent = message()
    assert (await provider.look_up([sent.message_id]))[sent.message_id].presence is Presence.UNKNOWABLE
    searching = Postmark(account(server, message_search=True))
    server.faults.append("500")
    assert (await searching.look_up([sent.message_id]))[sent.message_id].presence is Presence.UNKNOWABLE
    await searching.close()


def test_names_cannot_end_their_field() -> None:
    assert mailbox("Zoë", "z@example.com") == '"Zoë" <z@example.com>'
    assert mailbox('a" <x@y>, "b', "z@example.com") == '"a\\" <x@y>, \\"b" <z@example.com>'
    assert mailbox("a\r\nBcc: x", "z@example.com") == '"a  Bcc: x" <z@example.com>'
    assert mailbox("", "z@example.com") == "z@example.com"
