"""Credentials: what passes, and each way not to."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.common.errors import ServiceError
from services.common.security import jwt
from services.common.security.jwt import TokenVerifier
from tests.common.given import COMPLETE, settings

TENANT = uuid4()
GIVEN = settings()


BRANCHES = str(uuid4()), str(uuid4())


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    whole: dict[str, Any] = {
        "iss": COMPLETE["jwt_issuer"],
        "aud": COMPLETE["jwt_audience"],
        "sub": "person-1",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "tenant": str(TENANT),
        "roles": ["branch_manager"],
        "branches": [*BRANCHES],
    }
    whole.update(changes)
    return {name: value for name, value in whole.items() if value is not None}


def signed(
    key: Any = COMPLETE["jwt_secret"], algorithm: str = "HS256", headers: Any = None, **changes: Any
) -> str:
    return pyjwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def refused(token: str, word: str = "invalid", given: Any = GIVEN) -> None:
    with pytest.raises(ServiceError) as caught:
        TokenVerifier(given).verify(token)
    assert caught.value.reason == "UNAUTHENTICATED"
    assert caught.value.metadata["reason"] == word


def test_a_person_is_read_from_verified_claims() -> None:
    caller = TokenVerifier(GIVEN).verify(signed())
    assert (caller.kind, caller.subject, caller.tenant_id) == ("person", "person-1", TENANT)
    assert caller.roles == {"branch_manager"}
    assert caller.branch_ids == {*BRANCHES}
    assert caller.service is None


@pytest.mark.req("SEC-3")
def test_words_that_are_not_our_roles_are_dropped() -> None:
    assert TokenVerifier(GIVEN).verify(signed(roles=["admin", "super_owner"])).roles == {"super_owner"}


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://somebody.example"},
        {"aud": "other"},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 201},
        {"aud": None},
        {"iss": None},
        {"tenant": "all"},
        {"tenant": 7},
        {"tenant": None},
        {"roles": "super_owner"},
        {"roles": [1]},
        {"branches": {BRANCHES[0]: True}},
        {"branches": ["north"]},
        {"roles": ["contact"]},
        {"roles": ["contact"], "contact_id": "x"},
        {"roles": ["contact", "super_owner"], "contact_id": str(uuid4())},
        {"roles": ["service", "super_owner"]},
        {"roles": ["service"], "tenant": None},
        {"nbf": datetime.now(UTC) + timedelta(days=1)},
        {"iat": datetime.now(UTC) + timedelta(days=1)},
    ],
    ids=lambda changes: "-".join(f"{name}:{type(value).__name__}" for name, value in changes.items()),
)
def test_claims_that_are_not_whole_are_invalid(changes: dict[str, Any]) -> None:
    refused(signed(**changes))


def test_an_old_token_is_expired_after_the_leeway() -> None:
    assert TokenVerifier(GIVEN).verify(signed(exp=datetime.now(UTC) - timedelta(seconds=50)))
    refused(signed(exp=datetime.now(UTC) - timedelta(seconds=70)), "expired")


def test_a_remembered_token_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = TokenVerifier(GIVEN)
    now = datetime.now(UTC)
    token = signed(exp=now + timedelta(seconds=10))
    caller = verifier.verify(token)
    assert verifier.verify(token) is caller
    later = (now + timedelta(seconds=75)).timestamp()
    monkeypatch.setattr("services.common.security.jwt.time.time", lambda: later)
    assert verifier.known(token) is None


def test_another_key_is_invalid() -> None:
    refused(signed(key="x" * 40))


def test_an_unsigned_token_is_invalid() -> None:
    refused(signed(key=None, algorithm="none"))
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    refused(f"{head}.{signed().split('.')[1]}.")


def test_another_algorithm_with_the_right_secret_is_invalid() -> None:
    with pytest.warns(match="HMAC key"):
        token = signed(algorithm="HS512")
    refused(token)


def test_a_public_key_is_no_shared_secret() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    given = settings(jwt_algorithm="ES256", jwt_public_key=public, jwt_secret=None)
    assert TokenVerifier(given).verify(signed(key=private, algorithm="ES256")).subject == "person-1"
    refused(signed(), given=given)
    with pytest.raises(ValueError, match="issued elsewhere"):
        jwt.issue_person(given, TENANT, "p", ["super_owner"])


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "é.b.c", "." * 10, "x" * 9000])
def test_nonsense_is_refused(token: str) -> None:
    refused(token, "missing" if not token else "invalid")


@pytest.mark.req("SEC-4")
def test_a_contact_is_itself_and_nothing_else() -> None:
    contact = uuid4()
    caller = TokenVerifier(GIVEN).verify(jwt.issue_contact(GIVEN, TENANT, contact))
    assert (caller.kind, caller.contact_id, caller.roles) == ("contact", contact, {"contact"})


@pytest.mark.req("SEC-2")
def test_a_service_names_itself_and_brings_no_tenant() -> None:
    caller = TokenVerifier(GIVEN).verify(jwt.issue_service(GIVEN, "campaign"))
    assert (caller.kind, caller.service, caller.tenant_id) == ("service", "campaign", None)
    assert caller.roles == {"service"}


def test_a_service_token_needs_the_services_secret() -> None:
    refused(jwt.issue_service(settings(service_token_secret="w" * 20 + "0123456789abcdef"), "campaign"))
    # The issuer's secret with a service token's form.
    refused(signed(headers={"typ": "angarium-service+jwt"}, iss="angarium", aud="angarium.services"))
    # A service token's content under a person's form.
    refused(signed(key=COMPLETE["service_token_secret"]))


def test_a_neighbour_never_gets_the_name_of_a_service() -> None:
    caller = TokenVerifier(GIVEN).verify(jwt.issue_neighbour(GIVEN, TENANT, "delivery"))
    assert (caller.kind, caller.service, caller.tenant_id) == ("service", "neighbour", TENANT)
    with pytest.raises(ValueError, match="reserved"):
        jwt.issue_service(GIVEN, "neighbour")


def test_a_platform_admin_needs_no_tenant() -> None:
    caller = TokenVerifier(GIVEN).verify(jwt.issue_person(GIVEN, None, "root", ["platform_admin"]))
    assert caller.tenant_id is None


def test_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwt, "_CACHED_TOKENS", 2)
    verifier = TokenVerifier(GIVEN)
    tokens = [jwt.issue_person(GIVEN, UUID(int=n), "p", ["super_owner"]) for n in range(4)]
    for token in tokens:
        verifier.verify(token)
    assert sum(verifier.known(token) is not None for token in tokens) == 2
