"""What every adapter of texts and WhatsApp messages must do, proved for each against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.delivery.providers import Code, MalformedReceiptError, Presence, Result
from tests.delivery.providers.rigs import aws_sns, gupshup, meta, msg91, twilio, wati
from tests.delivery.providers.rigs.texting import Texting, texting
from tests.delivery.providers.texts import TEMPLATE, outcomes, text

RIGS = [twilio.RIG, aws_sns.RIG, aws_sns.END_USER_MESSAGING, msg91.RIG, meta.RIG, gupshup.RIG, wati.RIG]


@pytest.fixture(params=RIGS, ids=lambda rig: rig.label or rig.name)
async def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Texting]:
    async with texting(request.param, tmp_path) as made:
        yield made


@pytest.mark.req("DEL-109", "DEL-104", "DEL-105")
async def test_each_person_gets_the_approved_template_with_their_own_values_in_order(
    sandbox: Texting,
) -> None:
    sent = [text(f"+1202556{n:04}", name=f'P{n} & "é"+=%', note=f"line\n{n}") for n in range(210)]
    again = text(sent[0].address, name="again")
    results = await outcomes(sandbox.provider(), [*sent, again], TEMPLATE)
    assert {one.result for one in results} == {Result.ACCEPTED}
    assert len({one.provider_message_id for one in results}) == len(results)
    taken = await sandbox.taken(sent)
    seen = sandbox.rig.seen
    assert {one["subject"] for one in taken if one["address"] == again.address} == {
        seen('P0 & "é"+=%', "line\n0"),
        seen("again", "hi"),
    }
    assert [one["subject"] for one in taken if one["address"] != again.address] == [
        seen(f'P{n} & "é"+=%', f"line\n{n}") for n in range(1, 210)
    ]


@pytest.mark.req("DEL-82", "DEL-83")
@pytest.mark.parametrize("number", ["12025550100", "+1202\r\nTo: +1", "nobody", "+0202555010"])
async def test_what_is_no_number_never_leaves(sandbox: Texting, number: str) -> None:
    bad, good = text(number), text("+12025550113")
    first, second = await outcomes(sandbox.provider(), [bad, good], TEMPLATE)
    assert (first.result, first.code, first.recipient_fault) == (
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        True,
    )
    assert not first.provider_fault
    assert number not in first.reason
    assert second.result is Result.ACCEPTED


@pytest.mark.req("DEL-76", "DEL-78", "DEL-82", "REL-13")
@pytest.mark.parametrize(
    ("fault", "fields", "result", "code"),
    [
        ("timeout_before", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("timeout_after", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("disconnect_before", {}, Result.UNKNOWN, Code.CONNECTION),
        ("disconnect_after", {}, Result.UNKNOWN, Code.CONNECTION),
        ("rate_limit", {"seconds": 9}, Result.RETRYABLE, Code.RATE_LIMITED),
        ("rate_limit", {"reset": False}, Result.RETRYABLE, Code.RATE_LIMITED),
        ("server_error", {"code": 503}, Result.RETRYABLE, Code.UNAVAILABLE),
        ("broken_json", {}, Result.RETRYABLE, Code.UNAVAILABLE),
    ],
)
async def test_every_fault_gets_its_name_and_a_lost_answer_is_unknown(
    sandbox: Texting, fault: str, fields: dict[str, Any], result: Result, code: str
) -> None:
    provider = sandbox.provider()
    await sandbox.fault(fault, **fields)
    sent = text()
    (outcome,) = await outcomes(provider, [sent], TEMPLATE)
    assert (outcome.result, outcome.code, outcome.provider_fault) == (result, code, True)
    assert not outcome.recipient_fault
    taken = await sandbox.taken([sent])
    assert len(taken) == (fault.endswith("_after"))
    found = (await provider.look_up([sent.message_id]))[sent.message_id].presence
    if sandbox.rig.looks_up and result is Result.UNKNOWN:
        assert found is (Presence.FOUND if taken else Presence.NOT_FOUND)
    else:
        assert found is Presence.UNKNOWABLE
    (again,) = await outcomes(provider, [text("+12025550114")], TEMPLATE)
    assert again.result is Result.ACCEPTED


@pytest.mark.req("DEL-82")
async def test_a_burst_of_failures_ends_with_it_and_slowness_is_none(sandbox: Texting) -> None:
    provider = sandbox.provider()
    await sandbox.fault("server_error", code=500, count=3)
    await sandbox.fault("slow", seconds=0.2)
    results = [(await outcomes(provider, [text()], TEMPLATE))[0].result for _ in range(5)]
    assert results == [Result.RETRYABLE] * 3 + [Result.ACCEPTED] * 2


@pytest.mark.req("DEL-78")
async def test_an_answer_that_cannot_be_read_after_acceptance_is_never_a_reason_to_send_again(
    sandbox: Texting,
) -> None:
    await sandbox.fault("broken_json", accepted=True)
    sent = text()
    (outcome,) = await outcomes(sandbox.provider(), [sent], TEMPLATE)
    # One recipient a request: the status says all. Of several nobody knows who was taken.
    assert outcome.result is (Result.ACCEPTED if sandbox.rig.batch == 1 else Result.UNKNOWN)
    assert outcome.provider_message_id == ""
    assert len(await sandbox.taken([sent])) == 1


@pytest.mark.req("DEL-36", "DEL-77")
async def test_credentials_are_checked_without_sending(sandbox: Texting) -> None:
    assert (await sandbox.provider().verify()).ok
    wrong = sandbox.provider(credentials={**sandbox.rig.credentials, sandbox.rig.secret: "invalid"})
    found = await wrong.verify()
    assert (found.ok, found.provider_fault) == (False, True)
    (outcome,) = await outcomes(wrong, [text()], TEMPLATE)
    assert (outcome.result, outcome.code, outcome.provider_fault) == (
        Result.RETRYABLE,
        Code.CREDENTIALS,
        True,
    )


async def test_an_empty_block_has_no_outcomes(sandbox: Texting) -> None:
    assert await outcomes(sandbox.provider(), []) == []


async def test_a_body_that_is_no_receipt_gives_none(sandbox: Texting) -> None:
    provider = sandbox.provider()
    for raw in (
        b"",
        b"\xff\x00",
        b"{",
        b'{"a": 1}',
        b"a=1",
        b"data=%5B1%5D",
        b'[{"id": "1"}, 2, null]',
        b"[]",
    ):
        try:
            assert provider.parse_receipts(raw, {}) == []
        except MalformedReceiptError:
            continue
