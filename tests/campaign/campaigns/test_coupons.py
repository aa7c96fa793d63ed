"""Campaigns that bring a coupon: everybody a code of their own, and only what went out uses one up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from angarium.campaign.v1 import coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from services.common.errors import ServiceError, unavailable
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.coupons.given import coupon
from tests.campaign.templates.given import content, variable, version

SHOWN = version(
    content(subject="A present", body_html="<p>Your code is {{ coupon_code }}.</p>"),
    variables=[variable("coupon_code")],
)


async def pool(stage: Stage, *codes: str) -> str:
    made = await coupon(stage.served, code_kind=coupon_pb2.Coupon.CODE_KIND_POOL)
    request = pb.AddCouponCodesRequest(coupon_id=made.coupon_id, codes=list(codes))
    stub = stage.served.person(CouponServiceStub)
    assert [one.added_count async for one in stub.AddCouponCodes(iter([request]))] == [len(codes)]
    return made.coupon_id


async def counts(stage: Stage, coupon_id: str) -> tuple[int, int, int]:
    stub = stage.served.person(CouponServiceStub)
    found = (await stub.GetCoupon(pb.GetCouponRequest(coupon_id=coupon_id))).coupon.codes
    return found.free, found.held, found.issued


def shown(stage: Stage, run_id: str) -> dict[str, str]:
    """Code by contact, as delivery has it."""
    return {
        one.recipient.contact_id: one.recipient.variables.fields["coupon_code"].string_value
        for one in stage.delivery.of_run(run_id).values()
    }


async def taken(stage: Stage) -> set[str]:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        return {code for (code,) in await uow.fetch_all("SELECT code FROM coupon_code")}


@pytest.mark.req("W5", "CAM-97")
async def test_each_recipient_is_sent_a_code_of_their_own_and_whom_none_is_left_for_is_skipped(
    stage: Stage,
) -> None:
    await stage.contacts(4)
    coupon_id = await pool(stage, "POOL-1", "POOL-2", "POOL-3")
    sent = await stage.send(template_id=await stage.template(version=SHOWN), coupon_id=coupon_id)
    await stage.worker().run_until_idle()
    assert sorted(shown(stage, sent.run_id).values()) == ["POOL-1", "POOL-2", "POOL-3"]
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 3, "skipped": 1}
    reasons = {one.reason for one in await stage.recipients(sent.campaign.campaign_id)}
    assert reasons == {"", "coupon_exhausted"}
    assert await counts(stage, coupon_id) == (0, 3, 0)


@pytest.mark.req("W5")
async def test_a_failed_message_gives_its_code_back_and_takes_it_again_when_it_is_retried(
    stage: Stage,
) -> None:
    await stage.contacts(2)
    coupon_id = await pool(stage, "POOL-1", "POOL-2")
    sent = await stage.send(template_id=await stage.template(version=SHOWN), coupon_id=coupon_id)
    await stage.worker().run_until_idle()
    went, failed = stage.delivery.of_run(sent.run_id)
    campaign_id = sent.campaign.campaign_id
    gone = events_pb2.MessagesSent(campaign_id=campaign_id)
    gone.messages.add(message_id=went).send_time.FromDatetime(stage.clock.now())
    stopped = events_pb2.MessagesStopped()
    stopped.messages.add(message_id=failed, campaign_id=campaign_id, reason="mailbox_full")
    await stage.apply("message.sent", gone)
    await stage.apply("message.failed", stopped)
    assert await counts(stage, coupon_id) == (1, 0, 1)
    retried = events_pb2.MessagesRetried()
    retried.messages.add(message_id=failed, campaign_id=campaign_id)
    await stage.apply("message.retried", retried)
    assert await counts(stage, coupon_id) == (0, 1, 1)
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        code = await uow.fetch_value("SELECT code FROM coupon_code WHERE message_id = %s", (UUID(failed),))
    contact_id = stage.delivery.messages[failed].recipient.contact_id
    assert shown(stage, sent.run_id)[contact_id] == code


@pytest.mark.req("W5", "CAM-100")
async def test_a_hand_over_that_is_repeated_shows_everybody_the_code_of_the_first(stage: Stage) -> None:
    await stage.contacts(5)
    made = await coupon(stage.served, code_kind=coupon_pb2.Coupon.CODE_KIND_GENERATED)
    sent = await stage.send(template_id=await stage.template(version=SHOWN), coupon_id=made.coupon_id)

    stage.delivery.error = unavailable("delivery")
    await stage.worker().run_until_idle()
    first = await taken(stage)
    assert (len(first), shown(stage, sent.run_id)) == (5, {})
    stage.delivery.error = None
    stage.clock.advance(timedelta(minutes=5))
    await stage.worker().run_until_idle()
    codes = shown(stage, sent.run_id)
    assert len(codes) == len(set(codes.values())) == 5
    assert set(codes.values()) == first == await taken(stage)
    assert await counts(stage, made.coupon_id) == (0, 5, 0)


@pytest.mark.req("CAM-97", "CAM-116")
async def test_a_shared_code_is_shown_to_all_and_a_coupon_that_is_over_cannot_be_sent(stage: Stage) -> None:
    await stage.contacts(2)
    template_id = await stage.template(version=SHOWN)
    made = await coupon(stage.served, code="SPRING")
    sent = await stage.send(template_id=template_id, coupon_id=made.coupon_id)
    await stage.worker().run_until_idle()
    assert set(shown(stage, sent.run_id).values()) == {"SPRING"}
    over = await coupon(stage.served, valid_until_date="2026-01-02")
    early = await coupon(stage.served, valid_from_date="2099-01-01")
    for coupon_id, reason in (
        (over.coupon_id, "COUPON_EXPIRED"),
        (early.coupon_id, "COUPON_NOT_YET_VALID"),
        (sent.run_id, "NOT_FOUND"),
    ):
        with pytest.raises(ServiceError) as refused:
            await stage.draft(template_id=template_id, coupon_id=coupon_id)
        assert refused.value.reason == reason
