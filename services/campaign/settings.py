"""Settings of campaign."""

from typing import Annotated

from pydantic import Field

from services.common.net.settings import OutboundSettings
from services.common.settings import Boolean, CommonSettings, Hour, Positive


class CampaignSettings(OutboundSettings, CommonSettings):
    """What campaign needs beside what every service needs."""

    max_concurrent_sends: Positive = 50
    """Blocks of one campaign that may be on their way to delivery at once."""
    rate_limit_per_second: Positive = 10
    """Messages of one campaign handed over a second."""
    enable_template_preview: Boolean = True
    """Whether templates may be previewed."""
    sms_time_restriction_start: Hour = 8
    """Before this hour no marketing text leaves, whatever a tenant says."""
    sms_time_restriction_end: Hour = 21
    """Nor after this one."""
    rabbitmq_url: Annotated[str, Field(pattern=r"^(amqps?://|$)", repr=False)] = ""
    """Broker whose events are taken in; empty switches it off."""
    rabbitmq_exchange: str = "messaging_events"
    """Exchange of topics that neighbours publish to."""
    rabbitmq_queue: str = "messaging_intake"
    """Queue that is consumed; beside it stands one of the dead."""
