"""`angarium followups` against a served campaign."""

from __future__ import annotations

import pytest

from tests.campaign.followups.given import contact, staff
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium followups` for the tenant, while the service answers."""
    return asking(angarium, "followups", tenant=str(campaign.tenant_id), campaign=campaign.address)


@pytest.mark.req("LIF-40", "LIF-41")
async def test_follow_ups_are_added_and_listed(ask: Ask, campaign: Served) -> None:
    await staff(campaign, "mia")
    ben = await contact(campaign)
    added = await ask("add", "mia", ben, "--on", "2099-01-31", "--at", "16:30", "--note", "Call")
    assert added.code == 0, added.err
    assert "2099-01-31 15:30:00Z" in added.out
    [one] = (await ask("list", "mia", "--standing", "pending", "--json")).document["followups"]
    assert (one["note"], one["contact"], one["reminded"]) == ("Call", ben, None)
    assert (await ask("list", "mia", "--since", "2099-02-01", "--json")).document["followups"] == []
    assert (await ask("inactive", "mia", "--days", "90", "--json")).document["contacts"] == []


async def test_what_goes_wrong_says_how_to_mend_it(ask: Ask, campaign: Served) -> None:
    ben = await contact(campaign)
    nobody = await ask("add", "nobody", ben, "--on", "2099-01-31")
    assert (nobody.code, "angarium staff list" in nobody.err) == (1, True)
    await staff(campaign, "mia")
    past = await ask("add", "mia", ben, "--on", "2020-01-31")
    assert (past.code, "not in the past" in past.err) == (1, True)
