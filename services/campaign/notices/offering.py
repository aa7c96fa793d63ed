"""Notices of purchases: the passes they offer are made just before they leave, so that they can lead to them."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from services.campaign.notices.store import Due
from services.campaign.passes.offers import VARIABLE, Offers, still_held, void_again
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Offers under way at once."""


class Offering:
    """Puts links to passes into notices; where there are none, what the notice says already stays."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._offers = Offers(channels, database.clock)

    async def fill(
        self,
        tenant_id: UUID,
        due: Sequence[Due],
        opened: Sequence[dict[str, Any] | None],
        readers: Collection[UUID],
    ) -> set[UUID]:
        """Has passes made for readers who are known still; returns the notices that have to come again for them."""
        now = self._database.clock.now()
        offering = [
            (one, one.contact_id, content)
            for one, content in zip(due, opened, strict=True)
            if content and content.get("passes") and one.expires_at > now
            if one.contact_id is not None and one.contact_id in readers
        ]
        if not offering or self._offers.is_unsigned:
            return set()
        async with self._database.tenant(tenant_id) as uow:
            held = [
                await still_held(uow, contact_id, content["passes"]) for _, contact_id, content in offering
            ]
        limit = asyncio.Semaphore(AT_ONCE)

        async def make(one: Due, contact_id: UUID, content: dict[str, Any], offer: dict[str, Any]) -> bool:
            async with limit:
                try:
                    link = await self._offers.link(one.notice_id, contact_id, offer)
                except ServiceError as error:
                    logger.warning("passes cannot be offered now: %s", error.reason)
                    return False
            if link:
                content["variables"][VARIABLE] = link
            return True

        with as_tenant(tenant_id):
            made = await asyncio.gather(
                *(make(*one, offer) for one, offer in zip(offering, held, strict=True))
            )
        if not self._offers.is_unsigned:
            async with self._database.tenant(tenant_id) as uow:
                for _, contact_id, content in offering:
                    await void_again(uow, contact_id, content["passes"])
        return {one.notice_id for (one, _, _), is_made in zip(offering, made, strict=True) if not is_made}
