"""What every adapter must do, proved for each of them over its own protocol."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import pytest

from services.delivery.providers import Code, MalformedReceiptError, Presence, ReceiptKind, Result
from tests.delivery.providers.blocks import CONTENT, message, outcomes
from tests.delivery.providers.rigs import mailgun, postmark, recording, sendgrid, ses, smtp
from tests.delivery.providers.rigs.base import Rig

RIGS = {
    "sendgrid": sendgrid.opened,
    "postmark": postmark.opened,
    "mailgun": mailgun.opened,
    "ses": ses.opened,
    "smtp": smtp.opened,
    "smtp-stepwise": partial(smtp.opened, pipelining=False),
    "recording": recording.opened,
}


@pytest.fixture(params=list(RIGS))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        made = await RIGS[request.param](stack)
        yield made
        await made.provider.close()


@pytest.mark.req("DEL-109")
async def test_each_recipient_gets_exactly_its_own_message(rig: Rig) -> None:
    sent = [
        message(f"r{n}@example.com", name=f'R{n} "<&>" é', note=f"line {n}\n.dot\n\nFrom x")
        for n in range(257)
    ]
    results = await outcomes(rig.provider, sent)
    assert {outcome.result for outcome in results} == {Result.ACCEPTED}
    assert all(outcome.provider_message_id for outcome in results)
    expected = sorted(
        [
            {"message_id": str(one.message_id), "to": one.address}
            | {name: CONTENT.parts[name].join(one.slots) for name in ("subject", "text", "html")}
            for one in sent
        ],
        key=lambda one: one["to"],
    )
    assert sorted(rig.received(), key=lambda one: one["to"]) == expected


@pytest.mark.req("DEL-82", "DEL-83")
async def test_a_bad_address_is_permanent_and_the_recipients_fault_only(rig: Rig) -> None:
    rig.order("bad@example.com", "invalid")
    bad, good = await outcomes(rig.provider, [message("bad@example.com"), message("good@example.com")])
    assert (bad.result, bad.code, bad.recipient_fault, bad.provider_fault) == (
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        True,
        False,
    )
    assert good.result is Result.ACCEPTED
    assert [one["to"] for one in rig.received()] == ["good@example.com"]
    assert "@" not in bad.reason


@pytest.mark.req("DEL-82", "DEL-76")
async def test_a_busy_provider_is_retryable_and_its_own_fault(rig: Rig) -> None:
    rig.order("a@example.com", "busy")
    (outcome,) = await outcomes(rig.provider, [message("a@example.com")])
    assert (outcome.result, outcome.code) == (Result.RETRYABLE, Code.UNAVAILABLE)
    assert outcome.provider_fault
    assert not outcome.recipient_fault
    assert rig.received() == []


@pytest.mark.req("DEL-78")
@pytest.mark.parametrize(("situation", "code"), [("lost", Code.CONNECTION), ("slow", Code.TIMEOUT)])
async def test_no_answer_after_everything_was_sent_is_unknown(rig: Rig, situation: str, code: Code) -> None:
    rig.order("a@example.com", situation)
    (outcome,) = await outcomes(rig.provider, [message("a@example.com")])
    assert (outcome.result, outcome.code) == (Result.UNKNOWN, code)
    assert outcome.provider_fault
    assert (await outcomes(rig.provider, [message("b@example.com")]))[0].result is Result.ACCEPTED


@pytest.mark.req("DEL-82")
async def test_what_is_no_address_never_leaves(rig: Rig) -> None:
    if rig.provider.name == "recording":
        pytest.skip("the recording provider takes whatever it is given")
    addresses = [
        "nobody",
        "a b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "é@example.com",
        "x" * 300,
    ]
    results = await outcomes(rig.provider, [message(address) for address in addresses])
    assert {(one.result, one.code, one.recipient_fault) for one in results} == {
        (Result.PERMANENT, Code.INVALID_RECIPIENT, True)
    }
    assert rig.received() == []


@pytest.mark.req("DEL-80", "DEL-78")
async def test_asking_for_a_message_tells_found_from_not_found_or_says_it_cannot(rig: Rig) -> None:
    sent = message()
    await outcomes(rig.provider, [sent])
    other = uuid.uuid4()
    answer = await rig.provider.look_up([sent.message_id, other])
    presences = (answer[sent.message_id].presence, answer[other].presence)
    assert presences in (
        (Presence.FOUND, Presence.NOT_FOUND),
        (Presence.UNKNOWABLE, Presence.UNKNOWABLE),
    )


@pytest.mark.req("DEL-36")
async def test_verifying_a_good_account_sends_nothing(rig: Rig) -> None:
    assert (await rig.provider.verify()).ok
    assert rig.received() == []


async def test_an_empty_block_has_no_outcomes(rig: Rig) -> None:
    assert await outcomes(rig.provider, []) == []


async def test_a_body_that_is_no_receipt_gives_none(rig: Rig) -> None:
    for raw in (b"", b"\xff\x00", b"{", b'{"a": 1}', b"Subject: x\r\n\r\ny", b'[{"id": "1"}, 2, null]'):
        try:
            receipts = rig.provider.parse_receipts(raw, {})
        except MalformedReceiptError:
            continue
        assert all(receipt.kind is ReceiptKind.IGNORED for receipt in receipts)
