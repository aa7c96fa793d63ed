from __future__ import annotations

import base64

import pytest

from services.common.security.keys import KeySet, derive

K1, K0 = b"1" * 32, b"0" * 32


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_the_first_key_is_the_current_one() -> None:
    keys = KeySet.parse(f"k1:{encoded(K1)}, k0:{encoded(K0)}")
    assert keys.current == ("k1", K1)
    assert keys.by_id("k0") == K0
    assert list(keys) == [("k1", K1), ("k0", K0)]
    assert "k0" in keys
    assert len(keys) == 2


def test_url_safe_and_unpadded_base64_are_read_too() -> None:
    key = bytes(range(224, 256)) + b"\xff"
    for text in (base64.urlsafe_b64encode(key).decode(), base64.b64encode(key).decode().rstrip("=")):
        assert KeySet.parse(f"k:{text}").by_id("k") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        ":",
        f"k 1:{encoded(K1)}",
        "k1:not base64!",
        f"k1:{encoded(b'short')}",
        f"k1:{encoded(K1)},k1:{encoded(K0)}",
        f"k1:{encoded(K1)},k2:{encoded(K1)}",
        f"k1:{encoded(K1)},",
    ],
)
def test_a_set_that_cannot_be_meant_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - each text has its own message
        KeySet.parse(text)
    assert encoded(K1) not in str(caught.value)


def test_an_unknown_id_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        KeySet({"k1": K1}).by_id("k2")


def test_printing_a_set_shows_ids_only() -> None:
    assert repr(KeySet({"k1": K1, "k0": K0})) == "KeySet(k1, k0)"


def test_keys_of_purposes_differ() -> None:
    assert len({derive(K1, "a"), derive(K1, "b"), derive(K0, "a"), K1}) == 4
