"""What every route reaches for: stubs, limits, the recorder of engagement."""

from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from starlette.requests import Request

from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.campaign.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from angarium.campaign.v1.whatsapp_template_service_pb2_grpc import WhatsAppTemplateServiceStub
from angarium.consent.v1.consent_service_pb2_grpc import ConsentServiceStub
from angarium.consent.v1.ledger_service_pb2_grpc import LedgerServiceStub
from angarium.consent.v1.preference_service_pb2_grpc import PreferenceServiceStub
from angarium.consent.v1.suppression_service_pb2_grpc import SuppressionServiceStub
from angarium.delivery.v1.media_service_pb2_grpc import MediaServiceStub
from angarium.delivery.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from angarium.delivery.v1.wallet_service_pb2_grpc import WalletServiceStub
from gateway.clients import ClientAddresses
from gateway.engagement import EngagementRecorder
from gateway.forms import FormTokens
from gateway.intake_keys import IntakeKeys
from gateway.readiness import Readiness
from gateway.settings import GatewaySettings
from gateway.webhooks.accounts import WebhookAccounts
from gateway.webhooks.notices import Notices
from gateway.webhooks.once import OneTimeTokens
from services.common.clock import Clock
from services.common.rate_windows import RateLimiter


@dataclass(frozen=True)
class Door:
    """Everything the routes share; built once in app.py."""

    settings: GatewaySettings
    clock: Clock
    clients: ClientAddresses
    limiter: RateLimiter
    engagement: EngagementRecorder
    accounts: WebhookAccounts
    tokens: OneTimeTokens
    notices: Notices
    receipts: ReceiptServiceStub
    templates: WhatsAppTemplateServiceStub
    intake: EventIntakeServiceStub
    intake_keys: IntakeKeys
    preferences: PreferenceServiceStub
    consents: ConsentServiceStub
    suppressions: SuppressionServiceStub
    ledger: LedgerServiceStub
    media: MediaServiceStub
    wallets: WalletServiceStub
    feedback: FeedbackServiceStub
    forms: FormTokens
    readiness: Readiness
    log: Any = field(default_factory=lambda: structlog.get_logger("gateway"))


def of(request: Request) -> Door:
    """Returns the door a request came through."""
    return cast("Door", request.app.state.door)
