"""No secret serves two purposes, and none has a default (SEC-125)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway.forms import FormTokens
from gateway.settings import GatewaySettings
from services.common.security.keys import KeySet
from services.common.security.tokens import InvalidToken, Purpose, TokenSigner
from services.common.settings import CommonSettings, SettingsError, read
from tests.common.given import COMPLETE, keys

SECRETS = (
    "db_password",
    "jwt_secret",
    "service_token_secret",
    "encryption_keys",
    "hash_keys",
    "token_keys",
)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.req("SEC-125", "SEC-126")
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_not_given_stops_the_start(name: str) -> None:
    for cls in (CommonSettings, GatewaySettings):
        if name not in cls.model_fields:
            continue
        known = {field: value for field, value in COMPLETE.items() if field in cls.model_fields}
        # A database has the password it has; what is ours to draw must be worth the name.
        for instead in ({},) if name == "db_password" else ({}, {name: ""}, {name: "secret"}):
            with pytest.raises(SettingsError) as refused:
                read(cls, **{**{field: known[field] for field in known if field != name}, **instead})
            assert name.upper() in str(refused.value)


@pytest.mark.req("SEC-125")
@pytest.mark.parametrize(
    ("one", "other"),
    [("hash_keys", "token_keys"), ("encryption_keys", "token_keys"), ("encryption_keys", "hash_keys")],
)
def test_one_key_does_not_serve_two_settings(one: str, other: str) -> None:
    shared = keys("shared")
    with pytest.raises(SettingsError, match="shares a key"):
        read(CommonSettings, **{**COMPLETE, one: shared, other: shared})


@pytest.mark.req("SEC-125")
def test_people_and_services_sign_in_by_different_secrets() -> None:
    with pytest.raises(SettingsError, match="may not equal JWT_SECRET"):
        read(CommonSettings, **{**COMPLETE, "service_token_secret": COMPLETE["jwt_secret"]})


@pytest.mark.req("SEC-125", "GEN-38")
def test_what_is_signed_for_one_purpose_is_nothing_to_another() -> None:
    known = KeySet.parse(COMPLETE["token_keys"])
    signer, tenant = TokenSigner(known), uuid4()
    times = {"issued": NOW, "expires": NOW + timedelta(days=1)}
    purposes = set(Purpose) - {Purpose.BOUNCE}
    tokens = {purpose: signer.sign(purpose, tenant, b"x" * 16, **times) for purpose in purposes}
    ends = {token[-20:] for token in tokens.values()}
    assert len(ends) == len(purposes), (
        "each purpose has its own key, so the same words are signed differently"
    )
    for purpose, token in tokens.items():
        for other in purposes - {purpose}:
            with pytest.raises(InvalidToken):
                signer.verify(other, token, NOW)
    forms = FormTokens(known)
    assert not any(forms.is_valid(token, other) for token in tokens.values() for other in tokens.values())
    assert forms.is_valid("page", forms.issue("page"))
