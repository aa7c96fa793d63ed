"""Who is behind the hits of a message: people, proxies on their behalf, prefetchers, scanners (DEL-89).

A hit alone is judged by method, user agent and network. What looks like a person is then judged by what surrounds it:
nobody follows several links of a mail within two seconds. Whoever changes a rule raises RULE_VERSION, and history is
judged again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.delivery.engagement.agents import rule_of
from services.delivery.engagement.classes import Class, Kind
from services.delivery.engagement.networks import network_of

RULE_VERSION: Final = 1

REPEATED_OPEN: Final = timedelta(seconds=10)
HEAD_NEIGHBOUR: Final = timedelta(seconds=5)
AFTER_SENDING: Final = timedelta(seconds=5)
LONGEST_WINDOW: Final = timedelta(seconds=20)
"""What happens further apart than this has nothing to do with each other."""


class Hit(NamedTuple):
    """One fetch of a pixel or link; the address is truncated before anything is decided."""

    hit_id: UUID
    kind: Kind
    at: datetime
    is_head: bool
    user_agent: str
    truncated_ip: str
    link_id: UUID | None = None


class Verdict(NamedTuple):
    """Who is behind a hit, and why."""

    engagement_class: Class
    reason: str
    family: str


@dataclass(frozen=True, slots=True)
class Burst:
    """So many distinct links of one message within so short a time are no person's."""

    word: str
    links: int
    window: timedelta
    same_visitor: bool


BURSTS: Final = (
    Burst("distinct_links", 2, timedelta(seconds=2), same_visitor=True),
    Burst("many_visitors", 3, timedelta(seconds=1), same_visitor=False),
    Burst("every_link", 4, timedelta(seconds=20), same_visitor=True),
)


def classify(
    hits: Sequence[Hit], *, sent_at: datetime | None = None, delivered_at: datetime | None = None
) -> list[Verdict]:
    """Returns the verdicts of all hits of one message, in their order."""
    verdicts = [alone(hit) for hit in hits]
    if len(hits) == 1:
        return verdicts
    order = sorted(range(len(hits)), key=lambda place: (hits[place].at, hits[place].hit_id))
    for place, reason in _suspects(hits, order, [at for at in (sent_at, delivered_at) if at]).items():
        if verdicts[place].engagement_class is Class.HUMAN:
            verdicts[place] = Verdict(Class.SCANNER, reason, verdicts[place].family)
    for place in _repeated_opens(hits, order, verdicts):
        verdicts[place] = Verdict(Class.SCANNER, "repeated:within_10_seconds", verdicts[place].family)
    return verdicts


def _suspects(hits: Sequence[Hit], order: Sequence[int], starts: Iterable[datetime]) -> dict[int, str]:
    """Returns hits that are no person's because of what surrounds them, each with the first reason found."""
    found: dict[int, str] = {}
    clicks = [place for place in order if hits[place].kind is Kind.CLICK]
    for burst in BURSTS:
        for place in _bursting(hits, clicks, burst):
            found.setdefault(place, f"burst:{burst.word}")
    for start in starts:
        early = [place for place in clicks if abs(hits[place].at - start) <= AFTER_SENDING]
        for members in _by_visitor(hits, early).values():
            if len({hits[place].link_id for place in members}) > 1:
                found |= {place: "burst:after_sending" for place in members if place not in found}
    for place in _near_heads(hits, order):
        found.setdefault(place, "burst:after_head")
    for place in _accomplices(hits, order, found):
        found.setdefault(place, "burst:same_visitor")
    return found


def alone(hit: Hit) -> Verdict:
    """Returns what a hit shows by itself."""
    agent = rule_of(hit.user_agent)
    if hit.is_head:
        return Verdict(Class.SCANNER, "method:head", agent.family)
    said = agent.on_open if hit.kind is Kind.OPEN else agent.on_click
    if said is not None:
        return Verdict(said, f"user_agent:{agent.family}", agent.family)
    network = network_of(hit.truncated_ip)
    if network is not None:
        said = network.on_open if hit.kind is Kind.OPEN else network.on_click
        if said is not None:
            return Verdict(said, f"network:{network.name}", agent.family)
    return Verdict(Class.HUMAN, f"user_agent:{agent.family}", agent.family)


def _bursting(hits: Sequence[Hit], clicks: Sequence[int], burst: Burst) -> Iterable[int]:
    groups = _by_visitor(hits, clicks).values() if burst.same_visitor else (clicks,)
    for members in groups:
        first = 0
        for last in range(len(members)):
            while hits[members[last]].at - hits[members[first]].at > burst.window:
                first += 1
            within = members[first : last + 1]
            if len({hits[place].link_id for place in within}) >= burst.links:
                yield from within


def _by_visitor(hits: Sequence[Hit], places: Iterable[int]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        found[hits[place].truncated_ip].append(place)
    return found


def _near_heads(hits: Sequence[Hit], order: Sequence[int]) -> Iterable[int]:
    """Yields hits of whoever asked with HEAD at about the same time."""
    heads = [place for place in order if hits[place].is_head]
    if heads:
        for place in order:
            hit = hits[place]
            if any(
                hits[head].truncated_ip == hit.truncated_ip and abs(hit.at - hits[head].at) <= HEAD_NEIGHBOUR
                for head in heads
            ):
                yield place


def _accomplices(hits: Sequence[Hit], order: Sequence[int], found: dict[int, str]) -> list[int]:
    """Returns what else the visitor of a burst fetched around it, the pixel for example."""
    caught = [hits[place] for place in found if hits[place].truncated_ip]
    window = BURSTS[0].window
    return [
        place
        for place in order
        if place not in found
        and any(
            one.truncated_ip == hits[place].truncated_ip and abs(one.at - hits[place].at) <= window
            for one in caught
        )
    ]


def _repeated_opens(hits: Sequence[Hit], order: Sequence[int], verdicts: Sequence[Verdict]) -> list[int]:
    repeated = []
    last: datetime | None = None
    for place in order:
        hit = hits[place]
        if hit.kind is not Kind.OPEN or verdicts[place].engagement_class is not Class.HUMAN:
            continue
        if last is not None and hit.at - last <= REPEATED_OPEN:
            repeated.append(place)
        last = hit.at
    return repeated
