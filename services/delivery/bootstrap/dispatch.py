"""The worker of delivery and what its passes need."""

from datetime import timedelta

from services.common.security.tokens import TokenSigner
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.prices import Prices
from services.delivery.costs.zones import BillingZones
from services.delivery.dispatch.domain import RetryPolicy
from services.delivery.dispatch.leases import Leases
from services.delivery.dispatch.needs import Deps
from services.delivery.dispatch.reconcile import Patience
from services.delivery.dispatch.recorder import Recorder
from services.delivery.dispatch.rendering import Renderer
from services.delivery.dispatch.sending import Sending, Tools
from services.delivery.dispatch.trails import PublicUrls
from services.delivery.dispatch.worker import Worker
from services.delivery.engagement.links import Links, Tracking
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.limits.gate import Limits
from services.delivery.messages.handlers import Acceptance
from services.delivery.sent.store import Keeper
from services.delivery.settings import DeliverySettings


def patience(settings: DeliverySettings) -> Patience:
    """Returns how long an unknown outcome waits, and for what."""
    return Patience(
        recheck=timedelta(seconds=settings.unknown_recheck_seconds),
        absent=timedelta(seconds=settings.unknown_absent_seconds),
        unknowable=timedelta(minutes=settings.unknown_outcome_minutes),
    )


def worker(
    settings: DeliverySettings,
    limits: Limits,
    acceptance: Acceptance,
    accounts: Accounts,
    prices: Prices,
) -> Worker:
    """Returns the worker with everything its passes need."""
    database, clock, fallbacks = accounts.database, acceptance.clock, Fallbacks(acceptance)
    urls = PublicUrls(settings.public_base_url)
    policy = RetryPolicy(settings.max_retry_attempts, timedelta(milliseconds=settings.retry_delay_ms))
    signer = TokenSigner(settings.token_keys)
    tools = Tools(
        adapters=accounts.adapters,
        prices=prices,
        rates=limits.rates,
        policy=policy,
        clock=clock,
        hash_keys=settings.hash_keys,
        signer=signer,
        urls=urls,
        zones=BillingZones(database, settings.default_zone),
        default_zone=settings.default_zone,
        unknown_recheck=timedelta(seconds=settings.unknown_recheck_seconds),
    )
    deps = Deps(
        database=database,
        clock=clock,
        envelope=accounts.envelope,
        templates=acceptance.templates,
        compliance=acceptance.compliance,
        limits=limits,
        renderer=Renderer(
            Tracking(Links(database, signer, clock, settings.public_base_url)),
            urls,
            settings.default_zone,
            acceptance.media,
            allow_http=settings.environment == "development",
        ),
        keeper=Keeper(accounts.envelope),
        sending=Sending(tools),
        recorder=Recorder(database, clock, accounts.circuits, fallbacks),
        fallbacks=fallbacks,
        leases=Leases(database, settings.lease),
        enabled_channels=settings.enabled_channels,
        default_zone=settings.default_zone,
        unknown_recheck=timedelta(seconds=settings.unknown_recheck_seconds),
    )
    return Worker(deps, settings.capacities, timedelta(milliseconds=settings.poll_ms), settings.stands_in)
