"""Offering passes of tickets that were bought: made by delivery just before the message that links to them leaves."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1.wallet_service_pb2_grpc import WalletServiceStub
from services.campaign.passes import store
from services.common.clock import Clock
from services.common.db.uow import UnitOfWork
from services.common.errors import PASSING, ServiceError
from services.common.rpc.client import Channels

logger = logging.getLogger(__name__)

VARIABLE: Final = "passUrl"
UNSIGNED: Final = timedelta(minutes=1)
"""How long it is taken for granted that delivery signs no passes, once it said so."""

Offer = Mapping[str, Any]
"""What passes.fields.of_purchase returned."""


class Offers:
    """Has delivery make passes; each offer is known by the notice that carries it, so a repeat makes none twice."""

    def __init__(self, channels: Channels, clock: Clock) -> None:
        self._delivery = channels.stub(WalletServiceStub, "delivery")
        self._clock = clock
        self._unsigned_until: datetime | None = None

    async def link(self, offer_id: UUID, contact_id: UUID, offer: Offer) -> str:
        """Returns the link to passes; empty where there are none. ServiceError when it is worth asking again."""
        if not offer["ticket_refs"] or self.is_unsigned:
            return ""
        fields = pb.PassFields(**offer["fields"])
        fields.event_time.FromDatetime(datetime.fromisoformat(offer["event_time"]).astimezone(UTC))
        try:
            answer = await self._delivery.OfferWalletPasses(
                pb.OfferWalletPassesRequest(
                    offer_id=str(offer_id),
                    contact_id=str(contact_id),
                    ticket_refs=offer["ticket_refs"],
                    fields=fields,
                )
            )
        except ServiceError as error:
            if error.reason in PASSING:
                raise
            if error.reason == "PROVIDER_NOT_CONFIGURED":
                self._unsigned_until = self._clock.now() + UNSIGNED
            else:
                logger.warning("delivery makes no passes for notice %s: %s", offer_id, error.reason)
            return ""
        return str(answer.download_url)

    @property
    def is_unsigned(self) -> bool:
        """Returns whether delivery said a moment ago that nobody signs passes."""
        return self._unsigned_until is not None and self._clock.now() < self._unsigned_until


async def still_held(uow: UnitOfWork, contact_id: UUID, offer: Offer) -> dict[str, Any]:
    """Returns an offer without the tickets that its reader has no more."""
    gone, is_called_off = await store.voided(uow, *_about(contact_id, offer))
    held = [] if is_called_off else [one for one in offer["ticket_refs"] if one not in gone]
    return {**offer, "ticket_refs": held}


async def void_again(uow: UnitOfWork, contact_id: UUID, offer: Offer) -> None:
    """Has passes voided again that were made while their ticket went: delivery may have been told too early."""
    await store.repeat(uow, *_about(contact_id, offer))


def _about(contact_id: UUID, offer: Offer) -> tuple[UUID, list[str], str, datetime]:
    bought_at = datetime.fromisoformat(offer["bought_at"])
    return contact_id, list(offer["ticket_refs"]), offer["fields"]["event_ref"], bought_at
