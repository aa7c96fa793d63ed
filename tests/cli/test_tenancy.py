"""`angarium tenants`, `settings`, `branches`, `budget` and `staff` against the services as they are served."""

import asyncio

import pytest

from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, house: dict[str, Served]) -> Ask:
    """Runs a command for the house, which answers while the command runs."""
    return asking(angarium, **{name: served.address for name, served in house.items()})


@pytest.mark.req("CAM-19", "CAM-20", "CAM-22", "CAM-25", "CAM-32")
async def test_a_tenant_is_set_up_looked_at_and_closed_from_the_command_line(ask: Ask) -> None:
    made = await ask(
        "tenants", "create", "Bazaar", "--currency", "EUR", "--country", "DE", "--zone", "Europe/Berlin", "--json"
    )  # fmt: skip
    assert made.code == 0, made.err
    tenant = made.document["tenant"]["tenant"]
    whose = ("--tenant", tenant)
    again = await ask("tenants", "create", "Bazaar", "--currency", "EUR", "--country", "DE", "--id", tenant)
    assert "was there already" in again.out
    renamed, listed, settings, branch = await asyncio.gather(
        ask("tenants", "update", tenant, "--name", "Grand Bazaar", "--json"),
        ask("tenants", "list", "--only", "active"),
        ask(
            "settings", "set", *whose, "enabled_channels=email,sms", "monthly_budget_limit=500 EUR",
            "tracking_enabled=no", "footer_text=Bazaar = us", "--json",
        ),
        ask("branches", "create", "Harbour", *whose, "--country", "ES", "--json"),
    )  # fmt: skip
    assert renamed.document["tenant"]["name"] == "Grand Bazaar"
    assert tenant in listed.out.replace("\n", "")
    assert settings.code == 0, settings.err
    assert settings.document["settings"] == {
        "enabled_channels": ["email", "sms"],
        "monthly_budget_limit": "500.00 EUR",
        "tracking_enabled": False,
        "footer_text": "Bazaar = us",
    }
    # After the other change, for two at once are told that one came first.
    wrong = await ask("settings", "set", *whose, "sms_window_end=23:00")
    assert (wrong.code, "never wider" in wrong.err) == (1, True)
    branch_id = branch.document["branch"]["branch"]
    changed, shown, budget, saved = await asyncio.gather(
        ask("branches", "set", branch_id, *whose, "--budget", "50 EUR", "--marketing", "off", "--json"),
        ask("settings", "show", *whose, "--json"),
        ask("budget", *whose, "--json"),
        ask(
            "staff", "save", "ada", "--name", "Ada", "--role", "super_owner", "--branch", branch_id, *whose, "--json"
        ),
    )  # fmt: skip
    assert (changed.document["branch"]["budget"], changed.document["branch"]["marketing"]) == (
        "50.00 EUR",
        False,
    )
    assert shown.document["settings"]["sms_window_end"] == "21:00"
    assert (budget.code, budget.document["budget"]["remaining"]) == (0, "500.00 EUR")
    assert saved.document["staff"]["branches"] == [branch_id]
    listed, branches, gone = await asyncio.gather(
        ask("staff", "list", *whose, "--role", "super_owner", "--active"),
        ask("branches", "list", *whose),
        ask("staff", "remove", "nobody", *whose),
    )
    assert "Ada" in listed.out
    assert "Harbour" in branches.out
    archived = await ask("branches", "archive", branch_id, *whose, "--json")
    assert archived.document["branch"]["state"] == "archived"
    assert gone.code == 1
    closed = await ask("tenants", "close", tenant, "--reason", "left", "--yes", "--json")
    assert closed.document["tenant"]["state"] == "closed"
    refused = await ask("tenants", "resume", tenant)
    assert (refused.code, "closed" in refused.err) == (1, True)
    bad = await ask("settings", "set", *whose, "tracking_enabled=perhaps")
    assert (bad.code, "neither yes nor no" in bad.err) == (2, True)
