"""What is told of messages counts for their branch, and timelines show what was referred."""

from datetime import timedelta
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.analytics.v1 import report_service_pb2 as pb
from angarium.campaign.v1 import campaign_events_pb2
from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.delivery.v1 import delivery_events_pb2
from services.common.ids import uuid7
from tests.analytics.desk import NOW, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def entries(desk: Desk, contact: object, *branches: object) -> list[tuple[int, str]]:
    request = pb.GetContactTimelineRequest(contact_id=str(contact))
    roles = ("regional_manager",) if branches else ()
    answer = await desk.reports(*roles, branches=branches).GetContactTimeline(request)  # type: ignore[arg-type]
    return [(one.type, one.status) for one in answer.entries]


@pytest.mark.req("ANA-72", "ANA-73")
async def test_opt_outs_and_deferrals_count_for_the_branch_of_their_message(desk: Desk) -> None:
    north, contact = uuid4(), uuid7()
    [mail] = await desk.delivered(1, contacts=[contact], branch_id=north)
    [text] = await desk.accepted(1, branch_id=north)
    [elsewhere] = await desk.accepted(1)
    deferred = delivery_events_pb2.MessagesStopped()
    for message_id in (text, elsewhere, uuid7()):
        deferred.messages.add(message_id=str(message_id), reason="quiet_hours")
    await desk.tell("message.deferred", deferred)
    left = consent_events_pb2.ContactOptedOut(
        contact_id=str(contact),
        source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
        message_id=str(mail),
    )
    left.opt_out_time.CopyFrom(_stamp())
    await desk.tell("consent.opted_out", left)

    async def counted(*branches: object) -> dict[str, int]:
        roles = ("regional_manager",) if branches else ()
        reports = desk.reports(*roles, branches=branches)  # type: ignore[arg-type]
        found = await reports.GetComplianceReport(pb.GetComplianceReportRequest())
        return {
            "deferred": sum(one.count for one in found.deferrals),
            "left": sum(one.count for one in found.opt_outs),
        }

    assert await counted() == {"deferred": 3, "left": 1}
    assert await counted(north) == {"deferred": 1, "left": 1}
    assert await counted(uuid4()) == {"deferred": 0, "left": 0}
    shown = await entries(desk, contact, north)
    assert [type for type, _ in shown] == [pb.TIMELINE_TYPE_CONSENT, pb.TIMELINE_TYPE_TRANSACTIONAL]


@pytest.mark.req("ANA-72")
async def test_both_people_of_a_referral_see_where_it_stands(desk: Desk) -> None:
    anna, bert = uuid7(), uuid7()
    payload = campaign_events_pb2.ReferralChanged(
        referral_id=str(uuid7()), referrer_id=str(anna), referred_id=str(bert)
    )
    # Told late, the earlier state changes nothing.
    for word, hours in (("created", 3), ("rewarded", 1), ("converted", 2)):
        await desk.tell(f"referral.{word}", payload, NOW - timedelta(hours=hours))
    assert await entries(desk, anna) == [(pb.TIMELINE_TYPE_REFERRAL, "referrer: rewarded")]
    assert await entries(desk, bert) == [(pb.TIMELINE_TYPE_REFERRAL, "referred: rewarded")]


def _stamp() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(NOW)
    return stamp
