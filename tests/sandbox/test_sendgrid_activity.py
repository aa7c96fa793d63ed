"""Email Activity: looking messages up by our own reference, as after a time-out."""

from urllib.parse import urlencode

import pytest

from sandbox.sendgrid.activity import QueryError, compile_query
from tests.sandbox.kit import KEY, Kit, mail


async def look_up(kit: Kit, query: str, **more: object) -> list[dict[str, object]]:
    found = await kit.get("/v3/messages?" + urlencode({"query": query, **more}), KEY)
    messages: list[dict[str, object]] = found["messages"]
    return messages


@pytest.fixture
async def sent(kit: Kit) -> Kit:
    people = ("silent@b.example", "bounce@b.example", "drop@b.example", "click@b.example")
    await kit.send(mail(kit.gateway.url, *people))
    await kit.send(mail(kit.gateway.url, "silent@b.example", prefix="n", campaign="c2", subject="Other"))
    await kit.quiet()
    return kit


async def test_a_message_is_found_by_its_unique_argument(sent: Kit) -> None:
    (found,) = await look_up(sent, "(unique_args['angarium_message_id']=\"m3\")")
    assert list(found) == ["from_email", "msg_id", "subject", "to_email", "status", "opens_count", "clicks_count",
                           "last_event_time"]  # fmt: skip
    assert (found["to_email"], found["status"], found["clicks_count"]) == ("click@b.example", "delivered", 1)
    detail = await sent.get(f"/v3/messages/{found['msg_id']}", KEY)
    assert "m3" in detail["unique_args"]
    assert [event["event_name"] for event in detail["events"]] == ["processed", "delivered"]


async def test_many_are_found_at_once_and_the_limit_holds(sent: Kit) -> None:
    query = 'unique_args[\'angarium_message_id\'] IN ("m0", "m1", "m2", "unknown")'
    found = await look_up(sent, query, limit=1000)
    assert {entry["to_email"] for entry in found} == {
        "silent@b.example",
        "bounce@b.example",
        "drop@b.example",
    }
    assert {entry["status"] for entry in found} == {"delivered", "not_delivered"}
    assert len(await look_up(sent, query, limit=2)) == 2
    assert await look_up(sent, "unique_args['angarium_message_id']=\"never-sent\"") == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('to_email="silent@b.example"', 2),
        ('to_email="silent@b.example" AND unique_args[\'angarium_campaign_id\']="c2"', 1),
        ('status="not_delivered" OR subject="Other"', 3),
        ('NOT status="delivered"', 2),
        ('subject LIKE "Hello%"', 4),
        ("unique_args['angarium_message_id'] NOT IN ('m0')", 4),
        ('last_event_time BETWEEN TIMESTAMP "2020-01-01T00:00:00Z" AND TIMESTAMP "2999-01-01T00:00:00Z"', 5),
        ('clicks > 0 AND from_email="news@shop.example"', 1),
        ("", 5),
    ],
)
async def test_the_query_language_reads_as_documented(sent: Kit, query: str, count: int) -> None:
    assert len(await look_up(sent, query)) == count


async def test_a_message_is_found_by_its_msg_id(sent: Kit) -> None:
    (found,) = await look_up(sent, "unique_args['angarium_message_id']=\"m0\"")
    assert await look_up(sent, f'msg_id="{found["msg_id"]}"') == [found]
    assert "errors" in await sent.get("/v3/messages/unknown", KEY)


@pytest.mark.parametrize(
    "query", ["nonsense", 'x="1"', 'subject="a" AND', 'subject "a"', "subject=1;", "unique_args[=1"]
)
def test_a_query_that_does_not_read_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        compile_query(query)


async def test_a_bad_query_or_limit_is_a_400(kit: Kit) -> None:
    for path in (
        "/v3/messages?query=x",
        "/v3/messages?limit=0",
        "/v3/messages?limit=1001",
        "/v3/messages?limit=x",
    ):
        async with kit.session.get(kit.url + path, headers={"Authorization": f"Bearer {KEY}"}) as response:
            assert response.status == 400
            assert (await response.json())["errors"][0]["field"] in ("query", "limit")
