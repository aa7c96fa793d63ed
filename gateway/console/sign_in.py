"""Signing in with a ticket of the command line, and out."""

import os
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.console import guard, reasons, render, tickets
from gateway.console.people import NobodyOfStaff
from gateway.console.sealing import NotSealed
from gateway.console.tickets import Ticket, TicketOver
from gateway.console.visits import Visit, console_of
from gateway.settings import GatewaySettings
from services.common.errors import ServiceError

TRIES_PER_MINUTE: Final = 20
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def is_secure(settings: GatewaySettings) -> bool:
    """Returns whether cookies travel by TLS only: always, but on this machine while it is developed."""
    host = urlsplit(settings.public_base_url).hostname or ""
    is_own = settings.environment in ("development", "test") and host in _LOOPBACK
    return settings.uses_tls or not is_own


async def show(request: Request) -> Response:
    """Shows how one signs in; with a ticket, who would be signed in. Looking uses no ticket up."""
    refused = await guard.too_often(request, "sign-in", TRIES_PER_MINUTE)
    if refused is not None:
        return refused
    text = request.path_params.get("ticket", "")
    if not text:
        return guard.sign_in_first(200)
    found = _read(request, text)
    if not isinstance(found, Ticket):
        return found
    return render.page("sign_in", title="Sign in", ticket=text, person=found.person)


async def submit(request: Request) -> Response:
    """Takes a ticket, once, and begins a session as long as its person's token lasts."""
    console = console_of(request)
    refused = await guard.too_often(request, "sign-in", TRIES_PER_MINUTE)
    if refused is not None:
        return refused
    fields = await guard.form_of(request)
    if fields is None or not guard.is_from_here(request, console):
        return guard.forbidden()
    if is_secure(console.settings) and not console.settings.uses_tls:
        return guard.notice(
            409, "The console needs https", "Nobody signs in where the address of the gateway is not https."
        )
    text = "".join(fields.get("ticket", [])[:1]).strip()
    found = _read(request, text.rpartition("/")[2])
    if not isinstance(found, Ticket):
        return found
    seconds = int((found.expires - console.clock.now()).total_seconds()) + 1
    try:
        # What was never claimed before is claimed by something nobody else can say.
        is_first = await console.tokens.claim(f"console:{found.ticket_id}", os.urandom(16), seconds)
    except ServiceError as error:
        return guard.notice(503, "Not available now", reasons.sentence(error))
    if not is_first:
        return _used_up()
    response = RedirectResponse("/console", status_code=303)
    console.sessions.begin(found, response)
    return response


async def leave(visit: Visit) -> Response:
    """Ends the session, for every copy of its cookie."""
    response = RedirectResponse("/console/sign-in", status_code=303)
    await visit.console.sessions.end(visit.session, response)
    return response


def _read(request: Request, text: str) -> Ticket | HTMLResponse:
    console = console_of(request)
    try:
        return tickets.read(console.settings.token_keys, text, console.clock.now())
    except TicketOver:
        return _used_up()
    except (NotSealed, NobodyOfStaff):
        return guard.notice(404, "This does not sign anybody in", "Ask for a new address: angarium console")


def _used_up() -> HTMLResponse:
    return guard.notice(
        410,
        "This address is used up",
        "It signs in once, within two minutes. Ask for a new one: angarium console",
    )
