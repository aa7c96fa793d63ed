"""`angarium events` against intake as it is served, and the gateway before it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from services.common.clock import SystemClock
from tests.campaign.intake.kit import Recorder, Stand, open_stand
from tests.cli.conftest import Angarium, Answer
from tests.common.given import COMPLETE
from tests.gateway.conftest import open_door

Ask = Callable[..., Awaitable[Answer]]


@dataclass
class Desk:
    """An operator's place: the command, and what it reaches."""

    stand: Stand
    url: str
    ask: Ask


@pytest.fixture
async def desk(
    angarium: Angarium, clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Desk]:
    names = ("jwt_issuer", "jwt_audience", "jwt_secret", "service_token_secret")
    clock = SystemClock()
    async with (
        open_stand(clone_database(["campaign"]), redis_url, clock, Recorder()) as stand,  # type: ignore[arg-type]
        open_door(clock, campaign_address=stand.served.address, redis_url=redis_url) as (url, _),  # type: ignore[arg-type]
    ):
        environment = {name.upper(): str(COMPLETE[name]) for name in names}
        environment |= {
            f"{service}_ADDRESS": stand.served.address
            for service in ("CONSENT", "CAMPAIGN", "DELIVERY", "ANALYTICS")
        }
        environment |= {"PUBLIC_BASE_URL": url, "PYTHONPATH": str(Path.cwd())}

        async def ask(*words: str, whose: bool = True, **more: str) -> Answer:
            tenant = ("--tenant", str(stand.tenant_id)) if whose else ()
            return await asyncio.to_thread(angarium, "events", *words, *tenant, **{**environment, **more})

        yield Desk(stand, url, ask)


@pytest.mark.req("CAM-73", "CAM-72", "GAT-26")
async def test_an_operator_makes_a_key_sends_events_and_repeats_what_died(desk: Desk, tmp_path: Path) -> None:
    stand, ask = desk.stand, desk.ask
    made = (await ask("keys", "create", "orders", "--type", "order.expired", "--json")).document
    file = tmp_path / "events.json"
    good = stand.envelope(sequence=1)
    file.write_text(json.dumps([good, stand.envelope("order.delivered")]))
    words = ("send", str(file), "--key", made["key"])
    sent = await ask(*words, "--json", whose=False, ANGARIUM_KEY_SECRET=made["secret"])
    assert (sent.code, sent.document["accepted"], sent.document["rejected"]) == (1, 1, 1)
    assert sent.document["results"][1]["reason"] == "type_not_allowed"
    refused = await ask(*words, whose=False, ANGARIUM_KEY_SECRET="ingest_guess")
    assert refused.code == 1
    assert "signature" in refused.err

    stand.steps[0].fails = lambda event: RuntimeError()  # type: ignore[misc]
    worker = stand.worker()
    for _ in range(5):
        await stand.rows("UPDATE campaign.inbound_event SET due_at = now() WHERE state = 2")
        await stand.rows("UPDATE campaign.inbound_aggregate SET due_at = now()")
        await worker.run_until_idle()
    listed = (await ask("list", "--status", "dead", "--json")).document
    assert [one["event"] for one in listed["events"]] == [good["event_id"]]
    stand.steps[0].fails = lambda event: None  # type: ignore[misc]
    assert (await ask("replay", "--dead", "--json")).document == {"replayed": 1}
    await worker.run_until_idle()
    shown = (await ask("show", good["event_id"], "--json")).document
    assert (shown["status"], shown["steps"], shown["key"]) == ("processed", ["recorder"], made["key"])
    assert shown["data"]["person"] == {"user_id": "u-1"}


@pytest.mark.req("CAM-73")
async def test_an_operator_replaces_and_ends_keys(desk: Desk) -> None:
    made = (await desk.ask("keys", "create", "orders", "--json")).document
    rotated = (await desk.ask("keys", "rotate", made["key"], "--json")).document
    assert rotated["secret"] not in ("", made["secret"])
    assert rotated["old_secret_until"]
    assert (await desk.ask("keys", "revoke", made["key"], "--json")).document["active"] is False
    listed = await desk.ask("keys", "list", "--all")
    assert "orders" in listed.out
    assert "revoked" in listed.out


async def test_what_is_missing_is_said_before_anything_is_asked(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text("{}")
    assert "ANGARIUM_KEY_SECRET" in (await desk.ask("send", str(file), "--key", "ik", whose=False)).err
    assert "--dead" in (await desk.ask("replay")).err
    assert (await desk.ask("show", "nonsense")).code == 2
    unknown = await desk.ask("show", str(uuid4()))
    assert unknown.code == 1
    assert "not found" in unknown.err
