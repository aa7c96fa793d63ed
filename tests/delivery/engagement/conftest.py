from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.clock import SystemClock
from services.common.security.tokens import TokenSigner
from services.delivery.engagement.links import Links, link_id_of
from services.delivery.engagement.settling import Settler
from tests.delivery.kit import open_house
from tests.delivery.outside import Outside, open_outside

OPEN, CLICK = pb.ENGAGEMENT_KIND_OPEN, pb.ENGAGEMENT_KIND_CLICK
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
HOME = "81.130.7.19"
SHOP = "https://shop.example/spring?utm_source=mail&token=abc"
NEWS = "https://shop.example/news"


@dataclass
class Visits:
    """People and machines that fetch what messages hold, through the gateway's call."""

    outside: Outside
    links: Links
    settler: Settler

    @property
    def tenant_id(self) -> UUID:
        return self.outside.house.tenant_id

    def open(self, message_id: UUID, **more: Any) -> pb.EngagementHit:
        url = self.links.urls(more.pop("tenant_id", self.tenant_id), more.pop("signed", None)).open_url(
            message_id.bytes
        )
        return self.hit(OPEN, url.rpartition("/")[2].removesuffix(".gif"), **more)

    def click(self, message_id: UUID, url: str, **more: Any) -> pb.EngagementHit:
        urls = self.links.urls(more.pop("tenant_id", self.tenant_id), more.pop("signed", None))
        link = urls.click_url(message_id.bytes, link_id_of(url))
        return self.hit(CLICK, link.rpartition("/")[2], **more)

    def hit(
        self,
        kind: pb.EngagementKind,
        token: str,
        *,
        after: float = 0.0,
        agent: str = CHROME,
        ip: str = HOME,
        method: str = "GET",
    ) -> pb.EngagementHit:
        hit = pb.EngagementHit(kind=kind, token=token, user_agent=agent, ip_address=ip, http_method=method)
        hit.occur_time.FromDatetime(datetime.now(UTC) - timedelta(seconds=30) + timedelta(seconds=after))
        return hit

    async def record(self, *hits: pb.EngagementHit) -> list[pb.EngagementResult]:
        answer = await self.outside.receipts.RecordEngagement(
            pb.RecordEngagementRequest(hits=hits), metadata=self.outside.as_gateway(tenant=False)
        )
        return list(answer.results)

    async def settle(self) -> None:
        while await self.settler.settle_due():
            pass

    async def classes(self) -> list[tuple[str, str, str]]:
        rows = await self.outside.house.rows(
            "SELECT kind, class, class_reason FROM engagement ORDER BY occurred_at, engagement_id"
        )
        names = {1: "human", 2: "proxy", 3: "privacy_prefetch", 4: "scanner"}
        return [({1: "open", 2: "click"}[kind], names[found], reason) for kind, found, reason in rows]


@pytest.fixture
async def visits(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Visits]:
    """Delivery whose messages have left, with two registered links; hits are judged when a test says so."""
    async with open_house(clone_database(["delivery"]), redis_url, provider_mode="live") as house:
        outside = await open_outside(house)
        database, signer = house.service.database, TokenSigner(house.settings.token_keys)
        links = Links(database, signer, SystemClock(), house.settings.public_base_url)
        await links.register(house.tenant_id, [SHOP, NEWS])
        settler = Settler(database, SystemClock(), settle_after=timedelta(seconds=-1))
        yield Visits(outside, links, settler)
