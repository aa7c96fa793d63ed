"""How long events are kept, and what of them is told to and forgotten for a person (GEN-47, CON-51)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.intake import store
from services.campaign.intake.domain import KEPT, SECRETS_KEPT, State
from services.campaign.intake.handlers import without_secrets
from services.campaign.intake.sealing import Vault, array, person_hashes
from services.common.contact_data.person import Erased, Person
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet

_WHO: Final = """
SELECT external_id, email_canonical, phone FROM contact WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s
"""

_FOUND: Final = """
SELECT event_id, type, source, state, occurred_at, received_at, payload FROM inbound_event
WHERE tenant_id = %(tenant_id)s AND people && %(hashes)s::text::bytea[] AND event_id > %(after)s
ORDER BY event_id LIMIT %(limit)s
"""

# The event stays, so that a repeat of it is known; nothing of it names the person any more.
_CUT: Final = """
UPDATE inbound_event SET payload = %(payload)s, people = '{}', fact = 'event/' || event_id,
    aggregate_id = CASE WHEN aggregate_id = %(external_id)s AND state > 2 THEN %(stand_in)s ELSE aggregate_id END
WHERE tenant_id = %(tenant_id)s AND event_id = %(event_id)s
"""

_BLOCK: Final = 200


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes events of a month ago, tokens of dead events, and nonces that ended; a step of the cleanup."""
    events = await store.delete_old(uow, now, KEPT, limit)
    secrets = await store.forget_secrets(uow, now - SECRETS_KEPT, limit)
    return max(events, secrets, await store.forget_nonces(uow, now, limit))


@dataclass(frozen=True, slots=True)
class InboundEvents:
    """The events that name a contact: what is exported of them, and how it is forgotten."""

    encryption_keys: KeySet
    hash_keys: KeySet
    name: str = "inbound_events"

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields what each event says of the contact; of events about many people, their part alone."""
        vault = self._vault()
        who = await self._who(uow, contact_id)
        async for rows in self._found(uow, who):
            yield [await self._told(uow, vault, row, who) for row in rows]

    async def erase(self, uow: UnitOfWork, person: Person) -> Erased:
        """Cuts a person out of events; must come before their contact is cleared, whose addresses find them."""
        vault = self._vault()
        who = await self._who(uow, person.contact_id)
        cut = 0
        async for rows in self._found(uow, who):
            for event_id, _, _, _, _, _, payload in rows:
                sealed = await self._without(uow, vault, event_id, payload, who)
                cut += await uow.execute(
                    _CUT,
                    {
                        "tenant_id": uow.tenant_id,
                        "event_id": event_id,
                        "payload": sealed,
                        "external_id": who.external_id,
                        "stand_in": str(person.tombstone_id),
                    },
                )
        return Erased("inbound_event", anonymized=cut)

    def _vault(self) -> Vault:
        return Vault(Envelope(self.encryption_keys), self.hash_keys)

    async def _who(self, uow: UnitOfWork, contact_id: UUID) -> "_Who":
        row = await uow.fetch_one(_WHO, {"tenant_id": uow.tenant_id, "contact_id": contact_id})
        return _Who(*row) if row else _Who(None, None, None)

    async def _found(self, uow: UnitOfWork, who: "_Who") -> AsyncIterator[list[tuple[Any, ...]]]:
        assert uow.tenant_id is not None  # noqa: S101 - contacts belong to a tenant's unit of work
        hashes = person_hashes(
            self.hash_keys, uow.tenant_id, external_id=who.external_id, email=who.email, phone=who.phone
        )
        after = UUID(int=0)
        while hashes:
            rows = await uow.fetch_all(
                _FOUND,
                {"tenant_id": uow.tenant_id, "hashes": array(hashes), "after": after, "limit": _BLOCK},
            )
            if rows:
                yield rows
            if len(rows) < _BLOCK:
                return
            after = rows[-1][0]

    async def _told(self, uow: UnitOfWork, vault: Vault, row: tuple[Any, ...], who: "_Who") -> str:
        event_id, kind, source, state, occurred_at, received_at, payload = row
        said: Any = None
        if payload is not None:
            [opened] = await vault.open(uow, [event_id], [payload])
            data = orjson.loads(without_secrets(opened))
            parts = list(_parts(data, who))
            is_theirs = isinstance(data.get("person"), dict) and who.is_in(data["person"])
            said = data if is_theirs else parts
        return orjson.dumps(
            {
                "event_id": str(event_id),
                "type": kind,
                "source": source,
                "state": State(state).name.lower(),
                "occurred_at": occurred_at.isoformat(),
                "received_at": received_at.isoformat(),
                "data": said,
            }
        ).decode()

    async def _without(
        self, uow: UnitOfWork, vault: Vault, event_id: UUID, payload: bytes | None, who: "_Who"
    ) -> bytes | None:
        """Returns sealed data without the person; of an event that is about nobody else, nothing."""
        if payload is None:
            return None
        [opened] = await vault.open(uow, [event_id], [payload])
        data = orjson.loads(opened)
        if who.is_in(data) or (isinstance(data.get("person"), dict) and who.is_in(data["person"])):
            return None
        for part in _parts(data, who):
            part.clear()
        [sealed] = await vault.seal(uow, [event_id], [orjson.dumps(data)])
        return sealed


@dataclass(frozen=True, slots=True)
class _Who:
    """What a contact is known by."""

    external_id: str | None
    email: str | None
    phone: str | None

    def is_in(self, part: dict[str, Any]) -> bool:
        """Returns whether an object of data is theirs."""
        email = part.get("email")
        return bool(
            (self.external_id and part.get("user_id") == self.external_id)
            or (self.email and isinstance(email, str) and email.lower() == self.email)
            or (self.phone and part.get("phone") == self.phone)
        )


def _parts(data: Any, who: _Who) -> list[dict[str, Any]]:
    """Returns the objects inside data that are a person's."""
    if isinstance(data, list):
        return [part for one in data for part in _parts(one, who)]
    if not isinstance(data, dict):
        return []
    if who.is_in(data):
        return [data]
    return [part for one in data.values() for part in _parts(one, who)]
