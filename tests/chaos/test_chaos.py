"""Everything dies again and again while a campaign and a stream of transactional messages are under way."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rich.console import Console

from angarium.delivery.v1 import provider_service_pb2
from cli.demo import departures, figures, truth
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Stage
from cli.demo.steps import contacts, content, launch, plan, tenant
from cli.demo.steps.stack import Stack, running_stack
from cli.demo.watch import until_quiet
from cli.demo.wish import Wish
from cli.state_folder import StateFolder
from services.common.ids import uuid7
from tests.chaos.killer import Deaths, killing
from tests.chaos.order import Order
from tests.chaos.stream import TAKEN, Sent, State, order_template, streaming, until_final

pytestmark = pytest.mark.chaos

# An outcome that SMTP cannot tell is given up after two minutes, and is then tried once more.
_PATIENCE = 300.0


@pytest.mark.req("REL-3", "REL-4", "REL-5", "REL-8", "REL-12")
async def test_whatever_dies_nobody_is_forgotten_and_no_marketing_is_sent_twice(
    order: Order, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    stage = Stage(Console(highlight=False, width=140))
    folder = StateFolder.at(Path(request.config.getoption("--keep-state") or tmp_path / "state"))
    wish = Wish(recipients=order.recipients, seed=order.seed, workers=2)
    async with running_stack(wish, folder, stage) as stack:
        cast = Cast(stack.client_settings, uuid7())
        try:
            async with SandboxClient(stack.installation.sandbox_url) as sandbox:
                await _play(order, wish, folder, stage, stack, cast, sandbox)
        finally:
            await cast.leave()


async def _play(
    order: Order,
    wish: Wish,
    folder: StateFolder,
    stage: Stage,
    stack: Stack,
    cast: Cast,
    sandbox: SandboxClient,
) -> None:
    with stage.phase("given", "Tenant, accounts, people, a letter, a campaign") as phase:
        await tenant.create_tenant(cast, phase)
        accounts = await tenant.create_accounts(cast, stack, sandbox, phase)
        source = contacts.choose_source(wish, folder.path)
        await contacts.bring_in(cast, source, phase)
        segment_id = await plan.make_segment(cast, made_up=True, phase=phase)
        letter = await content.write_letter(cast, "autumn")
        campaign_id = await plan.make_campaign(cast, segment_id, letter)
        planned = await plan.estimate(cast, campaign_id, phase)
        await plan.have_approved(cast, campaign_id, phase)
        version_id = await order_template(cast)
    roles = [role.name for role in stack.installation.roles() if not role.once]
    kills = order.plan(roles)
    with stage.phase(
        "chaos", f"{len(kills)} kills while {planned.expected:,} recipients are written to"
    ) as phase:
        # Slow answers keep hand-overs in the air, so that kills meet them there.
        await _slow_down(stack, seconds=min(5.0, order.seconds * 1000 / max(planned.expected, 1)))
        await launch.launch(cast, campaign_id)

        async def look_after(role: str) -> None:
            # A provider that did not answer is left alone for a minute, and nothing would be under way meanwhile.
            if role == "sandbox":
                await _verify(cast, accounts)

        async with (
            killing(stack, kills, stage, afterwards=look_after) as deaths,
            streaming(cast, version_id, order.messages, order.seconds) as sent,
        ):
            is_quiet = await until_quiet(
                cast,
                campaign_id,
                sandbox,
                launch.Tests((), 0),
                expected=planned.expected,
                strikes=deaths.strikes,
                stage=stage,
                phase=phase,
            )
    with stage.phase("proof", "Count who got what"):
        states = await until_final(cast, sent, patience=_PATIENCE)
        reconciled = await _reconcile(folder, cast, str(campaign_id))
        ledger = await figures.ledger_of(cast, campaign_id)
        messages = await sandbox.messages(str(campaign_id))
        totals = (await sandbox.summary(str(campaign_id)))["totals"]
        report = await figures.report_of(cast, campaign_id)
        links = await figures.links_of(cast, campaign_id)
        left = await departures.ask_again(cast, departures.leavers(ledger, messages))
        comparison = truth.compare(report, links, ledger, totals, messages, left)
        arrived = Counter(str(one["message_id"]) for one in await sandbox.messages(""))
    _tell(stage, order, deaths, sent, states, arrived, comparison, reconciled)
    assert is_quiet
    assert reconciled["settled"]
    assert reconciled["total"] == len(ledger) == planned.audience
    assert comparison.lost == 0
    assert comparison.duplicates == 0
    assert comparison.strangers == 0
    assert comparison.differences == []
    assert len(sent.ids) == order.messages
    taken = {id for id, state in states.items() if state in TAKEN}
    assert taken - arrived.keys() == set(), "messages the ledger calls sent never arrived"
    twice = sum(count - 1 for count in arrived.values())
    assert twice <= sum(one.transactional_in_flight for one in deaths.done)


async def _slow_down(stack: Stack, *, seconds: float) -> None:
    """Makes the provider answer every request late."""
    fault = {"kind": "slow", "seconds": seconds, "count": 0}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stack.installation.sandbox_url}/faults", json=fault) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def _verify(cast: Cast, accounts: tenant.Accounts) -> None:
    """Verifies both accounts as soon as their provider answers again, which closes their circuits."""
    for account_id in (accounts.sendgrid_id, accounts.smtp_id):
        request = provider_service_pb2.VerifyProviderAccountRequest(provider_account_id=account_id)
        async with asyncio.timeout(_PATIENCE):
            while not (await patiently(cast.ada.providers.VerifyProviderAccount, request)).is_ok:  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.5)


async def _reconcile(folder: StateFolder, cast: Cast, campaign_id: str) -> dict[str, Any]:
    """What `angarium reconcile` says, asked as a person would."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", "reconcile", "--campaign", campaign_id),
        *("--tenant", str(cast.tenant_id), "--state", str(folder.path), "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    found: dict[str, Any] = json.loads(out)
    return found


def _tell(
    stage: Stage,
    order: Order,
    deaths: Deaths,
    sent: Sent,
    states: Mapping[str, Any],
    arrived: Counter[str],
    comparison: truth.Comparison,
    reconciled: Mapping[str, Any],
) -> None:
    by_role = Counter(one.role for one in deaths.done)
    twice = sum(count - 1 for count in arrived.values())
    lost = sum(1 for id, state in states.items() if state in TAKEN and id not in arrived)
    emptied = sum(one.emptied for one in deaths.done)
    stage.line(
        f"seed {order.seed}: {len(deaths.done)} kills ({dict(by_role)}; Valkey was emptied {emptied} times)"
    )
    stage.line(f"campaign: {dict(reconciled)}")
    stage.line(
        f"campaign: lost {comparison.lost}, duplicates {comparison.duplicates}, strangers {comparison.strangers},"
        f" in flight at kills {sum(one.marketing_in_flight for one in deaths.done)}"
    )
    stage.line(
        f"transactional: {len(sent.ids)} accepted ({sent.repeated} calls repeated), lost {lost}, duplicates {twice},"
        f" in flight at kills {sum(one.transactional_in_flight for one in deaths.done)}"
    )
    by_state = Counter(State.Name(state).removeprefix("STATE_").lower() for state in states.values())
    stage.line(f"transactional by state: {dict(by_state)}")
    for line in comparison.differences:
        stage.line(f"[red]{line.what}: Angarium {line.angarium}, sandbox {line.sandbox}[/]")
