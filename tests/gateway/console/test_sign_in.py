"""Signing in to the console and out: who gets in, once, for how long, and with which cookie."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest

from gateway.console import tickets
from gateway.console.people import NobodyOfStaff, person_of
from gateway.console.sign_in import TRIES_PER_MINUTE
from services.common.security.jwt import issue_contact
from tests.gateway.conftest import running
from tests.gateway.console.kit import TOKEN_KEYS, Operator, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_ticket_signs_in_once_and_looking_at_it_uses_nothing_up(world: World) -> None:
    ticket = world.ticket("super_owner", subject="Ada <b>")
    async with world.browser() as ada, world.browser() as thief:
        shown = await ada.get(f"/console/sign-in/{ticket}")
        assert (shown.status, "Sign in as Ada <b>" in shown.said) == (200, True)
        assert "<b>" not in shown.text
        page = await ada.submit("/console/sign-in")
        assert (page.status, "Overview" in page.said) == (200, True)
        again = await thief.post("/console/sign-in", {"ticket": ticket})
        assert (again.status, "used up" in again.said) == (410, True)
        spelled = await thief.post("/console/sign-in", {"ticket": f"{ticket}="})
        assert spelled.status in (404, 410)
        assert (await thief.get("/console")).status == 401


async def test_a_ticket_is_good_for_two_minutes_and_a_forged_one_for_nothing(world: World) -> None:
    async with world.browser() as operator:
        old = tickets.issue(TOKEN_KEYS, world.bearer(), world.clock.now() - timedelta(minutes=2))
        assert (await operator.get(f"/console/sign-in/{old}")).status == 410
        assert (await operator.post("/console/sign-in", {"ticket": old})).status == 410
        good = world.ticket()
        middle = len(good) // 2
        forged = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
        for text in (forged, good[:40], "", world.bearer(), "é"):
            assert (await operator.post("/console/sign-in", {"ticket": text})).status == 404
        assert (await operator.get("/console")).status == 401


async def test_only_staff_are_given_tickets(world: World) -> None:
    contact = issue_contact(world.house.settings, world.tenant_id, world.tenant_id)
    for bearer in (contact, "nonsense", ""):
        with pytest.raises(NobodyOfStaff):
            tickets.issue(TOKEN_KEYS, bearer, world.clock.now())


async def test_the_cookie_is_out_of_reach_and_lasts_no_longer_than_the_token(world: World) -> None:
    bearer = world.bearer()
    async with world.browser() as operator:
        page = await operator.post(
            "/console/sign-in", {"ticket": tickets.issue(TOKEN_KEYS, bearer, world.clock.now())}
        )
        (morsel,) = SimpleCookie(page.headers["set-cookie"]).values()
        assert (morsel["httponly"], morsel["samesite"].lower(), morsel["path"]) == (True, "strict", "/")
        assert bearer not in morsel.value
        ends = person_of(bearer).expires
        assert int(morsel["max-age"]) == int((ends - world.clock.now()).total_seconds())
        assert (await operator.get("/console")).status == 200
        now = world.clock.now()
        world.clock.set(ends)
        try:
            late = await operator.get("/console")
        finally:
            world.clock.set(now)
        assert (late.status, "angarium console" in late.said) == (401, True)


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(world: World) -> None:
    async with world.signed_in() as operator:
        cookies = {one.key: one.value for one in operator.session.cookie_jar}
        await operator.get("/console")
        page = await operator.submit("/console/sign-out")
        assert "angarium console" in page.said
        async with world.browser() as copy:
            assert (await copy.get("/console", cookies=cookies)).status == 401


async def test_a_cookie_that_was_altered_is_no_session(world: World) -> None:
    async with world.signed_in() as operator:
        ((name, value),) = [(one.key, one.value) for one in operator.session.cookie_jar]
    async with world.browser() as other:
        for bad in (value[:-3] + "AAA", world.ticket(), world.bearer(), ""):
            assert (await other.get("/console", cookies={name: bad})).status == 401


async def test_a_sign_in_sent_by_another_site_is_refused(world: World) -> None:
    async with world.browser() as operator:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            page = await operator.post("/console/sign-in", {"ticket": world.ticket()}, headers=headers)
            assert page.status == 403
        assert (await operator.get("/console")).status == 401


@asynccontextmanager
async def another_door(world: World, **changes: Any) -> AsyncIterator[Operator]:
    """A browser at a gateway with settings that differ."""
    async with AsyncExitStack() as stack:
        server, _ = await stack.enter_async_context(running(world.clock, **{**world.behind, **changes}))
        place = f"http://{server.config.host}:{server.config.port}"
        yield await stack.enter_async_context(world.browser(place))


async def test_behind_tls_the_cookie_stays_at_its_host_and_never_leaves_without_tls(world: World) -> None:
    async with another_door(world, public_base_url="https://mail.example") as operator:
        ours = {"Origin": "https://mail.example", "Sec-Fetch-Site": "same-origin"}
        page = await operator.post("/console/sign-in", {"ticket": world.ticket()}, headers=ours)
        ((name, morsel),) = SimpleCookie(page.headers["set-cookie"]).items()
        assert (page.status, name) == (303, "__Host-angarium_console")
        assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")
        assert "strict-transport-security" in page.headers


async def test_without_tls_nobody_signs_in_but_on_this_machine(world: World) -> None:
    async with another_door(world, public_base_url="http://mail.example") as operator:
        page = await operator.post("/console/sign-in", {"ticket": world.ticket()})
        assert (page.status, "needs https" in page.said) == (409, True)
        assert "set-cookie" not in page.headers


@pytest.mark.req("SEC-7")
async def test_guessing_tickets_is_held_off(world: World) -> None:
    async with another_door(world, enable_rate_limiting=True) as operator:
        answers = [await operator.post("/console/sign-in", {"ticket": f"guess{n}"}) for n in range(25)]
        assert [one.status for one in answers] == [404] * TRIES_PER_MINUTE + [429] * (25 - TRIES_PER_MINUTE)
        assert int(answers[-1].headers["retry-after"]) > 0


async def test_without_its_store_nobody_signs_in_and_nobody_is_let_in(world: World) -> None:
    ticket = world.ticket()
    async with world.signed_in() as known:
        cookies = {one.key: one.value for one in known.session.cookie_jar}
    async with another_door(world, redis_url="redis://127.0.0.1:1/0") as operator:
        page = await operator.post("/console/sign-in", {"ticket": ticket})
        assert (page.status, "set-cookie" in page.headers) == (503, False)
        assert (await operator.get("/console", cookies=cookies)).status == 503
    async with world.browser() as operator:
        assert (await operator.post("/console/sign-in", {"ticket": ticket})).status == 303


async def test_a_gateway_may_have_no_console(world: World) -> None:
    async with another_door(world, enable_console=False) as operator:
        for path in ("/console", "/console/sign-in", "/console/live"):
            assert (await operator.get(path)).status == 404


async def test_every_page_keeps_browsers_safe_and_loads_nothing_from_elsewhere(world: World) -> None:
    async with world.signed_in() as operator:
        for path in ("/console", "/console/explain", "/console/dead-letters", "/console/nowhere"):
            page = await operator.get(path)
            assert page.headers["x-frame-options"] == "DENY"
            assert page.headers["cache-control"] == "no-store"
            if page.status != 200:
                continue
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert page.has('html[lang="en"]')
            tree = page.tree
            assert not tree.css("style, [style], [onclick], script:not([src])")
            used = [one.attributes.get(key) or "" for key in ("src", "href") for one in tree.css(f"[{key}]")]
            assert all(one.startswith(("/console", "#", "?")) for one in used), used
        sheet = tree_link(await operator.get("/console"))
        found = await operator.get(sheet)
        assert (found.status, found.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in found.headers["cache-control"]
        assert (await operator.get("/console/static/0/console.css")).status == 404


def tree_link(page: object) -> str:
    (link,) = page.tree.css("link[rel=stylesheet]")  # type: ignore[attr-defined]
    return str(link.attributes["href"])
