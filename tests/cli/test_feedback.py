"""`angarium feedback` against a served campaign."""

from __future__ import annotations

import asyncio

import pytest

from tests.campaign.coupons.given import contact
from tests.campaign.feedback.given import answer, link
from tests.cli.conftest import Angarium, asking
from tests.house import Served


@pytest.mark.req("LIF-44", "W9")
async def test_an_operator_sees_what_was_rated_low_notes_what_was_done_and_sums_it_up(
    angarium: Angarium, campaign: Served
) -> None:
    ask = asking(angarium, "feedback", tenant=str(campaign.tenant_id), campaign=campaign.address)
    anna = await contact(campaign)
    for number, rating in enumerate((1, 5, 4)):
        await answer(campaign, await link(campaign, anna, f"v{number}"), rating, f"said {number}")
    low, every, wrong = await asyncio.gather(
        ask("list", "--low", "--unhandled", "--json"),
        ask("list"),
        ask("summary", "--since", "soon"),
    )
    [one] = low.document["feedback"]
    assert (one["rating"], one["comment"], one["visit"], one["source"]) == (1, "said 0", "v0", "link")
    assert "★★★★★" in every.out
    assert "said 1" in every.out
    assert (wrong.code, "Times look like 2026-11-01" in wrong.err) == (2, True)
    handled = await ask("handle", one["feedback"], "Called, invited back")
    assert (handled.code, "Called, invited back" in handled.out) == (0, True)
    total, none, told = await asyncio.gather(
        ask("summary", "--json"), ask("summary", "--until", "2020-01-01"), ask("summary")
    )
    assert total.document["summary"] == {
        "count": 3,
        "average": 3.33,
        "distribution": {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1},
        "unhandled_low": 0,
    }
    assert "Nobody rated a visit" in none.out
    assert "3.33 on average of 3" in told.out
