"""Receipts move a message forward, and end in the same row whatever their order and however often they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.messages.domain import State, may_move
from services.delivery.receipts.domain import RANKS, BounceType, Item, Kind, Standing, apply

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACCOUNT = UUID(int=7)
STORED = [state for state in State if state not in (State.QUEUED, State.SENDING)]
MESSAGE = bytes(15) + b"\x01"

items = st.builds(
    Item,
    kind=st.sampled_from(list(Kind)),
    at=st.integers(0, 9).map(lambda seconds: START + timedelta(seconds=seconds)),
    bounce_type=st.sampled_from(list(BounceType)),
    code=st.sampled_from(["", "5.1.1", "4.2.2"]),
    suppression=st.sampled_from(["", "bounce", "opt_out"]),
)


def after(standing: Standing, *batches: list[Item]) -> Standing:
    for batch in batches:
        standing = apply(standing, batch, account_id=ACCOUNT, provider="sendgrid").after
    return standing


def sent(**more: object) -> Standing:
    return Standing(
        MESSAGE, State.SENT, sent_at=START, attempt_count=1, account_id=ACCOUNT, provider="sendgrid", **more
    )  # type: ignore[arg-type]


@pytest.mark.req("DEL-85", "DEL-102")
@given(st.lists(items, max_size=8), st.data())
def test_any_order_with_any_repeats_gives_the_same_row(given_items: list[Item], data: st.DataObject) -> None:
    together = after(sent(), given_items)
    repeated = (
        given_items + data.draw(st.lists(st.sampled_from(given_items), max_size=5)) if given_items else []
    )
    shuffled = data.draw(st.permutations(repeated))
    one_by_one = after(sent(), *([item] for item in shuffled))
    cut = data.draw(st.integers(0, len(shuffled)))
    in_two = after(sent(), shuffled[:cut], shuffled[cut:])
    assert one_by_one == in_two == together


@pytest.mark.req("DEL-102", "DEL-133")
@given(st.lists(items, max_size=10))
def test_a_message_never_goes_back(given_items: list[Item]) -> None:
    standing = sent()
    for item in given_items:
        moved = after(standing, [item])
        assert RANKS[moved.state] >= RANKS[standing.state]
        for name in ("sent_at", "delivered_at", "read_at", "bounced_at", "failed_at"):
            before, now = getattr(standing, name), getattr(moved, name)
            assert before is None or now <= before
        standing = moved


@pytest.mark.req("DEL-102", "REL-15")
@given(st.lists(items, max_size=6), st.sampled_from(STORED))
def test_every_move_is_one_of_the_state_machine_or_ends_a_contradiction(
    given_items: list[Item], start: State
) -> None:
    standing = Standing(MESSAGE, start)
    moved = after(standing, given_items).state
    contradictions = {(State.DELIVERED, State.FAILED), (State.FAILED, State.BOUNCED), (State.FAILED, State.READ), (State.BOUNCED, State.READ)}  # fmt: skip
    assert moved is start or may_move(start, moved) or (start, moved) in contradictions


def test_what_was_read_had_arrived_and_late_deliveries_change_nothing() -> None:
    read = Item(Kind.READ, START + timedelta(seconds=5))
    late = Item(Kind.DELIVERED, START + timedelta(seconds=9))
    standing = after(sent(), [read], [late])
    assert (standing.state, standing.delivered_at, standing.read_at) == (State.READ, read.at, read.at)


def test_each_change_is_told_once() -> None:
    delivered = Item(Kind.DELIVERED, START + timedelta(seconds=5))
    first = apply(sent(), [delivered], account_id=ACCOUNT, provider="sendgrid")
    second = apply(first.after, [delivered], account_id=ACCOUNT, provider="sendgrid")
    assert first.is_delivered_now
    assert not second.is_changed
    assert not second.is_delivered_now
    bounce = Item(Kind.BOUNCED, START + timedelta(seconds=6), BounceType.HARD, "5.1.1")
    third = apply(second.after, [bounce, bounce], account_id=ACCOUNT, provider="sendgrid")
    assert [report.word for report in third.reports] == ["message.bounced"]
    assert apply(third.after, [bounce], account_id=ACCOUNT, provider="sendgrid").reports == []
