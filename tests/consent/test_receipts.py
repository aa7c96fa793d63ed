"""Receipts of consent, which others can check."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from angarium.consent.v1 import consent_pb2, ledger_service_pb2
from services.common.settings import SettingsError, read
from services.consent.ledger.canonical import canonical
from services.consent.settings import ConsentSettings
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.consent.chaining import long_chain, receipt
from tests.consent.kit import (
    Tenant,
)


async def public_keys(tenant: Tenant) -> list[ledger_service_pb2.ReceiptKey]:
    stub = tenant.staff().ledger
    return list((await stub.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest())).keys)


async def test_a_receipt_is_checked_by_others_tools(salon: Tenant, tmp_path: Path) -> None:
    contact_id = await long_chain(salon)
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    keys = {key.key_id: key for key in await public_keys(salon)}
    assert list(keys) == ["r2", "r1"]
    stub = salon.staff().ledger
    first = await stub.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest(page_size=1))
    request = ledger_service_pb2.ListReceiptKeysRequest(page_size=1, page_token=first.next_page_token)
    second = await stub.ListReceiptKeys(request)
    assert [one.key_id for one in (*first.keys, *second.keys)] == ["r2", "r1"]
    assert not second.next_page_token

    header, empty, signature = found.signature.split(".")
    assert not empty
    whole = f"{header}.{_base64(found.document)}.{signature}"
    key = jwt.PyJWK.from_json(keys[found.key_id].jwk).key
    decoded = jwt.api_jws.decode_complete(whole, key, algorithms=["EdDSA"])
    assert decoded["payload"] == found.document
    assert decoded["header"] == {"alg": "EdDSA", "kid": "r2", "typ": "angarium-consent-receipt+json"}

    assert _openssl(tmp_path, keys[found.key_id].pem, found.signed_bytes, found.raw_signature)
    assert not _openssl(tmp_path, keys[found.key_id].pem, found.signed_bytes + b"x", found.raw_signature)
    assert not _openssl(tmp_path, keys["r1"].pem, found.signed_bytes, found.raw_signature)
    assert found.signed_bytes == f"{header}.{_base64(found.document)}".encode()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(folder: Path, pem: str, data: bytes, signature: bytes) -> bool:
    for name, content in (("key.pem", pem.encode()), ("data", data), ("signature", signature)):
        (folder / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in data -sigfile signature"
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0


async def test_a_receipt_holds_all_that_its_hashes_are_made_of(salon: Tenant) -> None:
    contact_id = await long_chain(salon)
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    document = json.loads(found.document)
    assert found.document.decode() == canonical(document)
    assert document["subject"] == {"contact_id": str(contact_id)}
    [only] = document["chains"]
    assert only["is_whole"] is True
    previous = "00" * 32
    for place, one in enumerate(only["entries"], 1):
        salted = bytes.fromhex(one["salt"]) + canonical(one["personal"]).encode()
        assert one["entry"]["commitment"] == hashlib.sha256(salted).hexdigest()
        assert (one["entry"]["previous_hash"], one["entry"]["sequence"]) == (previous, place)
        previous = hashlib.sha256(canonical(one["entry"]).encode()).hexdigest()
        assert one["entry_hash"] == previous
    assert only["entries"][0]["personal"]["ip_address"] == "203.0.113.7"


async def test_a_receipt_of_a_broken_chain_says_so(salon: Tenant, tamper: Callable[..., int]) -> None:
    contact_id = await long_chain(salon)
    tamper("UPDATE consent.consent_audit SET new_value = 'granted' WHERE sequence = 6")
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    assert json.loads(found.document)["chains"][0]["is_whole"] is False


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"receipt_keys": f"r1:{base64.b64encode(bytes(range(33))).decode()}"},
            "RECEIPT_KEYS: each key must be 32",
        ),
        ({"receipt_keys": COMPLETE["hash_keys"]}, "RECEIPT_KEYS: shares a key"),
        ({"receipt_keys": ""}, "RECEIPT_KEYS"),
    ],
)
def test_keys_of_receipts_that_cannot_be_are_refused_at_the_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(
            ConsentSettings,
            **{**COMPLETE, "service_name": "consent", "receipt_keys": RECEIPT_KEYS, **changes},
        )
