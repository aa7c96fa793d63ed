"""Tickets: the single-use tokens that sign a person in, made where their keys are and good for minutes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from gateway.console.people import Person, person_of
from gateway.console.sealing import Sealer
from services.common.security.keys import KeySet

PURPOSE: Final = "ticket"
VALIDITY: Final = timedelta(minutes=2)
"""How long a ticket may wait to be used."""


class TicketOver(Exception):
    """A ticket of ours whose time has passed."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who is to be signed in, and with which token of theirs."""

    ticket_id: str
    """What is remembered once it is used; a text may be spelled in several ways, its id may not."""
    person: Person
    bearer: str
    expires: datetime


def issue(keys: KeySet, bearer: str, now: datetime, validity: timedelta = VALIDITY) -> str:
    """Returns a ticket for the person of a bearer token.

    The token inside is sealed: a ticket that was used, or whose time passed, is worthless to whoever finds it.

    Raises:
        NobodyOfStaff: The token is not one of a member of staff.
        ValueError: The token is too long for a cookie.
    """
    ends = min(now + validity, person_of(bearer).expires)
    return Sealer(keys, PURPOSE).seal({"id": uuid4().hex, "bearer": bearer, "expires": int(ends.timestamp())})


def read(keys: KeySet, text: str, now: datetime) -> Ticket:
    """Returns what a ticket says; NotSealed when it is none of ours, TicketOver when it came too late."""
    found = Sealer(keys, PURPOSE).open(text)
    ticket = Ticket(
        found["id"],
        person_of(found["bearer"]),
        found["bearer"],
        datetime.fromtimestamp(found["expires"], UTC),
    )
    if now >= ticket.expires:
        raise TicketOver
    return ticket
