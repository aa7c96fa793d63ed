"""What was sent to a contact that became part of another belongs to the one that is kept."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from angarium.analytics.v1 import metrics_service_pb2, report_service_pb2
from angarium.campaign.v1 import campaign_events_pb2
from services.analytics.scores import handlers as scores
from services.analytics.scores import store as score_store
from services.common.contact_data import merged
from services.common.ids import uuid7
from services.common.jobs import JobRunner
from tests.analytics.desk import CLICK, NOW, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def merge(desk: Desk, gone: UUID, kept: UUID) -> None:
    payload = campaign_events_pb2.ContactMerged(merged_contact_id=str(gone))
    payload.kept.contact_id = str(kept)
    await desk.tell("contact.merged", payload)


async def timeline(desk: Desk, contact: UUID) -> list[str]:
    request = report_service_pb2.GetContactTimelineRequest(contact_id=str(contact))
    return [one.status for one in (await desk.reports().GetContactTimeline(request)).entries]


@pytest.mark.req("CAM-79", "ANA-72", "ANA-70", "ANA-66")
async def test_a_persons_figures_are_of_all_their_contacts(desk: Desk) -> None:
    kept, gone, other = sorted(uuid7() for _ in range(3))
    [old] = await desk.delivered(1, contacts=[gone], at=NOW - timedelta(days=2))
    await desk.delivered(2, contacts=[kept, other], at=NOW - timedelta(days=1))
    await desk.engaged([old], CLICK, at=NOW - timedelta(days=2))
    await merge(desk, gone, kept)
    # Also of what is told of the old contact afterwards.
    await desk.delivered(1, contacts=[gone], at=NOW - timedelta(hours=3))
    assert await timeline(desk, kept) == await timeline(desk, gone) == ["delivered", "delivered", "clicked"]
    for contact in (kept, gone):
        answer = await desk.metrics().GetContactEngagement(
            metrics_service_pb2.GetContactEngagementRequest(contact_id=str(contact))
        )
        assert (answer.total_received, answer.clicked) == (3, 1)
    # A purchase of the kept contact is the click's of the merged one.
    conversion = (await desk.converted(contact_id=kept, order_ref="o-1")).conversion
    assert conversion.message_id == str(old)
    # The night's scoring counts people, in whatever slices it takes them.
    for limit in (1, 10):
        found, after = [], None
        async with desk.database.tenant(desk.tenant_id) as uow:
            while page := await score_store.engagements(uow, NOW, after, limit):
                found += page
                after = page[-1][0]
        assert [(contact, one.received) for contact, one in found] == [(kept, 3), (other, 1)]


@pytest.mark.req("CAM-79", "ANA-70")
async def test_the_score_of_a_merged_contact_goes(desk: Desk) -> None:
    kept, gone = uuid7(), uuid7()
    await desk.tenant()
    await desk.delivered(2, contacts=[kept, gone], at=NOW - timedelta(days=1))
    desk.clock.set(datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
    await JobRunner(desk.database, [scores.job()], desk.clock).run_now("scores")
    await merge(desk, gone, kept)
    async with desk.database.tenant(desk.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT contact_id FROM contact_engagement")
    assert rows == [(kept,)]


@pytest.mark.req("CAM-79")
async def test_chains_of_merges_lead_to_the_last_contact_in_whatever_order_they_are_told(desk: Desk) -> None:
    for order in permutations(range(3)):
        chain = [uuid7() for _ in range(4)]
        for place in [*order, *order]:
            await merge(desk, chain[place], chain[place + 1])
        async with desk.database.tenant(desk.tenant_id) as uow:
            assert set(await merged.person(uow, chain[0])) == set(chain)
            assert (await merged.person(uow, chain[1]))[0] == chain[3]
            assert await merged.kept_of(uow, chain) == dict.fromkeys(chain[:3], chain[3])


@pytest.mark.req("CAM-79", "GEN-47")
async def test_it_stays_known_who_was_who_until_a_month_after_the_erasure(desk: Desk) -> None:
    kept, gone = uuid7(), uuid7()
    await merge(desk, gone, kept)
    async with desk.database.tenant(desk.tenant_id) as uow:
        await merged.note_erased(uow, kept)
    for days, left in ((30, [gone]), (31, [])):
        async with desk.database.system() as uow:
            await merged.forget(uow, desk.clock.now() + timedelta(days=days), 10)
        async with desk.database.tenant(desk.tenant_id) as uow:
            assert await merged.parts(uow, kept) == left
