"""The rules of referrals by themselves: who may be referred, what counts, how codes look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.coupons.codes import ALPHABET
from services.campaign.referrals import codes
from services.campaign.referrals.domain import (
    Act,
    Candidate,
    Referral,
    ReferralSettings,
    ReferralState,
    Reward,
    RewardOn,
    cleared,
    converted,
    counts,
    is_clawed_back,
    marked,
    refusal,
    rewarded,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PENDING = Referral(
    referral_id=uuid4(),
    referrer_contact_id=uuid4(),
    referral_code="ADA234567",
    referred_contact_id=uuid4(),
    referred_phone="+4915112345678",
    currency="EUR",
    created_at=NOW,
    expires_at=NOW + timedelta(days=90),
)
ORDER = (
    ("is_enabled", False, "REFERRAL_DISABLED"),
    ("is_code_known", False, "INVALID_REFERRAL_CODE"),
    ("is_self", True, "SELF_REFERRAL"),
    ("month_count", 1, "REFERRAL_LIMIT_REACHED"),
    ("is_referred", True, "ALREADY_REFERRED"),
    ("is_new", False, "NOT_A_NEW_CONTACT"),
)


@pytest.mark.req("LIF-80", "LIF-93", "LIF-115")
@given(st.sets(st.sampled_from(range(len(ORDER)))))
def test_the_first_thing_that_stands_against_a_referral_is_what_is_told(wrong: set[int]) -> None:
    found = refusal(Candidate(**{ORDER[place][0]: ORDER[place][1] for place in wrong}))  # type: ignore[arg-type]
    assert (found.reason if found else None) == (ORDER[min(wrong)][2] if wrong else None)


@pytest.mark.req("LIF-79")
@given(st.text(max_size=40))
def test_a_code_is_letters_of_the_name_and_six_characters_that_are_not_mistaken(name: str) -> None:
    code = codes.generate(name)
    letters, rest = code[:-6], code[-6:]
    assert set(rest) <= set(ALPHABET)
    assert 1 <= len(letters) <= 4
    assert letters.isascii()
    assert letters.isupper()
    assert codes.canonical(f" {code.lower()} ") == code
    assert len(code) <= 20


@pytest.mark.req("LIF-79")
@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "ADAL"),
        ("Zoë", "ZOE"),
        ("Li 王", "LI"),
        ("Анна", "REF"),
        ("", "REF"),
        (None, "REF"),
    ],
)
def test_names_without_latin_letters_give_ref(name: str | None, letters: str) -> None:
    assert codes.generate(name)[:-6] == letters


def paid(amount: str | None, at: datetime = NOW) -> Act:
    return Act(RewardOn.FIRST_PAID_VISIT, at, "i1", None if amount is None else Decimal(amount))


@pytest.mark.req("LIF-81", "LIF-116")
@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (paid("500"), True),
        (paid("499.99"), False),
        (paid(None), False),
        (paid("500", NOW - timedelta(seconds=1)), False),
        (paid("500", NOW + timedelta(days=90)), False),
        (Act(RewardOn.FIRST_VISIT, NOW), False),
        (Act(RewardOn.SIGNUP, NOW), False),
    ],
)
def test_a_referral_counts_by_the_act_its_terms_name(act: Act, expected: bool) -> None:
    assert counts(PENDING, act, ReferralSettings()) is expected
    assert not counts(replace(PENDING, state=ReferralState.EXPIRED), act, ReferralSettings())


@pytest.mark.req("LIF-81")
def test_an_invoice_over_nothing_is_no_paid_visit() -> None:
    assert not counts(PENDING, paid("0"), ReferralSettings(min_order_for_reward=Decimal(0)))
    assert counts(PENDING, paid("0.01"), ReferralSettings(min_order_for_reward=Decimal(0)))


@pytest.mark.req("LIF-82", "LIF-83")
@given(st.lists(st.sampled_from(("convert", "reward", "mark", "clear")), max_size=12))
def test_whatever_happens_a_cleared_referral_stands_where_it_stood(steps: list[str]) -> None:
    one, before = PENDING, None
    for step in steps:
        if step == "convert" and counts(one, paid("500"), ReferralSettings()):
            one = converted(one, paid("500"), ReferralSettings(), NOW)
        elif step == "reward" and one.state is ReferralState.CONVERTED:
            one = rewarded(one, NOW)
        elif step == "mark" and one.state is not ReferralState.FRAUD:
            before, one = one, marked(one, "refund")
            assert one.fraud_reason == "refund"
        elif step == "clear":
            if one.state is ReferralState.FRAUD:
                one = cleared(one)
                assert one == before
            else:
                with pytest.raises(ValueError, match="not marked"):
                    cleared(one)
    assert (one.state is ReferralState.FRAUD) == (one.fraud_reason is not None)
    assert one.state is not ReferralState.REWARDED or one.referrer_rewarded_at is not None


@pytest.mark.req("LIF-83")
def test_refunds_claw_back_within_their_days_only() -> None:
    one = converted(PENDING, paid("500"), ReferralSettings(), NOW)
    assert is_clawed_back(one, NOW + timedelta(days=14), 14)
    assert not is_clawed_back(one, NOW + timedelta(days=14, seconds=1), 14)
    assert not is_clawed_back(PENDING, NOW, 14)
    with pytest.raises(ValueError, match="expired"):
        marked(replace(PENDING, state=ReferralState.EXPIRED), "late")


@pytest.mark.parametrize(
    ("reward", "text"),
    [
        (Reward(points=100), "100 points"),
        (Reward(points=1), "1 point"),
        (Reward(percentage=1250), "12.5 % off"),
        (Reward(free_service_id="cut"), "service cut for nothing"),
    ],
)
def test_a_reward_is_told_in_words(reward: Reward, text: str) -> None:
    assert str(reward) == text
