"""The state machine of a campaign, and the arithmetic of its rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.campaigns.domain import (
    Campaign,
    Kind,
    ScheduleZone,
    outgrew_approval,
    voids_approval,
)
from services.campaign.campaigns.recurrences import Pattern, Recurrence
from services.campaign.campaigns.states import FINAL, TRANSITIONS, Action, InvalidStatus, State, after
from services.campaign.campaigns.variants import AbTest, InvalidVariants, Variant, check_variants, cumulative
from services.campaign.ledger.domain import (
    Counts,
    RecipientState,
    Tally,
    brakes,
    first_id,
    last_id,
    recipient_id_of,
    variant_of,
)
from services.common.ids import uuid7

# The table of the requirement, one line per state.
TABLE = {
    State.DRAFT: {
        Action.SUBMIT_FOR_APPROVAL: State.PENDING_APPROVAL,
        Action.SUBMIT: State.APPROVED,
        Action.CANCEL: State.CANCELLED,
    },
    State.PENDING_APPROVAL: {
        Action.APPROVE: State.APPROVED,
        Action.REJECT: State.DRAFT,
        Action.EDIT: State.DRAFT,
        Action.CANCEL: State.CANCELLED,
    },
    State.APPROVED: {
        Action.SCHEDULE: State.SCHEDULED,
        Action.SEND: State.SENDING,
        Action.EDIT: State.DRAFT,
        Action.REOPEN: State.PENDING_APPROVAL,
        Action.CANCEL: State.CANCELLED,
    },
    State.SCHEDULED: {
        Action.SEND: State.SENDING,
        Action.UNSCHEDULE: State.APPROVED,
        Action.EDIT: State.DRAFT,
        Action.REOPEN: State.PENDING_APPROVAL,
        Action.RERUN: State.SENDING,
        Action.CANCEL: State.CANCELLED,
    },
    State.SENDING: {
        Action.PAUSE: State.PAUSED,
        Action.COMPLETE: State.SENT,
        Action.REPEAT: State.SCHEDULED,
        Action.CANCEL: State.CANCELLED,
    },
    State.PAUSED: {Action.RESUME: State.SENDING, Action.CANCEL: State.CANCELLED},
    State.SENT: {Action.RERUN: State.SENDING},
    State.CANCELLED: {},
}


@pytest.mark.req("CAM-118", "CAM-119", "CAM-120")
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_every_state_answers_every_action_as_the_table_says(state: State, action: Action) -> None:
    if action in TABLE[state]:
        assert after(state, action) is TABLE[state][action]
    else:
        with pytest.raises(InvalidStatus) as refused:
            after(state, action)
        assert refused.value.reason == "INVALID_CAMPAIGN_STATUS"


@given(st.lists(st.sampled_from(list(Action)), max_size=40))
def test_no_path_leaves_a_final_state_or_sends_without_having_been_approved(actions: list[Action]) -> None:
    state, approved = State.DRAFT, False
    for action in actions:
        try:
            following = after(state, action)
        except InvalidStatus:
            continue
        assert state not in FINAL or action is Action.RERUN
        if action in (Action.APPROVE, Action.SUBMIT):
            approved = True
        if following in (State.DRAFT, State.PENDING_APPROVAL):
            approved = False
        if following in (State.SENDING, State.SCHEDULED, State.SENT):
            assert approved
        state = following


def test_every_state_can_be_reached() -> None:
    reached = {State.DRAFT} | set(TRANSITIONS.values())
    assert reached == set(State)


shares = st.integers(2, 5).flatmap(
    lambda count: st.lists(st.integers(1, 9_999), min_size=count - 1, max_size=count - 1, unique=True)
)


@pytest.mark.req("CAM-14", "CAM-110", "CAM-128")
@given(shares, st.uuids(), st.lists(st.uuids(), max_size=50))
def test_every_contact_has_one_variant_that_never_changes(
    cuts: list[int], campaign_id: UUID, contacts: list[UUID]
) -> None:
    edges = [0, *sorted(cuts), 10_000]
    variants = [Variant(f"v{place}", "", high - low) for place, (low, high) in enumerate(pairwise(edges))]
    check_variants(variants)
    bounds = cumulative(variants)
    for contact in contacts:
        place = variant_of(campaign_id, contact, bounds)
        assert 0 <= place < len(variants)
        assert variant_of(campaign_id, contact, bounds) == place


@pytest.mark.req("CAM-102")
def test_variants_get_their_shares() -> None:
    campaign_id = uuid4()
    counts = [0, 0, 0]
    for _ in range(20_000):
        counts[variant_of(campaign_id, uuid4(), [5_000, 8_000, 10_000])] += 1
    assert [round(count / 20_000, 1) for count in counts] == [0.5, 0.3, 0.2]


@pytest.mark.req("CAM-110")
@pytest.mark.parametrize(
    "variants",
    [
        [Variant("a", "", 10_000)],
        [Variant("a", "", 5_000), Variant("b", "", 4_999)],
        [Variant("a", "", 5_000), Variant("a", "", 5_000)],
        [Variant(str(key), "", 1_000) for key in range(10)],
    ],
)
def test_what_is_no_test_is_refused(variants: list[Variant]) -> None:
    with pytest.raises(InvalidVariants) as refused:
        check_variants(variants)
    assert refused.value.reason == "INVALID_AB_TEST"


@given(st.uuids(), st.uuids())
def test_the_id_of_a_line_is_a_uuid7_in_the_range_of_its_run(seed: UUID, contact_id: UUID) -> None:
    run_id = uuid7()
    line = recipient_id_of(run_id, contact_id)
    assert (line.version, line.variant) == (7, "specified in RFC 4122")
    assert first_id(run_id) <= line <= last_id(run_id)
    assert line.int >> 80 == run_id.int >> 80
    assert recipient_id_of(run_id, contact_id) == line
    assert seed == contact_id or recipient_id_of(run_id, seed) != line


NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAIN = Campaign(
    uuid4(), "n", 1, uuid4(), target_all_contacts=True, daily_limit=100, scheduled_at=NOW, audience_count=200
)


@pytest.mark.req("CAM-57", "CAM-121")
@pytest.mark.parametrize(
    ("change", "voids"),
    [
        ({"name": "other", "description": "other"}, False),
        ({"template_id": uuid4()}, True),
        ({"segment_id": uuid4(), "target_all_contacts": False}, True),
        ({"branch_ids": (uuid4(),)}, True),
        ({"variants": (Variant("a", "", 5_000), Variant("b", "", 5_000))}, True),
        ({"variables": {"x": 1}}, True),
        ({"kind": Kind.RECURRING, "recurrence": Recurrence(Pattern.DAILY, 0, "09:00")}, True),
        ({"schedule_zone": ScheduleZone.RECIPIENT}, True),
        ({"ab_test": AbTest(1000, timedelta(hours=1))}, True),
        ({"daily_limit": 99}, False),
        ({"daily_limit": 101}, True),
        ({"daily_limit": 0}, True),
        ({"monthly_limit": 5}, False),
        ({"scheduled_at": NOW + timedelta(hours=1)}, False),
        ({"scheduled_at": NOW - timedelta(hours=1)}, True),
        ({"scheduled_at": None}, True),
    ],
)
def test_what_more_than_approved_voids_an_approval(change: dict[str, object], voids: bool) -> None:
    assert voids_approval(PLAIN, replace(PLAIN, **change)) is voids  # type: ignore[arg-type]


@pytest.mark.req("CAM-99")
@pytest.mark.parametrize(("audience", "outgrew"), [(200, False), (220, False), (221, True), (10, False)])
def test_an_approved_audience_may_grow_by_a_tenth(audience: int, outgrew: bool) -> None:
    approved = replace(PLAIN, approved_by="berta")
    assert outgrew_approval(approved, audience, needed=True) is outgrew
    assert outgrew_approval(PLAIN, audience, needed=True)


@pytest.mark.req("CAM-106")
@pytest.mark.parametrize(
    ("sent", "bounced", "complaints", "stops"),
    [
        (179, 20, 5, False),
        (180, 20, 0, False),
        (179, 21, 0, True),
        (1000, 0, 3, False),
        (1000, 0, 4, True),
    ],
)
def test_a_campaign_that_bounces_or_annoys_is_stopped(
    sent: int, bounced: int, complaints: int, stops: bool
) -> None:
    counts = Counts({RecipientState.SENT: sent, RecipientState.BOUNCED: bounced})
    assert brakes(Tally(counts, complaints)) is stops
