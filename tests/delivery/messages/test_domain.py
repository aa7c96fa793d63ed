from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from services.delivery.dispatch.domain import Result, RetryPolicy, Try, settle
from services.delivery.messages import domain
from services.delivery.messages.domain import FINAL, MOVES, WAITING, Category, Lane, MessageClass, State

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
STORED = [state for state in State if state not in (State.QUEUED, State.SENDING)]
RANK = {State.SENT: 1, State.DELIVERED: 2, State.READ: 3}


def test_the_domain_and_the_contract_count_alike() -> None:
    for state in State:
        assert message_pb2.Message.State.Value(f"STATE_{state.name}") == state
    for category in Category:
        assert enums_pb2.Category.Value(f"CATEGORY_{category.name}") == category
    assert len(Category) == len(enums_pb2.Category.keys()) - 1
    assert len(State) == len(message_pb2.Message.State.keys()) - 1


@pytest.mark.req("GEN-41", "GEN-42")
def test_each_category_has_the_class_the_requirements_give_it() -> None:
    classes = {name: [] for name in MessageClass}
    for category in Category:
        classes[domain.class_of(category)].append(category.name.lower())
    assert set(classes[MessageClass.SYSTEM]) == {
        "account", "privacy", "account_security", "urgent", "staff_alert", "dispute", "billing",
    }  # fmt: skip
    assert len(classes[MessageClass.MARKETING]) == 14
    assert "newsletter" in classes[MessageClass.MARKETING]
    assert "payment_failed" in classes[MessageClass.TRANSACTIONAL]


class Machine(RuleBasedStateMachine):
    """A message under every sequence of things that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.PENDING
        self.seen = [State.PENDING]

    def move(self, after: State) -> None:
        if domain.may_move(self.state, after):
            self.state = after
            self.seen.append(after)

    @rule(result=st.sampled_from(Result), attempt=st.integers(1, 5), fault=st.booleans())
    def handed_over(self, result: Result, attempt: int, fault: bool) -> None:
        if self.state in WAITING:
            done = Try(attempt, Lane.NORMAL, NOW + timedelta(hours=1), recipient_fault=fault)
            self.move(settle(result, done, RetryPolicy(), NOW).state)

    @rule(state=st.sampled_from([State.SKIPPED, State.EXPIRED, State.CANCELLED, State.DEFERRED]))
    def stopped(self, state: State) -> None:
        self.move(state)

    @rule(state=st.sampled_from([State.DELIVERED, State.READ, State.BOUNCED, State.FAILED]))
    def received(self, state: State) -> None:
        self.move(state)

    @rule(state=st.sampled_from([State.SENT, State.PENDING, State.FAILED]))
    def reconciled(self, state: State) -> None:
        if self.state is State.UNKNOWN:
            self.move(state)

    @invariant()
    def never_back_behind_acceptance(self) -> None:
        ranks = [RANK[state] for state in self.seen if state in RANK]
        if State.FAILED not in self.seen:
            assert ranks == sorted(ranks)

    @invariant()
    def what_left_is_never_stopped(self) -> None:
        left = [place for place, state in enumerate(self.seen) if state in (*RANK, State.BOUNCED)]
        if left:
            later = self.seen[left[0] :]
            assert not {State.SKIPPED, State.EXPIRED, State.CANCELLED, State.DEFERRED, State.RETRYING} & set(
                later
            )


TestMachine = Machine.TestCase
TestMachine.pytestmark = pytest.mark.req("DEL-102", "DEL-133")


@pytest.mark.req("DEL-102")
def test_final_states_lead_nowhere_but_a_dead_letter_back_into_the_queue() -> None:
    for state in FINAL - {State.FAILED}:
        assert MOVES[state] == frozenset()
    assert MOVES[State.FAILED] == {State.PENDING}


@pytest.mark.req("DEL-102")
def test_every_state_is_reached_from_the_first_and_reaches_an_end() -> None:
    reached = {State.PENDING, State.SCHEDULED}
    while (more := reached | {after for state in reached for after in MOVES[state]}) != reached:
        reached = more
    assert reached == set(STORED)
    for state in STORED:
        ends, frontier = set(), {state}
        while frontier - ends:
            ends |= frontier
            frontier = {after for one in ends for after in MOVES[one]} | frontier
        assert ends & FINAL


@pytest.mark.req("DEL-81")
@given(
    attempt=st.integers(1, 10),
    lane=st.sampled_from(Lane),
    asked=st.none() | st.integers(0, 100_000),
    draw=st.floats(0, 1),
    left=st.integers(1, 100_000),
)
def test_a_retry_lies_within_its_bounds(
    attempt: int, lane: Lane, asked: int | None, draw: float, left: int
) -> None:
    policy = RetryPolicy()
    retry_after = None if asked is None else timedelta(seconds=asked)
    expire_at = NOW + timedelta(seconds=left)
    found = settle(
        Result.RETRYABLE, Try(attempt, lane, expire_at, retry_after), policy, NOW, draw=lambda: draw
    )
    if attempt > 3:
        assert (found.state, found.dead_letter) == (State.FAILED, True)
        return
    assert found.state is State.RETRYING
    assert found.wake_at is not None
    delay = found.wake_at - NOW
    assert found.wake_at <= expire_at
    assert delay <= timedelta(seconds=30 if lane is Lane.CRITICAL else 300)
    planned = (5, 30, 300)[attempt - 1]
    if asked is None and found.wake_at < expire_at and lane is not Lane.CRITICAL:
        assert 0.8 * planned <= delay.total_seconds() <= 1.2 * planned or delay == timedelta(minutes=5)


@pytest.mark.req("DEL-82")
def test_a_code_nobody_knows_is_tried_once_more_only() -> None:
    def after(attempt: int) -> State:
        done = Try(attempt, Lane.NORMAL, NOW + timedelta(hours=1), is_code_unknown=True)
        return settle(Result.RETRYABLE, done, RetryPolicy(), NOW).state

    assert (after(1), after(2)) == (State.RETRYING, State.FAILED)


@pytest.mark.req("DEL-83")
def test_a_bad_address_is_no_dead_letter() -> None:
    done = Try(1, Lane.NORMAL, NOW + timedelta(hours=1), recipient_fault=True)
    assert not settle(Result.PERMANENT, done, RetryPolicy(), NOW).dead_letter
    assert settle(Result.PERMANENT, Try(1, Lane.NORMAL, done.expire_at), RetryPolicy(), NOW).dead_letter


@pytest.mark.req("DEL-1")
def test_lanes_give_messages_their_time() -> None:
    hours = {Lane.CRITICAL: 1, Lane.HIGH: 6, Lane.NORMAL: 24, Lane.LOW: 72}
    for lane, count in hours.items():
        assert domain.default_expiry(lane, NOW) == NOW + timedelta(hours=count)
