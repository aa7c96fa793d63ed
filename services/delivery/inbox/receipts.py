"""What an inbox tells of its messages: delivered once stored, read once marked; told as any provider tells (DEL-96)."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery.accounts.internal import INBOX
from services.delivery.providers import MalformedReceiptError, Receipt, ReceiptKind
from services.delivery.receipts import bodies
from services.delivery.receipts.applier import aad_of_body

_JSON: Final = "application/json"

LATER: Final = timedelta(milliseconds=500)
"""A message is recorded as sent just after its item is stored; what is told of it waits so long."""


async def tell(
    uow: UnitOfWork, envelope: Envelope, kind: ReceiptKind, item_ids: Sequence[UUID], *, later: timedelta
) -> None:
    """Stores what became of items beside the change itself, as one raw body; applying it follows."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    now = uow.now()
    body = orjson.dumps(
        {"kind": kind.value, "at": now.timestamp(), "items": [str(item_id) for item_id in item_ids]}
    )
    batch = bodies.new(uow.tenant_id, INBOX.account_id, INBOX.provider, _JSON, now)
    sealed = await envelope.seal(uow, body, aad_of_body(batch.batch_id))
    await bodies.add(uow, batch, sealed, hashlib.sha256(body).digest(), now + later)


def parse(body: bytes) -> list[Receipt]:
    """Returns the receipts of a body; MalformedReceiptError when an inbox did not write it."""
    try:
        told = orjson.loads(body)
        kind = ReceiptKind(told["kind"])
        at = datetime.fromtimestamp(told["at"], UTC)
        return [Receipt(f"{kind}:{id}", kind, at, UUID(id), id) for id in told["items"]]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedReceiptError(str(error)) from None
