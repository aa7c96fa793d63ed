"""From a launch to what delivery has: the plain path, and what may go wrong on it."""

import pytest

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from tests.campaign.campaigns.conftest import Stage
from tests.fakes.neighbours import ALLOW, defer, deny

SENDING = campaign_pb2.Campaign.STATE_SENDING


@pytest.mark.req("CAM-63", "CAM-99", "CAM-100", "CAM-15", "CAM-16", "CAM-126", "ARC-9")
async def test_a_launched_campaign_reaches_delivery_with_every_contact_once(stage: Stage) -> None:
    contacts = await stage.contacts(2500)
    sent = await stage.send()
    assert (sent.campaign.state, sent.recipient_count) == (SENDING, 2500)
    assert stage.delivery.messages == {}
    await stage.worker().run_until_idle()
    messages = stage.delivery.of_run(sent.run_id)
    assert sorted(one.recipient.contact_id for one in messages.values()) == sorted(contacts)
    one = next(iter(messages.values()))
    assert one.content.origin == message_pb2.ORIGIN_CAMPAIGN
    assert one.recipient.variables.fields["contact"].struct_value.fields.keys() == {"first_name"}
    assert one.recipient.address.endswith("@example.com")
    assert sorted(stage.delivery.keys) == [f"run:{sent.run_id}:{number}" for number in range(3)]
    assert len(stage.consent.requests) == 3
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 2500}
    assert set(messages) == {line.message_id for line in await stage.recipients(sent.campaign.campaign_id)}


@pytest.mark.req("CAM-99", "CAM-124", "CAM-5")
async def test_who_may_not_be_written_to_is_skipped_with_the_reason_and_told(stage: Stage) -> None:
    contacts = await stage.contacts(10)
    await stage.contacts(3, tag="n", email="")
    answers = {
        contacts[0]: deny(consent_pb.DECISION_REASON_NO_CONSENT),
        contacts[1]: deny(consent_pb.DECISION_REASON_SUPPRESSED),
        contacts[2]: defer(consent_pb.DECISION_REASON_QUIET_HOURS, None),
    }
    stage.consent.rule = lambda context, item: answers.get(item.contact_id, ALLOW)
    sent = await stage.send()
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 8, "skipped": 5}
    reasons = sorted(
        line.reason
        for line in await stage.recipients(
            sent.campaign.campaign_id, state=campaign_pb2.CampaignRecipient.STATE_SKIPPED
        )
    )
    assert reasons == ["no_address"] * 3 + ["no_consent", "suppressed"]
    told = []
    for envelope in await stage.outbox("campaign.recipients_skipped"):
        payload = campaign_events_pb2.CampaignRecipientsSkipped()
        assert envelope.payload.Unpack(payload)
        told += [one.reason for one in payload.recipients]
    assert sorted(told) == reasons
    asked = stage.consent.requests[0].context
    assert asked.purpose == consent_pb.EVALUATION_PURPOSE_SELECTION
    assert asked.campaign_id == sent.campaign.campaign_id


@pytest.mark.req("CAM-113")
async def test_an_empty_audience_cannot_be_launched(stage: Stage) -> None:
    created = await stage.create()
    assert list(created.warnings) == ["empty_audience"]
    campaign = await stage.approve(created.campaign.campaign_id)
    with pytest.raises(Exception, match="nobody is in the audience"):
        await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id))
