"""However events arrive, in whatever order and how often, the inbox ends the same and each aggregate is told the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from tests.campaign.intake.kit import Recorder, Stand, envelope

AGGREGATES = ("a", "b", "c")


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[tuple[str, int]], list[list[tuple[str, int]]]]:
    """Events, as aggregate and number, and blocks in which they arrive: each at least once, in any order."""
    events = [
        (name, number)
        for name in AGGREGATES
        for number in range(1, draw(st.integers(min_value=0, max_value=4)) + 1)
    ]
    again = draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    order = draw(st.permutations(events + again))
    blocks: list[list[tuple[str, int]]] = [[]]
    for one in order:
        if draw(st.booleans()) and blocks[-1]:
            blocks.append([])
        blocks[-1].append(one)
    return events, blocks


@pytest.mark.req("EVT-3", "EVT-4")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals(), st.booleans(), st.integers(min_value=0, max_value=1))
async def test_any_order_and_any_repetition_end_in_the_same_inbox(
    stand: Stand,
    arrived: tuple[list[tuple[str, int]], list[list[tuple[str, int]]]],
    between: bool,
    failures: int,
) -> None:
    events, blocks = arrived
    tenant = uuid4()
    recorder = Recorder()
    failed: set[UUID] = set()

    def fail_once(event: Any) -> Exception | None:
        if failures and event.event_id not in failed:
            failed.add(event.event_id)
            return RuntimeError()
        return None

    recorder.fails = fail_once
    known = {
        one: envelope(tenant, aggregate_id=one[0], sequence=one[1], event_id=str(uuid4())) for one in events
    }
    neighbour = stand.neighbour(tenant_id=tenant)
    for block in blocks:
        if block:
            told = [known[one] for one in block]
            await neighbour.IngestEvents(pb.IngestEventsRequest(events_json=orjson.dumps(told)))
        if between:
            await stand.worker(recorder).run_until_idle()
    for _ in range(4 * (1 + len(events))):
        await stand.worker(recorder).run_until_idle()
        stand.clock.advance(timedelta(seconds=2))
    states = await stand.rows(
        "SELECT event_id, state, array_length(steps, 1) FROM campaign.inbound_event WHERE tenant_id = %s",
        tenant,
    )
    assert sorted(states) == sorted(
        (UUID(one["event_id"]), pb.InboundEvent.STATE_PROCESSED, 1) for one in known.values()
    )
    # Every aggregate was told its story once, from its beginning to its end.
    for name in AGGREGATES:
        told_numbers = [one.sequence for one in recorder.seen if one.aggregate_id == name]
        assert told_numbers == [number for aggregate, number in events if aggregate == name]
    left = await stand.rows("SELECT 1 FROM campaign.inbound_aggregate WHERE tenant_id = %s", tenant)
    assert left == []
