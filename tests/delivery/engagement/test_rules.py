"""Rules are data, and history is judged again when they improve."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.ids import uuid7
from services.delivery.engagement import agents
from services.delivery.engagement.classes import Class, Kind
from services.delivery.engagement.domain import RULE_VERSION, Hit, classify
from services.delivery.engagement.links import link_id_of
from services.delivery.engagement.networks import IPV4_BITS, IPV6_BITS, NETWORKS, network_of, truncated
from services.delivery.engagement.settling import reclassify_job
from tests.delivery.engagement.conftest import CHROME, HOME, NEWS, SHOP, Visits

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BROWSERS = (
    CHROME,
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
        "Mobile/15E148 Safari/604.1"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Thunderbird/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
)


def click(
    after: float, link: str = "a", *, ip: str = "81.130.7.0", agent: str = CHROME, head: bool = False
) -> Hit:
    return Hit(uuid7(), Kind.CLICK, NOON + timedelta(seconds=after), head, agent, ip, link_id_of(link))


def reasons(*hits: Hit, sent: float | None = None) -> list[str]:
    sent_at = NOON + timedelta(seconds=sent) if sent is not None else None
    return [verdict.reason for verdict in classify(hits, sent_at=sent_at)]


@pytest.mark.parametrize("agent", BROWSERS)
def test_what_people_use_is_not_taken_for_a_machine(agent: str) -> None:
    rule = agents.rule_of(agent)
    assert (rule.on_open, rule.on_click) == (None, None), rule.family


def test_every_network_can_be_told_from_truncated_addresses_and_says_where_it_is_published() -> None:
    for network in NETWORKS:
        parsed = ip_network(network.cidr)
        assert parsed.prefixlen <= (IPV4_BITS if parsed.version == 4 else IPV6_BITS)
        assert network.source
        assert network.looked_up
        first, last = str(parsed.network_address), str(parsed.broadcast_address)
        for address in (first, last):
            found = network_of(truncated(address))
            assert found is not None
            assert parsed.overlaps(ip_network(found.cidr))
    assert network_of(truncated(HOME)) is None


@given(st.ip_addresses())
def test_truncating_is_final_and_removes_the_last_octet_or_80_bits(address: object) -> None:
    cut = truncated(str(address))
    assert truncated(cut) == cut
    assert cut.endswith((".0", ":")) or cut.count(":") <= 3 or "::" in cut


@pytest.mark.req("DEL-89")
def test_bursts_by_the_table() -> None:
    assert reasons(click(0), click(1.9, "b")) == ["burst:distinct_links"] * 2
    assert reasons(click(0), click(2.1, "b")) == ["user_agent:chrome"] * 2
    assert reasons(click(0), click(0.5)) == ["user_agent:chrome"] * 2
    assert reasons(click(0), click(1, "b", ip="90.1.1.0")) == ["user_agent:chrome"] * 2
    crowd = (click(0), click(0.4, "b", ip="90.1.1.0"), click(0.8, "c", ip="91.1.1.0"))
    assert reasons(*crowd) == ["burst:many_visitors"] * 3
    slow = [click(5 * number, name) for number, name in enumerate("abcd")]
    assert reasons(*slow) == ["burst:every_link"] * 4
    assert reasons(*slow[:3]) == ["user_agent:chrome"] * 3
    assert reasons(click(0), click(4, "b"), sent=0) == ["burst:after_sending"] * 2
    assert reasons(click(0), click(4, "b"), sent=-60) == ["user_agent:chrome"] * 2
    assert reasons(click(0, head=True), click(3)) == ["method:head", "burst:after_head"]
    assert reasons(click(0, head=True), click(3, ip="90.1.1.0"))[1] == "user_agent:chrome"


@given(
    st.permutations(
        [click(at, link) for at, link in ((0, "a"), (1, "b"), (8, "a"), (30, "c"), (31, "c"), (60, "d"))]
    )
)
def test_the_order_of_hits_in_a_block_does_not_matter(hits: list[Hit]) -> None:
    verdicts = {hit.hit_id: verdict for hit, verdict in zip(hits, classify(hits), strict=True)}
    found = [verdicts[hit.hit_id].engagement_class for hit in sorted(hits, key=lambda hit: hit.at)]
    assert found == [Class.SCANNER, Class.SCANNER, Class.HUMAN, Class.HUMAN, Class.HUMAN, Class.HUMAN]


async def test_history_is_judged_again_when_the_rules_are_newer(visits: Visits) -> None:
    house = visits.outside.house
    ids = await visits.outside.left(3)
    await visits.record(
        visits.click(ids[0], SHOP, agent="Go-http-client/2.0"),
        visits.click(ids[1], NEWS),
        visits.open(ids[2]),
    )
    await visits.settle()
    await house.rows("UPDATE engagement SET rule_version = 0, class = 1 WHERE message_id = %s", ids[0])
    await house.rows("UPDATE engagement SET rule_version = 0 WHERE message_id <> %s", ids[0])
    await house.rows("UPDATE message SET click_count = 1, clicked_at = now() WHERE message_id = %s", ids[0])
    await house.rows("UPDATE engagement_rules SET version = 0")
    await house.rows("DELETE FROM outbox")
    runner = next(one for one in house.service.loops if one.name == "jobs").run.__self__  # type: ignore[attr-defined]
    counts = await runner.run_now(reclassify_job().name)
    assert (counts.seen, counts.done) == (3, 1)
    assert await visits.outside.message(ids[0], "click_count", "clicked_at") == (0, None)
    assert (await visits.outside.message(ids[1], "click_count"))[0] == 1
    [told] = await visits.outside.told("message.engaged")
    assert [(hit.engagement_class, hit.rule_version) for hit in told.hits] == [(Class.SCANNER, RULE_VERSION)]
    assert await house.value("SELECT count(*) FROM engagement WHERE rule_version = %s", RULE_VERSION) == 3
    assert await house.value("SELECT version FROM engagement_rules") == RULE_VERSION
    assert (await runner.run_now(reclassify_job().name)).seen == 0


async def test_several_judges_at_once_judge_every_hit_once(visits: Visits) -> None:
    ids = await visits.outside.left(40)
    await visits.record(*(visits.open(id) for id in ids), *(visits.click(id, SHOP, after=12) for id in ids))
    await asyncio.gather(*(visits.settle() for _ in range(4)))
    assert await visits.outside.house.value("SELECT count(*) FROM engagement") == 80
    told = [
        hit.engagement_id for payload in await visits.outside.told("message.engaged") for hit in payload.hits
    ]
    assert len(told) == len(set(told)) == 80
    rows = await visits.outside.house.rows("SELECT DISTINCT open_count, click_count FROM message")
    assert rows == [(1, 1)]
