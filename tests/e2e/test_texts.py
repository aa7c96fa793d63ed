"""Texts from acceptance to the person and back: real services, the gateway, and people who write STOP."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.city import STATE, City
from tests.sandbox import webhook_faults


@pytest.mark.req("DEL-33", "CON-61")
async def test_a_stop_changes_the_very_next_decision_and_is_confirmed_once(city: City) -> None:
    number = "+12025550102"
    await city.send(number)
    await city.until([("sms-help", "delivered", "", ""), ("sms-stopped", "delivered", "", "")])
    again = await city.send(number)
    assert (again.state, again.reason) == (STATE.STATE_SKIPPED, "suppressed")
    first, confirmation = await city.taken(number)
    assert first != confirmation
    assert "START" in confirmation
    suppressed = await city.rows("SELECT reason, scope FROM consent.suppression")
    assert ("sms_stop", "all") in suppressed


@pytest.mark.req("DEL-33", "CON-61")
async def test_a_start_opens_the_number_again(city: City) -> None:
    number = "+12025550104"
    await city.send(number)
    replied = [
        ("sms-help", "delivered", "", ""),
        ("sms-stopped", "delivered", "", ""),
        ("sms-started", "delivered", "", ""),
    ]
    await city.until(replied)
    await city.send(number)
    await city.until([*replied, ("sms-help", "delivered", "", "")])
    assert len(await city.taken(number)) == 4


@pytest.mark.req("DEL-86", "DEL-87", "CON-66", "REL-13")
async def test_what_twilio_says_of_numbers_reaches_consent_though_it_comes_twice_late_disordered_and_forged(
    city: City,
) -> None:
    await webhook_faults.order(city.session, city.sandbox_url)
    await city.send("+12025550103")
    await city.send("+12025550106")
    await city.send("+12025550105")
    await city.send("+12025550112")
    async with asyncio.timeout(25):
        while not _is_over(found := await city.states(), 5):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
    assert sorted(found) == [
        ("sms-help", "bounced", "bounce_hard", "invalid_recipient"),
        ("sms-help", "bounced", "bounce_soft", "unreachable"),
        ("sms-help", "delivered", "", ""),
        ("sms-help", "delivered", "", ""),
        ("sms-help", "failed", "opted_out", "opted_out"),
    ]
    assert len(await city.taken("+12025550103")) == 2
    await city.until_value("SELECT count(*) FROM consent.suppression WHERE reason = 'sms_stop'", 1)
    await city.until_value("SELECT count(*) FROM consent.suppression WHERE reason = 'hard_bounce'", 1)
    costs = await city.rows("SELECT state, segments, cost, currency FROM delivery.message WHERE cost > 0")
    assert {(one[1], f"{one[2]:f}", one[3]) for one in costs} == {(1, "0.007900", "USD")}
    assert len(costs) == 4
    await webhook_faults.all_struck_and_no_forgery_was_taken(city.session, city.sandbox_url)


def _is_over(found: list[tuple[str, str, str, str]], count: int) -> bool:
    """Whether so many messages came to an end."""
    ends = ("delivered", "bounced", "failed")
    return len(found) == count and all(one[1] in ends for one in found)
