"""The public keys of receipts, as anybody fetches them."""

from __future__ import annotations

import json

import jwt

from services.common.security.keys import KeySet
from services.consent.ledger.receipts import ReceiptKeys
from tests.common.given import RECEIPT_KEYS
from tests.gateway.conftest import Gateway


async def test_anybody_fetches_the_keys_and_checks_a_receipt_with_them(gateway: Gateway) -> None:
    keys = ReceiptKeys(KeySet.parse(RECEIPT_KEYS))
    gateway.consent.receipt_keys = [key.jwk for key in keys.public]
    async with gateway.get("/.well-known/jwks.json") as answer:
        assert answer.status == 200
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert answer.content_type == "application/jwk-set+json"
        found = jwt.PyJWKSet.from_dict(json.loads(await answer.text()))
    assert [key.key_id for key in found.keys] == ["r2", "r1"]
    signed = keys.sign(b'{"a":1}')
    whole = signed.signed_bytes.decode() + "." + signed.jws.rpartition(".")[2]
    assert jwt.api_jws.decode(whole, found["r2"].key, algorithms=["EdDSA"]) == b'{"a":1}'


async def test_keys_that_cannot_be_had_now_are_no_empty_set(gateway: Gateway) -> None:
    async with gateway.get("/.well-known/jwks.json") as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert (await answer.json())["reason"] == "DEPENDENCY_UNAVAILABLE"
