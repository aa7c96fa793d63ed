"""Simulated devices, and the faces of push services, driven by others' clients where there are any."""

from __future__ import annotations

import asyncio
import functools
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from tests.sandbox.kit import Kit

KEY = Vapid()
KEY.generate_keys()
CLAIMS = {"sub": "mailto:ops@salon.example"}


async def browser(kit: Kit, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = await kit.post("/push/devices", {"service": "webpush", **fields})
    return made


async def pushed(subscription: dict[str, Any], data: str, **fields: Any) -> Any:
    """Sends as the library that most senders use."""
    given: dict[str, Any] = {
        "vapid_private_key": KEY,
        "vapid_claims": dict(CLAIMS),
        "ttl": 60,
        "content_encoding": "aes128gcm",
        **fields,
    }
    return await asyncio.to_thread(lambda: webpush(subscription, data, **given))


async def test_a_browser_shows_what_another_library_sent(kit: Kit) -> None:
    subscription = await browser(kit)
    answer = await pushed(subscription, '{"title": "Hello", "body": "from elsewhere é😀"}')
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith(kit.url)
    page = await kit.page("/messages/1")
    assert 'class="push"' in page
    assert "from elsewhere é😀" in page
    assert "by Web Push" in page


async def test_a_message_for_another_browser_cannot_be_read(kit: Kit) -> None:
    first, second = await browser(kit), await browser(kit)
    answer = await pushed({**first, "keys": second["keys"]}, '{"title": "secret"}')
    assert answer.status_code == 201
    page = await kit.page("/messages/1")
    assert "secret" not in page
    assert "cannot be read" in page


async def test_a_browser_answers_as_it_was_made(kit: Kit) -> None:
    statuses = {
        "device_unregistered": 410,
        "device_invalid": 404,
        "device_wrong_app": 403,
        "device_busy": 429,
        "device_unavailable": 503,
    }
    for behaviour, status in statuses.items():
        with pytest.raises(WebPushException) as caught:
            await pushed(await browser(kit, behaviour=behaviour), "{}")
        assert caught.value.response.status_code == status


async def test_who_does_not_say_truly_who_sends_is_refused(kit: Kit) -> None:
    subscription = await browser(kit)
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    good = {"aud": kit.url, "exp": int(time.time()) + 3600, **CLAIMS}
    lies: list[dict[str, Any]] = [
        {"aud": "https://elsewhere.example"},
        {"exp": int(time.time()) + 25 * 3600},
        {"exp": 1},
        {"sub": "somebody"},
    ]
    for lie in lies:
        token = jwt.encode({**good, **lie}, key, "ES256")
        headers = {
            "TTL": "60",
            "Content-Encoding": "aes128gcm",
            "Authorization": f"vapid t={token}, k={urlsafe_b64encode(point).rstrip(b'=').decode()}",
        }
        async with kit.session.post(subscription["endpoint"], data=b"x" * 120, headers=headers) as response:
            assert response.status == 401


async def test_a_removed_app_is_gone_and_a_stranger_was_never_there(kit: Kit) -> None:
    subscription = await browser(kit)
    token = subscription["endpoint"].rpartition("/")[2]
    for expected in (True, False):
        async with kit.session.delete(f"{kit.url}/push/devices/{token}") as response:
            assert (await response.json())["removed"] is expected
    with pytest.raises(WebPushException) as caught:
        await pushed(subscription, "{}")
    assert caught.value.response.status_code == 410
    with pytest.raises(WebPushException) as caught:
        await pushed({**subscription, "endpoint": f"{kit.url}/push/nobody"}, "{}")
    assert caught.value.response.status_code == 404


@functools.cache
def account_key() -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def fcm_token(kit: Kit, **claims: Any) -> tuple[int, dict[str, Any]]:
    now = int(time.time())
    given = {
        "iss": "push@p.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": now,
        "exp": now + 3600,
        **claims,
    }
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(given, account_key(), "RS256"),
    }
    async with kit.session.post(f"{kit.url}/token", data=form) as response:
        return response.status, await response.json()


async def fcm(kit: Kit, token: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{kit.url}/v1/projects/p/messages:send"
    async with kit.session.post(url, json={"message": message}, headers=headers) as response:
        return response.status, await response.json()


async def test_fcm_takes_a_message_with_an_access_token_only(kit: Kit) -> None:
    status, granted = await fcm_token(kit)
    assert (status, granted["token_type"]) == (200, "Bearer")
    message = {"token": "healthy-1", "notification": {"title": "Hello", "body": "you"}, "data": {"a": "1"}}
    status, answer = await fcm(kit, granted["access_token"], message)
    assert status == 200
    assert answer["name"].startswith("projects/p/messages/")
    status, answer = await fcm(kit, "ya29.other", message)
    assert (status, answer["error"]["status"]) == (401, "UNAUTHENTICATED")
    for claims in ({"aud": "https://elsewhere.example"}, {"exp": 1}, {"scope": "x"}):
        assert (await fcm_token(kit, **claims))[0] == 400


async def test_fcm_names_the_field_that_is_wrong(kit: Kit) -> None:
    _, granted = await fcm_token(kit)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "message"),
        ({"token": "a", "topic": "b"}, "message"),
        ({"token": "a", "data": {"n": 1}}, "message.data[0].value"),
        ({"token": "a", "android": {"ttl": "soon"}}, "message.android.ttl"),
        ({"token": "a", "data": {"n": "x" * 4097}}, "message"),
    ]
    for message, field in wrong:
        status, answer = await fcm(kit, granted["access_token"], message)
        assert status == 400
        violations = answer["error"]["details"][-1]["fieldViolations"]
        assert [one["field"] for one in violations] == [field]


async def test_the_list_of_behaviours_names_those_of_devices(kit: Kit) -> None:
    found = await kit.get("/behaviours")
    assert {one["name"] for one in found["devices"]} >= {"device_healthy", "device_unregistered"}
