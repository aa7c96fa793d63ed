"""Apple's push service: provider tokens, what a request says, what each reason means, and kept-open connections."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import orjson
import pytest
import pytest_asyncio

from sandbox.apns.server import Connection, Reply, Request
from services.delivery.providers import Code, ConfigurationError, Device, Outcome, Result
from services.delivery.providers.apns import codes
from services.delivery.providers.apns.kind import KIND
from services.delivery.providers.base import TokenKind
from services.delivery.providers.http import Answer
from services.delivery.providers.kinds import Rules
from tests.delivery.providers.pushes import outcomes, push
from tests.delivery.providers.rigs.pushing import APP, Pushing, pushing, rsa_pem

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICE = Device(uuid.uuid4(), TokenKind.APNS, APP, "ab" * 32)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pushing]:
    async with pushing(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


class Face:
    """A server that answers what a test tells it to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.replies: list[Reply] = []
        self.connections: set[Connection] = set()
        self.seen: set[int] = set()

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        self.seen |= {id(one) for one in self.connections}
        return self.replies.pop(0) if self.replies else Reply(200, {"apns-id": str(len(self.asked))})


@pytest_asyncio.fixture(loop_scope="module")
async def face() -> AsyncIterator[tuple[Face, str]]:
    made = Face()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(made.answer, made.connections), "127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for one in list(made.connections):
        one.close()


def refused(status: int, reason: str, **more: Any) -> Outcome:
    one = push(DEVICE)
    answer = Answer(status, {}, orjson.dumps({"reason": reason, **more}))
    return codes.refusal(one, answer.outcome(one.message_id, 0.0), answer)


@pytest.mark.req("DEL-82")
@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "BadDeviceToken", (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "invalid_token")),
        (400, "DeviceTokenNotForTopic", (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "wrong_app")),
        (410, "Unregistered", (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "unregistered")),
        (410, "ExpiredToken", (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "unregistered")),
        (400, "TopicDisallowed", (Result.PERMANENT, Code.SENDER_REFUSED, True, "")),
        (400, "BadPriority", (Result.PERMANENT, Code.REQUEST_REFUSED, False, "")),
        (403, "InvalidProviderToken", (Result.RETRYABLE, Code.CREDENTIALS, True, "")),
        (403, "ExpiredProviderToken", (Result.RETRYABLE, "provider_token_expired", True, "")),
        (413, "PayloadTooLarge", (Result.PERMANENT, Code.TOO_LARGE, False, "")),
        (429, "TooManyRequests", (Result.RETRYABLE, Code.RATE_LIMITED, False, "")),
        (429, "TooManyProviderTokenUpdates", (Result.RETRYABLE, Code.RATE_LIMITED, True, "")),
        (500, "InternalServerError", (Result.RETRYABLE, Code.UNAVAILABLE, True, "")),
        (503, "Shutdown", (Result.RETRYABLE, Code.UNAVAILABLE, True, "")),
        (500, "SomethingNew", (Result.RETRYABLE, Code.UNAVAILABLE, True, "")),
    ],
)
async def test_each_reason_means_one_thing(status: int, reason: str, expected: tuple[Any, ...]) -> None:
    outcome = refused(status, reason)
    assert (outcome.result, outcome.code, outcome.provider_fault, outcome.gone) == expected


async def test_an_instant_is_told_since_when_a_token_is_dead() -> None:
    outcome = refused(410, "Unregistered", timestamp=1_700_000_000_000)
    assert outcome.gone_at == datetime.fromtimestamp(1_700_000_000, UTC)
    for nonsense in ("soon", True, 10**18):
        assert refused(410, "Unregistered", timestamp=nonsense).gone_at is None


async def test_a_request_says_topic_kind_priority_expiry_and_what_it_replaces(sandbox: Pushing) -> None:
    sent = push(await sandbox.device("apns"))
    assert sent.expire_at is not None
    (outcome,) = await outcomes(sandbox.provider("apns"), [sent], urgency="low")
    uuid.UUID(outcome.provider_message_id)
    (shown,) = await sandbox.taken([sent])
    assert shown["how"] == {
        "apns-topic": APP,
        "apns-push-type": "alert",
        "apns-priority": "5",
        "apns-expiration": str(int(sent.expire_at.timestamp())),
        "apns-collapse-id": sent.message_id.hex,
    }


async def test_the_topic_of_the_account_goes_before_the_devices_app(sandbox: Pushing) -> None:
    sent = push(await sandbox.device("apns"))
    await outcomes(sandbox.provider("apns", config={"topic": "com.example.other"}), [sent])
    assert (await sandbox.taken([sent]))[0]["how"]["apns-topic"] == "com.example.other"


async def test_one_token_and_one_connection_serve_many_messages(
    sandbox: Pushing, face: tuple[Face, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, url = face
    provider = sandbox.provider("apns", config={"base_url": url})
    for _ in range(2):
        await outcomes(provider, [push(DEVICE) for _ in range(30)])
    assert len(made.asked) == 60
    assert len(made.seen) == 1
    (token,) = {one.headers["authorization"].removeprefix("bearer ") for one in made.asked}
    assert jwt.get_unverified_header(token)["kid"] == "ABCDE12345"
    assert jwt.decode(token, options={"verify_signature": False})["iss"] == "TEAM123456"
    later = time.time() + 51 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    await outcomes(provider, [push(DEVICE)])
    assert made.asked[-1].headers["authorization"] != f"bearer {token}"


async def test_an_expired_token_is_replaced_once_and_not_every_time(
    sandbox: Pushing, face: tuple[Face, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, url = face
    provider = sandbox.provider("apns", config={"base_url": url})
    stale = Reply(403, {}, b'{"reason":"ExpiredProviderToken"}')
    made.replies = [stale]
    (young,) = await outcomes(provider, [push(DEVICE)])
    assert (young.code, len(made.asked)) == ("provider_token_expired", 1)
    later = time.time() + 21 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    made.replies = [stale]
    (old,) = await outcomes(provider, [push(DEVICE)])
    assert (old.result, len(made.asked)) == (Result.ACCEPTED, 3)


async def test_a_connection_that_ended_is_made_anew(sandbox: Pushing, face: tuple[Face, str]) -> None:
    made, url = face
    provider: Any = sandbox.provider("apns", config={"base_url": url})
    await outcomes(provider, [push(DEVICE)])
    for one in list(made.connections):
        one.close()
    async with asyncio.timeout(5):
        while provider._connection._line.is_open:  # noqa: ASYNC110 - until the news is here
            await asyncio.sleep(0)
    (outcome,) = await outcomes(provider, [push(DEVICE)])
    assert outcome.result is Result.ACCEPTED


async def test_a_server_that_is_not_there_leaves_no_doubt(sandbox: Pushing) -> None:
    provider = sandbox.provider("apns", config={"base_url": "http://127.0.0.1:9"})
    (outcome,) = await outcomes(provider, [push(DEVICE)])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (Result.RETRYABLE, Code.CONNECTION, True)


async def test_a_key_apple_does_not_know_is_found_by_verifying(sandbox: Pushing) -> None:
    found = await sandbox.provider("apns", config={"key_id": "INVALID123"}).verify()
    assert not found.ok
    assert "InvalidProviderToken" in found.details


async def test_tokens_are_taken_in_hexadecimal_only(sandbox: Pushing) -> None:
    bad = [replace(DEVICE, token=token) for token in ("AB" * 32, "xy" * 32, "ab" * 8, "../../x")]
    results = await outcomes(sandbox.provider("apns"), [push(one) for one in bad])
    assert {one.gone for one in results} == {"invalid_token"}


async def test_a_key_of_another_kind_stops_the_account(sandbox: Pushing) -> None:
    with pytest.raises(ConfigurationError):
        sandbox.provider("apns", credentials={"private_key": rsa_pem()})


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({"key_id": "ABCDE12345", "team_id": "TEAM123456"}, []),
        ({"key_id": "short", "team_id": "TEAM123456"}, ["config.key_id"]),
        (
            {"key_id": "ABCDE12345", "team_id": "TEAM123456", "base_url": "https://evil.example"},
            ["config.base_url"],
        ),
    ],
)
async def test_settings_are_checked(config: dict[str, Any], fields: list[str]) -> None:
    rules = Rules(production=True, recording=False)
    assert [name for name, _ in KIND.config_problems(config, rules)] == fields
