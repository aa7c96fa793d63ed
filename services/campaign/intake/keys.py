"""Keys that neighbours sign their requests with: made, rotated, revoked, resolved (CAM-73, GAT-26)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.campaign.intake import key_store
from services.campaign.intake.catalogue import CANONICAL, RESTRICTED
from services.campaign.intake.domain import MOST_KEYS, IntakeKey, IntakeKeyRefusedError
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, exhausted, invalid_many, not_found
from services.common.rpc.context import current_caller
from services.common.security.envelope import Envelope

PREFIX: Final = "ingest_"
_ID_PREFIX: Final = "ik_"
_PLACE: Final = b"intake_key"
_USE_NOTED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the gateway checks signatures with."""

    key: IntakeKey
    secrets: tuple[bytes, ...]


async def create(
    uow: UnitOfWork, envelope: Envelope, source: str, types: Sequence[str]
) -> tuple[IntakeKey, str]:
    """Makes a key for a source and returns it with its secret."""
    canonical = _canonical(types)
    if await key_store.count(uow) >= MOST_KEYS:
        raise exhausted("RATE_LIMITED", f"a tenant has at most {MOST_KEYS} keys; revoke one first")
    assert uow.tenant_id is not None  # noqa: S101 - keys belong to a tenant's unit of work
    key_id, secret = _ID_PREFIX + secrets.token_hex(10), _new_secret()
    made = IntakeKey(
        tenant_id=uow.tenant_id,
        key_id=key_id,
        source=source,
        types=canonical,
        secret=await envelope.seal(uow, secret.encode(), _place(key_id)),
        previous_secret=None,
        previous_until=None,
        created_by=current_caller().subject,
        created_at=uow.now(),
    )
    await key_store.insert(uow, made)
    await _audit(uow, "create", made, {"source": source, "event_types": list(made.types)})
    return made, secret


async def rotate(
    uow: UnitOfWork, envelope: Envelope, key_id: str, overlap: timedelta
) -> tuple[IntakeKey, str]:
    """Gives a key a new secret; the one before holds for the overlap, and any older one ends."""
    known = await _known(uow, key_id)
    now, secret = uow.now(), _new_secret()
    until = now + overlap if overlap else None
    changed = replace(
        known,
        secret=await envelope.seal(uow, secret.encode(), _place(key_id)),
        previous_secret=known.secret if until else None,
        previous_until=until,
        rotated_at=now,
    )
    await key_store.save(uow, changed)
    await _audit(uow, "rotate", changed, {"overlap_seconds": int(overlap.total_seconds())})
    return changed, secret


async def revoke(uow: UnitOfWork, key_id: str) -> IntakeKey:
    """Ends a key and destroys its secrets."""
    known = await _known(uow, key_id)
    revoked = replace(known, secret=None, previous_secret=None, previous_until=None, revoked_at=uow.now())
    await key_store.save(uow, revoked)
    await _audit(uow, "revoke", revoked, {"source": revoked.source})
    return revoked


async def page(
    uow: UnitOfWork, *, with_revoked: bool, before: tuple[datetime, str] | None, limit: int
) -> list[IntakeKey]:
    """Returns keys, newest first."""
    return await key_store.page(uow, with_revoked=with_revoked, before=before, limit=limit)


async def resolve(uow: UnitOfWork, envelope: Envelope, key_id: str) -> Resolved:
    """Returns whose key it is and what it signs with; needs a unit of work across tenants."""
    found = await key_store.anybodys(uow, key_id)
    if found is None:
        raise not_found("intake key", "")
    sealed = [found.secret]
    if found.previous_until is not None and found.previous_until > uow.now():
        sealed.append(found.previous_secret)
    else:
        found = replace(found, previous_secret=None, previous_until=None)
    opened = await envelope.open_many(
        uow, [one for one in sealed if one is not None], _place(key_id), tenant_id=found.tenant_id
    )
    return Resolved(found, tuple(opened))


async def signed_with(uow: UnitOfWork, key_id: str) -> IntakeKey:
    """Returns the tenant's key that signed a request, and notes its use; IntakeKeyRefusedError when it does not hold."""
    found = await key_store.own(uow, key_id)
    if found is None:
        raise IntakeKeyRefusedError("the key does not hold")
    key_store.note_use(uow, found, _USE_NOTED)
    return found


async def _known(uow: UnitOfWork, key_id: str) -> IntakeKey:
    found = await key_store.own(uow, key_id, lock=True)
    if found is None:
        raise not_found("intake key", key_id)
    return found


async def _audit(uow: UnitOfWork, action: str, key: IntakeKey, after: dict[str, Any]) -> None:
    await audit.record(
        uow,
        action=f"intake_key.{action}",
        resource_type="intake_key",
        resource_id=key.key_id,
        before=None,
        after=after,
    )


def _canonical(types: Sequence[str]) -> tuple[str, ...]:
    """Returns the canonical types of a key; all that are none are reported together."""
    wrong = [
        Violation(
            f"event_types[{index}]",
            "may not be sent" if one.lower().startswith(RESTRICTED) else "is not a type of the catalogue",
        )
        for index, one in enumerate(types)
        if one not in CANONICAL
    ]
    if wrong:
        raise invalid_many(wrong)
    return tuple(sorted({CANONICAL[one] for one in types}))


def _new_secret() -> str:
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def _place(key_id: str) -> bytes:
    return _PLACE + key_id.encode()
