"""Calls that automations ask for: kept sealed with their person's key until they are made, and told of when they end.

Calls of one address belong to one subscription of the tenant, which hears no events: secret, health and fairness are those
of any other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from yarl import URL

from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import webhook_service_pb2 as pb
from services.common import objects
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, failed, invalid, invalid_many
from services.common.events.event import Event
from services.common.ids import uuid7
from services.common.net.guard import Guard, UnsafeUrl
from services.common.rpc.context import current_caller
from services.common.security.envelope import Envelope, KeyGoneError, SealedValueError
from services.common.security.keys import KeySet
from services.delivery.webhooks import domain, store
from services.delivery.webhooks.catalogue import body
from services.delivery.webhooks.domain import CALL, MOST_SUBSCRIPTIONS, State
from services.delivery.webhooks.queue import Body, Done, Due
from services.delivery.webhooks.sealing import Vault
from services.delivery.webhooks.signing import SigningKeys
from services.delivery.webhooks.store import Subscription

log = structlog.get_logger("webhooks")

MOST_BYTES: Final = 64 * 1024
_PLACE: Final = b"webhook_call"
_HEADERS: Final = b"webhook_call_headers"
_OURS: Final = "authorization"

_KNOWN: Final = "SELECT subscription_id FROM webhook_delivery WHERE tenant_id = %s AND event_id = %s"
_BY_URL: Final = """
SELECT subscription_id, is_enabled FROM webhook_subscription
WHERE tenant_id = %s AND url = %s AND is_called AND deleted_at IS NULL
"""
_CALLED: Final = (
    "UPDATE webhook_subscription SET is_called = true WHERE tenant_id = %s AND subscription_id = %s"
)
_PUT_EVENT: Final = """
INSERT INTO webhook_event (tenant_id, event_id, type, occurred_at, body, contact_id, headers, created_at)
VALUES (%s, %s, %s, %s, %b, %s, %b, %s)
"""
_PUT_DELIVERY: Final = """
INSERT INTO webhook_delivery (
    tenant_id, delivery_id, subscription_id, event_id, event_type, state, attempts, next_attempt_at, response_status,
    response_excerpt, latency_ms, last_error, occurred_at, created_at)
VALUES (%s, %s, %s, %s, %s, 1, 0, %s, 0, '', 0, '', %s, %s)
"""


class RequestedCalls:
    """Keeps calls while they wait to be made."""

    def __init__(self, envelope: Envelope, vault: Vault, guard: Guard, hash_keys: KeySet) -> None:
        self._envelope = envelope
        self._vault = vault
        self._guard = guard
        self._hash_keys = hash_keys

    async def ask(self, uow: UnitOfWork, request: pb.CallWebhookRequest) -> tuple[UUID, bool]:
        """Has a partner called once; returns the subscription, and whether the call was known."""
        self._check(request)
        call_id, now = UUID(request.call_id), uow.now()
        subscription_id, is_enabled = await self._subscription(uow, request.url)
        # The subscription is locked by now: of two equal requests the second finds what the first wrote.
        known = await uow.fetch_value(_KNOWN, (uow.tenant_id, call_id))
        if known is not None:
            return known, True
        if not is_enabled:
            raise failed("CHANNEL_DISABLED", "the subscription of this address is disabled")
        contact_id = UUID(request.contact_id)
        ring = await person_keys.keyring(uow, self._hash_keys, [contact_id])
        if contact_id not in ring.secrets:
            raise failed("CONTACT_ERASED", "contact was erased")
        occurred_at = request.occur_time.ToDatetime(tzinfo=UTC) if request.HasField("occur_time") else now
        sent = self._body(uow, request, call_id, occurred_at)
        sealed = person_keys.seal(ring.secrets[contact_id], sent, _PLACE + call_id.bytes)
        stored = await self._envelope.seal(uow, sealed, _PLACE + call_id.bytes)
        headers = (
            await self._envelope.seal(uow, orjson.dumps(dict(request.headers)), _HEADERS + call_id.bytes)
            if request.headers
            else None
        )
        await uow.execute(
            _PUT_EVENT, (uow.tenant_id, call_id, CALL, occurred_at, stored, contact_id, headers, now)
        )
        await uow.execute(
            _PUT_DELIVERY,
            (uow.tenant_id, uuid7(), subscription_id, call_id, CALL, now, occurred_at, now),
        )
        return subscription_id, False

    async def open(
        self, uow: UnitOfWork, due: Sequence[Due], found: Mapping[UUID, Body]
    ) -> dict[UUID, tuple[dict[str, str], bytes]]:
        """Returns headers and text of calls; those about erased people are not there."""
        opened: dict[UUID, tuple[dict[str, str], bytes]] = {}
        for one in due:
            known = found.get(one.event_id)
            if known is None or known.contact_id is None:
                continue
            try:
                opened[one.event_id] = await self._opened(uow, one, known, known.contact_id)
            except KeyGoneError:
                continue
            except SealedValueError:
                # It holds nobody else's back.
                log.exception("a call cannot be opened", tenant_id=str(one.tenant_id))
        return opened

    async def _opened(
        self, uow: UnitOfWork, one: Due, known: Body, contact_id: UUID
    ) -> tuple[dict[str, str], bytes]:
        place = _PLACE + one.event_id.bytes
        secret = await _secret(uow, one.tenant_id, contact_id)
        packed = await self._envelope.open(uow, known.body, place, tenant_id=one.tenant_id)
        text = person_keys.unseal(secret, packed, place)
        headers: dict[str, str] = {}
        if known.headers is not None:
            sealed = _HEADERS + one.event_id.bytes
            headers = orjson.loads(
                await self._envelope.open(uow, known.headers, sealed, tenant_id=one.tenant_id)
            )
        return headers, text

    def settle(self, uow: UnitOfWork, settled: Sequence[tuple[Due, Done]]) -> None:
        """Tells what became of calls that ended."""
        for due, done in settled:
            if due.event_type != CALL or done.state not in (State.DELIVERED, State.FAILED):
                continue
            payload = events.WebhookCallSettled(
                call_id=str(due.event_id),
                webhook_subscription_id=str(due.subscription_id),
                is_delivered=done.state == State.DELIVERED,
                attempt_count=done.attempts,
                response_status=done.status,
                error_class=done.error,
            )
            uow.emit(
                Event(
                    "webhook.call_settled",
                    "webhook_call",
                    str(due.event_id),
                    payload,
                    tenant_id=due.tenant_id,
                )
            )

    def _check(self, request: pb.CallWebhookRequest) -> None:
        try:
            self._guard.check_url(request.url)
        except UnsafeUrl as error:
            raise invalid("url", str(error), reason="UNSAFE_URL") from None
        wrong = domain.header_problems(request.headers)
        wrong += [
            ("headers", "Authorization is not taken") for name in request.headers if name.lower() == _OURS
        ]
        if wrong:
            raise invalid_many([Violation(place, text) for place, text in wrong])

    async def _subscription(self, uow: UnitOfWork, url: str) -> tuple[UUID, bool]:
        """Returns the subscription of an address, made when there is none; nobody makes another before the commit."""
        count = await store.count_locked(uow)
        row = await uow.fetch_one(_BY_URL, (uow.tenant_id, url))
        if row is not None:
            return row[0], row[1]
        if count >= MOST_SUBSCRIPTIONS:
            raise invalid("url", f"a tenant has at most {MOST_SUBSCRIPTIONS} subscriptions")
        assert uow.tenant_id is not None  # noqa: S101 - subscriptions belong to a tenant
        keys, id = SigningKeys.make(), uuid7()
        made = Subscription(
            tenant_id=uow.tenant_id,
            subscription_id=id,
            name=f"Automations: {URL(url).host}"[:100],
            url=url,
            events=[],
            secret=await self._vault.seal_keys(uow, id, keys),
            public_key=keys.public_key,
            created_by=current_caller().subject,
            created_at=uow.now(),
        )
        await store.insert(uow, made)
        await uow.execute(_CALLED, (uow.tenant_id, id))
        return id, True

    def _body(
        self, uow: UnitOfWork, request: pb.CallWebhookRequest, call_id: UUID, occurred_at: datetime
    ) -> bytes:
        data: dict[str, Any] = objects.plain(request.data)
        sent = body(call_id, CALL, occurred_at, str(uow.tenant_id), data)
        if len(sent) > MOST_BYTES:
            raise invalid("data", "at most 64 KB as JSON")
        return sent


async def _secret(uow: UnitOfWork, tenant_id: UUID, contact_id: UUID) -> bytes | None:
    found: bytes | None = await uow.fetch_value(
        "SELECT uuid_send(secret) FROM person_key WHERE tenant_id = %s AND contact_id = %s",
        (tenant_id, contact_id),
    )
    return found
