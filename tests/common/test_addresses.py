from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from services.common.addresses import canonical_email, parse_phone


@pytest.mark.req("GEN-22")
@pytest.mark.parametrize(
    ("given_as", "canonical"),
    [
        ("Jane.Doe+News@Example.COM", "jane.doe+news@example.com"),
        ("jane_doe-1@mail.example.co.uk", "jane_doe-1@mail.example.co.uk"),
        ("jané@example.com", "jané@example.com"),
        ("jane\u0301@example.com", "jané@example.com"),
        ("x@Müller.de", "x@xn--mller-kva.de"),
        ("x@XN--MLLER-KVA.de", "x@xn--mller-kva.de"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_email_has_one_canonical_form(given_as: str, canonical: str) -> None:
    assert canonical_email(given_as) == canonical
    assert canonical_email(canonical) == canonical


@pytest.mark.req("GEN-22")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "jane@@example.com",
        "jane@exam ple.com",
        " jane@example.com",
        "Jane <jane@example.com>",
        "jane@example.com, joe@example.com",
        "jane@example.com\r\nBcc: joe@example.com",
        "jane@example.com\x00",
        '"jane"@example.com',
        "jane@[127.0.0.1]",
        "jane..doe@example.com",
        ".jane@example.com",
        "jane@-example.com",
        "jane@example-.com",
        "jane@exam_ple.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a" * 64 + "@" + ("b" * 60 + ".") * 4 + "com",
        "jane@xn--a.com",
        "jane@example.c0m-",
        "jane@example.123",
    ],
)
def test_what_is_not_exactly_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|must)"):
        canonical_email(text)


@given(
    st.from_regex(r"[A-Za-z0-9._+-]{1,70}@[A-Za-z0-9.-]{1,80}", fullmatch=True)
    | st.from_regex(r"[a-z]{1,5}([.+_-][a-z0-9]{1,5}){0,3}@([a-z0-9-]{1,8}\.){1,3}[a-z]{1,6}", fullmatch=True)
)
def test_the_short_way_and_the_parser_agree(address: str) -> None:
    try:
        found = validate_email(address, check_deliverability=False, strict=True, test_environment=True)
        expected: str | None = f"{found.local_part.lower()}@{found.ascii_domain.lower()}"
    except EmailNotValidError:
        expected = None
    try:
        canonical: str | None = canonical_email(address)
    except ValueError:
        canonical = None
    assert canonical == expected


@pytest.mark.req("GEN-21")
@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+14155550123", "", "+14155550123"),
        ("+1 (415) 555-0123", "", "+14155550123"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("098765 43210", "IN", "+919876543210"),
        ("0171 2345678", "DE", "+491712345678"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
    ],
)
def test_a_phone_becomes_e164(text: str, region: str, e164: str) -> None:
    assert parse_phone(text, region) == e164


@pytest.mark.req("GEN-21")
@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("4155550123", ""),
        ("", "US"),
        ("hello", "US"),
        ("911", "US"),
        ("+0123456789", ""),
        ("+1 415 555 0123 ext. 5", "US"),
        ("+14155550123\n+14155550124", ""),
        ("+1234567890123456", ""),
        ("٤١٥٥٥٥٠١٢٣", ""),
        ("4155550123", "us"),
        ("4155550123", "USA"),
        ("5" * 50, "US"),
    ],
)
def test_what_cannot_be_a_number_is_refused(text: str, region: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|region)"):
        parse_phone(text, region)
