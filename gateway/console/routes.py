"""The console's routes."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.console import (
    assets,
    campaigns,
    dead_letters,
    explain,
    inbound,
    live,
    overview,
    sign_in,
    spend,
)
from gateway.console.guard import acted, shown

_READ: Final = ["GET", "HEAD"]
_CAMPAIGN: Final = "/console/campaigns/{campaign_id:uuid}"
_EVENT: Final = "/console/events/{event_id:uuid}"
_LETTERS: Final = "/console/dead-letters"


async def _without_slash(_: Request) -> Response:
    """Leads who typed one slash too many to the console; to no host, because a request may name any."""
    return RedirectResponse("/console", status_code=308)


def routes() -> list[BaseRoute]:
    """Returns the routes; whatever changes something is a form of a session, or the sign-in itself."""
    return [
        Route("/console/static/{digest}/{name}", assets.show, methods=_READ),
        Route("/console/sign-in", sign_in.show, methods=_READ),
        Route("/console/sign-in", sign_in.submit, methods=["POST"]),
        Route("/console/sign-in/{ticket}", sign_in.show, methods=_READ),
        Route("/console/sign-out", acted(sign_in.leave), methods=["POST"]),
        Route("/console", shown(overview.show), methods=_READ),
        Route("/console/", _without_slash, methods=_READ),
        Route("/console/lanes/pause", acted(overview.pause_lane), methods=["POST"]),
        Route("/console/lanes/resume", acted(overview.resume_lane), methods=["POST"]),
        Route("/console/providers/reset", acted(overview.close_circuit), methods=["POST"]),
        Route(live.PATH, shown(live.show), methods=["GET"]),
        Route("/console/campaigns", shown(campaigns.show_all), methods=_READ),
        Route(_CAMPAIGN, shown(campaigns.show_one), methods=_READ),
        Route(f"{_CAMPAIGN}/people", shown(campaigns.show_people), methods=_READ),
        Route(f"{_CAMPAIGN}/pause", acted(campaigns.pause), methods=["POST"]),
        Route(f"{_CAMPAIGN}/resume", acted(campaigns.resume), methods=["POST"]),
        Route(f"{_CAMPAIGN}/cancel", acted(campaigns.cancel), methods=["POST"]),
        Route("/console/spend", shown(spend.show), methods=_READ),
        Route("/console/explain", shown(explain.show), methods=_READ),
        Route("/console/explain", acted(explain.what_if), methods=["POST"]),
        Route(_LETTERS, shown(dead_letters.show_all), methods=_READ),
        Route(f"{_LETTERS}/decide", acted(dead_letters.decide), methods=["POST"]),
        Route(f"{_LETTERS}/retry", acted(dead_letters.retry), methods=["POST"]),
        Route(f"{_LETTERS}/retry-all", acted(dead_letters.retry_all), methods=["POST"]),
        Route(f"{_LETTERS}/discard", acted(dead_letters.discard), methods=["POST"]),
        Route(f"{_LETTERS}/{{message_id}}", shown(dead_letters.show_one), methods=_READ),
        Route("/console/events", shown(inbound.show_all), methods=_READ),
        Route(_EVENT, shown(inbound.show_one), methods=_READ),
        Route(f"{_EVENT}/replay", acted(inbound.replay), methods=["POST"]),
    ]
