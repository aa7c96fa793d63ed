"""`angarium reports` and `angarium reclassify` against the services as they are served."""

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from services.common.clock import FixedClock
from services.common.ids import uuid7
from tests.analytics.desk import CLICK, PREFETCH, Desk
from tests.cli.test_operating import Ask, ask
from tests.house import Served

__all__ = ["ask"]


@pytest.fixture
async def desk(house: dict[str, Served]) -> Desk:
    served = house["analytics"]
    clock = served.service.database.clock
    found = Desk(served, FixedClock(clock.now()), tenant_id=uuid7())
    await found.tenant(limit=10)
    return found


@pytest.mark.req("ANA-37", "W6")
async def test_reports_are_shown_to_people_and_programs_and_written_as_files(
    ask: Ask, desk: Desk, tmp_path: Path
) -> None:
    at = desk.clock.now()
    tenant, contact = ("--tenant", str(desk.tenant_id)), uuid7()
    campaign = await desk.campaign("a", "b", at=at)
    ids = await campaign.delivered(
        4, at=at, variant_key="a", contacts=[contact, *(uuid7() for _ in range(3))]
    )
    month = f"{at:%Y-%m}"
    await desk.cost(ids, "0.25", period=month)
    await desk.engaged(ids[:1], at=at)
    await desk.engaged(ids[1:3], CLICK, PREFETCH, at=at)
    skipped = await desk.accepted(2, at=at, **campaign.dimensions)
    await desk.stopped("skipped", skipped, "no_consent", at=at)

    answer = await ask("reports", "metrics", *tenant, "--days", "1", "--json")
    assert answer.code == 0, answer.err
    email = answer.document["channels"][0]["figures"]
    assert (email["counts"]["sent"], email["rates"]["open_rate"]["percent"]) == (4, 25.0)
    assert (email["rates"]["raw_open_rate"]["percent"], email["costs"]) == (
        75.0,
        [{"currency": "EUR", "amount": "1"}],
    )
    answer = await ask("reports", "metrics", *tenant)
    assert "1.00 EUR" in answer.out
    answer = await ask("reports", "campaign", str(campaign.campaign_id), *tenant)
    assert "Spring" in answer.out
    assert "no_consent: 2" in answer.out
    answer = await ask("reports", "campaign", str(campaign.campaign_id), *tenant, "--json")
    assert answer.document["counts"]["opened"] == 1
    answer = await ask("reports", "ab", str(campaign.campaign_id), *tenant)
    assert "not enough data" in answer.out
    answer = await ask("reports", "spend", *tenant, "--month", month)
    assert "1.00 EUR of 10.00 EUR, 10.00 %" in answer.out
    answer = await ask("reports", "compliance", *tenant, "--days", "2", "--json")
    assert answer.document["consent_blocks"] == [{"reason": "no_consent", "count": 2}]
    answer = await ask("reports", "timeline", str(contact), *tenant)
    assert "opened" in answer.out
    answer = await ask("reports", "export", "campaigns", *tenant)
    assert [row["name"] for row in csv.DictReader(io.StringIO(answer.out))] == ["Spring"]
    file = tmp_path / "campaigns.parquet"
    answer = await ask("reports", "export", "campaigns", *tenant, "--output", str(file), "--json")
    assert (answer.code, answer.document["format"], answer.document["bytes"]) == (
        0,
        "parquet",
        file.stat().st_size,
    )
    assert pq.read_table(file).column("counts_sent").to_pylist() == [4]


async def test_what_is_wrong_with_the_words_is_said_with_what_mends_it(ask: Ask, desk: Desk) -> None:
    tenant = ("--tenant", str(desk.tenant_id))
    answer = await ask("reports", "export", "weather", *tenant)
    assert (answer.code, "Take one of: metrics" in answer.err) == (2, True)
    answer = await ask("reports", "export", "ab", *tenant)
    assert (answer.code, "--campaign" in answer.err) == (2, True)
    answer = await ask("reports", "metrics", *tenant, "--from", "tomorrow")
    assert (answer.code, "2026-11-20" in answer.err) == (2, True)
    answer = await ask("reports", "campaign", str(uuid7()), *tenant)
    assert (answer.code, "campaign not found" in answer.err) == (1, True)


@pytest.mark.req("W6")
async def test_history_is_judged_again_by_command(ask: Ask) -> None:
    answer = await ask("reclassify", "--wait", "0", "--json")
    assert answer.code == 0, answer.err
    assert answer.document == {"outcome": "requested", "messages": 0, "changed": 0}
