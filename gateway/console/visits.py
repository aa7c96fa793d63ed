"""A visit to the console: who came, what they may do, and the pages they are shown."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.clients import ClientAddresses
from gateway.console import permits, reasons, render
from gateway.console.calls import PeopleChannels, Services
from gateway.console.sessions import Session, Sessions
from gateway.console.streams import Streams
from gateway.settings import GatewaySettings
from gateway.webhooks.once import OneTimeTokens
from services.common.clock import Clock
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.rate_windows import RateLimiter

T = TypeVar("T")
_KEY: Final = re.compile(r"^[0-9a-f-]{36}$")


@dataclass(frozen=True)
class Console:
    """Everything the console's routes share; built once in wiring.py."""

    settings: GatewaySettings
    clock: Clock
    clients: ClientAddresses
    limiter: RateLimiter
    tokens: OneTimeTokens
    sessions: Sessions
    channels: PeopleChannels
    services: Services
    streams: Streams


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a call answered; or, in words for people, why it did not."""

    value: T | None = None
    trouble: str = ""
    reason: str = ""
    """The reason word of the trouble, as the contract has it."""


@dataclass(frozen=True)
class Visit:
    """One request of a person who is signed in."""

    request: Request
    console: Console
    session: Session
    fields: dict[str, list[str]] = field(default_factory=dict)
    """What was posted."""

    @property
    def ask(self) -> Services:
        """Returns the services, asked as this person."""
        return self.console.services

    def may(self, call: str) -> bool:
        """Returns whether the person is offered a call."""
        return permits.may(self.session.person, call)

    def path(self, name: str) -> str:
        """Returns an id of the path, empty when it is not there."""
        return str(self.request.path_params.get(name, ""))

    def query(self, name: str) -> str:
        """Returns a parameter of the address, empty when it is not there."""
        return self.request.query_params.get(name, "").strip()

    def posted(self, name: str) -> str:
        """Returns a field of the form, empty when it is not there."""
        return (self.fields.get(name) or [""])[0].strip()

    @property
    def act_key(self) -> str:
        """Returns the idempotency key of a form's act: the same for the same form, however often it is sent."""
        key = self.posted("form_key")
        return key if _KEY.match(key) else str(uuid7())

    async def asked(self, call: str, answer: Awaitable[T]) -> Found[T]:
        """Returns what one part of a page asks for: its trouble is that part's, not the whole page's."""
        if not self.may(call):
            cast("Any", answer).close()
            return Found()
        try:
            return Found(await answer)
        except ServiceError as error:
            if error.reason == "UNAUTHENTICATED":
                raise
            return Found(trouble=reasons.sentence(error), reason=error.reason)

    async def together(self, **parts: Awaitable[Any]) -> dict[str, Any]:
        """Returns the parts of a page, asked for side by side."""
        return dict(zip(parts, await asyncio.gather(*parts.values()), strict=True))

    def page(self, name: str, title: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page with what surrounds it: navigation, who is signed in, what was just done."""
        return render.page(
            name,
            status=status,
            title=title,
            session=self.session,
            person=self.session.person,
            may=self.may,
            here=self.request.url.path,
            form_token=self.console.sessions.form_token(self.session),
            form_key=str(uuid7()),
            told=reasons.told(self.query("told"), self.query("count")),
            **values,
        )


def console_of(request: Request) -> Console:
    """Returns the console a request came to."""
    return cast("Console", request.app.state.console)
