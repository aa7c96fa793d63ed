"""Sealed values: readable in their place by their tenant, worthless anywhere else, gone with their key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.common.db.database import Database
from services.common.ids import uuid7
from services.common.security.envelope import (
    AESGCM,
    Cipher,
    DataKey,
    Envelope,
    KeyGoneError,
    SealedValueError,
    fingerprint,
    new_secret,
)
from services.common.security.keys import KeySet
from tests.conftest import OpenDatabase

OLD = KeySet({"e1": b"1" * 32})
NEW = KeySet({"e2": b"2" * 32, "e1": b"1" * 32})
TENANT = uuid4()
KEY = DataKey(uuid7(), AESGCM(new_secret()))
CIPHER = Cipher(TENANT, [KEY], KEY)


@pytest.fixture
async def database(clone_database: Callable[[Iterable[str]], str], open_database: OpenDatabase) -> Database:
    return await open_database(clone_database(["sample"]), "sample")


@given(st.lists(st.binary(max_size=60), max_size=20), st.binary(max_size=20))
def test_what_is_sealed_comes_back(plaintexts: list[bytes], aad: bytes) -> None:
    assert CIPHER.open_many(CIPHER.seal_many(plaintexts, aad), aad) == plaintexts
    places = [aad + bytes([n]) for n in range(len(plaintexts))]
    assert CIPHER.open_many(CIPHER.seal_many(plaintexts, places), places) == plaintexts


@given(st.binary(max_size=60), st.data())
def test_a_change_of_any_byte_is_noticed(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(CIPHER.seal(plaintext, b"contact.email"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealedValueError):
        CIPHER.open(bytes(sealed), b"contact.email")


@given(st.binary(max_size=80))
def test_bytes_that_were_never_sealed_are_refused(value: bytes) -> None:
    with pytest.raises(SealedValueError):
        CIPHER.open(value)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_value_opens_only_in_its_place(aad: bytes, other: bytes) -> None:
    assume(aad != other)
    with pytest.raises(SealedValueError):
        CIPHER.open(CIPHER.seal(b"x", aad), other)


def test_the_same_key_under_another_tenant_opens_nothing() -> None:
    with pytest.raises(SealedValueError):
        Cipher(uuid4(), [KEY], KEY).open(CIPHER.seal(b"x"))


def test_equal_values_look_different() -> None:
    sealed = CIPHER.seal_many([b"same"] * 100)
    assert len(set(sealed)) == 100
    assert all(b"same" not in value for value in sealed)


def test_places_and_values_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        CIPHER.seal_many([b"a", b"b"], [b"1"])


def test_a_key_of_one_person_can_stand_beside_the_tenants() -> None:
    person = DataKey(uuid7(), AESGCM(new_secret()))
    both = Cipher(TENANT, [KEY, person], person)
    theirs, ours = both.seal(b"theirs"), CIPHER.seal(b"ours")
    assert both.open_many([theirs, ours]) == [b"theirs", b"ours"]
    with pytest.raises(KeyGoneError):
        CIPHER.open(theirs)


@pytest.mark.req("GEN-36")
async def test_a_tenant_gets_a_wrapped_key_with_its_first_value(database: Database) -> None:
    envelope = Envelope(OLD)
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"jane@example.com", b"contact.email")
    async with database.tenant(TENANT) as uow:
        rows = await uow.fetch_all("SELECT data_key_id, master_key_id, wrapped_key FROM data_key")
        assert await Envelope(OLD).open(uow, sealed, b"contact.email") == b"jane@example.com"
    [(key_id, master_id, wrapped)] = rows
    assert master_id == "e1"
    assert sealed[1:17] == key_id.bytes
    secret = envelope.unwrap(TENANT, key_id, master_id, bytes(wrapped))
    assert len(secret) == 32
    assert secret not in bytes(wrapped)


async def test_keys_are_read_from_the_database_once(database: Database) -> None:
    envelope = Envelope(OLD)
    async with database.tenant(TENANT) as uow:
        await envelope.seal(uow, b"x")
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"y")
        await uow.execute("DELETE FROM data_key")
        assert await envelope.open(uow, sealed) == b"y"


async def test_a_key_whose_transaction_rolled_back_is_never_used(database: Database) -> None:
    envelope = Envelope(OLD)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(TENANT) as uow:
            assert await envelope.seal(uow, b"x")
            assert await envelope.seal(uow, b"x")
            assert 1 / 0
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"y")
    async with database.tenant(TENANT) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM data_key") == 1
        assert await Envelope(OLD).open(uow, sealed) == b"y"


async def test_tenants_have_keys_of_their_own(database: Database) -> None:
    envelope, other = Envelope(OLD), uuid4()
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"x")
    async with database.tenant(other) as uow:
        with pytest.raises(SealedValueError):
            await envelope.open(uow, sealed)
        with pytest.raises(ValueError, match="another tenant"):
            await envelope.open(uow, sealed, tenant_id=TENANT)


async def test_work_across_tenants_names_the_tenant(database: Database) -> None:
    envelope = Envelope(OLD)
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"x")
    async with database.system() as uow:
        assert await Envelope(OLD).open(uow, sealed, tenant_id=TENANT) == b"x"
        with pytest.raises(ValueError, match="must name the tenant"):
            await envelope.open(uow, sealed)


@pytest.mark.req("GEN-36", "SEC-45")
async def test_a_rotation_of_the_data_key_keeps_old_values_readable(database: Database) -> None:
    envelope, elsewhere = Envelope(OLD), Envelope(OLD)
    async with database.tenant(TENANT) as uow:
        before = await envelope.seal(uow, b"before")
    async with database.tenant(TENANT) as uow:
        await elsewhere.seal(uow, b"known elsewhere")
        new = await envelope.rotate(uow)
        within = await envelope.seal(uow, b"within")
    async with database.tenant(TENANT) as uow:
        after = await envelope.seal(uow, b"after")
        assert after[1:17] == within[1:17] == new.bytes != before[1:17]
        assert await envelope.open_many(uow, [before, within, after]) == [b"before", b"within", b"after"]
        # A process that has not heard of the new key reads it when it meets it.
        assert await elsewhere.open_many(uow, [before, after]) == [b"before", b"after"]


@pytest.mark.req("GEN-36", "SEC-45")
async def test_a_rotation_of_the_master_key_keeps_old_values_readable(database: Database) -> None:
    async with database.tenant(TENANT) as uow:
        sealed = await Envelope(OLD).seal(uow, b"x")
    rotated = Envelope(NEW)
    async with database.tenant(TENANT) as uow:
        assert await rotated.open(uow, sealed) == b"x"
        assert await rotated.rewrap(uow) == 1
        assert await rotated.rewrap(uow) == 0
    only_new = Envelope(KeySet({"e2": b"2" * 32}))
    async with database.tenant(TENANT) as uow:
        assert await only_new.open(uow, sealed) == b"x"
        with pytest.raises(SealedValueError, match="e2 is not in ENCRYPTION_KEYS"):
            await Envelope(OLD).open(uow, sealed)


async def test_what_a_destroyed_key_sealed_is_gone(database: Database) -> None:
    envelope = Envelope(OLD)
    async with database.tenant(TENANT) as uow:
        sealed = await envelope.seal(uow, b"x")
    async with database.tenant(TENANT) as uow:
        assert await envelope.destroy(uow) == 1
    async with database.tenant(TENANT) as uow:
        with pytest.raises(KeyGoneError):
            await envelope.open(uow, sealed)


def test_a_wrapped_key_is_bound_to_tenant_and_id() -> None:
    envelope, key_id = Envelope(OLD), UUID(int=1)
    master, wrapped = envelope.wrap(TENANT, key_id, b"s" * 32)
    assert envelope.unwrap(TENANT, key_id, master, wrapped) == b"s" * 32
    for tenant, key in ((uuid4(), key_id), (TENANT, UUID(int=2))):
        with pytest.raises(SealedValueError):
            envelope.unwrap(tenant, key, master, wrapped)


def test_a_secret_is_shown_as_a_fingerprint() -> None:
    assert fingerprint("api-key") == fingerprint(b"api-key")
    assert len(fingerprint("api-key")) == 12
    assert fingerprint("api-key") != fingerprint("api-kez")
