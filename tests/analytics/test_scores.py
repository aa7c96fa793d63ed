"""Scores: what they are judged by, when they are kept, and whom they are told to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.analytics.v1 import analytics_events_pb2
from angarium.analytics.v1 import metrics_service_pb2 as pb
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.scores import handlers as scores
from services.analytics.scores.domain import Engagement, Inputs, health
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.jobs import JobRunner
from tests.analytics.desk import CLICK, NOW, SMS, WHATSAPP, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEALTHY = Inputs(
    sent=1000,
    delivered=960,
    bounced=10,
    attempted=1000,
    delivered_emails=900,
    opened_emails=300,
    clicked_emails=60,
)


@pytest.mark.req("ANA-69")
@pytest.mark.parametrize(
    ("inputs", "score", "findings"),
    [
        (HEALTHY, 100, ["delivery_rate > 95 %", "open_rate > 30 %", "click_rate > 5 %"]),
        (
            Inputs(sent=100, delivered=88, bounced=12, attempted=100),
            70,
            ["bounce_rate > 5 %", "bounce_rate > 10 %"],
        ),
        (Inputs(sent=100, delivered=94, bounced=5, failed=6, attempted=106), 90, ["failure_rate > 5 %"]),
        (
            Inputs(
                sent=200,
                delivered=190,
                attempted=200,
                delivered_emails=100,
                opened_emails=19,
                clicked_emails=1,
            ),
            80,
            ["open_rate < 20 %", "click_rate < 2 %"],
        ),
        # With 99 e-mails opens and clicks say nothing.
        (Inputs(sent=200, delivered=190, attempted=200, delivered_emails=99), 100, []),
    ],
)
async def test_health_is_judged_by_its_parts(inputs: Inputs, score: int, findings: list[str]) -> None:
    found = health(inputs)
    assert (found.score, [part.finding for part in found.parts]) == (score, findings)


@pytest.mark.req("ANA-69", "ANA-96")
async def test_nothing_sent_has_no_score() -> None:
    assert health(Inputs()).score is None


counts = st.integers(0, 400)


@pytest.mark.req("ANA-69")
@given(counts, counts, counts, counts, counts, counts)
async def test_a_score_stays_within_its_bounds(a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    found = health(Inputs(a, b, c, d, a + d, e, f, f))
    assert found.score is None or 0 <= found.score <= 100
    assert (found.score is None) == (a == 0)


@pytest.mark.req("ANA-70")
@pytest.mark.parametrize(
    ("found", "score"),
    [
        (Engagement(), 50),
        (Engagement(received=5, delivered=5), 50),
        (Engagement(trackable=4, seen=2, followed=1), 70),
        (Engagement(trackable=1, seen=1, followed=1), 100),
        # 50 + 30 * 1/8 + 20 * 0 = 53.75; 50 + 30 * 1/60 = 50.5, rounded half up.
        (Engagement(trackable=8, seen=1), 54),
        (Engagement(trackable=60, seen=1), 51),
    ],
)
async def test_engagement_is_scored_by_what_reached_the_contact(found: Engagement, score: int) -> None:
    assert found.score == score


@pytest.mark.req("ANA-27", "ANA-70", "ANA-97")
async def test_a_contacts_engagement_counts_thirty_days_of_delivered_messages(desk: Desk) -> None:
    contact = uuid7()
    people = [contact, contact]
    mail = await desk.delivered(2, contacts=people)
    chats = await desk.delivered(2, contacts=people, channel=WHATSAPP)
    await desk.delivered(2, contacts=people, channel=SMS)
    await desk.sent(await desk.accepted(2, contacts=people))
    await desk.engaged(await desk.delivered(2, contacts=people, at=NOW - timedelta(days=31)))
    await desk.engaged(mail[:1], CLICK)
    await desk.reached("read", chats[:1])
    await desk.unsubscribed(mail[0])
    found = await desk.metrics().GetContactEngagement(pb.GetContactEngagementRequest(contact_id=str(contact)))
    assert (found.total_received, found.delivered, found.opened, found.clicked, found.unsubscribed) == (
        8,
        6,
        1,
        1,
        1,
    )
    # Two of four trackable ones were seen, one was followed: 50 + 15 + 5.
    score = await desk.metrics().GetEngagementScore(pb.GetEngagementScoreRequest(contact_id=str(contact)))
    assert score.score == 70
    with pytest.raises(ServiceError) as refused:
        await desk.metrics().GetEngagementScore(pb.GetEngagementScoreRequest(contact_id=str(uuid7())))
    assert (refused.value.reason, refused.value.code) == ("NOT_FOUND", "MARKETING_060")


@pytest.mark.req("ANA-26", "ANA-69")
async def test_the_health_of_a_tenant_is_of_its_own_thirty_days(desk: Desk) -> None:
    none = await desk.metrics().GetHealthScore(pb.GetHealthScoreRequest())
    assert not none.HasField("score")
    await desk.delivered(3, at=NOW - timedelta(days=29))
    ids = await desk.delivered(7)
    await desk.reported("bounced", ids[:1])
    old = await desk.accepted(5, at=NOW - timedelta(days=31))
    await desk.stopped("failed", old, "x", at=NOW - timedelta(days=31))
    found = await desk.metrics().GetHealthScore(pb.GetHealthScoreRequest())
    assert (found.score, found.inputs.sent, found.inputs.bounce_rate.percent) == (90, 10, 10.0)
    assert [(one.finding, one.points) for one in found.parts] == [("bounce_rate > 5 %", -10)]
    assert not found.inputs.HasField("open_rate")


async def told(desk: Desk, kind: str) -> list[EventEnvelope]:
    async with desk.database.tenant(desk.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", (kind,))
    return [EventEnvelope.FromString(bytes(envelope)) for (envelope,) in rows]


@pytest.mark.req("JOB-35", "EVT-119", "ANA-8", "ANA-12", "ANA-70", "JOB-5", "JOB-43")
async def test_scores_are_kept_after_two_in_the_tenants_night_and_told_on_mondays(desk: Desk) -> None:
    await desk.tenant("Asia/Tokyo")
    contact, idle = uuid7(), uuid7()
    [opened] = await desk.delivered(1, contacts=[contact])
    await desk.engaged([opened])
    await desk.delivered(1, contacts=[idle], at=NOW - timedelta(days=40))
    runner = JobRunner(desk.database, [scores.job()], desk.clock)

    async def run_at(instant: datetime) -> None:
        desk.clock.set(instant)
        await runner.run_now("scores")

    async def kept() -> list[tuple[date, int | None]]:
        async with desk.database.tenant(desk.tenant_id) as uow:
            return [
                tuple(row) for row in await uow.fetch_all("SELECT day, score FROM health_score ORDER BY day")
            ]

    # One in the morning of Saturday in Tokyo: not yet.
    await run_at(datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    assert await kept() == []
    await run_at(datetime(2026, 11, 20, 17, 30, tzinfo=UTC))
    await run_at(datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    assert await kept() == [(date(2026, 11, 20), 100)]
    assert len(await told(desk, "health.scored")) == 1
    assert await told(desk, "engagement.scored") == []
    async with desk.database.tenant(desk.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT contact_id, score FROM contact_engagement")
    assert rows == [(contact, 80)]
    # Monday in Tokyo: contacts' scores are told.
    await run_at(datetime(2026, 11, 22, 17, 30, tzinfo=UTC))
    [envelope] = await told(desk, "engagement.scored")
    payload = analytics_events_pb2.EngagementScored()
    assert envelope.payload.Unpack(payload)
    assert [(one.contact_id, one.score) for one in payload.scores] == [(str(contact), 80)]
    assert [day for day, _ in await kept()] == [date(2026, 11, 20), date(2026, 11, 22)]
    found = await desk.metrics().GetHealthScore(pb.GetHealthScoreRequest(date="2026-11-20"))
    assert (found.score, [one.date for one in found.history]) == (100, ["2026-11-20"])
    # Forty days on, nobody was written to: nobody has a score, nor the tenant.
    await run_at(datetime(2026, 12, 30, 17, 30, tzinfo=UTC))
    async with desk.database.tenant(desk.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM contact_engagement") == 0
    assert (await kept())[-1] == (date(2026, 12, 30), None)
