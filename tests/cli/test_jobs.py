"""`angarium jobs` against the four services as they are served."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, house: dict[str, Served]) -> Ask:
    """Runs `angarium jobs` for the house, which answers while the command runs."""
    return asking(angarium, "jobs", **{name: served.address for name, served in house.items()})


@pytest.fixture
async def working(house: dict[str, Served]) -> AsyncIterator[None]:
    """The loops that run the jobs of analytics, as its worker would."""
    stop = asyncio.Event()
    [loop] = [loop for loop in house["analytics"].service.loops if loop.name == "jobs"]
    task = asyncio.create_task(loop.run(stop))
    yield
    stop.set()
    await task


@pytest.mark.req("JOB-7", "JOB-8")
async def test_a_job_is_run_out_of_turn_and_its_counts_are_told(ask: Ask, working: None) -> None:
    answer = await ask("run", "cleanup", "--service", "analytics", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["outcome"] == "succeeded"
    assert answer.document["run"]["state"] == "succeeded"
    answer = await ask("list", "--service", "analytics")
    assert answer.code == 0, answer.err
    assert "cleanup" in answer.out
    assert "succeeded" in answer.out
    assert "day, 03:00" in answer.out


@pytest.mark.req("JOB-8")
async def test_jobs_of_all_services_are_listed(ask: Ask) -> None:
    answer = await ask("list", "--json")
    assert answer.code == 0, answer.err
    services = {job["service"] for job in answer.document["jobs"] if job["job"] == "cleanup"}
    assert services == {"consent", "campaign", "delivery", "analytics"}
    assert answer.document["silent"] == []


@pytest.mark.req("JOB-8")
async def test_a_wish_without_a_worker_is_told_as_waiting(ask: Ask) -> None:
    answer = await ask("run", "rollups", "--wait", "0")
    assert answer.code == 0, answer.err
    assert "rollups of analytics was asked for" in answer.out
    answer = await ask("run", "rollups", "--wait", "0.6", "--json")
    assert answer.code == 1
    assert answer.document["outcome"] == "waiting"


async def test_a_name_that_nobody_or_more_than_one_service_has_is_wrong_usage(ask: Ask) -> None:
    answer = await ask("run", "nosuch")
    assert answer.code == 2
    assert "rollups" in answer.err
    answer = await ask("run", "cleanup")
    assert answer.code == 2
    assert "--service" in answer.err
    answer = await ask("run", "nosuch", "--service", "delivery", "--json")
    assert answer.code == 1
    assert '"NOT_FOUND"' in answer.err


async def test_a_service_that_does_not_answer_is_named(ask: Ask, unused_tcp_port: int) -> None:
    answer = await ask("list", "--json", CONSENT_ADDRESS=f"127.0.0.1:{unused_tcp_port}")
    assert answer.code == 1
    assert answer.document["silent"] == ["consent"]
    assert {job["service"] for job in answer.document["jobs"]} == {"campaign", "delivery", "analytics"}
