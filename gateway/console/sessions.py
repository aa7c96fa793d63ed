"""Sessions: who is signed in, for how long, and what their forms are bound to.

A session lives in a sealed cookie and ends with the person's token. The store remembers only which sessions were ended
before that, so that a copied cookie is worthless after its owner signed out.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.people import NobodyOfStaff, Person, person_of
from gateway.console.sealing import NotSealed, Sealer
from gateway.console.tickets import Ticket
from services.common.clock import Clock
from services.common.errors import unavailable
from services.common.security.keys import KeySet, derive

_ENDED = "angarium:gateway:console:ended:"


@dataclass(frozen=True)
class Session:
    """One person at one browser."""

    session_id: str
    bearer: str
    expires: datetime

    @cached_property
    def person(self) -> Person:
        """Returns who it is."""
        return person_of(self.bearer)


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, keys: KeySet, redis: Redis, clock: Clock, *, secure: bool) -> None:
        self._sealer = Sealer(keys, "session")
        self._form_keys = [derive(key, "console/form") for _, key in keys]
        self._redis = redis
        self._clock = clock
        self._secure = secure
        # The prefix makes browsers refuse the cookie from another host, another path or without TLS.
        self.cookie = "__Host-angarium_console" if secure else "angarium_console"

    def begin(self, ticket: Ticket, response: Response) -> Session:
        """Begins a session of a ticket's person, as long as their token lasts."""
        session = Session(uuid4().hex, ticket.bearer, ticket.person.expires)
        sealed = self._sealer.seal(
            {
                "id": session.session_id,
                "bearer": session.bearer,
                "expires": int(session.expires.timestamp()),
            }
        )
        self._set(response, sealed, self._seconds_left(session))
        return session

    async def of(self, request: Request) -> Session | None:
        """Returns the session of a request; None without one, or when it is over.

        Raises:
            ServiceError: The store cannot be asked; who may have signed out is not let through.
        """
        session = self._read(request.cookies.get(self.cookie, ""))
        return None if session is None or await self.is_over(session) else session

    async def is_over(self, session: Session) -> bool:
        """Returns whether a session's time has passed or its person signed out; ServiceError without the store."""
        if self._clock.now() >= session.expires:
            return True
        try:
            return bool(await self._redis.exists(_ENDED + session.session_id))
        except (RedisError, OSError):
            raise unavailable("redis") from None

    async def end(self, session: Session, response: Response) -> None:
        """Ends a session everywhere, its copies included; ServiceError without the store."""
        try:
            await self._redis.set(_ENDED + session.session_id, 1, ex=self._seconds_left(session))
        except (RedisError, OSError):
            raise unavailable("redis") from None
        self._set(response, "", 0)

    def form_token(self, session: Session) -> str:
        """Returns what every form of a session carries."""
        return _signed(self._form_keys[0], session)

    def is_form_of(self, session: Session, offered: str) -> bool:
        """Returns whether a form was shown in this session."""
        return any(
            hmac.compare_digest(_signed(key, session).encode(), offered.encode("utf-8", "replace"))
            for key in self._form_keys
        )

    def _read(self, text: str) -> Session | None:
        try:
            found = self._sealer.open(text)
            session = Session(
                found["id"], found["bearer"], datetime.fromtimestamp(int(found["expires"]), UTC)
            )
            _ = session.person
        except (NotSealed, NobodyOfStaff):
            return None
        return session

    def _seconds_left(self, session: Session) -> int:
        return max(1, int((session.expires - self._clock.now()).total_seconds()))

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self.cookie,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )


def _signed(key: bytes, session: Session) -> str:
    return hmac.new(key, session.session_id.encode(), hashlib.sha256).hexdigest()[:40]
