"""Use cases of ingestion by call: each event once per id, a bad one by itself (ANA-61, ANA-81)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

import structlog
from google.protobuf.message import DecodeError

from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics import events
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.events import inbox
from services.common.events.payloads import payload_of

log = structlog.get_logger("ingest")

AHEAD: Final = timedelta(minutes=10)
SOURCE: Final = "ingest"


class State(Enum):
    """What became of an event."""

    ACCEPTED = 1
    DUPLICATE = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event, and why it was refused."""

    event_id: str
    state: State
    reason: str = ""


async def ingest(database: Database, tenant_id: UUID, told: Sequence[EventEnvelope]) -> list[Result]:
    """Folds events in, in their order, in one transaction; one that fails is taken out by itself."""
    results: list[Result] = []
    async with database.tenant(tenant_id) as uow:
        now = uow.now()
        for envelope in told:
            reason = problem(envelope, tenant_id, now)
            if reason:
                results.append(Result(envelope.event_id, State.REJECTED, reason))
            else:
                results.append(await _fold(uow, envelope))
    return results


def problem(envelope: EventEnvelope, tenant_id: UUID, now: datetime) -> str:
    """Returns what is wrong with an event; empty when nothing is."""
    if not _is_id(envelope.event_id):
        return "event_id"
    if envelope.type not in events.INGESTED:
        return "type"
    if envelope.tenant_id.lower() != str(tenant_id):
        return "tenant_id"
    if not envelope.HasField("occur_time"):
        return "occur_time"
    if envelope.occur_time.ToDatetime(tzinfo=UTC) > now + AHEAD:
        return "too_far_ahead"
    return ""


async def _fold(uow: UnitOfWork, envelope: EventEnvelope) -> Result:
    try:
        async with uow.savepoint():
            new = await inbox.enter(uow, SOURCE, [UUID(envelope.event_id)], [envelope.type])
            if not new:
                return Result(envelope.event_id, State.DUPLICATE)
            await events.INGESTED[envelope.type](uow, envelope, payload_of(envelope))
    except (DecodeError, LookupError, ValueError):
        return Result(envelope.event_id, State.REJECTED, "payload")
    except Exception as error:
        if is_outage(error):
            raise
        # Whatever a handler raises is this event's failure, not the call's.
        reason = error.reason.lower() if isinstance(error, ServiceError) else "failed"
        log.warning("an event could not be folded in", type=envelope.type, error=type(error).__name__)
        return Result(envelope.event_id, State.REJECTED, reason)
    return Result(envelope.event_id, State.ACCEPTED)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
