"""Events of neighbours come in by signed requests: exactly these bytes, once, and answered when they are stored."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from redis.asyncio import Redis

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from gateway import intake
from services.common.clock import FixedClock
from services.common.security import signed_requests
from tests.campaign.intake.kit import Recorder, Stand, open_stand
from tests.gateway.conftest import open_door

PATH = "/v1/events"


@dataclass
class Road:
    """A neighbour's way: its key, the gateway, and intake behind it."""

    stand: Stand
    url: str
    session: aiohttp.ClientSession
    key_id: str = ""
    secret: bytes = b""

    def headers(self, body: bytes, **changes: Any) -> dict[str, str]:
        given = {
            "key_id": self.key_id,
            "secret": self.secret,
            "method": "POST",
            "path": PATH,
            "body": body,
            "now": self.stand.clock.now(),
            "nonce": uuid4(),
            **changes,
        }
        return signed_requests.headers(**given)

    async def post(
        self, body: bytes, headers: dict[str, str] | None = None, path: str = PATH
    ) -> tuple[int, bytes, Mapping[str, str]]:
        headers = self.headers(body) if headers is None else headers
        async with self.session.post(self.url + path, data=io.BytesIO(body), headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers


@contextlib.asynccontextmanager
async def open_road(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, clock: FixedClock, **changes: Any
) -> AsyncIterator[Road]:
    async with (
        open_stand(clone_database(["campaign"]), redis_url, clock, Recorder()) as stand,
        open_door(clock, campaign_address=stand.served.address, redis_url=redis_url, **changes) as (
            url,
            session,
        ),
    ):
        made = await stand.owner().CreateIntakeKey(pb.CreateIntakeKeyRequest(source="orders"))
        yield Road(stand, url, session, made.intake_key.key_id, made.secret.encode())


@pytest.fixture
async def road(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, clock: FixedClock
) -> AsyncIterator[Road]:
    async with open_road(clone_database, redis_url, clock) as opened:
        yield opened


@pytest.mark.req("GAT-14", "GAT-26", "GAT-28", "GAT-54")
async def test_signed_events_are_stored_and_each_is_answered(road: Road) -> None:
    stand = road.stand
    good, bad = stand.envelope(), stand.envelope("order.paid", data={"order_id": "o"})
    foreign, unknown = stand.envelope(tenant_id=str(uuid4())), stand.envelope("lottery.drawn")
    # Odd spacing and escapes: what is signed is the bytes, not what they mean.
    body = json.dumps({"events": [good, bad, foreign, unknown]}, indent=3).encode() + b"\r\n"
    status, raw, _ = await road.post(body)
    answer = json.loads(raw)
    assert status == 202
    assert (answer["accepted"], answer["duplicate"], answer["rejected"]) == (2, 0, 2)
    assert [one["state"] for one in answer["results"]] == ["accepted", "rejected", "rejected", "accepted"]
    assert answer["results"][1]["reason"] == "invalid"
    assert {"field": "data.amount", "description": "is needed"} in answer["results"][1]["violations"]
    assert answer["results"][2]["reason"] == "tenant_mismatch"
    assert set(await stand.states()) == {good["event_id"], unknown["event_id"]}
    # Told again, with a nonce of its own, it is known.
    status, raw, _ = await road.post(body)
    assert (status, json.loads(raw)["duplicate"]) == (202, 2)


@pytest.mark.req("GAT-14")
async def test_an_envelope_alone_and_a_list_are_taken_too(road: Road) -> None:
    for told in (road.stand.envelope(), [road.stand.envelope()]):
        status, raw, _ = await road.post(json.dumps(told).encode())
        assert (status, json.loads(raw)["accepted"]) == (202, 1)


@pytest.mark.req("GAT-26", "GAT-50", "GAT-20", "SEC-120")
async def test_whatever_is_wrong_with_a_signature_is_refused_the_same_and_stores_nothing(road: Road) -> None:
    body = json.dumps(road.stand.envelope()).encode()
    right = road.headers(body)
    now = road.stand.clock.now()
    wrong = {
        "no headers": {},
        "an unknown key": road.headers(body, key_id="ik_unknown"),
        "another secret": road.headers(body, secret=b"guess"),
        "another method": road.headers(body, method="PUT"),
        "another path": road.headers(body, path="/v1/event"),
        "another body": road.headers(body + b" "),
        "too old": road.headers(body, now=now - timedelta(minutes=5, seconds=1)),
        "too new": road.headers(body, now=now + timedelta(minutes=5, seconds=1)),
        "no nonce": {name: value for name, value in right.items() if name != signed_requests.NONCE},
        "a nonce that is none": {**right, signed_requests.NONCE: "one"},
        "another nonce": {**right, signed_requests.NONCE: str(uuid4())},
        "another time": {**right, signed_requests.TIMESTAMP: str(int(now.timestamp() * 1000) + 1)},
        "no signature": {**right, signed_requests.SIGNATURE: ""},
    }
    answers = {name: await road.post(body, headers) for name, headers in wrong.items()}
    assert {name: (status, raw) for name, (status, raw, _) in answers.items()} == dict.fromkeys(
        wrong, (401, b"")
    )
    assert await road.stand.states() == {}
    assert (await road.post(body, right))[0] == 202


@pytest.mark.req("GAT-26", "SEC-121", "GAT-48")
async def test_a_request_that_is_sent_twice_is_refused_and_one_that_failed_is_not(road: Road) -> None:
    body = json.dumps(road.stand.envelope()).encode()
    forged = road.headers(body)
    nonce = UUID(forged[signed_requests.NONCE])
    assert (await road.post(body, {**forged, signed_requests.SIGNATURE: "0" * 64}))[0] == 401
    # A bad signature uses no nonce up.
    assert (await road.post(body, forged))[0] == 202
    assert (await road.post(body, forged))[0] == 401
    other = json.dumps(road.stand.envelope()).encode()
    assert (await road.post(other, road.headers(other, nonce=nonce)))[0] == 401
    assert len(await road.stand.states()) == 1


@pytest.mark.req("GAT-26")
async def test_of_many_copies_of_a_request_at_once_one_is_taken(road: Road) -> None:
    body = json.dumps(road.stand.envelope()).encode()
    headers = road.headers(body)
    answers = await asyncio.gather(*(road.post(body, headers) for _ in range(8)))
    assert sorted(status for status, *_ in answers) == [202] + [401] * 7


@pytest.mark.req("GAT-26", "CAM-73")
async def test_a_rotated_key_works_at_once_and_a_revoked_one_no_more(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A key is asked for anew when its signature does not fit, at most every second; here without the second.
    monkeypatch.setattr(intake, "SECONDS_FRESH", 0.0)

    def body() -> bytes:
        return json.dumps(road.stand.envelope()).encode()

    assert (await road.post(body()))[0] == 202
    old = road.secret
    rotated = await road.stand.owner().RotateIntakeKey(pb.RotateIntakeKeyRequest(key_id=road.key_id))
    road.secret = rotated.secret.encode()
    assert (await road.post(body()))[0] == 202
    given = body()
    assert (await road.post(given, road.headers(given, secret=old)))[0] == 202
    road.stand.clock.advance(timedelta(hours=24))
    given = body()
    assert (await road.post(given, road.headers(given, secret=old)))[0] == 401
    assert (await road.post(body()))[0] == 202
    await road.stand.owner().RevokeIntakeKey(pb.RevokeIntakeKeyRequest(key_id=road.key_id))
    assert (await road.post(body()))[0] == 401


@pytest.mark.req("GAT-14")
async def test_what_cannot_be_read_is_400_and_what_is_too_large_413(road: Road) -> None:
    for body in (b"", b"{", b"[]", b"7", json.dumps([{}] * 501).encode()):
        status, raw, headers = await road.post(body)
        assert (status, json.loads(raw)["reason"]) == (400, "VALIDATION_FAILED"), body
        assert headers["x-request-id"] == json.loads(raw)["request_id"]
    large = b" " * 5_242_881
    assert (await road.post(large))[0] == 413
    envelope = road.stand.envelope("lottery.drawn", data={"text": "x" * 900_000})
    many = json.dumps([{**envelope, "event_id": str(uuid4())} for _ in range(5)]).encode()
    assert len(many) > 4_400_000
    status, raw, _ = await road.post(many)
    assert (status, json.loads(raw)["accepted"]) == (202, 5)


@pytest.mark.req("GAT-34")
async def test_each_key_has_its_limit(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, clock: FixedClock
) -> None:
    async with open_road(clone_database, redis_url, clock, intake_per_minute=2) as road:
        statuses = []
        for _ in range(3):
            body = json.dumps(road.stand.envelope()).encode()
            # Somebody without the secret does not use the key's share up.
            assert (await road.post(body, road.headers(body, secret=b"guess")))[0] == 401
            status, _, headers = await road.post(body)
            statuses.append(status)
        assert statuses == [202, 202, 429]
        assert int(headers["Retry-After"]) >= 1
        assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("2", "0")


@pytest.mark.req("GAT-34", "SEC-7")
async def test_who_guesses_too_often_is_held_off(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, clock: FixedClock
) -> None:
    async with open_road(clone_database, redis_url, clock, rate_limit_max_requests=3) as road:
        body = json.dumps(road.stand.envelope()).encode()
        statuses = [(await road.post(body, road.headers(body, secret=b"guess")))[0] for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.req("GAT-28", "GAT-14")
async def test_events_that_could_not_be_stored_are_asked_for_again(road: Road) -> None:
    body = json.dumps(road.stand.envelope()).encode()
    assert (await road.post(body))[0] == 202
    await road.stand.database.close()
    status, raw, headers = await road.post(json.dumps(road.stand.envelope()).encode())
    assert (status, json.loads(raw)["reason"]) == (503, "DEPENDENCY_UNAVAILABLE")
    assert "Retry-After" in headers
