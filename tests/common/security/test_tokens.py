"""Tokens: what is signed comes back, and nothing else does."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.common.errors import as_service_error
from services.common.ids import uuid7
from services.common.security.keys import KeySet
from services.common.security.tokens import (
    BOUNCE_VALIDITY,
    ExpiredToken,
    InvalidToken,
    Purpose,
    TokenSigner,
    message_link_body,
    read_message,
    read_message_link,
)

KEYS = KeySet({"t1": b"1" * 32, "t0": b"0" * 32})
SIGNER = TokenSigner(KEYS)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
TENANT = UUID(int=7)
LINKS = sorted(set(Purpose) - {Purpose.BOUNCE})
URL_SAFE = string.ascii_letters + string.digits + "-_"

purposes = st.sampled_from(LINKS)
bodies = st.binary(max_size=200)
instants = st.integers(1_577_836_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
message_ids = st.builds(lambda _: uuid7(), st.none())


def click(body: bytes = b"body") -> str:
    return SIGNER.sign(Purpose.CLICK, TENANT, body, issued=NOW, expires=LATER)


@pytest.mark.req("GEN-38", "REL-15")
@given(purposes, st.uuids(), bodies, instants, instants)
def test_what_is_signed_comes_back(
    purpose: Purpose, tenant: UUID, body: bytes, issued: datetime, expires: datetime
) -> None:
    token = SIGNER.sign(purpose, tenant, body, issued=issued, expires=expires)
    assert set(token) <= set(URL_SAFE)
    before = expires - timedelta(seconds=2)
    payload = SIGNER.verify(purpose, token, before, tenant_id=tenant)
    assert (payload.tenant_id, payload.body) == (tenant, body)
    assert (payload.issued, payload.expires) == (issued, expires)


@pytest.mark.req("GEN-38", "CON-97")
@given(bodies, st.data())
def test_a_change_of_any_character_is_refused(body: bytes, data: st.DataObject) -> None:
    token = click(body)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(URL_SAFE + "+/=. \n"))
    assume(token[at] != other)
    with pytest.raises(InvalidToken):
        SIGNER.verify(Purpose.CLICK, token[:at] + other + token[at + 1 :], NOW)


@given(bodies, st.data())
def test_more_or_fewer_characters_are_refused(body: bytes, data: st.DataObject) -> None:
    token = click(body)
    at = data.draw(st.integers(0, len(token)))
    extra = data.draw(st.text(URL_SAFE + "= \n", min_size=1, max_size=4))
    for changed in (token[:at] + extra + token[at:], token[: len(token) - at - 1]):
        assume(changed != token)
        with pytest.raises(InvalidToken):
            SIGNER.verify(Purpose.CLICK, changed, NOW)


@pytest.mark.req("REL-16")
@given(st.text(max_size=300))
@example("")
@example("é" * 90)
@example("A" * 90)
@example("A" * 5000)
def test_no_text_from_outside_passes_or_crashes(text: str) -> None:
    for purpose in LINKS:
        with pytest.raises(InvalidToken):
            SIGNER.verify(purpose, text, NOW)
    with pytest.raises(InvalidToken):
        SIGNER.verify_bounce(text, NOW)


@pytest.mark.req("GEN-38")
@given(purposes, purposes)
def test_a_token_is_worthless_for_another_purpose(made_for: Purpose, used_for: Purpose) -> None:
    assume(made_for is not used_for)
    token = SIGNER.sign(made_for, TENANT, b"x", issued=NOW, expires=LATER)
    with pytest.raises(InvalidToken):
        SIGNER.verify(used_for, token, NOW)


def test_purposes_have_keys_of_their_own() -> None:
    """A token whose purpose byte is changed fails although everything else is genuine."""
    macs = {SIGNER.sign(purpose, TENANT, b"x", issued=NOW, expires=LATER)[-20:] for purpose in LINKS}
    assert len(macs) == len(LINKS)


@given(st.uuids(), st.uuids())
def test_a_token_of_another_tenant_is_refused(one: UUID, other: UUID) -> None:
    assume(one != other)
    token = SIGNER.sign(Purpose.OPEN, one, b"", issued=NOW, expires=LATER)
    with pytest.raises(InvalidToken):
        SIGNER.verify(Purpose.OPEN, token, NOW, tenant_id=other)


def test_an_expired_token_says_what_it_said() -> None:
    token = click(message_link_body(UUID(int=5), 3))
    with pytest.raises(ExpiredToken) as caught:
        SIGNER.verify(Purpose.CLICK, token, LATER)
    assert read_message_link(caught.value.payload.body) == (UUID(int=5), 3)


def test_the_errors_are_known_to_every_server() -> None:
    with pytest.raises(InvalidToken) as invalid:
        SIGNER.verify(Purpose.CLICK, "x", NOW)
    with pytest.raises(ExpiredToken) as expired:
        SIGNER.verify(Purpose.CLICK, click(), LATER)
    codes = [error.code for raised in (invalid, expired) if (error := as_service_error(raised.value))]
    assert codes == ["MARKETING_015", "MARKETING_016"]


@pytest.mark.req("GEN-38")
def test_keys_rotate_without_voiding_links() -> None:
    old = TokenSigner(KeySet({"t0": b"0" * 32}))
    link = old.sign(Purpose.OPEN, TENANT, b"x", issued=NOW, expires=LATER)
    bounce = old.sign_bounce(TENANT, uuid7())
    assert SIGNER.verify(Purpose.OPEN, link, NOW).body == b"x"
    assert SIGNER.verify_bounce(bounce, NOW).tenant_id == TENANT
    gone = TokenSigner(KeySet({"t2": b"2" * 32}))
    with pytest.raises(InvalidToken):
        gone.verify(Purpose.OPEN, link, NOW)
    with pytest.raises(InvalidToken):
        gone.verify_bounce(bounce, NOW)


def test_another_secret_under_the_same_id_verifies_nothing() -> None:
    other = TokenSigner(KeySet({"t1": b"9" * 32}))
    with pytest.raises(InvalidToken):
        other.verify(Purpose.CLICK, click(), NOW)


def test_a_block_is_signed_as_its_items_are() -> None:
    items = [message_link_body(uuid7(), n) for n in range(50)]
    block = SIGNER.sign_many(Purpose.CLICK, TENANT, items, issued=NOW, expires=LATER)
    assert block == [click(body) for body in items]


def test_a_click_token_is_short() -> None:
    assert len(click(message_link_body(uuid7(), 4_000_000_000))) == 86


def test_a_body_too_long_for_a_link_is_refused_when_signing() -> None:
    with pytest.raises(ValueError, match="too long"):
        click(b"x" * 1000)


@pytest.mark.parametrize("read", [read_message, read_message_link])
def test_a_body_of_another_shape_is_an_invalid_token(read: object) -> None:
    with pytest.raises(InvalidToken):
        read(b"x" * 7)  # type: ignore[operator]


@given(st.uuids(), message_ids, st.sampled_from(["lower", "upper", "title"]))
def test_a_bounce_address_survives_changes_of_case(tenant: UUID, message: UUID, case: str) -> None:
    token = SIGNER.sign_bounce(tenant, message)
    assert len(token) == 64
    assert set(token) <= set(string.ascii_lowercase + "234567")
    now = datetime.now(UTC)
    payload = SIGNER.verify_bounce(getattr(token, case)(), now, tenant_id=tenant)
    assert (payload.tenant_id, read_message(payload.body)) == (tenant, message)
    assert abs(payload.issued - now) < timedelta(minutes=1)
    with pytest.raises(InvalidToken):
        SIGNER.verify_bounce(token, now, tenant_id=UUID(int=tenant.int ^ 1))


@given(message_ids, st.data())
def test_a_change_of_any_character_of_a_bounce_address_is_refused(message: UUID, data: st.DataObject) -> None:
    token = SIGNER.sign_bounce(TENANT, message)
    at = data.draw(st.integers(0, 63))
    other = data.draw(st.sampled_from(string.ascii_lowercase + string.digits + "=-"))
    assume(token[at] != other)
    with pytest.raises(InvalidToken):
        SIGNER.verify_bounce(token[:at] + other + token[at + 1 :], datetime.now(UTC))


def test_a_bounce_long_after_the_message_is_expired() -> None:
    token = SIGNER.sign_bounce(TENANT, uuid7())
    with pytest.raises(ExpiredToken):
        SIGNER.verify_bounce(token, datetime.now(UTC) + BOUNCE_VALIDITY)


def test_bounce_and_link_tokens_are_made_by_their_own_methods() -> None:
    with pytest.raises(ValueError, match="sign_bounce"):
        SIGNER.sign(Purpose.BOUNCE, TENANT, b"x", issued=NOW, expires=LATER)
    with pytest.raises(InvalidToken):
        SIGNER.verify(Purpose.BOUNCE, click(), NOW)
    with pytest.raises(ValueError, match="UUIDv7"):
        SIGNER.sign_bounce(TENANT, UUID(int=1, version=4))
