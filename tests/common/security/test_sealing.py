"""Values sealed for another service open there, for their purpose, tenant and place, and nowhere else."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.security.envelope import SealedValueError
from services.common.security.keys import KeySet
from services.common.security.sealing import Sealer

OLD, NEW = {"k0": b"0" * 32}, {"k1": b"1" * 32}
TENANT = UUID(int=7)


@pytest.mark.req("GEN-36")
@given(st.binary(max_size=400), st.binary(max_size=40))
def test_what_is_sealed_opens_again_also_after_a_rotation(plaintext: bytes, place: bytes) -> None:
    sealed = Sealer(KeySet(OLD), "a").seal(TENANT, plaintext, place)
    assert Sealer(KeySet(NEW | OLD), "a").open(TENANT, sealed, place) == plaintext
    assert plaintext == b"" or len(plaintext) < 4 or plaintext not in sealed


@pytest.mark.req("GEN-36")
@given(st.binary(max_size=60), st.integers(0, 10_000))
def test_it_opens_for_nobody_else_and_not_when_altered(plaintext: bytes, bit: int) -> None:
    sealer = Sealer(KeySet(OLD), "a")
    sealed = sealer.seal(TENANT, plaintext, b"here")
    place = bit % (len(sealed) * 8)
    altered = bytearray(sealed)
    altered[place // 8] ^= 1 << place % 8
    attempts = [
        (sealer, TENANT, bytes(altered), b"here"),
        (sealer, TENANT, sealed[: place // 8], b"here"),
        (sealer, uuid4(), sealed, b"here"),
        (sealer, TENANT, sealed, b"there"),
        (Sealer(KeySet(OLD), "b"), TENANT, sealed, b"here"),
        (Sealer(KeySet(NEW), "a"), TENANT, sealed, b"here"),
        (sealer, TENANT, b"", b"here"),
    ]
    for one, tenant, value, where in attempts:
        with pytest.raises(SealedValueError):
            one.open(tenant, value, where)
