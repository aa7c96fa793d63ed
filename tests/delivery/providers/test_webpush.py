"""Web Push: encryption as the RFC publishes it and as others do it, who sends, and where requests may lead."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import http_ece
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02

from sandbox.webpush.decryption import decrypted
from services.common.net.guard import Guard
from services.delivery.providers import Account, Code, ConfigurationError, Device, Result
from services.delivery.providers.base import TokenKind
from services.delivery.providers.kinds import Rules
from services.delivery.providers.notice import MAX_WEB_PAYLOAD
from services.delivery.providers.webpush.adapter import WebPush
from services.delivery.providers.webpush.encryption import decoded, encrypted, public_bytes, unpadded
from services.delivery.providers.webpush.kind import KIND
from services.delivery.providers.webpush.vapid import Vapid, vapid_key
from tests.delivery.providers.pushes import outcomes, push
from tests.delivery.providers.rigs.pushing import Pushing, ec_pem, pushing

pytestmark = pytest.mark.asyncio(loop_scope="module")

# RFC 8291, Appendix A.
PLAINTEXT = b"When I grow up, I want to be a watermelon"
SENDER_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pushing]:
    async with pushing(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


async def test_the_vector_of_the_rfc_comes_out() -> None:
    body = encrypted(
        PLAINTEXT, decoded(BROWSER_POINT), decoded(AUTH), key=private(SENDER_KEY), salt=decoded(SALT)
    )
    assert unpadded(body) == BODY


@pytest.mark.parametrize("size", [0, 1, 100, MAX_WEB_PAYLOAD])
async def test_others_decrypt_what_is_encrypted_here(size: int) -> None:
    browser, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    plaintext = bytes(range(256)) * 16
    body = encrypted(plaintext[:size], public_bytes(browser.public_key()), auth)
    assert len(body) <= 4096
    assert http_ece.decrypt(body, private_key=browser, auth_secret=auth) == plaintext[:size]
    key = browser.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert decrypted(body, key, auth) == plaintext[:size]


async def test_no_two_messages_are_encrypted_alike() -> None:
    bodies = {encrypted(b"x", decoded(BROWSER_POINT), decoded(AUTH)) for _ in range(20)}
    assert len(bodies) == len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 20


@pytest.mark.parametrize("point", [b"", b"\x04" + b"\x01" * 64, b"\x02" + b"\x01" * 32])
async def test_keys_that_no_browser_gives_are_refused(point: bytes) -> None:
    with pytest.raises(ValueError, match=r"65 bytes|curve|[Ii]nvalid|point"):
        encrypted(b"x", point, decoded(AUTH))


async def test_others_accept_the_token_that_says_who_sends() -> None:
    header = Vapid(ec_pem(), "mailto:ops@salon.example").authorization("https://push.example:8443/abc?d")
    assert Vapid02.verify(header)
    token, key = header.removeprefix("vapid t=").split(",k=")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == "mailto:ops@salon.example"
    assert timedelta(hours=11) < timedelta(seconds=claims["exp"] - time.time()) <= timedelta(hours=12)
    assert len(decoded(key)) == 65


async def test_a_token_is_signed_once_for_each_push_service(monkeypatch: pytest.MonkeyPatch) -> None:
    vapid = Vapid(ec_pem(), "mailto:ops@salon.example")
    first = vapid.authorization("https://push.example/a")
    assert vapid.authorization("https://push.example/b") == first
    assert vapid.authorization("https://other.example/a") != first
    later = time.time() + 6 * 3600 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert vapid.authorization("https://push.example/b") != first


async def test_a_key_may_be_written_in_either_usual_form() -> None:
    key = private(BROWSER_KEY)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (BROWSER_KEY, pem, pem.replace("\n", "\\n")):
        found = vapid_key(text).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        assert unpadded(found) == BROWSER_POINT
    short, long = BROWSER_KEY[:-4], "AAAA" + BROWSER_KEY
    for text in ("", "nonsense!", short, long, "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"):
        with pytest.raises(ConfigurationError):
            vapid_key(text)


async def test_the_headers_say_how_long_and_how_urgent(sandbox: Pushing) -> None:
    sent = push(await sandbox.device("webpush"))
    (outcome,) = await outcomes(sandbox.provider("webpush"), [sent], urgency="high")
    assert len(outcome.provider_message_id) == 24
    assert "/" not in outcome.provider_message_id
    (shown,) = await sandbox.taken([sent])
    assert shown["how"] == {"TTL": shown["how"]["TTL"], "Urgency": "high", "Topic": sent.message_id.hex}
    assert 3590 <= int(shown["how"]["TTL"]) <= 3600


@pytest.mark.req("DEL-94")
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.0.0.1/x",
        "https://169.254.169.254/x",
        "http://push.example/x",
        "https://push.example:22/x",
        "file:///etc/passwd",
    ],
)
async def test_an_endpoint_inside_is_never_called(endpoint: str) -> None:
    account = Account(
        uuid.uuid4(),
        "webpush",
        {"subject": "https://salon.example"},
        {"vapid_private_key": ec_pem()},
        timeout=timedelta(seconds=1),
        guard=Guard(),
    )
    provider = WebPush(account)
    device = Device(uuid.uuid4(), TokenKind.WEB_PUSH, "web", endpoint, decoded(BROWSER_POINT), decoded(AUTH))
    (outcome,) = await outcomes(provider, [push(device)])
    assert (outcome.result, outcome.gone) == (Result.PERMANENT, "invalid_token")
    await provider.close()


@pytest.mark.req("DEL-76")
async def test_a_push_service_nobody_knows_does_no_harm_to_the_account(sandbox: Pushing) -> None:
    stranger = sandbox.provider("webpush", config={"push_services": []})
    wrong = push(await sandbox.device("webpush", "device_wrong_app"))
    away = push(await sandbox.device("webpush", "device_unavailable"))
    refused, later = await outcomes(stranger, [wrong, away])
    assert (refused.result, refused.code, refused.provider_fault) == (
        Result.PERMANENT,
        "vapid_refused",
        False,
    )
    assert (later.result, later.code, later.provider_fault) == (Result.RETRYABLE, Code.UNAVAILABLE, False)
    refused, later = await outcomes(sandbox.provider("webpush"), [wrong, away])
    assert (refused.provider_fault, later.provider_fault) == (True, True)


async def test_a_page_that_subscribed_with_another_key_is_told_apart(sandbox: Pushing) -> None:
    own = Vapid(ec_pem(), "mailto:ops@salon.example").public_key
    fits = push(await sandbox.device("webpush", application_server_key=own))
    other = push(await sandbox.device("webpush", application_server_key=BROWSER_POINT))
    first, second = await outcomes(sandbox.provider("webpush"), [fits, other])
    assert first.result is Result.ACCEPTED
    assert (second.code, second.gone) == ("vapid_refused", "")


async def test_an_account_says_which_key_pages_subscribe_with(sandbox: Pushing) -> None:
    found = await sandbox.provider("webpush").verify()
    assert found.details.endswith(Vapid(ec_pem(), "mailto:x@y.example").public_key)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "config.subject"),
        ({"subject": "ops@salon.example"}, "config.subject"),
        ({"subject": "mailto:a@b.example", "push_services": ["a b"]}, "config.push_services"),
        ({"subject": "mailto:a@b.example", "app_ids": []}, "config.app_ids"),
    ],
)
async def test_settings_are_checked(config: dict[str, object], field: str) -> None:
    rules = Rules(production=True, recording=False)
    assert [name for name, _ in KIND.config_problems(config, rules)] == [field]
