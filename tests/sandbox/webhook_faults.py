"""Webhooks that come twice, in another order, late, and after a forged one, as a sandbox sends them on order."""

from __future__ import annotations

import aiohttp

KINDS = ("webhook_duplicate", "webhook_reorder", "webhook_delay", "webhook_forge")
LATE = 0.5


async def order(session: aiohttp.ClientSession, sandbox_url: str, count: int = 3) -> None:
    """Orders each of them for so many of the next occasions."""
    for kind in KINDS:
        fault = {"kind": kind, "count": count, **({"seconds": LATE} if kind == "webhook_delay" else {})}
        async with session.post(f"{sandbox_url}/faults", json=fault) as answer:
            assert answer.status == 201, await answer.text()


async def all_struck_and_no_forgery_was_taken(session: aiohttp.ClientSession, sandbox_url: str) -> None:
    """Fails unless each kind has struck, and whoever was told knew every forged webhook for what it was."""
    async with session.get(f"{sandbox_url}/faults") as answer:
        struck = {one["kind"] for one in (await answer.json())["faults"] if one["hits"]}
    assert struck >= set(KINDS)
    async with session.get(f"{sandbox_url}/truth/summary") as answer:
        assert (await answer.json())["totals"]["forged_webhooks_accepted"] == 0
