"""Passes of tickets that were bought together, and what one link to all of them leads to."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common.contact_data import merged
from services.common.errors import aborted, invalid
from services.common.ids import uuid7
from services.delivery.wallet import convert, sealing, store
from services.delivery.wallet.domain import Kind, Pass, State, ends
from services.delivery.wallet.store import Row
from services.delivery.wallet.wallets import Wallets, note, unconfigured

LINGERS: Final = timedelta(days=366)
"""How long after its event a link is still told from one that never was; the event may be put off so long."""


async def offer(
    deps: Wallets, tenant_id: UUID, request: pb.OfferWalletPassesRequest
) -> pb.OfferWalletPassesResponse:
    """Makes what is missing of an offer and returns its link; what was voided since stays voided."""
    kinds = deps.kinds()
    if not kinds:
        raise unconfigured("any wallet")
    shown = convert.fields(request.fields)
    offer_id, contact_id = UUID(request.offer_id), UUID(request.contact_id)
    async with deps.database.tenant(tenant_id) as uow:
        uow.on_violation("uq_wallet_pass_ticket_ref", lambda: aborted("a pass of a ticket was just made"))
        now = uow.now()
        expires_at, download_expires_at = ends(shown.event_at or now, now)
        if expires_at <= now:
            raise invalid("fields.event_time", "is over for more than a day")
        person = await merged.person(uow, contact_id)
        rows = await store.lock_tickets(uow, request.ticket_refs, kinds)
        known = {(row.kind, row.ticket_ref): row for row in rows}
        for kind in kinds:
            for ticket_ref in request.ticket_refs:
                before = known.get((kind, ticket_ref))
                if before is not None and _stays(before, offer_id, person):
                    continue
                if before is not None and before.state is State.ACTIVE:
                    await store.put(uow, replace(before, offer_id=offer_id))
                    continue
                made = Pass(
                    pass_id=before.pass_id if before else uuid7(),
                    contact_id=contact_id,
                    ticket_ref=ticket_ref,
                    kind=kind,
                    fields=shown,
                    state=State.ACTIVE,
                    version=before.version + 1 if before else 1,
                    issue=before.issue + 1 if before else 1,
                    expires_at=expires_at,
                    download_expires_at=download_expires_at,
                    created_at=before.created_at if before else now,
                    updated_at=now,
                    offer_id=offer_id,
                )
                await store.put(uow, await sealing.sealed(uow, deps.envelope, deps.hash_keys, made))
                await note(uow, "create", made)
        offered = [row for row in await store.of_offer(uow, offer_id) if row.state is State.ACTIVE]
    if not offered:
        return pb.OfferWalletPassesResponse()
    since = min(row.created_at for row in offered)
    return pb.OfferWalletPassesResponse(
        # Of what the offer says alone, so that a repeat gives the same link.
        download_url=deps.offer_url(tenant_id, offer_id, since, expires_at + LINGERS),
        pass_count=len(offered),
    )


async def passes(deps: Wallets, tenant_id: UUID, offer_id: UUID, preferred: int) -> list[Pass]:
    """Returns the passes an offer leads to: of one wallet, those that are good, or else those that are over."""
    async with deps.database.tenant(tenant_id) as uow:
        rows = await store.of_offer(uow, offer_id)
        for state in (State.ACTIVE, State.EXPIRED):
            some = [row for row in rows if row.state is state]
            wanted = {row.kind for row in some}
            kind = Kind(preferred) if preferred in wanted else min(wanted, default=None)
            opened = [await sealing.opened(uow, deps.envelope, row) for row in some if row.kind is kind]
            if found := [one for one in opened if one is not None]:
                return found
    return []


def _stays(row: Row, offer_id: UUID, person: Collection[UUID]) -> bool:
    """Returns whether a pass is left as it is: somebody else's, or of this offer already, whatever became of it."""
    return row.offer_id == offer_id or (row.state is State.ACTIVE and row.contact_id not in person)
