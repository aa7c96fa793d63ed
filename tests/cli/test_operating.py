"""`angarium lanes`, `limits` and `providers` against the services as they are served."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, house: dict[str, Served]) -> Ask:
    """Runs a command for the house, which answers while the command runs."""
    return asking(angarium, **{name: served.address for name, served in house.items()})


@pytest.mark.req("DEL-44", "DEL-45", "DEL-46")
async def test_lanes_are_shown_paused_resumed_and_drained(ask: Ask) -> None:
    answer = await ask("lanes", "pause", "low", "--reason", "maintenance", "--json")
    assert answer.code == 0, answer.err
    assert answer.document == {"lane": "low", "paused": True, "changed": True}
    answer = await ask("lanes", "list", "--json")
    assert {one["lane"]: one["paused"] for one in answer.document["lanes"]} == {
        "critical": False, "high": False, "normal": False, "low": True,
    }  # fmt: skip
    answer = await ask("lanes", "resume", "low")
    assert "runs again" in answer.out
    answer = await ask("lanes", "list")
    assert "30 min" in answer.out
    tenant = str(uuid4())
    answer = await ask("lanes", "drain", "low", "--tenant", tenant, "--reason", "a test", "--json")
    assert answer.document == {"lane": "low", "tenant": tenant, "cancelled": 0}
    answer = await ask("lanes", "drain", "critical", "--tenant", tenant, "--reason", "a test", "--yes")
    assert (answer.code, "Take one of: high, normal, low" in answer.err) == (2, True)


@pytest.mark.req("DEL-42", "DEL-43", "DEL-37")
async def test_limits_are_set_shown_reset_and_deleted_and_providers_are_looked_at(ask: Ask) -> None:
    answer = await ask("limits", "set", "sms", "contact", "--minute", "2", "--burst", "3", "--json")
    assert answer.code == 0, answer.err
    rule = answer.document["rule"]
    assert (rule["channel"], rule["scope"], rule["max_per_minute"], rule["burst_limit"]) == (
        "sms", "contact", 2, 3,
    )  # fmt: skip
    answer = await ask("limits", "list")
    assert rule["id"] in answer.out.replace("\n", "")
    who = ("--subject", str(uuid4()), "--tenant", str(uuid4()))
    answer = await ask("limits", "status", "sms", "contact", *who, "--json")
    # The house is served with its limits switched off.
    assert (answer.code, answer.document) == (0, {"windows": []})
    answer = await ask("limits", "reset", "sms", "contact", *who, "--reason", "a test")
    assert (answer.code, "begin anew" in answer.out) == (0, True)
    answer = await ask("limits", "delete", rule["id"], "--json")
    assert answer.document == {"deleted": rule["id"]}
    answer = await ask("limits", "set", "sms", "contact")
    assert (answer.code, "--minute" in answer.err) == (2, True)
    answer = await ask("providers", "health", "--json")
    assert (answer.code, answer.document) == (0, {"accounts": []})
    answer = await ask("providers", "reset", str(uuid4()))
    assert answer.code == 1


@pytest.mark.req("DEL-6", "DEL-39")
async def test_rates_are_read_from_a_file_that_shows_how_and_a_bad_line_is_named(
    ask: Ask, tmp_path: Path
) -> None:
    example = str(Path(__file__).parents[2] / "examples" / "rates.csv")
    answer = await ask("rates", "import", example, "--dry-run", "--json")
    assert answer.document == {"rates": 6, "is_dry_run": True}
    answer = await ask("rates", "import", example)
    assert (answer.code, "6 rates are set" in answer.out) == (0, True), answer.err
    answer = await ask("rates", "list", "--provider", "meta", "--json")
    known = {(one["country"], one["class"]): one["cost"] for one in answer.document["rates"]}
    assert known["DE", "marketing"] == "0.11"
    assert known["", "transactional"] == "0.03"
    bad = tmp_path / "bad.csv"
    bad.write_text("provider,channel,unit,cost,currency\nmeta,whatsapp,message,much,EUR\n")
    answer = await ask("rates", "import", str(bad))
    assert (answer.code, "line 2: cost is no number" in answer.err.replace("\n", " ")) == (2, True)
