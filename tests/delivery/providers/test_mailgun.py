import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import getaddresses

import pytest

from services.delivery.providers import Account, Attachment, Code, Outgoing, Result
from services.delivery.providers.form import multipart
from services.delivery.providers.halving import HOPELESS
from services.delivery.providers.mailgun.adapter import Mailgun
from tests.delivery.providers.blocks import CONTENT, message, outcomes
from tests.delivery.providers.fake_mailgun import FakeMailgun


@pytest.fixture
async def server() -> AsyncIterator[FakeMailgun]:
    async with FakeMailgun() as running:
        yield running


@pytest.fixture
async def provider(server: FakeMailgun) -> AsyncIterator[Mailgun]:
    made = Mailgun(account(server, "good"))
    yield made
    await made.close()


def account(server: FakeMailgun, key: str, **config: object) -> Account:
    known = {"base_url": server.url, "domain": "mg.acme.example", "from_address": "news@acme.example"}
    return Account(
        uuid.uuid4(), "mailgun", known | config, {"api_key": key}, timedelta(seconds=2), 1, production=False
    )


@pytest.mark.req("DEL-103", "DEL-109", "DEL-72")
async def test_each_copy_carries_its_own_references_and_way_out_and_no_tracking(
    server: FakeMailgun, provider: Mailgun
) -> None:
    sent = [
        message(
            f"r{n}@example.com", name=f'R "{n}"', custom_args={"kind": str(n)}, headers={"X-Own": f"y{n}"}
        )
        for n in range(3)
    ]
    for number, one in enumerate(sent):
        one.unsubscribe_url = f"https://m.example/u/{number}"
    files = [
        Attachment('a"\r\nX: y.txt', "text/plain", b"a\r\n--b"),
        Attachment("b.png", "image/png", b"x", "logo"),
    ]
    await outcomes(provider, sent, attachments=files)
    (form,) = server.requests
    assert form["o:tag"] == ["offers", "autumn"]
    assert {form[name][0] for name in ("o:tracking", "o:tracking-clicks", "o:tracking-opens")} == {"no"}
    assert (form["from"], form["h:Reply-To"]) == (["Acme <news@acme.example>"], ["help@acme.example"])
    for number, one in enumerate(server.seen()):
        assert one["to"] == (f'R "{number}"', f"r{number}@example.com")
        assert {name: value for name, value in one.items() if name.startswith("v:")} == {
            "v:angarium_message_id": str(sent[number].message_id), "v:angarium_campaign_id": "c-1",
            "v:angarium_tenant_id": "t1", "v:kind": str(number),
        }  # fmt: skip
        assert one["h:X-Own"] == f"y{number}"
        assert one["h:List-Unsubscribe"] == f"<https://m.example/u/{number}>"
        assert one["h:List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [(name, content) for name, _, content in server.files] == [
        ("attachment", b"a\r\n--b"),
        ("inline", b"x"),
    ]


async def test_who_has_other_headers_or_arguments_or_an_address_twice_gets_another_request(
    server: FakeMailgun, provider: Mailgun
) -> None:
    sent = [
        message("a@example.com"),
        message("A@example.com"),
        message("b@example.com", headers={"X-Own": "y"}),
    ]
    results = await outcomes(provider, [*sent, message("c@example.com", custom_args={"kind": "x"})])
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert [len(getaddresses(form["to"])) for form in server.requests] == [1, 1, 1, 1]


async def test_more_than_a_thousand_recipients_are_split(server: FakeMailgun, provider: Mailgun) -> None:
    await outcomes(provider, [message(f"r{n}@example.com") for n in range(1001)])
    assert sorted(len(getaddresses(form["to"])) for form in server.requests) == [1, 1000]


async def test_values_that_look_like_variables_travel_whole_and_unchanged(
    server: FakeMailgun, provider: Mailgun
) -> None:
    sly = message("sly@example.com", name="%recipient.s%", note="%recipient_email%")
    await outcomes(provider, [message("a@example.com"), sly])
    whole = next(form for form in server.requests if "recipient-variables" not in form)
    assert whole["html"] == [CONTENT.parts["html"].join(sly.slots)]
    assert whole["v:angarium_message_id"] == [str(sly.message_id)]


@pytest.mark.req("DEL-82", "DEL-83")
@pytest.mark.parametrize("count", [2, 3, 400])
async def test_bad_addresses_are_found_among_the_good_ones(
    server: FakeMailgun, provider: Mailgun, count: int
) -> None:
    sent = [message(f"r{n}@example.com") for n in range(count)]
    bad = {sent[0].address, sent[count // 2].address}
    server.bad_addresses |= bad
    results = await outcomes(provider, sent)
    if count == 2:  # nothing was accepted, so nothing says that the addresses are to blame
        assert {(one.code, one.recipient_fault) for one in results} == {(Code.REQUEST_REFUSED, False)}
        return
    for one, outcome in zip(sent, results, strict=True):
        expected = (Result.PERMANENT, Code.INVALID_RECIPIENT) if one.address in bad else (Result.ACCEPTED, "")
        assert (outcome.result, outcome.code) == expected
        assert outcome.recipient_fault == (one.address in bad)
        assert "@" not in outcome.reason
    assert len(server.received()) == count - 2


async def test_a_block_refused_for_another_reason_ends_soon(server: FakeMailgun, provider: Mailgun) -> None:
    sent = [message(f"r{n}@example.com") for n in range(500)]
    server.bad_addresses |= {one.address for one in sent}
    results = await outcomes(provider, sent)
    assert {(one.result, one.code, one.recipient_fault) for one in results} == {
        (Result.PERMANENT, Code.REQUEST_REFUSED, False)
    }
    assert server.refused <= 2 * HOPELESS


@pytest.mark.req("DEL-77", "DEL-81", "DEL-82")
@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        ("401", Result.RETRYABLE, Code.CREDENTIALS),
        ("404", Result.RETRYABLE, Code.CREDENTIALS),
        ("413", Result.PERMANENT, Code.TOO_LARGE),
        ("429", Result.RETRYABLE, Code.RATE_LIMITED),
        ("500", Result.RETRYABLE, Code.UNAVAILABLE),
        ("504", Result.UNKNOWN, Code.TIMEOUT),
    ],
)
async def test_a_status_says_the_same_of_all_recipients(
    server: FakeMailgun, provider: Mailgun, fault: str, result: Result, code: str
) -> None:
    server.faults.append(fault)
    found = await outcomes(provider, [message("a@example.com"), message("b@example.com")])
    assert {(one.result, one.code) for one in found} == {(result, code)}
    if fault == "429":
        assert found[0].retry_after == timedelta(seconds=7)


async def test_arguments_over_the_limit_and_foreign_headers_are_refused_before_sending(
    server: FakeMailgun, provider: Mailgun
) -> None:
    wrong: list[Outgoing] = [
        message(custom_args={"x": "y" * 4000}),
        message(headers={"List-Unsubscribe": "x"}),
    ]
    assert {one.code for one in await outcomes(provider, wrong)} == {Code.REQUEST_REFUSED}
    assert server.requests == []


@pytest.mark.req("DEL-36")
async def test_verifying_sees_the_key_the_domain_and_keys_that_may_only_send(server: FakeMailgun) -> None:
    for key, state, ok in (("good", "active", True), ("good", "unverified", False), ("sending", "active", True), ("bad", "active", False)):  # fmt: skip
        server.state = state
        made = Mailgun(account(server, key))
        found = await made.verify()
        assert (found.ok, found.provider_fault) == (ok, not ok)
        sender = await made.verify_sender("news@acme.example")
        # An answer is an answer; a key that is refused is none.
        assert (sender.ok, sender.provider_fault) == (ok, key == "bad")
        assert not (await made.verify_sender("news@other.example")).ok
        await made.close()
    assert server.requests == []


def test_names_and_files_of_a_form_cannot_end_their_place() -> None:
    _, body = multipart([('a"\r\nb', "c\r\n--d")])
    assert b'name="a%22%0D%0Ab"\r\n\r\nc\r\n--d\r\n' in body
