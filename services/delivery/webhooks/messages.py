"""Messages of channel webhook among what waits for subscriptions: sealed while they wait, told of when they end (DEL-95).

What is written to a person is sealed with the person's own key inside the tenant's seal, so that an erased person's
messages are unreadable here too, and are not sent any more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

import orjson
import structlog

from services.common.contact_data import keys as person_keys
from services.common.db.database import Database
from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s
from services.common.security.envelope import Envelope, KeyGoneError, SealedValueError
from services.delivery.accounts.internal import WEBHOOKS
from services.delivery.providers import MalformedReceiptError, Receipt, ReceiptKind
from services.delivery.receipts import bodies
from services.delivery.receipts.applier import WAKE as WAKE_RECEIPTS
from services.delivery.receipts.applier import aad_of_body
from services.delivery.webhooks import domain
from services.delivery.webhooks.calls import Result
from services.delivery.webhooks.domain import State
from services.delivery.webhooks.queue import Body, Due

log = structlog.get_logger("webhooks")

ERASED: Final = "contact_erased"
UNKNOWN: Final = "unknown_subscription"
DISABLED: Final = "subscription_disabled"

_PLACE: Final = b"webhook_message"
_OPEN, _PERSONAL = b"\x00", b"\x01"

_SUBSCRIPTIONS: Final = """
SELECT subscription_id, is_enabled FROM webhook_subscription
WHERE tenant_id = %s AND subscription_id = ANY (%b::uuid[]) AND deleted_at IS NULL
"""

_PEOPLE: Final = """
SELECT m.tenant_id, m.message_id, m.contact_id, uuid_send(k.secret)
FROM unnest(%b::uuid[], %b::uuid[]) AS wanted (tenant_id, message_id)
JOIN message m ON m.tenant_id = wanted.tenant_id AND m.message_id = wanted.message_id
LEFT JOIN person_key k ON k.tenant_id = m.tenant_id AND k.contact_id = m.contact_id
WHERE m.message_id = ANY (%b::uuid[])
"""

_PUT_EVENTS: Final = f"""
INSERT INTO webhook_event (tenant_id, event_id, type, occurred_at, body, message_id, created_at)
SELECT %s, message_id, %s, %s, body, message_id, %s FROM {unnest({"message_id": "uuid", "body": "bytea"})}
ON CONFLICT (tenant_id, event_id) DO NOTHING
"""  # noqa: S608 - constants

_PUT_DELIVERIES: Final = f"""
INSERT INTO webhook_delivery (
    tenant_id, delivery_id, subscription_id, event_id, event_type, state, attempts, next_attempt_at, response_status,
    response_excerpt, latency_ms, last_error, occurred_at, created_at)
SELECT %s, delivery_id, subscription_id, message_id, %s, 1, 0, %s, 0, '', 0, '', %s, %s
FROM {unnest({"delivery_id": "uuid", "subscription_id": "uuid", "message_id": "uuid"})}
ON CONFLICT (tenant_id, subscription_id, event_id) DO NOTHING
"""  # noqa: S608 - constants


class Letter(NamedTuple):
    """A message on its way to a subscription: the bytes that are signed and sent."""

    message_id: UUID
    subscription_id: UUID
    body: bytes


class Settled(NamedTuple):
    """What came of a delivery that holds a message."""

    due: Due
    state: int
    result: Result
    message_id: UUID


class MessageBodies:
    """Keeps messages while they wait for their subscription."""

    def __init__(self, database: Database, envelope: Envelope) -> None:
        self._database = database
        self._envelope = envelope

    async def put(self, uow: UnitOfWork, letters: Sequence[Letter]) -> dict[UUID, str]:
        """Has messages wait for their subscriptions, each once; returns why some cannot, by message."""
        known = dict(
            await uow.fetch_all(_SUBSCRIPTIONS, (uow.tenant_id, [one.subscription_id for one in letters]))
        )
        refused = {
            one.message_id: DISABLED if one.subscription_id in known else UNKNOWN
            for one in letters
            if not known.get(one.subscription_id)
        }
        going = [one for one in letters if one.message_id not in refused]
        people = await _people(uow, [(uow.tenant_id, one.message_id) for one in going])
        packed: list[tuple[Letter, bytes]] = []
        for one in going:
            contact_id, secret = people.get(one.message_id, (None, None))
            if contact_id is None:
                packed.append((one, _OPEN + one.body))
            elif secret is None:
                refused[one.message_id] = ERASED
            else:
                packed.append((one, _PERSONAL + person_keys.seal(secret, one.body, _place(one.message_id))))
        if packed:
            await self._store(uow, packed)
        return refused

    async def open(
        self, uow: UnitOfWork, due: Sequence[Due], found: Mapping[UUID, Body]
    ) -> dict[UUID, bytes]:
        """Returns what is sent, by event: events as they are stored, messages opened; those of erased people are not there."""
        texts = {
            id: one.body for id, one in found.items() if one.message_id is None and one.contact_id is None
        }
        sealed: dict[UUID, set[UUID]] = {}
        for one in due:
            if one.event_id in found and found[one.event_id].message_id is not None:
                sealed.setdefault(one.tenant_id, set()).add(one.event_id)
        people = await _people(uow, [(tenant, id) for tenant, ids in sealed.items() for id in ids])
        for tenant_id, ids in sealed.items():
            for id, packed in await self._opened(uow, tenant_id, {id: found[id].body for id in sorted(ids)}):
                _, secret = people.get(id, (None, None))
                try:
                    texts[id] = (
                        person_keys.unseal(secret, packed[1:], _place(id))
                        if packed[:1] == _PERSONAL
                        else packed[1:]
                    )
                except KeyGoneError:
                    continue
        return texts

    async def _opened(
        self, uow: UnitOfWork, tenant_id: UUID, sealed: Mapping[UUID, bytes]
    ) -> list[tuple[UUID, bytes]]:
        """Returns what can be opened: one that cannot holds nobody else's back."""
        places = [_place(id) for id in sealed]
        try:
            opened = await self._envelope.open_many(uow, list(sealed.values()), places, tenant_id=tenant_id)
            return list(zip(sealed, opened, strict=True))
        except SealedValueError:
            if len(sealed) == 1:
                log.exception("a message to a subscription cannot be opened", tenant_id=str(tenant_id))
                return []
        parts = [await self._opened(uow, tenant_id, {id: body}) for id, body in sealed.items()]
        return [one for part in parts for one in part]

    async def settle(self, uow: UnitOfWork, settled: Sequence[Settled]) -> None:
        """Tells what became of messages, as any provider tells; applying it follows."""
        final: defaultdict[UUID, list[Settled]] = defaultdict(list)
        for one in settled:
            if one.state in (State.DELIVERED, State.FAILED):
                final[one.due.tenant_id].append(one)
        for tenant_id, told in final.items():
            body = orjson.dumps([_told(one) for one in told])
            batch = bodies.new(
                tenant_id, WEBHOOKS.account_id, WEBHOOKS.provider, "application/json", uow.now()
            )
            sealed = await self._envelope.seal(uow, body, aad_of_body(batch.batch_id), tenant_id=tenant_id)
            await bodies.add(uow, batch, sealed, hashlib.sha256(body).digest(), uow.now())
        if final:
            uow.after_commit(lambda: self._database.wake(WAKE_RECEIPTS))

    async def _store(self, uow: UnitOfWork, packed: Sequence[tuple[Letter, bytes]]) -> None:
        ids = [one.message_id for one, _ in packed]
        sealed = await self._envelope.seal_many(uow, [body for _, body in packed], [_place(id) for id in ids])
        now = uow.now()
        uow.defer(_PUT_EVENTS, (uow.tenant_id, domain.MESSAGE, now, now, ids, sealed))
        rows = [
            (id, one.subscription_id, one.message_id)
            for id, (one, _) in zip(uuid7s(len(packed)), packed, strict=True)
        ]
        uow.defer(_PUT_DELIVERIES, (uow.tenant_id, domain.MESSAGE, now, now, now, *columns(rows, 3)))


async def _people(
    uow: UnitOfWork, messages: Sequence[tuple[UUID | None, UUID]]
) -> dict[UUID, tuple[UUID | None, bytes | None]]:
    """Returns whom messages are for, and the secrets of those who were not erased."""
    if not messages:
        return {}
    rows = await uow.fetch_all(_PEOPLE, (*columns(messages, 2), [id for _, id in messages]))
    return {message_id: (contact_id, secret) for _, message_id, contact_id, secret in rows}


def _place(message_id: UUID) -> bytes:
    return _PLACE + message_id.bytes


# What is told of them


def _told(one: Settled) -> dict[str, object]:
    delivered = one.state == State.DELIVERED
    return {
        "id": f"{one.due.delivery_id}:{one.result.at.timestamp()}",
        "kind": (ReceiptKind.DELIVERED if delivered else ReceiptKind.FAILED).value,
        "message_id": str(one.message_id),
        "at": one.result.at.timestamp(),
        "code": "" if delivered else f"http_{one.result.status}" if one.result.status else one.result.error,
    }


def parse(body: bytes) -> list[Receipt]:
    """Returns the receipts of a body; MalformedReceiptError when it was not written here."""
    try:
        return [
            Receipt(
                provider_event_id=str(one["id"]),
                kind=ReceiptKind(one["kind"]),
                occurred_at=datetime.fromtimestamp(one["at"], UTC),
                message_id=UUID(one["message_id"]),
                provider_message_id=str(one["message_id"]),
                code=str(one["code"]),
            )
            for one in orjson.loads(body)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedReceiptError(str(error)) from None
