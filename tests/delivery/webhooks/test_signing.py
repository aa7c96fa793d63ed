"""Calls are signed so that partners can check them, by the house's headers and by Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from services.delivery.webhooks import signing
from services.delivery.webhooks.signing import SigningKeys

BODY = b'{"id":"1","type":"webhook.test"}'


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.req("DEL-92")
def test_the_vector_of_standard_webhooks_holds() -> None:
    keys = SigningKeys.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signing.headers([keys], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert made["webhook-signature"].split(" ")[0] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert made["webhook-timestamp"] == "1614265330"


@pytest.mark.req("DEL-92", "DEL-143")
def test_the_library_of_standard_webhooks_takes_our_calls_also_while_a_secret_is_rotated() -> None:
    old, new = SigningKeys.make(), SigningKeys.make()
    made = signing.headers([new, old], "evt-1", now(), BODY)
    for keys in (old, new):
        assert Webhook(keys.secret).verify(BODY, made) == {"id": "1", "type": "webhook.test"}
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(SigningKeys.make().secret).verify(BODY, made)


@pytest.mark.req("DEL-92", "DEL-143")
def test_the_houses_signature_covers_id_time_and_the_exact_bytes() -> None:
    keys = SigningKeys.make("a secret of our own!".replace(" ", "-"))
    made = signing.headers([keys], "evt-1", now(), BODY)
    signed = b"evt-1." + made["X-Webhook-Timestamp"].encode() + b"." + BODY
    expected = hmac.new(b"a-secret-of-our-own!", signed, hashlib.sha256).hexdigest()
    assert made["X-Webhook-Signature"] == f"v1={expected}"
    rotating = signing.headers([keys, SigningKeys.make()], "evt-1", now(), BODY)["X-Webhook-Signature"]
    assert [part[:3] for part in rotating.split(",")] == ["v1=", "v1="]


@pytest.mark.req("DEL-92")
def test_asymmetric_signatures_are_checked_with_the_public_key_alone() -> None:
    keys = SigningKeys.make()
    made = signing.headers([keys], "evt-1", now(), BODY)
    scheme, value = made["webhook-signature"].split(" ")[1].split(",")
    public = base64.b64decode(signing.shown(keys.public_key).removeprefix("whpk_"))
    signed = b"evt-1." + made["webhook-timestamp"].encode() + b"." + BODY
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(value), signed)
    assert scheme == "v1a"


@pytest.mark.req("DEL-51")
def test_each_header_set_is_enough_and_anything_changed_is_refused() -> None:
    keys = SigningKeys.make()
    made = signing.headers([keys], "evt-1", now(), BODY)
    standard = {name: value for name, value in made.items() if name.startswith("webhook-")}
    own = {name.upper(): value for name, value in made.items() if name.startswith("X-")}
    asymmetric = {**standard, "webhook-signature": standard["webhook-signature"].split(" ")[1]}
    for headers, scheme in ((standard, "v1"), (own, "x-v1"), (asymmetric, "v1a")):
        assert signing.verify([keys], headers, BODY, now()) == ("", scheme)
        assert signing.verify([keys], headers, BODY + b" ", now()).reason == "no_match"
        assert signing.verify([SigningKeys.make()], headers, BODY, now()).reason == "no_match"
        id_name = next(name for name in headers if name.lower().endswith("-id"))
        assert signing.verify([keys], {**headers, id_name: "evt-2"}, BODY, now()).reason == "no_match"
        assert signing.verify([keys], headers, BODY, now() + timedelta(seconds=299)).is_valid
        assert signing.verify([keys], headers, BODY, now() + timedelta(seconds=302)).reason == "too_old"
        assert signing.verify([keys], headers, BODY, now() - timedelta(seconds=302)).reason == "too_new"
    assert signing.verify([keys], {}, BODY, now()).reason == "missing_header"
    assert (
        signing.verify([keys], {**standard, "webhook-timestamp": "1e9"}, BODY, now()).reason
        == "bad_timestamp"
    )


@pytest.mark.req("DEL-51", "DEL-143")
@given(signature=st.text(max_size=300), timestamp=st.text(max_size=20), body=st.binary(max_size=50))
def test_no_header_makes_the_check_raise(signature: str, timestamp: str, body: bytes) -> None:
    keys = [SigningKeys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", bytes(32))]
    for prefix in ("webhook-", "x-webhook-"):
        headers = {prefix + "id": "evt", prefix + "timestamp": timestamp, prefix + "signature": signature}
        assert not signing.verify(keys, headers, body, now()).is_valid
        headers[prefix + "timestamp"] = str(int(now().timestamp()))
        assert not signing.verify(keys, headers, body, now()).is_valid


def test_secrets_of_the_house_are_32_random_bytes_and_survive_being_stored() -> None:
    keys = SigningKeys.make()
    assert keys.secret.startswith("whsec_")
    assert len(keys.key) == 32
    assert SigningKeys.unpack(keys.pack()) == keys
    assert SigningKeys.make().secret != keys.secret


def test_a_secret_written_for_standard_webhooks_must_be_one() -> None:
    assert signing.problem_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == ""
    assert signing.problem_of("any-sixteen-characters") == ""
    assert "base64" in signing.problem_of("whsec_not base64 at all")
    assert "16 bytes" in signing.problem_of("whsec_c2hvcnQ=")
