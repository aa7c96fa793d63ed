from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.privacy import mask_email, mask_phone, redact_message, redact_text
from tests.common.rpc.echo import EchoRequest, echo_pb2


@pytest.mark.req("GEN-35", "SEC-127")
@pytest.mark.parametrize(
    ("phone", "masked"),
    [("+14155550123", "+141****23"), ("12345678", "1234****78"), ("1234567", "*******"), ("", "")],
)
def test_a_phone_shows_its_first_four_and_last_two(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.req("GEN-35")
@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("jane@example.com", "j***@example.com"),
        ("j@example.com", "j***@example.com"),
        ("@example.com", "***@example.com"),
        ("no address", "***"),
    ],
)
def test_an_email_shows_its_first_character_and_domain(email: str, masked: str) -> None:
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    "text",
    [
        "campaign.started",
        "018f3c1e-7b2a-7c3d-8e4f-5a6b7c8d9e0f",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "2026-11-21T02:33:00+00:00",
        "test_a_very_long_function_name_that_goes_on_and_on_for_ever",
        "9f86d081884c7d659a2feaa0c55ad015",
        "List[int] foo_bar @ home, 12 + 13",
        "/angarium.delivery.v1.MessageService/SendMessage and more than forty characters",
    ],
)
def test_what_is_nobodys_stays_readable(text: str) -> None:
    assert redact_text(text) == text


@given(
    st.text(max_size=30),
    st.from_regex(r"[a-z]{2,10}(\.[a-z]{2,8})?@[a-z]{2,10}\.(com|de|org)", fullmatch=True),
    st.text(max_size=30),
)
def test_an_address_in_any_text_is_masked(before: str, email: str, after: str) -> None:
    assert email not in redact_text(f"{before} {email} {after}")


@given(st.text(max_size=20), st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True), st.text(max_size=20))
def test_a_phone_in_any_text_is_masked(before: str, phone: str, after: str) -> None:
    assert phone not in redact_text(f"{before} {phone} {after}")


@pytest.mark.req("GEN-35", "API-13")
def test_fields_marked_in_the_contract_are_struck_out_at_any_depth() -> None:
    shown = redact_message(
        EchoRequest(
            text="to jane@example.com",
            count=3,
            address="Elm Street 5",
            items=[echo_pb2.Item(name="a")],
            labels={"k": echo_pb2.Item(name="b")},
        )
    )
    assert shown == {
        "text": "to j***@example.com",
        "count": 3,
        "address": "***",
        "items": [{"name": "a"}],
        "labels": {"k": {"name": "b"}},
    }
