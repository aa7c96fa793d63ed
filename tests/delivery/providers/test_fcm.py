"""Firebase Cloud Messaging: access tokens, what a request says, and what each error code means."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
import pytest_asyncio

from services.delivery.providers import Code, ConfigurationError, Device, Outcome, Result
from services.delivery.providers.base import TokenKind
from services.delivery.providers.fcm import codes
from services.delivery.providers.fcm.body import Requests
from services.delivery.providers.fcm.kind import KIND
from services.delivery.providers.http import Answer
from services.delivery.providers.kinds import Rules
from tests.delivery.providers.pushes import block, outcomes, push
from tests.delivery.providers.rigs.pushing import Pushing, ec_pem, pushing, rsa_pem

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICE = Device(uuid.uuid4(), TokenKind.FCM_TOKEN, "app", "fcm:APA91bHun4MxP5egoKMwt2KZFBaFUH")
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pushing]:
    async with pushing(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


def answered(status: int, code: str = "", violations: list[str] | None = None, **headers: str) -> Answer:
    details: list[dict[str, Any]] = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    if violations:
        details.append({"@type": BAD_REQUEST, "fieldViolations": [{"field": one} for one in violations]})
    error = {"code": status, "message": "words", "status": "WORD", "details": details}
    return Answer(status, headers, orjson.dumps({"error": error}))


def judged(answer: Answer) -> Outcome:
    one = push(DEVICE)
    return codes.refusal(one, answer.outcome(one.message_id, 0.0), answer)


@pytest.mark.req("DEL-86", "DEL-82")
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answered(404, "UNREGISTERED"), (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "unregistered")),
        (answered(403, "SENDER_ID_MISMATCH"), (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "wrong_app")),
        (
            answered(400, "INVALID_ARGUMENT"),
            (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "invalid_token"),
        ),
        (
            answered(400, "INVALID_ARGUMENT", ["message.token"]),
            (Result.PERMANENT, Code.INVALID_RECIPIENT, False, "invalid_token"),
        ),
        # A mistake of ours in the request: the device is well.
        (
            answered(400, "INVALID_ARGUMENT", ["message.data[0].value"]),
            (Result.PERMANENT, Code.REQUEST_REFUSED, False, ""),
        ),
        (answered(400), (Result.PERMANENT, Code.REQUEST_REFUSED, False, "")),
        (answered(429, "QUOTA_EXCEEDED"), (Result.RETRYABLE, Code.RATE_LIMITED, True, "")),
        (answered(503, "UNAVAILABLE"), (Result.RETRYABLE, Code.UNAVAILABLE, True, "")),
        (answered(500, "INTERNAL"), (Result.RETRYABLE, Code.UNAVAILABLE, True, "")),
        (answered(401, "THIRD_PARTY_AUTH_ERROR"), (Result.RETRYABLE, "third_party_credentials", False, "")),
        (answered(401), (Result.RETRYABLE, Code.CREDENTIALS, True, "")),
        (answered(403), (Result.RETRYABLE, Code.CREDENTIALS, True, "")),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
)
async def test_each_error_means_one_thing(answer: Answer, expected: tuple[Any, ...]) -> None:
    outcome = judged(answer)
    assert (outcome.result, outcome.code, outcome.provider_fault, outcome.gone) == expected
    assert "words" not in outcome.reason


@pytest.mark.req("DEL-81")
async def test_the_wait_that_is_asked_for_is_kept_and_a_quota_waits_a_minute() -> None:
    asked = judged(answered(429, "QUOTA_EXCEEDED", **{"Retry-After": "17"}))
    assert asked.retry_after == timedelta(seconds=17)
    assert judged(answered(429, "QUOTA_EXCEEDED")).retry_after == timedelta(seconds=60)
    assert judged(answered(503, "UNAVAILABLE", **{"Retry-After": "3"})).retry_after == timedelta(seconds=3)


async def test_a_request_carries_the_overrides_of_every_platform() -> None:
    one = push(DEVICE)
    assert one.expire_at is not None
    message = orjson.loads(Requests(block([one], urgency="low")).body(one, DEVICE))["message"]
    ttl = message["android"].pop("ttl")
    assert 3590 <= int(ttl.removesuffix("s")) <= 3600
    assert message["webpush"]["headers"].pop("TTL") == ttl.removesuffix("s")
    reference = one.message_id.hex
    assert message == {
        "token": DEVICE.token,
        "notification": {"title": "For Ada", "body": "Hello Ada: hi"},
        "data": {
            "angarium_message_id": str(one.message_id),
            "angarium_campaign_id": "c-1",
            "category": "order",
            "template": "hello",
        },
        "android": {"priority": "NORMAL", "notification": {"tag": reference}},
        "apns": {
            "headers": {
                "apns-priority": "5",
                "apns-collapse-id": reference,
                "apns-expiration": str(int(one.expire_at.timestamp())),
            },
            "payload": {"aps": {"sound": "default"}},
        },
        "webpush": {"headers": {"Urgency": "low", "Topic": reference}},
        "fcm_options": {"analytics_label": "hello"},
    }


async def test_an_installation_is_named_by_its_id() -> None:
    device = replace(DEVICE, kind=TokenKind.FCM_INSTALLATION)
    message = orjson.loads(Requests(block([push(device)])).body(push(device), device))["message"]
    assert message["fid"] == device.token
    assert "token" not in message


@pytest.mark.req("DEL-106")
async def test_one_access_token_serves_many_messages_until_shortly_before_its_end(
    sandbox: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider: Any = sandbox.provider("fcm")
    asked: list[dict[str, Any]] = []
    post = provider._access._connection.post

    async def counted(path: str, body: bytes, headers: Any) -> Answer:
        assertion = body.decode().rpartition("assertion=")[2]
        asked.append(jwt.decode(assertion, options={"verify_signature": False}))
        answer: Answer = await post(path, body, headers)
        return answer

    monkeypatch.setattr(provider._access._connection, "post", counted)
    devices = [await sandbox.device("fcm") for _ in range(5)]
    assert {one.result for one in await outcomes(provider, [push(one) for one in devices])} == {
        Result.ACCEPTED
    }
    (claims,) = asked
    assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    assert claims["aud"] == "https://oauth2.googleapis.com/token"
    assert claims["exp"] == claims["iat"] + 3600
    provider._access._until = time.time() - 1
    await outcomes(provider, [push(devices[0])])
    assert len(asked) == 2


async def test_a_token_that_was_revoked_is_replaced_within_the_same_request(sandbox: Pushing) -> None:
    provider: Any = sandbox.provider("fcm")
    device = await sandbox.device("fcm")
    await outcomes(provider, [push(device)])
    provider._access._token = "ya29.revoked"
    (outcome,) = await outcomes(provider, [push(device)])
    assert outcome.result is Result.ACCEPTED


@pytest.mark.req("DEL-77")
async def test_a_service_account_that_is_refused_marks_the_account(sandbox: Pushing) -> None:
    credentials = {"client_email": "invalid@angarium-test.example", "private_key": rsa_pem()}
    provider = sandbox.provider("fcm", credentials=credentials)
    (outcome,) = await outcomes(provider, [push(await sandbox.device("fcm"))])
    assert (outcome.result, outcome.code, outcome.provider_fault) == (
        Result.RETRYABLE,
        Code.CREDENTIALS,
        True,
    )
    assert not (await provider.verify()).ok


async def test_no_access_token_is_no_doubt_about_a_message(sandbox: Pushing) -> None:
    provider = sandbox.provider("fcm", config={"token_url": "http://127.0.0.1:9/token"})
    (outcome,) = await outcomes(provider, [push(await sandbox.device("fcm"))])
    assert (outcome.result, outcome.code) == (Result.RETRYABLE, Code.CONNECTION)


@pytest.mark.parametrize("key", ["", "nonsense", ec_pem])
async def test_a_key_that_is_none_stops_the_account(sandbox: Pushing, key: Any) -> None:
    text = key() if callable(key) else key
    with pytest.raises(ConfigurationError):
        sandbox.provider("fcm", credentials={"client_email": "a@b.example", "private_key": text})


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({}, ["config.project_id"]),
        ({"project_id": "angarium-test", "server_key": "AAAA"}, ["config.server_key"]),
        ({"project_id": "angarium-test", "base_url": "https://evil.example"}, ["config.base_url"]),
        ({"project_id": "angarium-test", "token_url": "https://evil.example/token"}, ["config.token_url"]),
        ({"project_id": "angarium-test", "app_ids": ["com.example.app"]}, []),
    ],
)
async def test_settings_are_checked(config: dict[str, Any], fields: list[str]) -> None:
    rules = Rules(production=True, recording=False)
    assert [name for name, _ in KIND.config_problems(config, rules)] == fields
