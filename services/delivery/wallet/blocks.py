"""What happens to many passes at once: tickets that change hands, events that are called off or put off."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common import audit
from services.common.contact_data import merged
from services.common.errors import ServiceError
from services.common.masks import apply_mask
from services.delivery.wallet import convert, sealing, store
from services.delivery.wallet.domain import ends
from services.delivery.wallet.wallets import RESOURCE, Wallets, note

VOIDED_AT_ONCE: Final = 500
CHANGED_AT_ONCE: Final = 100
_FIRST: Final = UUID(int=0)


async def void(
    deps: Wallets, tenant_id: UUID, request: pb.VoidWalletPassesRequest
) -> pb.VoidWalletPassesResponse:
    """Voids a block of what an order names."""
    async with deps.database.tenant(tenant_id) as uow:
        holders = await merged.person(uow, UUID(request.contact_id)) if request.contact_id else None
        voided = await store.void_block(uow, request.event_ref, request.ticket_refs, holders, VOIDED_AT_ONCE)
        for pass_id in voided:
            await audit.record(
                uow,
                action="wallet_pass.void",
                resource_type=RESOURCE,
                resource_id=pass_id,
                before={"state": "active"},
                after={"state": "voided", "reason": request.reason},
            )
    return pb.VoidWalletPassesResponse(voided_count=len(voided), has_more=len(voided) == VOIDED_AT_ONCE)


async def update_event(
    deps: Wallets, tenant_id: UUID, request: pb.UpdateEventPassesRequest
) -> pb.UpdateEventPassesResponse:
    """Changes a block of the passes of an event; those that show it already stay as they are."""
    paths = apply_mask(request.update_mask, convert.OF_EVENT)
    after = UUID(request.after_pass_id) if request.after_pass_id else _FIRST
    changed = 0
    async with deps.database.tenant(tenant_id) as uow:
        now = uow.now()
        rows = await store.lock_event(uow, request.event_ref, after, CHANGED_AT_ONCE)
        for row in rows:
            before = await sealing.opened(uow, deps.envelope, row)
            if before is None:
                continue
            shown = convert.merged(before.fields, request.fields, paths)
            if shown == before.fields:
                continue
            expires_at, download_expires_at = ends(shown.event_at or now, now)
            made = replace(
                before,
                fields=shown,
                version=before.version + 1,
                expires_at=expires_at,
                download_expires_at=download_expires_at,
                updated_at=now,
            )
            try:
                sealed = await sealing.sealed(uow, deps.envelope, deps.hash_keys, made)
            except ServiceError as error:
                if error.reason != "NOT_FOUND":
                    raise
                # Its holder is being forgotten, and it with them.
                continue
            await store.put(uow, sealed)
            await note(uow, "update", made)
            changed += 1
    return pb.UpdateEventPassesResponse(
        updated_count=changed,
        next_pass_id=str(rows[-1].pass_id) if len(rows) == CHANGED_AT_ONCE else "",
    )
