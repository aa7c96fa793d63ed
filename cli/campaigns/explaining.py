"""Why a contact was, or was not, written to by a campaign: its ledger first, then delivery's gates (W2)."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import CampaignRecipient
    from angarium.delivery.v1.explain_service_pb2 import ExplainSendResponse


class Why(NamedTuple):
    """A line of a campaign's ledger and what is known of its message; no line for who was not in the audience."""

    line: "CampaignRecipient | None"
    explanation: "ExplainSendResponse"


async def why(
    folder: StateFolder, tenant_id: UUID | None, campaign_id: str, contact_id: str, run_id: str
) -> Why:
    """Returns a contact's line with the gates of their message, or what the gates say now if it was never accepted."""
    from angarium.campaign.v1 import campaign_service_pb2, campaign_service_pb2_grpc, template_service_pb2
    from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
    from angarium.delivery.v1 import explain_service_pb2 as pb
    from angarium.delivery.v1.explain_service_pb2_grpc import ExplainServiceStub
    from cli.client import PersonChannels, client_settings
    from services.common.errors import ServiceError

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role="super_owner") as channels:
        campaigns = channels.stub(campaign_service_pb2_grpc.CampaignServiceStub, "campaign")
        page = await campaigns.ListCampaignRecipients(
            campaign_service_pb2.ListCampaignRecipientsRequest(
                campaign_id=campaign_id, run_id=run_id, contact_id=contact_id
            )
        )
        if not page.recipients:
            return Why(None, pb.ExplainSendResponse())
        line = page.recipients[0]
        explaining = channels.stub(ExplainServiceStub, "delivery")
        try:
            return Why(line, await explaining.ExplainSend(pb.ExplainSendRequest(message_id=line.message_id)))
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
        asked = campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        campaign = (await campaigns.GetCampaign(asked)).campaign
        templates = channels.stub(TemplateServiceStub, "campaign")
        wanted = template_service_pb2.GetTemplateRequest(template_id=campaign.template_id)
        template = (await templates.GetTemplate(wanted)).template
        what_if = pb.WhatIf(
            contact_id=contact_id, address=line.address, channel=campaign.channel, category=template.category
        )
        return Why(line, await explaining.ExplainSend(pb.ExplainSendRequest(what_if=what_if)))
