"""Builds the gateway: the only place where its parts are constructed."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp

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
from gateway import health, intake, keys, media, passes, tracking
from gateway.bounces import BounceHandler, BounceListener
from gateway.clients import ClientAddresses
from gateway.console import live, wiring
from gateway.console.routes import routes as console_routes
from gateway.console.streams import Streams
from gateway.door import Door
from gateway.engagement import EngagementRecorder
from gateway.forms import FormTokens
from gateway.intake_keys import IntakeKeys
from gateway.middleware import Patience, Surroundings
from gateway.pages import confirm, feedback, notices, preferences, stop, unsubscribe
from gateway.problems import problem
from gateway.readiness import Readiness
from gateway.settings import GatewaySettings, grpc_targets
from gateway.webhooks.accounts import WebhookAccounts
from gateway.webhooks.certificates import Certificates
from gateway.webhooks.challenges import answer_challenge
from gateway.webhooks.notices import Notices
from gateway.webhooks.once import OneTimeTokens
from gateway.webhooks.receive import receive, receive_twilio
from services.common.clock import Clock, SystemClock
from services.common.rate_windows import RateLimiter
from services.common.rpc.client import Channels

# A scanner may ask with HEAD; the answer is the same without a body.
READ = ["GET", "HEAD"]
REASONS = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "VALIDATION_FAILED"}


def routes() -> list[Route]:
    """Returns the routes of the public door."""
    return [
        Route("/webhooks/{provider}/{account_token}", receive, methods=["POST"]),
        Route("/webhooks/twilio/{account_token}/status", receive_twilio, methods=["POST"]),
        Route("/webhooks/twilio/{account_token}/inbound", receive_twilio, methods=["POST"]),
        Route("/webhooks/{provider}/{account_token}", answer_challenge, methods=READ),
        Route("/v1/events", intake.receive, methods=["POST"]),
        Route("/track/open/{token}", tracking.open_pixel, methods=READ),
        Route("/track/click/{token}", tracking.click_redirect, methods=READ),
        Route("/l/{token}", tracking.click_redirect, methods=READ),
        Route("/unsubscribe/{token}", unsubscribe.show, methods=READ),
        Route("/unsubscribe/{token}", unsubscribe.submit, methods=["POST"]),
        Route("/preferences/{token}", preferences.show, methods=READ),
        Route("/preferences/{token}", preferences.submit, methods=["POST"]),
        Route("/consent/confirm/{token}", confirm.show, methods=READ),
        Route("/consent/confirm/{token}", confirm.submit, methods=["POST"]),
        Route("/stop/{token}", stop.show, methods=READ),
        Route("/stop/{token}", stop.submit, methods=["POST"]),
        Route("/feedback/{token}", feedback.show, methods=READ),
        Route("/feedback/{token}", feedback.submit, methods=["POST"]),
        Route("/media/{token}", media.show, methods=READ),
        Route("/passes/{token}", passes.fetch, methods=READ),
        Route("/.well-known/jwks.json", keys.show, methods=READ),
        Route("/health", health.live, methods=READ),
        Route("/health/ready", health.ready, methods=READ),
        Route("/health/db", health.ready, methods=READ),
    ]


def build(
    settings: GatewaySettings, *, clock: Clock | None = None, streams: Streams | None = None
) -> ASGIApp:
    """Returns the application; its lifespan opens and closes everything it holds but the `streams` it opens."""
    more: list[BaseRoute] = console_routes() if settings.enable_console else []
    app = Starlette(
        routes=[*routes(), *more],
        exception_handlers={HTTPException: _http_problem, Exception: _failed},
        lifespan=_lifespan(settings, clock or SystemClock(), streams or Streams()),
    )
    # It would be made of the host the request names (GAT-27), and no link of ours ends in a slash.
    app.router.redirect_slashes = False
    patience = Patience(settings.request_seconds, settings.body_seconds)
    return Surroundings(app, patience, uses_tls=settings.uses_tls, endless=frozenset({live.PATH}))


def _lifespan(
    settings: GatewaySettings, clock: Clock, streams: Streams
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        channels = Channels(settings, name="gateway")
        redis = Redis.from_url(settings.redis_url)
        receipts = channels.stub(ReceiptServiceStub, "delivery")
        events = channels.stub(EventIntakeServiceStub, "campaign")
        certificates = Certificates(clock, settings.proxy)
        door = Door(
            settings=settings,
            clock=clock,
            clients=ClientAddresses(settings.trusted_proxies, settings.trusted_hops),
            limiter=RateLimiter(
                redis,
                "gateway",
                window_ms=settings.rate_limit_window_ms,
                enabled=settings.enable_rate_limiting,
            ),
            engagement=EngagementRecorder(receipts, linger_ms=settings.engagement_linger_ms),
            accounts=WebhookAccounts(receipts),
            tokens=OneTimeTokens(redis),
            notices=Notices(certificates, clock, production=settings.production),
            receipts=receipts,
            templates=channels.stub(WhatsAppTemplateServiceStub, "campaign"),
            intake=events,
            intake_keys=IntakeKeys(events, clock),
            preferences=channels.stub(PreferenceServiceStub, "consent"),
            suppressions=channels.stub(SuppressionServiceStub, "consent"),
            consents=channels.stub(ConsentServiceStub, "consent"),
            ledger=channels.stub(LedgerServiceStub, "consent"),
            media=channels.stub(MediaServiceStub, "delivery"),
            wallets=channels.stub(WalletServiceStub, "delivery"),
            feedback=channels.stub(FeedbackServiceStub, "campaign"),
            forms=FormTokens(settings.token_keys),
            readiness=Readiness(grpc_targets(settings)),
        )
        app.state.door = door
        async with AsyncExitStack() as stack:
            for close in (redis.aclose, channels.close, door.readiness.close, certificates.close):
                stack.push_async_callback(close)
            stack.push_async_callback(door.engagement.drain, settings.shutdown_grace_seconds)
            if settings.bounce_address:
                bounces = BounceListener(settings.bounce_address, BounceHandler(receipts, clock))
                await bounces.start()
                stack.push_async_callback(bounces.stop)
            app.state.console = await stack.enter_async_context(
                wiring.opened(settings, clock, redis, door.clients, door.limiter, streams)
            )
            yield

    return lifespan


async def _http_problem(request: Request, error: Exception) -> Response:
    """Answers an unknown route or a wrong method, for people by a page and for machines by JSON."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 405:
        headers["Allow"] = ", ".join(_methods(request))
    if status in (404, 405) and "text/html" in request.headers.get("accept", ""):
        answer = notices.not_found(request, status)
        answer.headers.update(headers)
        return answer
    return problem(status, REASONS.get(status, "INTERNAL"), headers=headers)


def _methods(request: Request) -> list[str]:
    """Returns the methods of all routes at a path; the framework names those of the first."""
    at_path = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in at_path for method in route.methods})


async def _failed(request: Request, _: Exception) -> Response:
    """Answers what nobody foresaw; it is logged where it is caught last, and nothing of it is told."""
    if "text/html" in request.headers.get("accept", ""):
        return notices.try_again(request, 500)
    return problem(500, "INTERNAL")
