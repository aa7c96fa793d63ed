"""Whatever stands where a token should: an answer that blames nobody else, and costs nobody else anything (REL-16)."""

from __future__ import annotations

import asyncio

import pytest

from gateway import media
from gateway.tracking import PIXEL
from tests.gateway.conftest import Gateway
from tests.gateway.test_tracking import TARGET, hits

ODD = (
    "%00",
    "a%00b",
    "%ff%fe",
    "%F0%9F%98%80",
    "%0d%0aSet-Cookie:%20a=b",
    "..%2f..%2fetc",
    "%20",
    ".gif",
    ".",
    "a" * 3000,
    "%C0%AE",
    "-" * 512,
    "%2500",
    "{{7*7}}",
    "'--",
)
PLACES = (
    "/track/open/",
    "/track/click/",
    "/l/",
    "/unsubscribe/",
    "/preferences/",
    "/consent/confirm/",
    "/stop/",
    "/feedback/",
    "/media/",
    "/passes/",
    "/webhooks/sendgrid/",
    "/webhooks/",
)
FORMS = (
    "/unsubscribe/",
    "/preferences/",
    "/consent/confirm/",
    "/stop/",
    "/feedback/",
    "/webhooks/sendgrid/",
    "/v1/events",
)
BODIES = (
    b"",
    b"\x00\xff\xfe",
    b"a=%00&b=%ff%fe",
    b"List-Unsubscribe=One-Click\x00",
    b"{" * 5000,
    b"&" * 2000,
)


@pytest.mark.req("REL-16", "REL-23", "GAT-20")
@pytest.mark.parametrize("place", PLACES)
async def test_no_token_makes_the_gateway_fail_or_take_its_neighbour_for_down(
    gateway: Gateway, place: str
) -> None:
    for token in ODD:
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            async with gateway.session.request(
                method, gateway.url + place + token, allow_redirects=False
            ) as answer:
                await answer.read()
                assert answer.status < 500, (method, token, answer.status)
                assert answer.status != 302
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "Set-Cookie" not in answer.headers


@pytest.mark.req("REL-16", "REL-23", "GAT-20")
@pytest.mark.parametrize("place", FORMS)
async def test_no_form_makes_the_gateway_fail(gateway: Gateway, place: str) -> None:
    for token in ("good", "%00", "a%00b"):
        path = place if place == "/v1/events" else place + token
        for body in BODIES:
            for kind in (
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/json",
                "x",
            ):
                async with gateway.post(path, data=body, headers={"Content-Type": kind}) as answer:
                    await answer.read()
                    assert answer.status < 500, (path, body[:20], kind, answer.status)


@pytest.mark.req("REL-16", "GAT-6", "GAT-29")
async def test_an_open_without_a_token_costs_no_other_visitor_their_click(gateway: Gateway) -> None:
    gateway.delivery.targets = {"good": TARGET}

    async def visit(path: str) -> tuple[int, str, bytes]:
        async with gateway.get(path) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.read()

    # They arrive together, so their hits share a call to delivery.
    paths = ["/track/click/good", "/track/open/.gif", "/track/open/good.gif"] * 5
    answers = await asyncio.gather(*map(visit, paths))
    assert {answer[:2] for answer in answers[::3]} == {(302, TARGET)}
    assert {answer[2] for answer in answers[1::3]} == {PIXEL}
    assert sorted(hit.token for hit in hits(gateway)) == ["good"] * 10


def test_an_asset_is_known_by_its_whole_tag_and_by_no_part_of_one() -> None:
    tag = '"0a1b"'
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*", f'W/"x",W/{tag}'):
        assert media.is_known(tag, header), header
    for header in ("", '"', '""', '"0a1b', "0a1b", '"x0a1b"', '"0a1b", "'[:5]):
        assert not media.is_known(tag, header), header
    for header in ("", '""', '"x"'):
        assert not media.is_known("", header), header
