"""What becomes of messages whose tries fail: when the next one is due, when it is the last, who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from services.common.ids import uuid7
from services.delivery.dispatch import worker
from services.delivery.dispatch.domain import JITTER, Result, RetryPolicy, Try, settle
from services.delivery.messages.domain import CHUNK, Lane, State
from services.delivery.providers.recording.adapter import Recorded, Recording
from tests.delivery.kit import House, later, recipient
from tests.fakes.neighbours import ALLOW, defer

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
PLAN = (5, 30, 300)

lanes = st.sampled_from(Lane)
draws = st.floats(0, 1, exclude_max=True)
waits = st.none() | st.timedeltas(timedelta(0), timedelta(days=1))


def attempt(number: int, lane: Lane = Lane.NORMAL, hours: float = 24, **more: Any) -> Try:
    return Try(number, lane, NOW + timedelta(hours=hours), **more)


@pytest.mark.req("DEL-81", "DEL-122")
@given(number=st.integers(1, 3), lane=lanes, draw=draws, asked=waits)
def test_each_delay_is_the_planned_one_within_a_fifth_and_within_its_lane(
    number: int, lane: Lane, draw: float, asked: timedelta | None
) -> None:
    delay = RetryPolicy().delay(number, lane, asked, lambda: draw).total_seconds()
    longest = 30 if lane is Lane.CRITICAL else 300
    planned = PLAN[number - 1]
    wanted = max(planned * (1 + JITTER), asked.total_seconds() if asked else 0)
    assert min(planned * (1 - JITTER), longest) <= delay + 1e-6
    assert delay <= min(wanted, longest) + 1e-6
    if asked is not None:
        # What the provider asks for is kept, as far as the lane waits at all.
        assert delay + 1e-6 >= min(asked.total_seconds(), longest)


@pytest.mark.req("DEL-81", "DEL-123")
@given(
    number=st.integers(1, 12), retries=st.integers(0, 10), lane=lanes, hours=st.floats(0.001, 100), draw=draws
)
def test_a_refusal_is_followed_by_a_retry_before_the_expiry_until_the_retries_are_used_up(
    number: int, retries: int, lane: Lane, hours: float, draw: float
) -> None:
    done = attempt(number, lane, hours)
    settled = settle(Result.RETRYABLE, done, RetryPolicy(retries), NOW, lambda: draw)
    if number > retries:
        assert (settled.state, settled.dead_letter, settled.wake_at) == (State.FAILED, True, None)
    else:
        assert (settled.state, settled.dead_letter) == (State.RETRYING, False)
        assert settled.wake_at is not None
        assert NOW < settled.wake_at <= done.expire_at


@pytest.mark.req("DEL-82", "DEL-83", "DEL-124")
@given(number=st.integers(1, 5), fault=st.booleans(), unknown=st.booleans(), result=st.sampled_from(Result))
def test_the_class_of_an_answer_decides_and_a_code_nobody_knows_is_tried_once_more(
    number: int, fault: bool, unknown: bool, result: Result
) -> None:
    done = attempt(number, recipient_fault=fault, is_code_unknown=unknown)
    settled = settle(result, done, RetryPolicy(), NOW)
    if result is Result.ACCEPTED:
        assert settled.state is State.SENT
    elif result is Result.UNKNOWN:
        assert settled.state is State.UNKNOWN
    elif result is Result.RETRYABLE and number <= (1 if unknown else 3):
        assert settled.state is State.RETRYING
    else:
        # Whoever cannot be reached is no business of ours to mend.
        assert (settled.state, settled.dead_letter) == (State.FAILED, not fault)


async def told(house: House, type: str, payload: Any) -> list[Any]:
    rows = await house.rows("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", type)
    found = []
    for (encoded,) in rows:
        one = payload()
        assert EventEnvelope.FromString(encoded).payload.Unpack(one)
        found.append(one)
    return found


@pytest.mark.req("DEL-81", "DEL-82", "DEL-83", "DEL-121", "EVT-100")
async def test_retries_are_stored_with_their_instant_told_and_end_in_a_dead_letter(house: House) -> None:
    rules = [
        {"result": "retryable", "code": "unavailable", "address": "person0@*"},
        {"result": "retryable", "code": "", "address": "person1@*"},
        {"result": "permanent", "code": "invalid_recipient", "recipient_fault": True, "address": "person2@*"},
        {"result": "retryable", "code": "rate_limited", "retry_after": 200, "address": "person3@*"},
    ]
    await house.add_account(config={"rules": rules})
    async with house.worker(retry_delay_ms=1):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(4)])
        await house.until_states({"failed": 3, "retrying": 1})
        (wait,) = await house.rows(
            "SELECT m.wake_at = w.due_at, w.due_at - now() FROM message m JOIN message_wait w USING (message_id)"
        )
    assert wait[0]
    assert timedelta(seconds=150) < wait[1] <= timedelta(seconds=200)
    assert await house.rows(
        "SELECT position, attempt_count, failure_code FROM message WHERE state = 11 ORDER BY position"
    ) == [(0, 4, "unavailable"), (1, 2, None), (2, 1, "invalid_recipient")]
    assert await house.rows("SELECT reason, attempt_count FROM dead_letter ORDER BY attempt_count") == [
        ("failed", 2),
        ("unavailable", 4),
    ]
    planned = [
        (one.attempt, one.code)
        for payload in await told(house, "message.retry_scheduled", events_pb2.AttemptsFailed)
        for one in payload.messages
    ]
    assert sorted(planned) == [
        (1, ""), (1, "rate_limited"), (1, "unavailable"), (2, "unavailable"), (3, "unavailable"),
    ]  # fmt: skip
    buried = await told(house, "message.dead_lettered", events_pb2.AttemptsFailed)
    assert sorted(one.attempt for payload in buried for one in payload.messages) == [2, 4]
    assert len(await told(house, "recipient.invalid", events_pb2.RecipientsReported)) == 1


@pytest.mark.req("DEL-72")
async def test_a_template_that_cannot_be_rendered_alerts_once_an_hour(house: House) -> None:
    await house.add_account()
    broken = house.template(text="On {{ formatDate(name) }}", name="broken")
    other = house.template(text="On {{ formatDate(name) }}", name="other")
    async with house.worker():
        for _ in range(2):
            await house.send_block(house.content(broken), [recipient(n) for n in range(3)])
        await house.send_one(house.content(other), recipient())
        await house.until_states({"failed": 7})
    found = await told(house, "template.render_failed", events_pb2.TemplateRenderFailed)
    assert sorted((one.template_name, one.template_version_id) for one in found) == [
        ("broken", str(broken)),
        ("other", str(other)),
    ]
    assert await house.rows("SELECT DISTINCT reason FROM dead_letter") == [("template_render_failed",)]
    # In the next hour it is told of again.
    await house.rows("UPDATE alert_mark SET hour = hour - interval '1 hour'")
    async with house.worker():
        await house.send_one(house.content(broken), recipient())
        await house.until_states({"failed": 8})
    assert len(await house.events("template.render_failed")) == 3


@pytest.mark.req("DEL-88", "DEL-78")
async def test_a_receipt_that_overtakes_a_hand_over_whose_worker_died_still_costs(house: House) -> None:
    account = await house.add_account("sendgrid", config={"base_url": "http://127.0.0.1:9"})
    answer = await house.send_block(house.campaign_content(), [recipient(n) for n in range(2)])
    arrived, silent = (UUID(id) for id in answer.message_ids)
    await house.rows(
        "INSERT INTO handover (tenant_id, handover_id, lane, channel, account_id, provider, lease_owner, message_ids,"
        " started_at) VALUES (%s, %s, 4, 1, %s, 'sendgrid', %s, %s, now())",
        house.tenant_id, uuid7(), account, uuid4(), [arrived, silent],
    )  # fmt: skip
    # The worker died behind its hand-over, and a receipt was faster than whoever takes its block over.
    await house.rows("UPDATE dispatch_block SET epoch = 1")
    await house.rows(
        "UPDATE message SET state = 8, sent_at = now(), delivered_at = now(), attempt_count = 1, provider = 'sendgrid',"
        " account_id = %s WHERE message_id = %s",
        account,
        arrived,
    )
    async with house.worker():
        await house.until_states({"delivered": 1, "unknown": 1})
    assert await house.rows("SELECT state, cost::text, currency FROM message ORDER BY state") == [
        (8, "0.000100", "USD"),
        (15, None, None),
    ]
    (costs,) = await told(house, "message.cost_recorded", events_pb2.CostsRecorded)
    assert [(one.message_id, one.attempt, one.is_actual) for one in costs.costs] == [(str(arrived), 1, False)]
    assert await house.value("SELECT count(*) FROM handover WHERE finished_at IS NULL") == 0


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    """Everything that the recording provider was given."""
    found: list[Recorded] = []
    outcome = Recording._outcome

    def spy(self: Recording, *given: Any) -> Any:
        answer = outcome(self, *given)
        found.append(self.recorded[-1])
        return answer

    monkeypatch.setattr(Recording, "_outcome", spy)
    return found


@pytest.mark.req("DEL-127")
async def test_a_message_is_rendered_when_it_leaves_with_the_version_it_was_accepted_with(
    house: House, recorded: list[Recorded]
) -> None:
    await house.add_account()
    accepted = house.template(name="news", subject="first {{ tenant.name }}")
    content = house.content(template_name="news")
    content.template_version_id = ""
    await house.send_one(content, recipient())
    house.template(name="news", subject="second {{ tenant.name }}")
    house.neighbours.templates.versions[house.tenant_id, str(accepted)].sender.tenant_name = "Renamed"
    async with house.worker():
        await house.until_states({"sent": 1})
    assert [one.parts["subject"] for one in recorded] == ["first Renamed"]


@pytest.mark.req("DEL-142", "JOB-25", "SEC-130")
async def test_a_closed_window_holds_a_message_until_it_opens_and_never_for_ever(house: House) -> None:
    await house.add_account()
    opens = later(hours=2)
    house.neighbours.consent.rule = lambda context, item: (
        defer(consent_pb.DECISION_REASON_SEND_WINDOW, opens)
        if context.purpose == consent_pb.EVALUATION_PURPOSE_SEND
        else ALLOW
    )
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"deferred": 3})
        assert await house.rows("SELECT DISTINCT due_at FROM message_wait") == [(opens,)]
        house.neighbours.consent.rule = lambda context, item: ALLOW
        # The instant comes, and a worker that has nothing else to do finds what is due by itself.
        await house.rows("UPDATE message_wait SET due_at = now()")
        await house.until_states({"sent": 3})
    assert await house.value("SELECT count(*) FROM message_wait") == 0


@pytest.mark.req("DEL-151", "GEN-35")
async def test_neither_logs_nor_what_is_kept_of_a_failure_hold_an_address(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    words = "550 5.1.1 <person0@example.com> user unknown"
    rules = [
        {"result": "permanent", "code": "content_refused", "reason": words, "address": "person0@*"},
        {"result": "retryable", "code": "unavailable", "reason": words, "address": "person1@*"},
    ]
    await house.add_account(config={"rules": rules})
    async with house.worker(retry_delay_ms=1):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"failed": 2, "sent": 1})
    told = capfd.readouterr()
    assert "@example.com" not in told.out + told.err
    kept = await house.rows("SELECT detail FROM attempt UNION SELECT last_error FROM dead_letter")
    assert kept
    assert all("person0@example.com" not in text for (text,) in kept)


@pytest.mark.req("DEL-72", "DEL-63")
async def test_messages_that_no_pass_survives_end_up_alone_and_the_others_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AFTER_A_FAULT", timedelta())
    await house.add_account()
    await house.send_block(house.campaign_content(), [recipient(n) for n in range(CHUNK + 4)])
    for n in range(3):
        await house.send_one(house.content(house.template(name=f"other-{n}")), recipient(100 + n))
    # What is kept of the last four cannot be read any more.
    await house.rows("UPDATE message_content SET sealed = sealed || '\\x00' WHERE chunk = 1")
    async with house.worker():
        await house.until_states({"sent": CHUNK + 3, "pending": 4}, seconds=40)
        alone = "SELECT 1 FROM dispatch_block HAVING count(*) = 4 AND max(message_count) = 1"
        await house.until(lambda: house.rows(alone))
        await house.assert_every_waiting_message_stands_in_one_place()
