"""What every adapter must do, proved for each of them over its own protocol."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.delivery.providers import Account, Code, Presence, Provider, ReceiptKind, Result, open_provider
from tests.delivery.providers.blocks import CONTENT, message, outcomes
from tests.delivery.providers.fake_sendgrid import FakeSendGrid
from tests.delivery.providers.fake_smtp import FakeSmtp


def account(provider: str, **config: Any) -> Account:
    credentials = config.pop("credentials", {"api_key": "good"})
    return Account(
        uuid.uuid4(),
        provider,
        config,
        credentials,
        timedelta(seconds=0.5),
        max_concurrency=4,
        production=False,
    )


@dataclass
class Rig:
    """An adapter and its counterpart: `order` makes an address meet a situation."""

    provider: Provider
    received: Callable[[], list[dict[str, str]]]
    order: Callable[[str, str], None]
    server: Any = None


@pytest.fixture(params=["sendgrid", "smtp", "smtp-stepwise", "recording"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        made: Rig
        if request.param == "sendgrid":
            sendgrid = await stack.enter_async_context(FakeSendGrid())

            def order_sendgrid(address: str, situation: str) -> None:
                if situation == "invalid":
                    sendgrid.bad_addresses.add(address)
                else:
                    sendgrid.faults.append({"busy": "503", "lost": "drop", "slow": "hang"}[situation])

            provider = open_provider(account("sendgrid", base_url=sendgrid.url, email_activity=True))
            made = Rig(provider, sendgrid.received, order_sendgrid, sendgrid)
        elif request.param.startswith("smtp"):
            smtp = await stack.enter_async_context(FakeSmtp(pipelining=request.param == "smtp"))

            def order_smtp(address: str, situation: str) -> None:
                place, reply = {
                    "invalid": ("", "550 5.1.1 no such user ada@example.com"),
                    "busy": ("", "451 4.3.0 try later"),
                    "lost": ("dot:", "drop"),
                    "slow": ("dot:", "hang"),
                }[situation]
                smtp.replies[place + address] = reply

            provider = open_provider(
                account("smtp", host="127.0.0.1", port=smtp.port, security="none", credentials={})
            )
            made = Rig(provider, smtp.received, order_smtp, smtp)
        else:
            rules: list[dict[str, Any]] = []
            provider = open_provider(account("recording"))

            def order_recording(address: str, situation: str) -> None:
                from services.delivery.providers.recording.adapter import Rule

                rule = {
                    "invalid": {
                        "result": "permanent",
                        "code": Code.INVALID_RECIPIENT,
                        "recipient_fault": True,
                    },
                    "busy": {"result": "retryable", "code": Code.UNAVAILABLE, "provider_fault": True},
                    "lost": {"result": "unknown", "code": Code.CONNECTION, "provider_fault": True},
                    "slow": {"result": "unknown", "code": Code.TIMEOUT, "provider_fault": True},
                }[situation]
                provider.rules.append(Rule.of({"address": address} | rule))  # type: ignore[attr-defined]

            def received() -> list[dict[str, str]]:
                return [
                    {"message_id": str(one.outgoing.message_id), "to": one.outgoing.address, **one.parts}
                    for one in provider.recorded  # type: ignore[attr-defined]
                    if one.result in (Result.ACCEPTED, Result.UNKNOWN)
                ]

            assert rules == []
            made = Rig(provider, received, order_recording)
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
    from services.delivery.providers import MalformedReceiptError

    for raw in (b"", b"\xff\x00", b"{", b'{"a": 1}', b"Subject: x\r\n\r\ny"):
        try:
            assert rig.provider.parse_receipts(raw, {}) == []
        except MalformedReceiptError:
            continue
    assert all(
        receipt.kind is ReceiptKind.IGNORED
        for receipt in rig.provider.parse_receipts(b'[{"id": "1"}, 2, null]', {})
    )
