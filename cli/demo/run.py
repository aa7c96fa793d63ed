"""The story of a demo, from an empty folder to a proved report."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cli.demo import departures, figures, texts, truth
from cli.demo.actors import Cast
from cli.demo.report import DemoReport
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Stage
from cli.demo.steps import contacts, content, launch, orders, plan, tenant
from cli.demo.steps import texts as text_steps
from cli.demo.steps.faults import faulty
from cli.demo.steps.stack import Stack, running_stack
from cli.demo.watch import until_quiet
from cli.demo.wish import Wish
from cli.state_folder import StateFolder
from services.common.ids import uuid7


@dataclass(frozen=True, slots=True)
class Finished:
    """A demo whose stack still runs."""

    stack: Stack
    cast: Cast
    report: DemoReport
    seconds_to_ready: Mapping[str, float]


@asynccontextmanager
async def played(wish: Wish, folder: StateFolder, stage: Stage) -> AsyncIterator[Finished]:
    """Plays the demo, yields its report while the stack still runs, and drains it afterwards."""
    async with running_stack(wish, folder, stage) as stack:
        launch.check_kills(stack, wish.kills)
        seconds = stack.seconds_to_ready
        cast = Cast(stack.client_settings, uuid7())
        try:
            async with SandboxClient(stack.installation.sandbox_url) as sandbox:
                report = await _play(wish, folder, stage, stack, cast, sandbox)
            yield Finished(stack, cast, report, seconds)
        finally:
            await cast.leave()


async def _play(
    wish: Wish, folder: StateFolder, stage: Stage, stack: Stack, cast: Cast, sandbox: SandboxClient
) -> DemoReport:
    with stage.phase("tenant", "Create a tenant and its staff") as phase:
        await tenant.create_tenant(cast, phase)
    with stage.phase("providers", "Connect and verify provider accounts") as phase:
        await tenant.create_accounts(cast, stack, sandbox, phase)
    source = contacts.choose_source(wish, folder.path)
    with stage.phase("import", f"Import {source.name}") as phase:
        imported = await contacts.bring_in(cast, source, phase)
    with stage.phase("segment", "Make a segment") as phase:
        segment_id = await plan.make_segment(cast, made_up=source.is_made_up, phase=phase)
    with stage.phase("template", "Write a letter in four languages") as phase:
        letter = await content.write_letter(cast, "autumn")
        phase.result = f"{', '.join(letter.languages)}; two subjects, previewed"
    with stage.phase("order", "Send an order confirmation by SMTP") as phase:
        await orders.confirm_order(cast, await content.write_letter(cast, "order"), sandbox, phase)
    with stage.phase("estimate", "Plan an A/B test and estimate it") as phase:
        campaign_id = await plan.make_campaign(cast, segment_id, letter)
        planned = await plan.estimate(cast, campaign_id, phase)
    with stage.phase("test_send", "Send a test to the staff") as phase:
        tests = await launch.send_test(cast, campaign_id, sandbox, phase)
    with stage.phase("approval", "Have it approved by a second person") as phase:
        await plan.have_approved(cast, campaign_id, phase)
    with stage.phase("campaign", "Send it, and let people and machines read") as phase:
        async with faulty(sandbox, wish.faults) as struck:
            await launch.launch(cast, campaign_id)
            async with launch.killing(stack, wish.kills, stage) as strikes:
                is_quiet = await until_quiet(
                    cast,
                    campaign_id,
                    sandbox,
                    tests,
                    expected=planned.expected,
                    strikes=strikes,
                    stage=stage,
                    phase=phase,
                )
        phase.result = "all is quiet" if is_quiet else "[red]something is missing[/]"
    with stage.phase("texts", "Text those with a phone, and hear them out") as phase:
        sent_texts = await text_steps.prepare(cast, await content.write_letter(cast, "tasting"), phase)
        if sent_texts is not None:
            is_quiet &= await text_steps.send(cast, sent_texts, sandbox, phase)
    with stage.phase("proof", "Reconcile, and ask the recipients themselves") as phase:
        reconciliation = await figures.reconcile(cast, campaign_id)
        ledger = await figures.ledger_of(cast, campaign_id)
        messages = [
            message
            for message in await sandbox.messages(str(campaign_id))
            if message["message_id"] not in tests.message_ids
        ]
        totals = tests.left_out_of((await sandbox.summary(str(campaign_id)))["totals"])
        report = await figures.report_of(cast, campaign_id)
        links = await figures.links_of(cast, campaign_id)
        arms = await figures.arms_of(cast, campaign_id)
        left = await departures.ask_again(cast, departures.leavers(ledger, messages))
        heard = await texts.texts_of(cast, sent_texts, sandbox) if sent_texts else texts.NONE
        comparison = truth.compare(report, links, ledger, totals, messages, left, heard.lines)
        phase.result = f"{len(comparison.lines)} figures"
    return DemoReport(
        source=source.name,
        seed=wish.seed,
        contacts=imported,
        reconciliation=reconciliation,
        report=report,
        arms=arms,
        subjects=letter.subjects,
        states=figures.states_of(ledger),
        refusals={one.reason: one.count for one in report.skips},
        texts=heard,
        comparison=comparison,
        faults=dict(struck),
        kills=[f"{kill.role}@{kill.seconds:g}" for kill in strikes.done],
        ids={"tenant": str(cast.tenant_id), "campaign": str(campaign_id), "segment": segment_id},
        is_quiet=is_quiet,
    )
