"""Events and conversions told by call: each once, a bad one by itself, the credit where it belongs."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from angarium.analytics.v1 import (
    analytics_events_pb2,
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    report_service_pb2,
)
from angarium.analytics.v1 import ingest_service_pb2 as pb
from angarium.campaign.v1 import campaign_events_pb2
from angarium.delivery.v1 import delivery_events_pb2
from services.analytics import events
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.tokens import Purpose, TokenSigner
from tests.analytics.desk import CLICK, NOW, PURCHASE, SCANNER, Desk, amounts, euros

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED, DUPLICATE, REJECTED = (
    pb.IngestResult.STATE_ACCEPTED,
    pb.IngestResult.STATE_DUPLICATE,
    pb.IngestResult.STATE_REJECTED,
)


@pytest.mark.req("ANA-13", "ANA-61", "ANA-81", "ANA-87", "ANA-99")
async def test_each_event_is_folded_once_and_a_bad_one_is_refused_by_itself(desk: Desk) -> None:
    ids = [uuid7(), uuid7()]
    payload = delivery_events_pb2.MessagesAccepted()
    payload.dimensions.channel = 1
    for message_id in ids:
        payload.messages.add(message_id=str(message_id))
    good = desk.envelope("message.accepted", payload)
    nameless, typeless, timeless, ahead, foreign, torn = (
        desk.envelope("message.accepted", payload) for _ in range(6)
    )
    nameless.event_id = "x"
    typeless.type = "message.invented"
    timeless.ClearField("occur_time")
    ahead.occur_time.FromDatetime(NOW + timedelta(hours=1, minutes=11))
    foreign.tenant_id = str(uuid4())
    torn.payload.value = b"\xff\xff"
    request = pb.IngestEventsRequest(events=[good, nameless, typeless, timeless, ahead, foreign, torn, good])
    answer = await desk.ingest("delivery").IngestEvents(request)
    assert [(one.state, one.reason) for one in answer.results] == [
        (ACCEPTED, ""),
        (REJECTED, "event_id"),
        (REJECTED, "type"),
        (REJECTED, "occur_time"),
        (REJECTED, "too_far_ahead"),
        (REJECTED, "tenant_id"),
        (REJECTED, "payload"),
        (DUPLICATE, ""),
    ]
    assert (answer.accepted_count, answer.duplicate_count, answer.rejected_count) == (1, 1, 6)
    again = await desk.ingest("delivery").IngestEvents(request)
    assert (again.accepted_count, again.duplicate_count) == (0, 2)
    async with desk.database.tenant(desk.tenant_id) as uow:
        assert await uow.fetch_value("SELECT sum(total_accepted) FROM rollup_fine") == 2


@pytest.mark.req("ANA-13")
async def test_events_are_told_by_services_alone_and_a_thousand_at_most(desk: Desk) -> None:
    payload = delivery_events_pb2.MessagesAccepted()
    event = desk.envelope("message.accepted", payload)
    person = desk._person(ingest_service_pb2_grpc.IngestServiceStub, (), ())
    with pytest.raises(ServiceError) as refused:
        await person.IngestEvents(pb.IngestEventsRequest(events=[event]))
    assert refused.value.reason == "PERMISSION_DENIED"
    with pytest.raises(ServiceError) as refused:
        await desk.ingest().IngestEvents(pb.IngestEventsRequest(events=[event] * 1001))
    assert refused.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("ANA-14", "ANA-66")
async def test_the_credit_goes_to_the_message_named_then_the_coupons_then_the_one_clicked_last(
    desk: Desk,
) -> None:
    contact = uuid7()
    campaign = await desk.campaign()
    [old] = await desk.delivered(1, contacts=[contact], at=NOW - timedelta(days=9))
    [clicked] = await desk.delivered(1, contacts=[contact], at=NOW - timedelta(days=2))
    [brought] = await campaign.delivered(1, contacts=[contact], at=NOW - timedelta(days=1))
    await desk.engaged([old], CLICK, at=NOW - timedelta(days=8))

    async def credited(**given: object) -> tuple[int, str]:
        found = (await desk.converted(contact_id=contact, **given)).conversion
        return found.attribution, found.message_id

    # A click of eight days ago is too old; a scanner's is none.
    assert await credited() == (pb.ATTRIBUTION_NONE, "")
    await desk.engaged([brought], CLICK, SCANNER, at=NOW - timedelta(hours=1))
    assert await credited() == (pb.ATTRIBUTION_NONE, "")
    await desk.engaged([clicked], CLICK, at=NOW - timedelta(days=1))
    assert await credited() == (pb.ATTRIBUTION_CLICK, str(clicked))
    assert await credited(message_id=old) == (pb.ATTRIBUTION_EXPLICIT, str(old))
    payload = analytics_events_pb2.ConversionsObserved()
    payload.conversions.add(
        contact_id=str(contact),
        order_ref="inv-1",
        coupon_code="MAY",
        coupon_campaign_id=str(campaign.campaign_id),
        value=euros(7),
    )
    await desk.tell("coupon.redeemed", payload)
    request = report_service_pb2.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
    found = await desk.reports().GetCampaignReport(request)
    assert [(one.coupon_code, one.redemption_count) for one in found.coupons] == [("MAY", 1)]
    # The coupon is known by now, so whoever uses it next is credited to its campaign too.
    assert await credited(coupon_code="MAY") == (pb.ATTRIBUTION_COUPON, str(brought))


@pytest.mark.req("ANA-14", "ANA-92")
async def test_a_signed_link_names_its_message_and_a_forged_one_names_none(desk: Desk) -> None:
    [message_id] = await desk.delivered(1)
    signer = TokenSigner(desk.served.settings.token_keys)
    body = message_id.bytes + uuid7().bytes
    times = {"issued": NOW, "expires": NOW + timedelta(days=30)}
    token = signer.sign(Purpose.CLICK, desk.tenant_id, body, **times)
    found = (await desk.converted(tracking_token=token)).conversion
    assert (found.message_id, found.attribution) == (str(message_id), pb.ATTRIBUTION_EXPLICIT)
    foreign = signer.sign(Purpose.CLICK, uuid4(), body, **times)
    for bad in (token[:-2] + "AA", foreign):
        with pytest.raises(ServiceError) as refused:
            await desk.converted(tracking_token=bad)
        assert refused.value.reason == "INVALID_TOKEN"
    with pytest.raises(ServiceError) as refused:
        await desk.converted(message_id=uuid7())
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.req("ANA-7", "ANA-66")
async def test_an_order_is_one_purchase_whoever_tells_of_it_and_a_refund_takes_back_value_alone(
    desk: Desk,
) -> None:
    campaign = await desk.campaign()
    [message_id] = await campaign.delivered(1)
    contact = uuid7()
    # The refund comes first, twice.
    await desk.refunded("order-1", "3", ref="refund-1")
    await desk.refunded("order-1", "3", ref="refund-1")
    first = await desk.converted(
        contact_id=contact, order_ref="order-1", value=euros(10), message_id=message_id
    )
    assert not first.deduplicated
    assert amounts([first.conversion.reversed_value]) == {"EUR": Decimal(3)}
    for kind in ("invoice.finalized", "order.completed", "payment.succeeded"):
        payload = analytics_events_pb2.ConversionsObserved()
        payload.conversions.add(contact_id=str(contact), order_ref="order-1", value=euros(10))
        await desk.tell(kind, payload)
    again = await desk.converted(contact_id=contact, order_ref="order-1", value=euros(99))
    assert again.deduplicated
    assert amounts([again.conversion.value]) == {"EUR": Decimal(10)}
    request = report_service_pb2.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
    found = await desk.reports().GetCampaignReport(request)
    assert (found.conversion_count, found.counts.converted, amounts(found.revenues)) == (
        1,
        1,
        {"EUR": Decimal(7)},
    )
    await desk.refunded("order-1", ref="the-rest")
    found = await desk.reports().GetCampaignReport(request)
    assert (found.conversion_count, amounts(found.revenues)) == (1, {"EUR": Decimal(0)})


@pytest.mark.req("ANA-14")
async def test_a_repeated_call_answers_as_the_first_did_and_another_body_is_refused(desk: Desk) -> None:
    request = pb.RecordConversionRequest(
        contact_id=str(uuid7()), conversion_type=PURCHASE, order_ref="o-9", idempotency_key="k"
    )
    first = await desk.ingest().RecordConversion(request)
    second = await desk.ingest().RecordConversion(request)
    assert second.deduplicated
    assert second.conversion == first.conversion
    request.order_ref = "o-10"
    with pytest.raises(ServiceError) as refused:
        await desk.ingest().RecordConversion(request)
    assert refused.value.reason == "IDEMPOTENCY_CONFLICT"
    assert UUID(first.conversion.conversion_id).version == 7
    assert first.conversion.conversion_type == ingest_service_pb2.CONVERSION_TYPE_PURCHASE


@pytest.mark.req("ANA-56", "ANA-66", "ANA-67")
async def test_a_redeemed_coupon_is_credited_to_its_campaign_and_its_invoice_is_counted_once(
    desk: Desk,
) -> None:
    contact = uuid7()
    campaign = await desk.campaign()
    [message_id] = await campaign.delivered(1, contacts=[contact])

    async def used(kind: str, **given: object) -> None:
        payload = campaign_events_pb2.CouponUsed()
        use = payload.redemption
        use.redemption_id, use.code, use.contact_id = "r-1", "MAY", str(contact)
        use.invoice_id, use.campaign_id, use.message_id = "inv-1", str(campaign.campaign_id), str(message_id)
        use.order_amount.CopyFrom(euros(10))
        use.discount.CopyFrom(euros(2))
        use.redeem_time.FromDatetime(NOW)
        if given:
            use.reverse_time.FromDatetime(NOW)
        # As campaign's own stream tells it.
        async with desk.database.tenant(desk.tenant_id) as uow:
            await events.HANDLERS[kind](uow, desk.envelope(kind, payload), payload)

    async def told() -> tuple[int, dict[str, Decimal], int, dict[str, Decimal]]:
        request = report_service_pb2.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
        found = await desk.reports().GetCampaignReport(request)
        [coupon] = found.coupons
        return (
            found.conversion_count,
            amounts(found.revenues),
            coupon.redemption_count,
            amounts(coupon.revenues),
        )

    await used("coupon.redeemed")
    await used("coupon.redeemed")
    assert await told() == (1, {"EUR": Decimal(8)}, 1, {"EUR": Decimal(8)})
    # The invoice is told of as a purchase too: its money is there once.
    await desk.converted(contact_id=contact, order_ref="inv-1", value=euros(8), message_id=message_id)
    assert await told() == (2, {"EUR": Decimal(8)}, 1, {"EUR": Decimal(8)})
    await used("coupon.reversed", reversed=True)
    await used("coupon.reversed", reversed=True)
    assert await told() == (2, {"EUR": Decimal(8)}, 1, {"EUR": Decimal(0)})


@pytest.mark.req("LIF-86", "ANA-66", "ANA-72", "EVT-118")
async def test_how_a_visit_was_rated_stands_once_in_the_timeline_and_is_a_conversion(desk: Desk) -> None:
    contact = uuid7()
    payload = campaign_events_pb2.FeedbackReceived(
        feedback_id=str(uuid7()),
        contact_id=str(contact),
        rating=2,
        low=True,
        reference_id="v-1",
        source="link",
    )
    for _ in range(2):
        async with desk.database.tenant(desk.tenant_id) as uow:
            envelope = desk.envelope("feedback.received", payload)
            await events.HANDLERS["feedback.received"](uow, envelope, payload)
    request = report_service_pb2.GetContactTimelineRequest(contact_id=str(contact))
    [entry] = (await desk.reports().GetContactTimeline(request)).entries
    assert (entry.type, entry.status) == (report_service_pb2.TIMELINE_TYPE_FEEDBACK, "rated")
    assert entry.feedback_rating == 2


@pytest.mark.req("ANA-66", "EVT-118")
async def test_a_rating_is_credited_to_the_message_that_asked_for_it(desk: Desk) -> None:
    contact = uuid7()
    [asked] = await desk.delivered(1, contacts=[contact])
    for message_id, rating in ((asked, 5), (uuid7(), 4)):
        payload = campaign_events_pb2.FeedbackReceived(
            feedback_id=str(uuid7()), contact_id=str(contact), rating=rating, message_id=str(message_id)
        )
        async with desk.database.tenant(desk.tenant_id) as uow:
            envelope = desk.envelope("feedback.received", payload)
            await events.HANDLERS["feedback.received"](uow, envelope, payload)
    async with desk.database.tenant(desk.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT rating, message_id FROM conversion ORDER BY rating")
    # The facts of the other are gone: who has the credit is for the rules to say.
    assert rows == [(4, None), (5, asked)]
