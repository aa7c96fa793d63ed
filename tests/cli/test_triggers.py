"""`angarium triggers` against a served campaign."""

from __future__ import annotations

import pytest

from cli.operating.triggers import KINDS
from services.campaign.triggers.domain import TriggerType
from tests.campaign.templates.given import active_template, content, version
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium triggers` for the tenant, while the service answers."""
    return asking(angarium, "triggers", tenant=str(campaign.tenant_id), campaign=campaign.address)


def test_the_command_knows_all_triggers_by_their_words() -> None:
    assert tuple(one.word for one in TriggerType) == KINDS


@pytest.mark.req("LIF-16", "LIF-17", "LIF-18", "LIF-19", "LIF-20")
async def test_an_operator_tunes_tries_and_turns_a_trigger(ask: Ask, campaign: Served) -> None:
    written = content(subject="", body_html="", body_text="We miss you")
    await active_template(
        campaign, "miss-you", channel=2, template_type=3, category=28, version=version(written, variables=[])
    )
    listed = (await ask("list", "--json")).document["triggers"]
    assert len(listed) == 11
    changed = await ask("set", "miss-you", "--days", "45", "--at", "10:30", "--pause", "60")
    assert changed.code == 0, changed.err
    assert "45 days after the last visit at 10:30" in changed.out
    shown = await ask("test", "miss_you", "--json")
    assert (shown.document["text"], shown.document["channel"]) == ("We miss you", "sms")
    on = await ask("on", "miss_you", "--json")
    assert (on.document["trigger"]["on"], on.document["trigger"]["days_after"]) == (True, 45)
    off = await ask("off", "miss_you")
    assert "0 that waited are void" in off.out
    assert (await ask("history", "miss_you", "--standing", "skipped", "--json")).document["entries"] == []


async def test_what_goes_wrong_says_how_to_mend_it(ask: Ask, campaign: Served) -> None:
    unknown = await ask("on", "mother_s_day")
    assert (unknown.code, "rebooking_reminder" in unknown.err) == (2, True)
    nothing = await ask("set", "miss_you")
    assert (nothing.code, "set --help" in nothing.err) == (2, True)
    days = await ask("set", "feedback_request", "--days", "3")
    assert (days.code, "--minutes" in days.err) == (2, True)
    stranger = await ask("test", "birthday_wish", "--to", "nobody@example.com")
    assert (stranger.code, "staff list" in stranger.err) == (1, True)
