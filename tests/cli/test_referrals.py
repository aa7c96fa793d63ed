"""`angarium referrals` against a served campaign."""

from __future__ import annotations

import pytest

from tests.campaign.referrals.given import apply, referrer
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium referrals` for the tenant, while the service answers."""
    return asking(angarium, "referrals", tenant=str(campaign.tenant_id), campaign=campaign.address)


@pytest.mark.req("LIF-34", "LIF-35", "LIF-37", "LIF-38", "LIF-39")
async def test_a_programme_is_looked_after_from_the_command_line(ask: Ask, campaign: Served) -> None:
    changed = await ask("terms", "--max-per-month", "3", "--friend-percent", "12.5", "--json")
    assert changed.code == 0, changed.err
    assert changed.document["terms"]["max_per_month"] == 3
    assert changed.document["terms"]["referred"] == "12.5 % off"
    shown = await ask("terms")
    assert "100 points" in shown.out
    assert "500.00 EUR" in shown.out
    await ask("terms", "--reward-on", "signup")

    ada, code = await referrer(campaign)
    assert (await ask("code", ada, "--json")).document["code"] == code
    made = (await apply(campaign, code, "+4915112345678")).referral
    [one] = (await ask("list", "--standing", "converted", "--json")).document["referrals"]
    assert (one["referral"], one["referrer"], one["phone"]) == (made.referral_id, ada, "+491****78")
    [best] = (await ask("leaders", "--json")).document["leaders"]
    assert (best["name"], best["converted"]) == ("Ada Lovelace", 1)

    marked = await ask("mark", made.referral_id, "--reason", "same household")
    assert "fraud" in marked.out
    assert (await ask("list", "--referrer", ada, "--json")).document["referrals"][0]["state"] == "fraud"
    cleared = await ask("clear", made.referral_id, "--reason", "two people", "--json")
    assert cleared.document["referral"]["state"] == "converted"


async def test_what_goes_wrong_says_how_to_mend_it(ask: Ask) -> None:
    two = await ask("terms", "--points", "5", "--percent", "5")
    assert (two.code, "one reward" in two.err) == (2, True)
    gone = await ask("mark", "0190a0b0-0000-7000-8000-00000000000d", "--reason", "x")
    assert (gone.code, "angarium referrals list" in gone.err) == (1, True)
