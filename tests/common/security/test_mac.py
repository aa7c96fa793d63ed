"""HMAC from two bare SHA-256 states is the HMAC of the standard library."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from services.common.security.mac import mac


@given(
    st.binary(min_size=1, max_size=200),
    st.binary(max_size=150),
    st.lists(st.binary(max_size=200), max_size=5),
)
def test_every_digest_is_that_of_the_standard_library(
    key: bytes, beginning: bytes, texts: list[bytes]
) -> None:
    digest = mac(key, beginning)
    assert [digest(text) for text in texts] == [
        hmac.digest(key, beginning + text, "sha256") for text in texts
    ]
