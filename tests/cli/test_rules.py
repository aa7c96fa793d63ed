"""`angarium rules` against a served campaign."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium rules` for the tenant, while the service answers."""
    return asking(angarium, "rules", tenant=str(campaign.tenant_id), campaign=campaign.address)


@pytest.mark.req("LIF-21")
async def test_an_operator_sees_changes_and_resets_a_rule(ask: Ask) -> None:
    listed = (await ask("list", "--json")).document["rules"]
    assert len(listed) > 60
    [failed] = (await ask("list", "--event", "payment.failed", "--json")).document["rules"]
    assert (failed["rule"], failed["on"], failed["can_be_disabled"]) == ("payment-failed", True, False)
    assert failed["when"] == "at once"
    changed = await ask("override", "appointment-reminder", "--on", "--delay", "2d", "--channel", "sms")
    assert (changed.code, "sms, 2 d before start_at" in changed.out) == (0, True), changed.err
    [only] = (await ask("list", "--changed", "--json")).document["rules"]
    assert (only["rule"], only["changed"]) == ("appointment-reminder", ["enabled", "delay", "channels"])
    shown = await ask("show", "appointment-reminder")
    assert "appointment.no_show" in shown.out
    back = await ask("override", "appointment-reminder", "--channel", "platform", "--json")
    assert back.document["rule"]["channels"] == ["whatsapp", "sms", "email"]
    reset = await ask("reset", "appointment-reminder", "--json")
    assert (reset.document["rule"]["on"], reset.document["rule"]["changed"]) == (False, [])


async def test_what_goes_wrong_says_how_to_mend_it(ask: Ask) -> None:
    critical = await ask("override", "password-reset", "--off")
    assert (critical.code, "people rely on" in critical.err) == (1, True)
    unknown = await ask("show", "birthday-cake")
    assert (unknown.code, "rules list" in unknown.err) == (1, True)
    nothing = await ask("override", "order-expired")
    assert (nothing.code, "override --help" in nothing.err) == (2, True)
    span = await ask("override", "order-expired", "--delay", "soon")
    assert (span.code, "48h" in span.err) == (2, True)
