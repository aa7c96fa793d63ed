"""One way to sign, the same on both sides: held by vectors that another program made."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from services.common.security import signed_requests

SECRET = "ingest_Zm9yLXRlc3RzLW9ubHk"
# Made with `openssl dgst -sha256 -hmac`.
VECTORS = [
    (
        "POST",
        "/v1/events",
        "1768478400000",
        "7e57ab1e-0000-4000-8000-000000000001",
        b'{"events":[]}',
        "6b58eeef56089a05ef3bba5c3dd919966a86bde0c109900526da4b85bf53827b",
    ),
    (
        "POST",
        "/v1/events?x=1",
        "0",
        "7e57ab1e-0000-4000-8000-000000000002",
        b"",
        "a06ed372556f50729784e464488aba30ed1d661fdc0215a0b57baa04345c16c9",
    ),
]
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def example() -> ModuleType:
    """The client that neighbours copy from."""
    path = Path(__file__).resolve().parents[3] / "examples" / "send_event.py"
    spec = importlib.util.spec_from_file_location("send_event", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.req("GAT-26", "GAT-48")
@pytest.mark.parametrize("vector", VECTORS)
def test_both_sides_make_the_published_signatures(vector: tuple[str, str, str, str, bytes, str]) -> None:
    *parts, wanted = vector
    assert signed_requests.signature(SECRET.encode(), *parts) == wanted
    assert example().sign(SECRET, *parts) == wanted


@pytest.mark.req("GAT-26")
def test_a_signature_is_of_method_path_time_nonce_and_body_and_of_no_other() -> None:
    method, path, stamp, nonce, body, signature = VECTORS[0]
    secrets = [b"another", SECRET.encode()]

    def holds(*parts: object) -> bool:
        return signed_requests.is_genuine(secrets, signature, *parts)  # type: ignore[arg-type]

    assert holds(method, path, stamp, nonce, body)
    assert holds("post", path, stamp, nonce, body)
    assert not holds("PUT", path, stamp, nonce, body)
    assert not holds(method, path + "/", stamp, nonce, body)
    assert not holds(method, path, "1768478400001", nonce, body)
    assert not holds(method, path, stamp, VECTORS[1][3], body)
    assert not holds(method, path, stamp, nonce, body + b" ")
    assert not signed_requests.is_genuine([], signature, method, path, stamp, nonce, body)
    assert not signed_requests.is_genuine(secrets, "", method, path, stamp, nonce, body)
    assert not signed_requests.is_genuine(secrets, "ä", method, path, stamp, nonce, body)


@pytest.mark.req("GAT-26")
@pytest.mark.parametrize(
    ("away", "timely"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_request_is_timely_within_five_minutes_either_way(away: int, timely: bool) -> None:
    stamp = str(int((NOW + timedelta(seconds=away)).timestamp() * 1000))
    assert signed_requests.is_timely(stamp, NOW) is timely


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1.5", "٣", "9" * 40])
def test_what_is_no_time_is_not_timely(stamp: str) -> None:
    assert not signed_requests.is_timely(stamp, NOW)


def test_a_nonce_has_one_form() -> None:
    nonce = "7e57ab1e-0000-4000-8000-000000000001"
    assert signed_requests.nonce_of(nonce.upper()) == UUID(nonce)
    for other in ("", "one", nonce.replace("-", ""), f"{{{nonce}}}"):
        assert signed_requests.nonce_of(other) is None


def test_headers_name_the_key_and_sign_the_request() -> None:
    nonce = UUID(VECTORS[0][3])
    made = signed_requests.headers(
        "ik_1", SECRET.encode(), "POST", "/v1/events", VECTORS[0][4], now=NOW, nonce=nonce
    )
    assert made == {
        "X-Signature-Key": "ik_1",
        "X-Signature-Timestamp": "1768478400000",
        "X-Signature-Nonce": str(nonce),
        "X-Signature": VECTORS[0][5],
    }
