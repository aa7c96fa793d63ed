"""What every adapter of texts and WhatsApp messages must do, proved for each against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.delivery.providers import Code, MalformedReceiptError, Result
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
