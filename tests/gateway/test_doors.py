"""What stands open and what does not: health for everybody, figures for the house alone, no door by id and URL."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Callable

import aiohttp
import pytest
import yarl
from multidict import CIMultiDict

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.tracking import PIXEL
from tests.common.given import COMPLETE
from tests.contract.descriptors import methods
from tests.gateway.conftest import ACCOUNT, FIELDS, TENANT, Gateway, open_door

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AWAY = "127.0.0.1:1"
"""Nobody listens there."""


@pytest.mark.req("GAT-15")
async def test_the_process_is_up_whatever_stands_behind_it(gateway: Gateway) -> None:
    async with gateway.get("/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "up"})
    gateway.delivery.is_down = True
    gateway.delivery.gate.clear()
    async with gateway.get("/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "up"})
    gateway.delivery.gate.set()


@pytest.mark.req("GAT-17", "GEN-45", "GAT-20", "GAT-36")
async def test_figures_are_on_a_listener_of_the_house_and_not_at_the_public_door(
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    door, house = unused_tcp_port_factory(), unused_tcp_port_factory()
    place = {
        "bind_address": f"127.0.0.1:{door}",
        "metrics_port": house,
        "enable_metrics": "true",
        "service_name": "gateway",
        "redis_url": f"redis://{AWAY}/0",
        "delivery_address": AWAY,
    }
    known = {name: COMPLETE[name] for name in FIELDS & COMPLETE.keys()}
    settings = {name.upper(): str(value) for name, value in {**known, **place}.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", env={**os.environ, **settings}, stdout=DEVNULL
    )
    try:
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while not await _answers(session, f"http://127.0.0.1:{door}/health"):
                assert process.returncode is None
                await asyncio.sleep(0.05)
            async with session.get(f"http://127.0.0.1:{door}/metrics") as answer:
                assert answer.status == 404
            async with session.post(f"http://127.0.0.1:{door}/v1/events", data=b"{}") as answer:
                assert answer.status == 401
            async with session.get(f"http://127.0.0.1:{house}/metrics") as answer:
                figures = await answer.text()
            process.terminate()
            assert await process.wait() in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert 'angarium_http_requests_total{method="GET",route="/health",status="200"}' in figures
    assert 'angarium_http_requests_total{method="GET",route="unknown",status="404"} 1.0' in figures
    assert 'angarium_signatures_refused_total{source="intake"} 1.0' in figures


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


@pytest.mark.req("GAT-19", "GAT-43", "GAT-42")
async def test_there_is_no_tracking_by_ids_and_addresses_in_the_query(gateway: Gateway) -> None:
    query = f"?tenant_id={TENANT}&message_id={ACCOUNT}&contact_id={ACCOUNT}&url=https://evil.example"
    for path in ("/track/open", "/track/click", "/api/v1/track/open", "/api/v1/track/click", "/unsubscribe"):
        async with gateway.get(path + query) as answer:
            assert answer.status == 404
            assert "Location" not in answer.headers
    # Behind a token the query says nothing: what is counted is what delivery made the token for.
    async with gateway.get(f"/track/open/forged{query}") as answer:
        assert (answer.status, await answer.read()) == (200, PIXEL)
    [request] = gateway.delivery.of(delivery_pb2.RecordEngagementRequest)
    [hit] = request.hits
    assert hit.token == "forged"
    assert "evil" not in str(request)
    assert ACCOUNT not in str(request)


@pytest.mark.req("GAT-19")
async def test_operations_are_calls_and_not_paths(gateway: Gateway) -> None:
    names = {method.name for method in methods()}
    for verb, path, name in (
        ("GET", "/api/v1/coupons", "ListCoupons"),
        ("POST", "/api/v1/coupons/validate", "ValidateCoupon"),
        ("GET", "/api/v1/triggers", "ListTriggerConfigs"),
        ("GET", "/api/v1/campaigns", "ListCampaigns"),
        ("POST", "/api/v1/notifications/send", "SendMessage"),
    ):
        assert name in names
        async with gateway.session.request(verb, gateway.url + path, allow_redirects=False) as answer:
            assert answer.status == 404


@pytest.mark.req("GAT-45")
@pytest.mark.parametrize("authorization", ["Bearer a.b.c", "Basic dTpw", ""])
async def test_a_credential_that_is_none_opens_nothing(gateway: Gateway, authorization: str) -> None:
    headers = {"Authorization": authorization, "X-Signature-Key": "k", "X-Signature": "0" * 64}
    async with gateway.post("/v1/events", data=b"{}", headers=headers) as answer:
        assert answer.status == 401
    async with gateway.post("/webhooks/mailgun/other", data=b"{}", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (401, b"")
    assert gateway.delivery.of(delivery_pb2.RecordReceiptsRequest) == []


@pytest.mark.req("GAT-53", "GAT-35")
@pytest.mark.parametrize(
    ("accept", "kind"), [("application/json", "application/json"), ("text/html", "text/html")]
)
async def test_what_is_not_there_is_said_to_people_by_a_page_and_to_machines_by_json(
    gateway: Gateway, accept: str, kind: str
) -> None:
    for verb, path, status in (("GET", "/nowhere", 404), ("DELETE", "/feedback/good", 405)):
        async with gateway.session.request(verb, gateway.url + path, headers={"Accept": accept}) as answer:
            assert (answer.status, answer.content_type) == (status, kind)


@pytest.mark.req("GAT-53")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/unsubscribe/good", "GET, HEAD, POST"),
        ("/webhooks/meta/token", "GET, HEAD, POST"),
        ("/v1/events", "POST"),
        ("/track/open/good", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_a_wrong_method_is_told_all_that_are_right(
    gateway: Gateway, path: str, allowed: str, accept: str
) -> None:
    async with gateway.session.options(gateway.url + path, headers={"Accept": accept}) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.req("GAT-5")
@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_there_is_nothing_for_a_provider_nobody_knows(gateway: Gateway, verb: str) -> None:
    async with gateway.session.request(verb, f"{gateway.url}/webhooks/nobody/token") as answer:
        assert answer.status == 404


@pytest.mark.req("GAT-27", "GAT-30")
@pytest.mark.parametrize("path", ["/track/click/good/", "/unsubscribe/good/", "//console/", "//example.org/"])
async def test_no_answer_leads_to_the_host_that_a_request_names(gateway: Gateway, path: str) -> None:
    headers = {"Host": "elsewhere.example"}
    url = yarl.URL(gateway.url + path, encoded=True)
    async with gateway.session.get(url, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 404
        assert "Location" not in answer.headers
    async with gateway.get("/console/", headers=headers) as answer:
        assert (answer.status, answer.headers["Location"]) == (308, "/console")


@pytest.mark.req("GAT-35")
@pytest.mark.parametrize(("accept", "shown"), [("application/json", '"INTERNAL"'), ("text/html", "<h1>")])
async def test_what_nobody_foresaw_is_answered_without_a_word_of_it(
    gateway: Gateway, accept: str, shown: str
) -> None:
    # There is no such rating; it stands for any mistake of the house.
    gateway.campaign.known.feedback.rating = 987_654_321
    async with gateway.get("/feedback/good", headers={"Accept": accept}) as answer:
        text = await answer.text()
    assert answer.status == 500
    assert shown in text
    assert "987654321" not in text
    assert "X-Request-ID" in answer.headers


@pytest.mark.req("GAT-47", "GAT-34")
async def test_without_the_store_of_limits_a_stricter_limit_of_its_own_holds_and_is_told_as_trouble(
    gateway: Gateway,
) -> None:
    behind = {**gateway.behind, "redis_url": f"redis://{AWAY}/0"}
    async with open_door(gateway.clock, **behind, pages_per_minute=6) as (url, session):
        statuses = []
        for _ in range(5):
            async with session.get(f"{url}/feedback/good") as answer:
                statuses.append((answer.status, "Retry-After" in answer.headers))
    assert statuses == [(200, False)] * 3 + [(503, True)] * 2


@pytest.mark.req("GAT-47", "GAT-27")
async def test_a_client_is_who_the_trusted_proxy_says_and_nobody_else_is_believed(gateway: Gateway) -> None:
    changes = {**gateway.behind, "pages_per_minute": 2, "trusted_proxies": "10.0.0.0/8"}
    async with open_door(gateway.clock, **changes) as (url, session):
        statuses = []
        for last in range(4):
            headers = {"X-Forwarded-For": f"198.51.100.{last}", "X-Real-IP": f"198.51.100.{last}"}
            async with session.get(f"{url}/feedback/good", headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [200, 200, 429, 429]


@pytest.mark.req("GAT-27", "GAT-34")
@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        # A proxy that adds a line of its own behind the one a client made up.
        ([f"198.51.100.{last}" for last in range(4)], "203.0.113.9"),
        # One subscriber of IPv6 has more addresses than anybody can count.
        (None, "2001:db8:1:2:{}::7"),
        (None, "[2001:db8:1:2::{}]:4711"),
        # Some proxies name the port as well, and each connection has another one.
        (None, "203.0.113.9:400{}"),
        (None, "::ffff:203.0.113.9"),
    ],
)
async def test_visits_of_one_client_are_counted_together_however_it_is_named(
    gateway: Gateway, forwarded: list[str] | None, counted: str
) -> None:
    statuses = []
    async with open_door(gateway.clock, **gateway.behind, pages_per_minute=2) as (url, session):
        for number in range(4):
            lines = [forwarded[number]] if forwarded else []
            headers = CIMultiDict(("X-Forwarded-For", one) for one in [*lines, counted.format(number)])
            async with session.get(f"{url}/feedback/good", headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [200, 200, 429, 429]


async def test_subscribers_of_ipv6_are_told_apart(gateway: Gateway) -> None:
    statuses = []
    async with open_door(gateway.clock, **gateway.behind, pages_per_minute=1) as (url, session):
        for number in range(3):
            headers = {"X-Forwarded-For": f"2001:db8:1:{number}::7"}
            async with session.get(f"{url}/feedback/good", headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [200] * 3


@pytest.mark.req("GAT-20", "GAT-32")
@pytest.mark.parametrize(
    "path",
    ["/unsubscribe/good", "/preferences/good", "/consent/confirm/good", "/stop/good", "/feedback/good"],
)
async def test_a_form_that_is_none_of_ours_is_told_what_is_wrong_with_it(gateway: Gateway, path: str) -> None:
    many = "&".join(f"f{number}=1" for number in range(200))
    broken = {"Content-Type": "multipart/form-data"}
    for body, headers, status in (("a=" + "x" * 70_000, {}, 413), (many, FORM, 400), ("x", broken, 400)):
        async with gateway.post(path, data=body, headers=headers) as answer:
            assert answer.status == status
            assert "Please open the link again" in await answer.text()
