"""Taking hits: tokens are verified, targets looked up, genuine hits stored; who is behind them is judged later."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.ids import uuid7_of
from services.common.security.tokens import (
    ExpiredToken,
    InvalidToken,
    Purpose,
    TokenSigner,
    read_message,
)
from services.delivery.engagement import link_store, measures, store
from services.delivery.engagement.classes import Kind
from services.delivery.engagement.domain import Hit
from services.delivery.engagement.links import is_code, read_click
from services.delivery.engagement.networks import truncated
from services.delivery.engagement.store import NewHit

log = structlog.get_logger("engagement")

KNOWN_TARGETS: Final = 50_000
LONGEST_AGENT: Final = 512
_LATE: Final = timedelta(days=1)
_PURPOSES: Final = {Kind.OPEN: Purpose.OPEN, Kind.CLICK: Purpose.CLICK}
_FORGED: Final = pb.EngagementResult()


@dataclass(frozen=True, slots=True)
class _Genuine:
    """What a genuine token says."""

    place: int
    tenant_id: UUID
    message_id: UUID
    link_id: UUID | None
    is_expired: bool


class Engagement:
    """Records opens and clicks in blocks."""

    def __init__(self, database: Database, signer: TokenSigner, clock: Clock) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._targets: OrderedDict[tuple[UUID, UUID], str] = OrderedDict()

    async def record(self, request: pb.RecordEngagementRequest) -> pb.RecordEngagementResponse:
        """Stores genuine hits and returns one result for each, in their order; a forged token gets nothing."""
        now = self._clock.now()
        by_tenant: defaultdict[UUID, list[_Genuine]] = defaultdict(list)
        short = await self._short_links(request.hits)
        for place, hit in enumerate(request.hits):
            genuine = short[place] if place in short else self._verified(place, hit, now)
            if genuine is not None:
                by_tenant[genuine.tenant_id].append(genuine)
        results = [_FORGED] * len(request.hits)
        blocks = [
            self._tenant(tenant_id, request.hits, members, now) for tenant_id, members in by_tenant.items()
        ]
        for found in await asyncio.gather(*blocks):
            for place, result in found:
                results[place] = result
        return pb.RecordEngagementResponse(results=results)

    async def _short_links(self, hits: Sequence[pb.EngagementHit]) -> dict[int, _Genuine | None]:
        """Returns what hits on short links are about, by their places; None for a code nobody gave out."""
        places = {
            place: hit.token
            for place, hit in enumerate(hits)
            if hit.kind == pb.ENGAGEMENT_KIND_CLICK and is_code(hit.token)
        }
        if not places:
            return {}
        now = self._clock.now()
        async with self._database.system() as uow:
            known = await link_store.short_links(uow, list(set(places.values())))
        found: dict[int, _Genuine | None] = {}
        for place, code in places.items():
            if code not in known:
                measures.refused(Kind.CLICK, "forged")
                found[place] = None
                continue
            tenant_id, message_id, link_id, ends = known[code]
            if now >= ends:
                measures.refused(Kind.CLICK, "expired")
            found[place] = _Genuine(place, tenant_id, message_id, link_id, now >= ends)
        return found

    def _verified(self, place: int, hit: pb.EngagementHit, now: datetime) -> _Genuine | None:
        kind = Kind(hit.kind)
        is_expired = False
        try:
            try:
                payload = self._signer.verify(_PURPOSES[kind], hit.token, now)
            except ExpiredToken as error:
                payload, is_expired = error.payload, True
            if kind is Kind.OPEN:
                message_id, link_id = read_message(payload.body), None
            else:
                message_id, link_id = read_click(payload.body)
        except InvalidToken:
            measures.refused(kind, "forged")
            return None
        if is_expired:
            measures.refused(kind, "expired")
        return _Genuine(place, payload.tenant_id, message_id, link_id, is_expired)

    async def _tenant(
        self, tenant_id: UUID, hits: Sequence[pb.EngagementHit], members: Sequence[_Genuine], now: datetime
    ) -> list[tuple[int, pb.EngagementResult]]:
        links = {one.link_id for one in members if one.link_id is not None}
        unknown = [link_id for link_id in links if (tenant_id, link_id) not in self._targets]
        targets: Mapping[UUID, str] = {}
        counted = [one for one in members if not one.is_expired]
        if unknown or counted:
            async with self._database.tenant(tenant_id) as uow:
                if unknown:
                    targets = await link_store.targets(uow, unknown)
                counted = [
                    one for one in counted if self._target(tenant_id, one.link_id, targets) is not None
                ]
                if counted:
                    await store.add_hits(uow, _hits(hits, counted, now))
        self._remember(tenant_id, targets)
        kept = {one.place for one in counted}
        return [
            (
                one.place,
                pb.EngagementResult(
                    target_url=self._target(tenant_id, one.link_id, targets) or "",
                    is_genuine=True,
                    is_counted=one.place in kept,
                ),
            )
            for one in members
        ]

    def _target(self, tenant_id: UUID, link_id: UUID | None, fresh: Mapping[UUID, str]) -> str | None:
        """Returns where a link leads; empty for opens, None for a link nobody knows any more."""
        if link_id is None:
            return ""
        return self._targets.get((tenant_id, link_id)) or fresh.get(link_id)

    def _remember(self, tenant_id: UUID, targets: Mapping[UUID, str]) -> None:
        for link_id, url in targets.items():
            self._targets[tenant_id, link_id] = url
        while len(self._targets) > KNOWN_TARGETS:
            self._targets.popitem(last=False)


def _hits(hits: Sequence[pb.EngagementHit], counted: Sequence[_Genuine], now: datetime) -> list[NewHit]:
    return [_new_hit(one, hits[one.place], now) for one in counted]


def _new_hit(one: _Genuine, hit: pb.EngagementHit, now: datetime) -> NewHit:
    """Returns a hit whose id follows from what was seen, so that a call that is repeated counts nothing twice."""
    at = _instant(hit, now)
    is_head = hit.http_method.upper() == "HEAD"
    agent = hit.user_agent[:LONGEST_AGENT].replace("\x00", "")
    hit_id = uuid7_of(
        max(at, _after(one.message_id)),
        one.message_id.bytes,
        one.link_id.bytes if one.link_id else b"",
        at.isoformat().encode(),
        bytes((hit.kind, is_head)),
        agent.encode(),
        hit.ip_address.encode(),
    )
    return NewHit(
        one.message_id.bytes,
        Hit(hit_id, Kind(hit.kind), at, is_head, agent, truncated(hit.ip_address), one.link_id),
    )


def _after(message_id: UUID) -> datetime:
    """Returns the millisecond after a message was made: ids of its hits are greater than its own."""
    return datetime.fromtimestamp(((message_id.int >> 80) + 1) / 1000, UTC)


def _instant(hit: pb.EngagementHit, now: datetime) -> datetime:
    """Returns when a hit was seen; never in the future, and not longer ago than a gateway may keep one."""
    if not hit.HasField("occur_time"):
        return now
    return min(max(hit.occur_time.ToDatetime(tzinfo=UTC), now - _LATE), now)
