"""Opens and clicks are kept, judged and told; only people count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.common.ids import uuid7
from tests.delivery.engagement.conftest import CHROME, CLICK, GMAIL, HOME, NEWS, OPEN, SHOP, Visits


@pytest.mark.req("DEL-34", "DEL-89", "EVT-98")
async def test_a_person_who_opens_and_clicks_counts_and_is_led_to_the_stored_target(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    opened, clicked = await visits.record(visits.open(message_id), visits.click(message_id, SHOP, after=8))
    assert (opened.target_url, opened.is_genuine, opened.is_counted) == ("", True, True)
    assert (clicked.target_url, clicked.is_counted) == (SHOP, True)
    await visits.settle()
    assert [row[:2] for row in await visits.classes()] == [("open", "human"), ("click", "human")]
    found = await visits.outside.message(
        message_id, "opened_at", "open_count", "clicked_at", "click_count", "state"
    )
    assert found[0] < found[2]
    assert (found[1], found[3], found[4]) == (1, 1, 7)
    [told] = await visits.outside.told("message.engaged")
    hits = {hit.kind: hit for hit in told.hits}
    assert hits[CLICK].url == "https://shop.example/spring"
    assert hits[CLICK].truncated_ip == "81.130.7.0"
    assert hits[OPEN].user_agent_family == "chrome"
    assert hits[OPEN].campaign_id
    assert hits[OPEN].contact_id


@pytest.mark.req("DEL-34")
async def test_a_call_repeated_after_a_lost_answer_counts_nothing_twice(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    hits = [visits.open(message_id), visits.click(message_id, SHOP, after=8)]
    await visits.record(*hits)
    await visits.record(*hits)
    await visits.settle()
    await visits.record(*hits)
    await visits.settle()
    assert [row[:2] for row in await visits.classes()] == [("open", "human"), ("click", "human")]
    assert await visits.outside.message(message_id, "open_count", "click_count") == (1, 1)


@pytest.mark.req("DEL-89")
async def test_forged_tokens_get_nothing_and_leave_nothing(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    good = visits.click(message_id, SHOP).token
    other_purpose = visits.open(message_id).token
    forged = [good[:-4] + "AAAA", other_purpose, "x", good[:40], good + "A"]
    results = await visits.record(*(visits.hit(CLICK, token) for token in forged), visits.hit(OPEN, good))
    assert {(one.target_url, one.is_genuine, one.is_counted) for one in results} == {("", False, False)}
    assert await visits.outside.house.value("SELECT count(*) FROM engagement_hit") == 0


@pytest.mark.req("DEL-90")
async def test_an_expired_genuine_token_leads_to_its_target_and_counts_nothing(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    old = datetime.now(UTC) - timedelta(days=31)
    [clicked, opened] = await visits.record(
        visits.click(message_id, SHOP, signed=old), visits.open(message_id, signed=old)
    )
    assert (clicked.target_url, clicked.is_genuine, clicked.is_counted) == (SHOP, True, False)
    assert (opened.is_genuine, opened.is_counted) == (True, False)
    assert await visits.outside.house.value("SELECT count(*) FROM engagement_hit") == 0


async def test_a_link_of_one_tenant_leads_nowhere_under_another(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    [result] = await visits.record(visits.click(message_id, SHOP, tenant_id=uuid4()))
    assert (result.target_url, result.is_genuine, result.is_counted) == ("", True, False)


async def test_one_block_may_hold_hits_of_many_tenants(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    other = uuid4()
    await visits.links.register(other, [NEWS])
    results = await visits.record(
        visits.click(message_id, SHOP),
        visits.click(uuid7(), NEWS, tenant_id=other),
        visits.hit(OPEN, "forged"),
        visits.open(message_id),
    )
    assert [one.target_url for one in results] == [SHOP, NEWS, "", ""]
    assert [one.is_counted for one in results] == [True, True, False, True]
    await visits.settle()
    rows = await visits.outside.house.rows("SELECT tenant_id, count(*) FROM engagement GROUP BY 1")
    assert dict(rows) == {visits.tenant_id: 2, other: 1}


@pytest.mark.req("DEL-89")
@pytest.mark.parametrize(
    ("kind", "agent", "ip", "method", "by", "reason"),
    [
        ("open", GMAIL, "66.249.84.1", "GET", "proxy", "user_agent:google_image_proxy"),
        ("open", "Mozilla/5.0", "17.58.1.2", "GET", "privacy_prefetch", "user_agent:apple_mail_privacy"),
        ("open", CHROME, "17.57.144.9", "GET", "privacy_prefetch", "network:apple"),
        ("open", CHROME, HOME, "HEAD", "scanner", "method:head"),
        ("click", CHROME, "40.94.20.1", "GET", "scanner", "network:microsoft_links"),
        ("click", CHROME, "52.101.3.4", "GET", "scanner", "network:microsoft_mail"),
        ("click", "Mozilla/5.0 (compatible; proofpoint-url-defense/2.0)", HOME, "GET", "scanner", "user_agent:proofpoint"),
        ("click", "Go-http-client/2.0", "34.200.1.1", "GET", "scanner", "user_agent:http_library"),
        ("click", "", HOME, "GET", "scanner", "user_agent:http_library"),
        ("click", CHROME, "2a02:c7c:1:2::3", "GET", "human", "user_agent:chrome"),
        ("click", CHROME, "not an address", "GET", "human", "user_agent:chrome"),
    ],
)  # fmt: skip
async def test_machines_are_told_from_people(
    visits: Visits, kind: str, agent: str, ip: str, method: str, by: str, reason: str
) -> None:
    [message_id] = await visits.outside.left()
    more = {"agent": agent, "ip": ip, "method": method}
    hit = visits.open(message_id, **more) if kind == "open" else visits.click(message_id, SHOP, **more)
    await visits.record(hit)
    await visits.settle()
    assert await visits.classes() == [(kind, by, reason)]
    opened, clicked = await visits.outside.message(message_id, "open_count", "click_count")
    assert opened + clicked == (by == "human")


@pytest.mark.req("DEL-89")
async def test_a_scanner_that_looks_like_a_browser_is_known_by_its_haste(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    await visits.record(visits.click(message_id, SHOP), visits.open(message_id, after=0.5))
    await visits.record(visits.click(message_id, NEWS, after=1))
    await visits.record(visits.click(message_id, NEWS, after=20, ip="90.1.2.3"))
    await visits.settle()
    assert await visits.classes() == [
        ("click", "scanner", "burst:distinct_links"),
        ("open", "scanner", "burst:same_visitor"),
        ("click", "scanner", "burst:distinct_links"),
        ("click", "human", "user_agent:chrome"),
    ]
    assert await visits.outside.message(message_id, "open_count", "click_count") == (0, 1)


@pytest.mark.req("DEL-89")
async def test_a_click_judged_too_early_is_judged_again_when_its_burst_is_seen(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    await visits.record(visits.click(message_id, SHOP))
    await visits.settle()
    assert (await visits.outside.message(message_id, "click_count"))[0] == 1
    await visits.record(visits.click(message_id, NEWS, after=1))
    await visits.settle()
    assert {row[1] for row in await visits.classes()} == {"scanner"}
    assert await visits.outside.message(message_id, "click_count", "clicked_at") == (0, None)
    first, second = await visits.outside.told("message.engaged")
    assert len(first.hits) == 1
    assert first.hits[0].engagement_id in {hit.engagement_id for hit in second.hits}
    assert {hit.engagement_class for hit in second.hits} == {4}
    early = first.hits[0].engagement_id
    assert first.hits[0].judgement == 1
    assert {hit.engagement_id == early: hit.judgement for hit in second.hits} == {True: 2, False: 1}


@pytest.mark.req("DEL-89")
async def test_the_same_open_within_ten_seconds_counts_once(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    await visits.record(*(visits.open(message_id, after=after) for after in (0, 4, 9, 25)))
    await visits.settle()
    assert [row[1] for row in await visits.classes()] == ["human", "scanner", "scanner", "human"]
    assert (await visits.outside.message(message_id, "open_count"))[0] == 2


async def test_addresses_are_cut_before_they_are_stored(visits: Visits) -> None:
    [message_id] = await visits.outside.left()
    await visits.record(
        visits.open(message_id), visits.open(message_id, ip="2a02:c7c:aaaa:bbbb::1", after=12)
    )
    assert {row[0] for row in await visits.outside.house.rows("SELECT truncated_ip FROM engagement_hit")} == {
        "81.130.7.0",
        "2a02:c7c:aaaa::",
    }


async def test_a_link_of_many_templates_is_stored_once(visits: Visits) -> None:
    visits.links._known.clear()
    await visits.links.register(visits.tenant_id, [SHOP, NEWS, SHOP])
    assert await visits.outside.house.value("SELECT count(*) FROM tracked_link") == 2
