"""Use cases of intake: events are stored block by block, read, and handled again (CAM-71, CAM-72)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.intake import door, keys, store
from services.campaign.intake.catalogue import SECRET_FIELDS
from services.campaign.intake.domain import (
    NONCE_KEPT,
    Aggregate,
    InvalidEventStateError,
    Outcome,
    ReplayedRequestError,
    Result,
    State,
)
from services.campaign.intake.door import Admitted, Refused, Terms
from services.campaign.intake.sealing import Vault
from services.campaign.intake.steps import EVERY_TYPE, Step
from services.campaign.intake.store import Filter, New, Stored
from services.campaign.tenants import handlers as tenants
from services.common import audit, telemetry
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.privacy import mask_email, mask_phone

WAKE: Final = "inbound"
_NONCES_AT_ONCE: Final = 20

_SECRET: Final = re.compile(r"(token|secret|password|passcode|credential)s?$", re.IGNORECASE)
"""Names under which events that no catalogue knows may carry what nobody should see."""

_taken = telemetry.counter(
    "inbound_events", "Events of neighbours by what was done with them.", ["state", "reason"]
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The key and nonce of a signed request."""

    key_id: str
    nonce: UUID


class Intake:
    """Stores what neighbours tell; each block in one transaction."""

    def __init__(self, database: Database, vault: Vault, steps: Sequence[Step]) -> None:
        self._database = database
        self._vault = vault
        self._wanted = frozenset().union(*(step.types for step in steps))

    async def ingest(
        self, tenant_id: UUID, given: Sequence[Any], signature: Signature | None = None
    ) -> list[Result]:
        """Stores the events of a block that can be taken, and returns what became of each.

        Raises:
            IntakeKeyRefusedError: The key of a signed request does not hold.
            ReplayedRequestError: Its nonce was used; nothing is stored.
        """
        async with self._database.tenant(tenant_id) as uow:
            await tenants.refuse_closed(uow)
            terms = await self._terms(uow, tenant_id, signature)
            found = [door.admit(one, terms) for one in given]
            admitted = {one.event_id: one for one in reversed(found) if isinstance(one, Admitted)}
            new = await self._store(uow, list(admitted.values()), signature.key_id if signature else "")
        results: list[Result] = []
        for one in found:
            if isinstance(one, Refused):
                results.append(Result(one.event_id, Outcome.REJECTED, one.reason, one.violations))
                continue
            outcome = Outcome.ACCEPTED if one.event_id in new else Outcome.DUPLICATE
            new.discard(one.event_id)
            results.append(Result(str(one.event_id), outcome))
        for result in results:
            _taken.labels(result.outcome.name.lower(), result.reason).inc()
        return results

    def follows(self, canonical: str, *, is_known: bool, is_internal: bool) -> bool:
        """Returns whether any step wants events of a type."""
        if is_internal:
            return False
        return bool(EVERY_TYPE & self._wanted) or (is_known and canonical in self._wanted)

    async def _terms(self, uow: UnitOfWork, tenant_id: UUID, signature: Signature | None) -> Terms:
        if signature is None:
            return Terms(tenant_id)
        key = await keys.signed_with(uow, signature.key_id)
        now = uow.now()
        if not await store.take_nonce(uow, key.key_id, signature.nonce, now + NONCE_KEPT):
            raise ReplayedRequestError("the nonce was used")
        await store.forget_nonces(uow, now, _NONCES_AT_ONCE)
        return Terms(tenant_id, key.source, frozenset(key.types))

    async def _store(self, uow: UnitOfWork, events: Sequence[Admitted], key_id: str) -> set[UUID]:
        if not events:
            return set()
        states = [self._state(one) for one in events]
        packed = [
            without_secrets(one.data) if one.has_secret and state is not State.RECEIVED else one.data
            for one, state in zip(events, states, strict=True)
        ]
        sealed = await self._vault.seal(uow, [one.event_id for one in events], packed)
        people = self._vault.hashes(uow, [one.people for one in events])
        rows = [
            New(
                event_id=one.event_id,
                type=one.type,
                named_type=one.named_type,
                is_known=one.is_known,
                source=one.source,
                version=one.version,
                branch_ref=one.branch_ref,
                aggregate_type=one.aggregate_type,
                aggregate_id=one.aggregate_id,
                sequence=one.sequence,
                correlation_id=one.correlation_id,
                causation_id=one.causation_id,
                fact=one.fact,
                payload=payload,
                has_secret=one.has_secret and state is State.RECEIVED,
                people=hashes,
                state=state,
                occurred_at=one.occurred_at,
            )
            for one, state, payload, hashes in zip(events, states, sealed, people, strict=True)
        ]
        new = await store.insert(uow, rows, key_id)
        await self._queue(uow, [row for row in rows if row.event_id in new])
        return new

    async def _queue(self, uow: UnitOfWork, rows: Iterable[New]) -> None:
        assert uow.tenant_id is not None  # noqa: S101 - events belong to a tenant's unit of work
        waiting = {
            Aggregate(uow.tenant_id, row.aggregate_type, row.aggregate_id)
            for row in rows
            if row.state == State.RECEIVED
        }
        if waiting:
            await store.queue(uow, waiting, uow.now())
            uow.after_commit(lambda: self._database.wake(WAKE))

    def _state(self, one: Admitted) -> State:
        if self.follows(one.type, is_known=one.is_known, is_internal=one.is_internal):
            return State.RECEIVED
        return State.PROCESSED if one.is_known else State.IGNORED

    async def get(self, uow: UnitOfWork, event_id: UUID) -> tuple[Stored, str]:
        """Returns an event and its data as it may be shown; NOT_FOUND when there is none."""
        found = await store.by_id(uow, event_id)
        if found is None:
            raise not_found("inbound event", event_id)
        stored, payload = found
        if payload is None:
            return stored, ""
        [opened] = await self._vault.open(uow, [event_id], [payload])
        return stored, orjson.dumps(shown(orjson.loads(opened))).decode()

    @staticmethod
    async def page(
        uow: UnitOfWork, wanted: Filter, before: tuple[datetime, UUID] | None, limit: int
    ) -> list[Stored]:
        """Returns events, newest first, received before one."""
        return await store.page(uow, wanted, before, limit)

    async def replay(self, uow: UnitOfWork, event_id: UUID) -> Stored:
        """Has a dead event, or one that waits for another try, handled now; what is done of it is not repeated."""
        before = await store.by_id(uow, event_id)
        if before is None:
            raise not_found("inbound event", event_id)
        aggregate = await store.replay(uow, event_id)
        if aggregate is None:
            raise InvalidEventStateError("nothing of the event is left to do")
        await store.queue(uow, [aggregate], uow.now())
        uow.after_commit(lambda: self._database.wake(WAKE))
        await audit.record(
            uow,
            action="inbound_event.replay",
            resource_type="inbound_event",
            resource_id=event_id,
            before={"state": before[0].state.name.lower(), "error": before[0].error},
            after={"type": before[0].type},
        )
        after = await store.by_id(uow, event_id)
        assert after is not None  # noqa: S101 - it was just changed
        return after[0]


def without_secrets(data: bytes) -> bytes:
    """Returns data as JSON without the fields that nobody needs once the event is handled (EVT-47)."""
    found = orjson.loads(data)
    return orjson.dumps({name: value for name, value in found.items() if name not in SECRET_FIELDS})


def shown(data: Any) -> Any:
    """Returns data for operators: addresses masked, tokens left out (GEN-35)."""
    if isinstance(data, list):
        return [shown(one) for one in data]
    if not isinstance(data, Mapping):
        return data
    found = {}
    for name, value in data.items():
        if name in SECRET_FIELDS or _SECRET.search(name):
            continue
        if isinstance(value, str) and "email" in name.lower():
            found[name] = mask_email(value)
        elif isinstance(value, str) and "phone" in name.lower():
            found[name] = mask_phone(value)
        else:
            found[name] = shown(value)
    return found
