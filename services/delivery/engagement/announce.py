"""The event of judged hits, in blocks of one campaign (EVT-98)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.delivery.columns import id_text, in_slices
from services.delivery.engagement.domain import RULE_VERSION, Hit, Verdict
from services.delivery.engagement.store import Facts
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp


class Told(NamedTuple):
    """One judged hit; `judgement` says which of its verdicts this is."""

    message_id: bytes
    hit: Hit
    verdict: Verdict
    judgement: int


def tell(
    uow: UnitOfWork, hits: Iterable[Told], facts: Mapping[bytes, Facts], urls: Mapping[UUID, str]
) -> None:
    """Adds `message.engaged`; a hit that is told again was judged again."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    by_campaign: defaultdict[UUID | None, list[Told]] = defaultdict(list)
    for one in hits:
        by_campaign[facts.get(one.message_id, Facts()).campaign_id].append(one)
    for campaign_id, members in by_campaign.items():
        for part in in_slices(members, MAX_ITEMS):
            campaign = str(campaign_id or "")
            payload = events.MessagesEngaged(
                hits=[_hit(one, campaign, facts.get(one.message_id, Facts()), urls) for one in part]
            )
            kind, id = ("campaign", campaign) if campaign else ("tenant", str(uow.tenant_id))
            uow.emit(Event("message.engaged", kind, id, payload, count=len(part), tenant_id=uow.tenant_id))


def without_query(url: str) -> str:
    """Returns a target without what may be personal in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _hit(one: Told, campaign: str, facts: Facts, urls: Mapping[UUID, str]) -> events.MessageEngaged:
    hit, verdict = one.hit, one.verdict
    return events.MessageEngaged(
        engagement_id=str(hit.hit_id),
        message_id=id_text(one.message_id),
        contact_id=str(facts.contact_id or ""),
        campaign_id=campaign,
        kind=wire(hit.kind),
        engagement_class=wire(verdict.engagement_class),
        class_reason=verdict.reason,
        rule_version=RULE_VERSION,
        link_id=str(hit.link_id) if hit.link_id else "",
        url=without_query(urls.get(hit.link_id, "")) if hit.link_id else "",
        truncated_ip=hit.truncated_ip,
        user_agent_family=verdict.family,
        occur_time=timestamp(hit.at),
        judgement=one.judgement,
    )
