"""What of a subscription is sealed: the keys that sign its calls, and the headers that go with them (DEL-13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery.webhooks.signing import SigningKeys
from services.delivery.webhooks.store import Subscription

_SECRET: Final = b"webhook_secret"
_HEADERS: Final = b"webhook_headers"


class Vault:
    """Seals and opens the secrets of subscriptions."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope

    async def seal_keys(self, uow: UnitOfWork, subscription_id: UUID, keys: SigningKeys) -> bytes:
        """Returns signing keys, sealed for their subscription."""
        return await self._envelope.seal(uow, keys.pack(), _SECRET + subscription_id.bytes)

    async def seal_headers(
        self, uow: UnitOfWork, subscription_id: UUID, headers: Mapping[str, str]
    ) -> bytes | None:
        """Returns headers, sealed for their subscription; None when there are none."""
        if not headers:
            return None
        return await self._envelope.seal(uow, orjson.dumps(dict(headers)), _HEADERS + subscription_id.bytes)

    async def keys(self, uow: UnitOfWork, one: Subscription, now: datetime) -> list[SigningKeys]:
        """Returns what signs the calls of a subscription now: its keys, and those before them for a day."""
        sealed = [one.secret]
        if one.previous_until is not None and one.previous_until > now:
            sealed.append(one.previous_secret)
        place = _SECRET + one.subscription_id.bytes
        opened = await self._envelope.open_many(
            uow, [value for value in sealed if value is not None], place, tenant_id=one.tenant_id
        )
        return [SigningKeys.unpack(packed) for packed in opened]

    async def headers(self, uow: UnitOfWork, one: Subscription) -> dict[str, str]:
        """Returns the headers of a subscription."""
        if one.headers is None:
            return {}
        opened = await self._envelope.open(
            uow, one.headers, _HEADERS + one.subscription_id.bytes, tenant_id=one.tenant_id
        )
        found: dict[str, str] = orjson.loads(opened)
        return found
