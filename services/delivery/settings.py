"""Settings of delivery, over those of every service (GEN-43)."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from services.common.net.settings import OutboundSettings
from services.common.settings import Boolean, CommonSettings, Positive
from services.delivery.accounts.settings import PlatformAccountSettings
from services.delivery.messages.domain import Channel, Lane
from services.delivery.wallet.settings import WalletSettings

Concurrency = Annotated[int, Field(ge=0, le=1000)]

STAND_IN: Final = timedelta(seconds=2)
"""So long urgent messages wait for the workers whose duty they are; then any worker takes them."""


class DeliverySettings(OutboundSettings, WalletSettings, PlatformAccountSettings, CommonSettings):
    """What delivery needs: lanes, leases, retries, limits, and which channels are on."""

    service_name: str = "delivery"
    db_pool_max: Positive = 16
    lease_seconds: Positive = 60
    unknown_outcome_minutes: Positive = 15
    unknown_recheck_seconds: Positive = 30
    unknown_absent_seconds: Positive = 600
    max_retry_attempts: int = Field(default=3, ge=0, le=10)
    retry_delay_ms: Positive = 5000
    # What a worker is there for: one for campaigns takes other messages only where nobody else does.
    worker_duty: Literal["all", "urgent", "campaigns"] = "all"
    # 0 leaves a lane to other workers.
    lane_critical_concurrency: Concurrency = 10
    lane_high_concurrency: Concurrency = 5
    lane_normal_concurrency: Concurrency = 3
    lane_bulk_concurrency: Concurrency = 1
    poll_ms: Positive = 1000
    template_cache_ttl: Positive = 3600
    rate_limit_email_per_hour: Positive = 20
    rate_limit_sms_per_hour: Positive = 5
    rate_limit_push_per_hour: Positive = 50
    rate_limit_whatsapp_per_hour: Positive = 5
    rate_limit_global_email_per_min: Positive = 1000
    rate_limit_global_sms_per_min: Positive = 100
    rate_limit_global_whatsapp_per_min: Positive = 100
    rate_limit_global_push_per_min: Positive = 1000
    rate_limit_send_per_min: Positive = 100
    rate_limit_per_second: Positive = 10
    enable_email: Boolean = True
    enable_sms: Boolean = True
    enable_whatsapp: Boolean = True
    enable_push: Boolean = False
    enable_in_app: Boolean = True
    enable_webhook_delivery: Boolean = True
    data_retention_days: Positive = 90

    @property
    def lease(self) -> timedelta:
        """Returns how long a claimed block belongs to its worker unless renewed."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def content_kept(self) -> timedelta:
        """Returns how long what was written to people is kept (GEN-47)."""
        return timedelta(days=self.data_retention_days)

    @property
    def capacities(self) -> dict[Lane, int]:
        """Returns how many blocks of each lane one worker hands over at once (DEL-62)."""
        return {
            Lane.CRITICAL: self.lane_critical_concurrency,
            Lane.HIGH: self.lane_high_concurrency,
            Lane.NORMAL: self.lane_normal_concurrency,
            Lane.LOW: 0 if self.worker_duty == "urgent" else self.lane_bulk_concurrency,
        }

    @property
    def stands_in(self) -> dict[Lane, timedelta]:
        """Returns the lanes that are others' duty, and how long their messages wait before this worker takes them."""
        if self.worker_duty != "campaigns":
            return {}
        return dict.fromkeys((Lane.CRITICAL, Lane.HIGH, Lane.NORMAL), STAND_IN)

    @property
    def enabled_channels(self) -> frozenset[Channel]:
        """Returns the channels that are on in this deployment (DEL-74)."""
        switches = {
            Channel.EMAIL: self.enable_email,
            Channel.SMS: self.enable_sms,
            Channel.WHATSAPP: self.enable_whatsapp,
            Channel.PUSH: self.enable_push,
            Channel.IN_APP: self.enable_in_app,
            Channel.WEBHOOK: self.enable_webhook_delivery,
        }
        return frozenset(channel for channel, is_on in switches.items() if is_on)

    @property
    def hourly_per_contact(self) -> dict[Channel, int]:
        """Returns how many messages an hour one contact may get per channel (DEL-70)."""
        return {
            Channel.EMAIL: self.rate_limit_email_per_hour,
            Channel.SMS: self.rate_limit_sms_per_hour,
            Channel.WHATSAPP: self.rate_limit_whatsapp_per_hour,
            Channel.PUSH: self.rate_limit_push_per_hour,
        }

    @property
    def global_per_minute(self) -> dict[Channel, int]:
        """Returns how many messages a minute may leave per channel, over all tenants (DEL-70)."""
        return {
            Channel.EMAIL: self.rate_limit_global_email_per_min,
            Channel.SMS: self.rate_limit_global_sms_per_min,
            Channel.WHATSAPP: self.rate_limit_global_whatsapp_per_min,
            Channel.PUSH: self.rate_limit_global_push_per_min,
        }
