"""What holds messages back: a campaign, a run or all marketing on hold, and paused lanes (DEL-26, DEL-45)."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.delivery.messages.domain import MessageClass

_NOW: Final = "SELECT scope, subject_id, reason, held_at FROM message_hold WHERE tenant_id = %s"

_LANES: Final = "SELECT lane, reason, changed_at FROM lane_control WHERE tenant_id = %s"

_BEGIN: Final = """
INSERT INTO hold_record (tenant_id, hold_id, scope, subject_id, reason, held_at, held_by)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""

_END: Final = """
UPDATE hold_record SET released_at = %s, released_by = %s
WHERE tenant_id = %s AND scope = %s AND subject_id = %s AND released_at IS NULL
"""

_WERE: Final = """
SELECT reason, held_at, held_by, released_at, coalesce(released_by, '') FROM hold_record
WHERE tenant_id = %(tenant_id)s AND (scope, subject_id) IN (
    (1, %(campaign_id)s::uuid), (2, %(run_id)s::uuid), (%(marketing)s, '00000000-0000-0000-0000-000000000000'::uuid))
  AND held_at < %(until)s AND (released_at IS NULL OR released_at > %(since)s)
ORDER BY held_at
"""

_FORGET: Final = """
DELETE FROM hold_record WHERE (tenant_id, hold_id) IN (
    SELECT tenant_id, hold_id FROM hold_record WHERE released_at < %s LIMIT %s)
"""


class Scope(IntEnum):
    """What is held; lanes are paused, not held, and looked at beside the others."""

    CAMPAIGN = 1
    RUN = 2
    MARKETING = 3
    LANE = 4


class Hold(NamedTuple):
    """Since when messages are held back, and why."""

    scope: Scope
    subject_id: UUID | None
    lane: int
    reason: str
    since: datetime


class Held(NamedTuple):
    """One time a message was held back."""

    reason: str
    since: datetime
    by: str
    until: datetime | None
    released_by: str


class Message(Protocol):
    """What of a message tells whether something holds it."""

    @property
    def campaign_id(self) -> UUID | None:
        """Returns its campaign."""

    @property
    def run_id(self) -> UUID | None:
        """Returns its run."""

    @property
    def message_class(self) -> int:
        """Returns its class."""

    @property
    def lane(self) -> int:
        """Returns its lane."""

    @property
    def created_at(self) -> datetime:
        """Returns when it was accepted."""


async def now(uow: UnitOfWork) -> list[Hold]:
    """Returns everything that is held or paused for the tenant, oldest first."""
    held, lanes = await uow.run_together((_NOW, (uow.tenant_id,)), (_LANES, (uow.tenant_id,)))
    found = [Hold(Scope(scope), subject, 0, reason, at) for scope, subject, reason, at in held.rows]
    found += [Hold(Scope.LANE, None, lane, reason, at) for lane, reason, at in lanes.rows]
    return sorted(found, key=lambda one: one.since)


def of(holds: Sequence[Hold], message: Message) -> Hold | None:
    """Returns what holds a message back, the oldest when several do; since its acceptance at the earliest."""
    for one in holds:
        if _holds(one, message):
            return one._replace(since=max(one.since, message.created_at))
    return None


def _holds(one: Hold, message: Message) -> bool:
    match one.scope:
        case Scope.CAMPAIGN:
            return one.subject_id == message.campaign_id
        case Scope.RUN:
            return one.subject_id == message.run_id
        case Scope.MARKETING:
            return message.message_class == MessageClass.MARKETING
        case Scope.LANE:
            return one.lane == message.lane


def begin(uow: UnitOfWork, scope: int, subject: UUID, reason: str, by: str) -> None:
    """Notes that a hold began, for the history of its messages."""
    uow.defer(_BEGIN, (uow.tenant_id, uuid7(), scope, subject, reason, uow.now(), by))


def end(uow: UnitOfWork, scope: int, subject: UUID, by: str) -> None:
    """Notes that a hold ended."""
    uow.defer(_END, (uow.now(), by, uow.tenant_id, scope, subject))


async def were(uow: UnitOfWork, message: Message, until: datetime) -> list[Held]:
    """Returns the holds that a message saw until it left or ended, oldest first."""
    rows = await uow.fetch_all(
        _WERE,
        {
            "tenant_id": uow.tenant_id,
            "campaign_id": message.campaign_id,
            "run_id": message.run_id,
            "marketing": 3 if message.message_class == MessageClass.MARKETING else 0,
            "since": message.created_at,
            "until": until,
        },
    )
    return [Held(*row) for row in rows]


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes holds that ended before an instant; returns how many there were."""
    return await uow.execute(_FORGET, (before, limit))
