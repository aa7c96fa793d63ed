"""Sending again, only to those who did not get it (W1)."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused
from tests.fakes.neighbours import ALLOW, deny

C = campaign_pb2.Campaign


async def through(stage: Stage, count: int = 40, **failed: str) -> tuple[str, str, list[str]]:
    """A campaign that is through; some of its messages failed, by the place of the contact."""
    contacts = await stage.contacts(count)
    sent = await stage.send()
    await stage.worker().run_until_idle()
    reasons = {contacts[int(place.removeprefix("c"))]: reason for place, reason in failed.items()}
    await stage.deliver(sent.campaign.campaign_id, sent.run_id, **reasons)
    assert (await stage.get(sent.campaign.campaign_id)).state == C.STATE_SENT
    return sent.campaign.campaign_id, sent.run_id, contacts


async def again(stage: Stage, campaign_id: str, **fields: str) -> pb.RerunCampaignResponse:
    return await stage.stub.RerunCampaign(pb.RerunCampaignRequest(campaign_id=campaign_id, **fields))


def got(stage: Stage, run_id: str) -> list[str]:
    return sorted(one.recipient.contact_id for one in stage.delivery.of_run(run_id).values())


@pytest.mark.req("W1")
async def test_only_those_whose_message_failed_get_it_again(stage: Stage) -> None:
    failed = {"c3": "provider_error", "c7": "expired", "c11": "outcome_unknown"}
    campaign_id, run_id, contacts = await through(stage, **failed)
    stage.delivery.page_size = 1
    answer = await again(stage, campaign_id)
    assert (answer.recipient_count, answer.rerun_of_run_id) == (2, run_id)
    assert answer.campaign.state == C.STATE_SENDING
    await stage.worker().run_until_idle()
    # Not the one of whom nobody knows whether it arrived, and nobody who got it.
    assert got(stage, answer.run_id) == sorted([contacts[3], contacts[7]])
    await stage.deliver(campaign_id, answer.run_id)
    assert (await stage.get(campaign_id)).state == C.STATE_SENT
    runs = await stage.runs(campaign_id)
    assert [(run.run_number, run.rerun_of_run_id, run.counts.sent) for run in runs] == [
        (1, "", 37),
        (2, run_id, 2),
    ]
    assert "campaign.rerun" in await stage.audited()
    per_contact = Counter(one.recipient.contact_id for one in stage.delivery.messages.values())
    assert Counter(per_contact.values()) == {1: 38, 2: 2}


@pytest.mark.req("SEC-73", "SEC-66", "W1", "GEN-29")
async def test_a_rerun_is_one_however_often_and_by_how_many_it_is_asked_for(stage: Stage) -> None:
    campaign_id, run_id, _ = await through(stage, c1="provider_error")
    key = str(uuid7())
    answers = await asyncio.gather(
        *(again(stage, campaign_id, idempotency_key=key) for _ in range(2)),
        *(again(stage, campaign_id) for _ in range(3)),
        return_exceptions=True,
    )
    made = {one.run_id for one in answers if isinstance(one, pb.RerunCampaignResponse)}
    assert len(made) == 1
    assert {one.reason for one in answers if isinstance(one, ServiceError)} <= {
        "INVALID_CAMPAIGN_STATUS",
        "VERSION_CONFLICT",
    }
    await stage.worker().run_until_idle()
    await stage.deliver(campaign_id, next(iter(made)))
    # The run was sent again: what fails now is sent again from the new one.
    error = await refused(again(stage, campaign_id, run_id=run_id))
    assert error.reason == "INVALID_CAMPAIGN_STATUS"
    assert (await refused(again(stage, campaign_id))).reason == "EMPTY_AUDIENCE"


async def test_what_fails_again_is_sent_again_from_the_new_run(stage: Stage) -> None:
    campaign_id, _, contacts = await through(stage, c1="provider_error", c2="provider_error")
    second = await again(stage, campaign_id)
    await stage.worker().run_until_idle()
    await stage.deliver(campaign_id, second.run_id, **{contacts[2]: "provider_error"})
    third = await again(stage, campaign_id)
    assert (third.recipient_count, third.rerun_of_run_id) == (1, second.run_id)
    await stage.worker().run_until_idle()
    assert got(stage, third.run_id) == [contacts[2]]


async def test_consent_is_asked_again_and_the_erased_are_left_out(stage: Stage) -> None:
    campaign_id, _, contacts = await through(
        stage, c1="provider_error", c2="provider_error", c3="provider_error"
    )
    stage.consent.rule = lambda _context, item: (
        deny(consent_pb.DECISION_REASON_CONSENT_REVOKED) if item.contact_id == contacts[1] else ALLOW
    )
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE contact SET state = 2 WHERE contact_id = %s", (UUID(contacts[2]),))
    answer = await again(stage, campaign_id)
    await stage.worker().run_until_idle()
    assert got(stage, answer.run_id) == [contacts[3]]
    assert await stage.assert_tally_equals_lines(answer.run_id) == {"handed_over": 1, "skipped": 1}


async def test_lines_that_delivery_never_got_are_sent_again_too(stage: Stage) -> None:
    """A run that is over when the proof finds them missing cannot take them up: its rerun does."""
    campaign_id, run_id, contacts = await through(stage)
    lost = next(
        key for key, one in stage.delivery.of_run(run_id).items() if one.recipient.contact_id == contacts[5]
    )
    del stage.delivery.messages[lost]
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign_recipient SET state = 2 WHERE recipient_id = %s", (UUID(lost),))
        await uow.execute("UPDATE campaign_run_tally SET sent = sent - 1, handed_over = handed_over + 1")
    stage.clock.advance(timedelta(minutes=1))
    answer = await again(stage, campaign_id)
    assert answer.recipient_count == 1
    await stage.worker().run_until_idle()
    assert got(stage, answer.run_id) == [contacts[5]]


@pytest.mark.req("CAM-114")
async def test_a_run_under_way_or_cancelled_is_not_sent_again(stage: Stage) -> None:
    await stage.contacts(3)
    sent = await stage.send()
    campaign_id = sent.campaign.campaign_id
    assert (await refused(again(stage, campaign_id))).reason == "INVALID_CAMPAIGN_STATUS"
    await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=campaign_id))
    assert (await refused(again(stage, campaign_id))).reason == "INVALID_CAMPAIGN_STATUS"


@pytest.mark.req("CAM-99", "CAM-122")
async def test_the_checks_of_a_launch_hold_for_a_rerun(stage: Stage) -> None:
    campaign_id, _, _ = await through(stage, c1="provider_error")
    await stage.configure(marketing_enabled=False)
    assert (await refused(again(stage, campaign_id))).reason == "MARKETING_DISABLED"
    await stage.configure(marketing_enabled=True, postal_address="")
    assert (await refused(again(stage, campaign_id))).reason == "INVALID_CONFIGURATION"
    assert (await stage.get(campaign_id)).state == C.STATE_SENT
