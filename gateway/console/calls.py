"""Calling the services as the person who is signed in: their token, so their permissions and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

from angarium.analytics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from angarium.analytics.v1.report_service_pb2_grpc import ReportServiceStub
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.delivery.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub
from angarium.delivery.v1.explain_service_pb2_grpc import ExplainServiceStub
from angarium.delivery.v1.lane_service_pb2_grpc import LaneServiceStub
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from angarium.delivery.v1.provider_service_pb2_grpc import ProviderServiceStub
from gateway.console.sessions import Session
from services.common.rpc.client import Channels

_bearer: ContextVar[str] = ContextVar("console_bearer")


@contextmanager
def acting(session: Session) -> Iterator[None]:
    """Makes calls inside the block those of a session's person; outside of one there are none."""
    token = _bearer.set(session.bearer)
    try:
        yield
    finally:
        _bearer.reset(token)


class PeopleChannels(Channels):
    """Channels that have no credential of their own: each call carries that of the person who acts."""

    def credential(self) -> str:
        """Returns the bearer header of the person who acts; LookupError when nobody does."""
        return f"Bearer {_bearer.get()}"


@dataclass(frozen=True, slots=True)
class Services:
    """What the console asks."""

    lanes: LaneServiceStub
    providers: ProviderServiceStub
    messages: MessageServiceStub
    dead_letters: DeadLetterServiceStub
    explain: ExplainServiceStub
    campaigns: CampaignServiceStub
    contacts: ContactServiceStub
    settings: SettingsServiceStub
    templates: TemplateServiceStub
    events: EventIntakeServiceStub
    metrics: MetricsServiceStub
    reports: ReportServiceStub

    @classmethod
    def on(cls, channels: PeopleChannels) -> Self:
        """Returns the stubs on channels of people."""
        return cls(
            lanes=channels.stub(LaneServiceStub, "delivery"),
            providers=channels.stub(ProviderServiceStub, "delivery"),
            messages=channels.stub(MessageServiceStub, "delivery"),
            dead_letters=channels.stub(DeadLetterServiceStub, "delivery"),
            explain=channels.stub(ExplainServiceStub, "delivery"),
            campaigns=channels.stub(CampaignServiceStub, "campaign"),
            contacts=channels.stub(ContactServiceStub, "campaign"),
            settings=channels.stub(SettingsServiceStub, "campaign"),
            templates=channels.stub(TemplateServiceStub, "campaign"),
            events=channels.stub(EventIntakeServiceStub, "campaign"),
            metrics=channels.stub(MetricsServiceStub, "analytics"),
            reports=channels.stub(ReportServiceStub, "analytics"),
        )
