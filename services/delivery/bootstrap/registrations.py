"""The RPC services of delivery, each with the object that answers."""

from zoneinfo import ZoneInfo

from angarium.common.v1 import events_pb2, events_pb2_grpc
from angarium.delivery.v1 import (
    cost_service_pb2,
    cost_service_pb2_grpc,
    dead_letter_service_pb2,
    dead_letter_service_pb2_grpc,
    device_service_pb2,
    device_service_pb2_grpc,
    explain_service_pb2,
    explain_service_pb2_grpc,
    inbox_service_pb2,
    inbox_service_pb2_grpc,
    lane_service_pb2,
    lane_service_pb2_grpc,
    limit_service_pb2,
    limit_service_pb2_grpc,
    media_service_pb2,
    media_service_pb2_grpc,
    message_service_pb2,
    message_service_pb2_grpc,
    provider_service_pb2,
    provider_service_pb2_grpc,
    receipt_service_pb2,
    receipt_service_pb2_grpc,
    template_review_service_pb2,
    template_review_service_pb2_grpc,
    wallet_service_pb2,
    wallet_service_pb2_grpc,
)
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.events.feeds import Feeds
from services.common.events.watch import EventServicer
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from services.common.security.tokens import TokenSigner
from services.common.service import Registration
from services.delivery.accounts.cases import AccountCases
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.servicer import ProviderServicer
from services.delivery.costs.cards import RateCards
from services.delivery.costs.servicer import CostServicer
from services.delivery.deadletters.handlers import DeadLetters
from services.delivery.deadletters.servicer import DeadLetterServicer
from services.delivery.devices.handlers import Devices
from services.delivery.devices.servicer import DeviceServicer
from services.delivery.engagement.handlers import Engagement
from services.delivery.explain.handlers import Explanations
from services.delivery.explain.servicer import ExplainServicer
from services.delivery.inbound.handlers import InboundTexts
from services.delivery.inbox.handlers import Inboxes
from services.delivery.inbox.hub import Hub
from services.delivery.inbox.servicer import InboxServicer
from services.delivery.lanes.handlers import Lanes
from services.delivery.lanes.servicer import LaneServicer
from services.delivery.limits.handlers import LimitCases
from services.delivery.limits.servicer import LimitServicer
from services.delivery.media.assets import Assets
from services.delivery.media.handlers import MediaCases
from services.delivery.media.servicer import MediaServicer
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.servicer import MessageServicer
from services.delivery.messages.watching import Watching
from services.delivery.receipts.applier import Applier
from services.delivery.receipts.handlers import Receipts
from services.delivery.receipts.servicer import ReceiptServicer
from services.delivery.reviews.handlers import Reviews
from services.delivery.reviews.servicer import TemplateReviewServicer
from services.delivery.sent.frames import Tracks
from services.delivery.settings import DeliverySettings
from services.delivery.wallet.servicer import WalletServicer
from services.delivery.wallet.tenants import CampaignTenants
from services.delivery.wallet.wallets import Wallets


def of_messages(
    database: Database, acceptance: Acceptance, lanes: Lanes, tracks: Tracks, default_zone: ZoneInfo
) -> list[Registration]:
    """Returns messages and what an operator does with them: lanes, dead letters, explanations, events."""
    feeds = Feeds(database, "delivery")
    return [
        Registration(
            lane_service_pb2.DESCRIPTOR.services_by_name["LaneService"],
            lane_service_pb2_grpc.add_LaneServiceServicer_to_server,
            LaneServicer(lanes),
        ),
        Registration(
            message_service_pb2.DESCRIPTOR.services_by_name["MessageService"],
            message_service_pb2_grpc.add_MessageServiceServicer_to_server,
            MessageServicer(acceptance, Watching(database, feeds), tracks),
        ),
        Registration(
            dead_letter_service_pb2.DESCRIPTOR.services_by_name["DeadLetterService"],
            dead_letter_service_pb2_grpc.add_DeadLetterServiceServicer_to_server,
            DeadLetterServicer(DeadLetters(database, lanes.clock)),
        ),
        Registration(
            explain_service_pb2.DESCRIPTOR.services_by_name["ExplainService"],
            explain_service_pb2_grpc.add_ExplainServiceServicer_to_server,
            ExplainServicer(Explanations(acceptance, default_zone)),
        ),
        Registration(
            events_pb2.DESCRIPTOR.services_by_name["EventService"],
            events_pb2_grpc.add_EventServiceServicer_to_server,
            EventServicer(database, "delivery", feeds=feeds),
        ),
    ]


def of_costs(database: Database) -> Registration:
    """Returns rate cards."""
    return Registration(
        cost_service_pb2.DESCRIPTOR.services_by_name["CostService"],
        cost_service_pb2_grpc.add_CostServiceServicer_to_server,
        CostServicer(database),
    )


def of_limits(cases: LimitCases) -> Registration:
    """Returns rules of limits."""
    return Registration(
        limit_service_pb2.DESCRIPTOR.services_by_name["LimitService"],
        limit_service_pb2_grpc.add_LimitServiceServicer_to_server,
        LimitServicer(cases),
    )


def of_wallets(
    settings: DeliverySettings, clock: Clock, database: Database, envelope: Envelope, channels: Channels
) -> Registration:
    """Returns passes of tickets."""
    wallets = Wallets(
        database,
        envelope,
        settings.hash_keys,
        TokenSigner(settings.token_keys),
        clock,
        CampaignTenants(channels),
        settings.public_base_url,
        settings.apple_issuer(),
        settings.google_issuer(),
    )
    return Registration(
        wallet_service_pb2.DESCRIPTOR.services_by_name["WalletService"],
        wallet_service_pb2_grpc.add_WalletServiceServicer_to_server,
        WalletServicer(wallets),
    )


def of_media(settings: DeliverySettings, database: Database, assets: Assets) -> Registration:
    """Returns pictures and files."""
    return Registration(
        media_service_pb2.DESCRIPTOR.services_by_name["MediaService"],
        media_service_pb2_grpc.add_MediaServiceServicer_to_server,
        MediaServicer(MediaCases(database, assets, settings.outbound_guard)),
    )


def of_inboxes(database: Database, envelope: Envelope) -> Registration:
    """Returns inboxes of apps."""
    return Registration(
        inbox_service_pb2.DESCRIPTOR.services_by_name["InboxService"],
        inbox_service_pb2_grpc.add_InboxServiceServicer_to_server,
        InboxServicer(Inboxes(database, envelope, Hub(database))),
    )


def of_the_outside(
    settings: DeliverySettings,
    clock: Clock,
    accounts: Accounts,
    cards: RateCards,
    applier: Applier,
    texts: InboundTexts,
) -> list[Registration]:
    """Returns what providers and recipients reach: accounts, receipts, engagement."""
    database, signer = accounts.database, TokenSigner(settings.token_keys)
    receipts = Receipts(
        database, accounts.envelope, accounts.tokens, signer, applier, clock, accounts.adapters
    )
    return [
        Registration(
            provider_service_pb2.DESCRIPTOR.services_by_name["ProviderService"],
            provider_service_pb2_grpc.add_ProviderServiceServicer_to_server,
            ProviderServicer(AccountCases(accounts, cards, settings.enabled_channels)),
        ),
        Registration(
            receipt_service_pb2.DESCRIPTOR.services_by_name["ReceiptService"],
            receipt_service_pb2_grpc.add_ReceiptServiceServicer_to_server,
            ReceiptServicer(receipts, Engagement(database, signer, clock), texts, clock),
        ),
        Registration(
            template_review_service_pb2.DESCRIPTOR.services_by_name["TemplateReviewService"],
            template_review_service_pb2_grpc.add_TemplateReviewServiceServicer_to_server,
            TemplateReviewServicer(Reviews(database, accounts.adapters)),
        ),
    ]


def of_devices(push: Devices) -> Registration:
    """Returns push devices."""
    return Registration(
        device_service_pb2.DESCRIPTOR.services_by_name["DeviceService"],
        device_service_pb2_grpc.add_DeviceServiceServicer_to_server,
        DeviceServicer(push),
    )
