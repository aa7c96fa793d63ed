"""The pixel never fails, the redirect goes where the link was stored to go, and nowhere else."""

import asyncio

import pytest

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.tracking import PIXEL
from tests.gateway.conftest import Gateway

TARGET = "https://shop.example.com/spring?utm=1"


def hits(gateway: Gateway) -> list[delivery_pb2.EngagementHit]:
    requests = gateway.delivery.of(delivery_pb2.RecordEngagementRequest)
    return [hit for request in requests for hit in request.hits]


@pytest.mark.req("GAT-6", "GAT-29")
async def test_the_pixel_is_the_same_for_good_forged_and_unrecorded_opens(gateway: Gateway) -> None:
    gateway.delivery.targets = {"good": ""}
    answers = []
    for path in ("good", "good.gif", "forged", "x" * 900):
        async with gateway.get(f"/track/open/{path}") as answer:
            answers.append((answer.status, await answer.read(), answer.headers["Cache-Control"]))
            assert "Set-Cookie" not in answer.headers
    gateway.delivery.is_down = True
    async with gateway.get("/track/open/good") as answer:
        answers.append((answer.status, await answer.read(), answer.headers["Cache-Control"]))
    assert set(answers) == {(200, PIXEL, "no-store")}
    assert [hit.token for hit in hits(gateway)] == ["good", "good", "forged"]


@pytest.mark.req("GAT-7", "GAT-30", "GAT-42")
async def test_a_click_goes_to_the_stored_target_whatever_the_request_says(gateway: Gateway) -> None:
    gateway.delivery.targets = {"good": TARGET, "odd": "javascript:alert(1)"}
    async with gateway.get("/track/click/good?url=https://evil.example") as answer:
        assert (answer.status, answer.headers["Location"]) == (302, TARGET)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    for token in ("forged", "odd", "y" * 900):
        async with gateway.get(f"/track/click/{token}") as answer:
            assert answer.status == 404
            assert "Location" not in answer.headers


@pytest.mark.req("DEL-11")
async def test_a_short_link_is_a_click_like_any_other(gateway: Gateway) -> None:
    gateway.delivery.targets = {"aB3dE6gH9k": TARGET}
    async with gateway.get("/l/aB3dE6gH9k") as answer:
        assert (answer.status, answer.headers["Location"]) == (302, TARGET)
    async with gateway.get("/l/AAAAAAAAAA") as answer:
        assert answer.status == 404
    assert [hit.kind for hit in hits(gateway)] == [delivery_pb2.ENGAGEMENT_KIND_CLICK] * 2


@pytest.mark.req("GAT-30")
async def test_while_delivery_does_not_answer_a_click_shows_a_page_and_no_redirect(gateway: Gateway) -> None:
    gateway.delivery.is_down = True
    async with gateway.get("/track/click/good", headers={"Accept-Language": "de-AT,de"}) as answer:
        text = await answer.text()
        assert answer.status == 503
        assert "Bitte noch einmal versuchen" in text


@pytest.mark.req("GAT-29")
async def test_an_open_seen_while_delivery_is_away_is_recorded_once_it_is_back(gateway: Gateway) -> None:
    gateway.delivery.targets = {"good": ""}
    gateway.delivery.is_down = True
    async with gateway.get("/track/open/good") as answer:
        assert (answer.status, await answer.read()) == (200, PIXEL)
    assert hits(gateway) == []
    gateway.delivery.is_down = False
    async with asyncio.timeout(10):
        while not hits(gateway):  # noqa: ASYNC110 - the gateway tells nobody when it asks again
            await asyncio.sleep(0.05)
    assert [hit.token for hit in hits(gateway)] == ["good"]


async def test_hits_that_arrive_together_share_a_call_and_each_gets_its_own_answer(gateway: Gateway) -> None:
    gateway.delivery.targets = {f"t{number}": f"https://example.com/{number}" for number in range(40)}

    async def follow(number: int) -> str:
        async with gateway.get(f"/track/click/t{number}") as answer:
            return str(answer.headers["Location"])

    found = await asyncio.gather(*(follow(number) for number in range(40)))
    assert found == [f"https://example.com/{number}" for number in range(40)]
    assert len(gateway.delivery.of(delivery_pb2.RecordEngagementRequest)) < 40


@pytest.mark.req("GAT-27")
async def test_the_clients_address_is_believed_from_a_trusted_proxy_only(gateway: Gateway) -> None:
    gateway.delivery.targets = {"good": TARGET}
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "User-Agent": "u" * 900}
    async with gateway.get("/track/open/good", headers=headers):
        pass
    async with gateway.session.head(f"{gateway.url}/track/click/good", allow_redirects=False):
        pass
    first, second = hits(gateway)
    assert (first.ip_address, len(first.user_agent), first.http_method) == ("203.0.113.9", 512, "GET")
    assert (second.ip_address, second.http_method) == ("127.0.0.1", "HEAD")


@pytest.mark.req("GAT-35")
async def test_every_answer_carries_its_request_id_and_the_headers_that_keep_browsers_safe(
    gateway: Gateway,
) -> None:
    async with gateway.get("/health", headers={"X-Request-ID": "abcdefgh-1"}) as answer:
        assert answer.status == 200
        assert answer.headers["X-Request-ID"] == "abcdefgh-1"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "server" not in {name.lower() for name in answer.headers}
    async with gateway.get("/health", headers={"X-Request-ID": "bad id\twith tab"}) as answer:
        assert answer.headers["X-Request-ID"] != "bad id\twith tab"


@pytest.mark.req("GAT-16", "GAT-46")
async def test_readiness_names_components_and_nothing_else(gateway: Gateway) -> None:
    async with gateway.get("/health/ready") as answer:
        body = await answer.json()
    assert answer.status == 503
    assert body["components"] == {"consent": True, "campaign": True, "delivery": True, "analytics": False}
    assert set(body) == {"status", "components"}
