"""Recipients are shown with how delivery handed their messages over."""

from datetime import UTC

import pytest

from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2
from services.common.errors import ServiceError, unavailable
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_ledger import NOON, launched


@pytest.mark.req("CAM-16", "CAM-67", "CAM-68")
async def test_recipients_tell_of_retries_reading_and_the_providers_name(stage: Stage) -> None:
    told, _, ids = await launched(stage, 3)
    tried = message_service_pb2.HandOver(message_id=ids[0], attempt_count=3)
    once = message_service_pb2.HandOver(message_id=ids[1], attempt_count=1)
    tried.provider_message_id = "sg-1"
    for time in (tried.last_attempt_time, tried.read_time, once.last_attempt_time):
        time.FromDatetime(NOON)
    stage.delivery.hand_overs = {one.message_id: one for one in (tried, once)}
    listed = {one.message_id: one for one in await stage.recipients(told.campaign_id)}
    request = pb.ExportCampaignRecipientsRequest(campaign_id=told.campaign_id)
    exported = [
        one async for block in stage.stub.ExportCampaignRecipients(request) for one in block.recipients
    ]
    assert {one.message_id: one for one in exported} == listed
    first, second, third = (listed[one] for one in ids)
    assert (first.hand_over.retry_count, first.hand_over.provider_message_id) == (2, "sg-1")
    assert first.hand_over.last_retry_time.ToDatetime(tzinfo=UTC) == NOON
    assert first.hand_over.read_time.ToDatetime(tzinfo=UTC) == NOON
    assert second.HasField("hand_over")
    assert not second.hand_over.HasField("last_retry_time")
    assert not third.HasField("hand_over")
    # Without delivery a list says less; an export would be taken for whole, and is refused.
    stage.delivery.error = unavailable("database")
    assert not any(one.HasField("hand_over") for one in await stage.recipients(told.campaign_id))
    with pytest.raises(ServiceError) as refused:
        [block async for block in stage.stub.ExportCampaignRecipients(request)]
    assert refused.value.reason == "DEPENDENCY_UNAVAILABLE"
