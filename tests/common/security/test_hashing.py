from __future__ import annotations

import hashlib
import hmac
from uuid import uuid4

import pytest

from services.common.security.hashing import address_hash, address_hash_candidates, address_hashes
from services.common.security.keys import KeySet

KEYS = KeySet({"h2": b"2" * 32, "h1": b"1" * 32})
TENANT = uuid4()
EMAIL = "jane@example.com"


@pytest.mark.req("GEN-37")
def test_a_hash_is_keyed_and_bound_to_tenant_and_channel() -> None:
    own = address_hash(KEYS, TENANT, "email", EMAIL)
    assert len(own) == 32
    assert own == address_hash(KEYS, TENANT, "email", EMAIL)
    others = {
        address_hash(KeySet({"h1": b"1" * 32}), TENANT, "email", EMAIL),
        address_hash(KEYS, uuid4(), "email", EMAIL),
        address_hash(KEYS, TENANT, "sms", EMAIL),
        address_hash(KEYS, TENANT, "email", "jane@example.org"),
        hashlib.sha256(EMAIL.encode()).digest(),
    }
    assert len(others) == 5
    assert own not in others


def test_channel_and_address_cannot_be_shifted_into_each_other() -> None:
    assert address_hash(KEYS, TENANT, "sms", "x+1") != address_hash(KEYS, TENANT, "smsx", "+1")


def test_a_block_gives_the_hashes_of_its_items_in_order() -> None:
    addresses = [f"p{n}@example.com" for n in range(100)] + ["ünïcode@example.com"]
    expected = [address_hash(KEYS, TENANT, "email", address) for address in addresses]
    assert address_hashes(KEYS, TENANT, "email", addresses) == expected


def test_rows_of_an_older_key_can_still_be_found() -> None:
    found = address_hash_candidates(KEYS, TENANT, "email", EMAIL)
    assert found["h2"] == address_hash(KEYS, TENANT, "email", EMAIL)
    assert found["h1"] == address_hash(KeySet({"h1": b"1" * 32}), TENANT, "email", EMAIL)


def test_it_is_hmac_sha_256() -> None:
    scoped = b"angarium/address/1\0" + TENANT.bytes + b"email\0" + EMAIL.encode()
    assert address_hash(KEYS, TENANT, "email", EMAIL) == hmac.digest(b"2" * 32, scoped, "sha256")
