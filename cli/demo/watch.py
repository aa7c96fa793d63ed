"""Follows a campaign until all is quiet: everybody final, every reader done, every event counted."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from angarium.analytics.v1 import report_service_pb2
from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2
from angarium.delivery.v1 import provider_service_pb2
from cli.demo import figures, truth
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Bar, Phase, Stage
from cli.demo.steps.launch import Strikes, Tests
from services.common.errors import ServiceError

_EVERY = 0.4
# Nothing moved for so long: what is still missing will not come. An account whose circuit opened is tried again after
# a minute.
_PATIENCE = 150.0
_STANDSTILL = 3.0


@dataclass(slots=True)
class Bars:
    """The bars of a campaign under way."""

    handed_over: Bar
    sent: Bar
    delivered: Bar
    opened: Bar
    clicked: Bar

    @classmethod
    def on(cls, phase: Phase, expected: int) -> "Bars":
        """Adds the bars to a phase."""
        return cls(
            phase.bar("handed over", expected),
            phase.bar("in the ledger", expected),
            phase.bar("delivered", expected),
            phase.bar("opened by people", 0),
            phase.bar("clicked by people", 0),
        )

    def draw(self, moment: "Moment") -> None:
        """Moves the bars to where things stand."""
        counts, totals = moment.campaign.counts, moment.totals
        wanted = counts.total - counts.skipped if counts.total and not counts.pending else None
        delivered = counts.delivered + counts.read
        self.handed_over.set(totals["accepted_unique"], wanted)
        self.sent.set(counts.sent + delivered + counts.bounced + counts.failed, wanted)
        self.delivered.set(delivered, wanted)
        for bar, kind, word in ((self.opened, "open", "opened"), (self.clicked, "click", "clicked")):
            by_class = figures.engagement_by_class(moment.report.engagement, kind)
            bar.set(by_class["human"], totals[word]["human"])


@dataclass(frozen=True, slots=True)
class Moment:
    """What all three sides say at one moment."""

    campaign: campaign_pb2.Campaign
    report: report_service_pb2.GetCampaignReportResponse
    pending: Mapping[str, int]
    totals: Mapping[str, Any]

    @property
    def is_final(self) -> bool:
        """Returns whether every recipient has a final state."""
        counts = self.campaign.counts
        return (
            self.campaign.state == campaign_pb2.Campaign.STATE_SENT
            and not counts.pending
            and not counts.unknown
        )

    def figures(self) -> tuple[object, ...]:
        """Returns everything that moves."""
        return (
            self.campaign.state,
            self.campaign.counts.SerializeToString(deterministic=True),
            self.report.counts.SerializeToString(deterministic=True),
            sum(one.hits for one in self.report.engagement),
            self.pending["total"],
            repr(self.totals),
        )


async def until_quiet(
    cast: Cast,
    campaign_id: UUID,
    sandbox: SandboxClient,
    tests: Tests,
    *,
    expected: int,
    strikes: Strikes,
    stage: Stage,
    phase: Phase,
) -> bool:
    """Returns True once both sides agree and nothing is under way, False when nothing moves any more before that."""
    bars = Bars.on(phase, expected)
    heartbeat = stage.heartbeat()
    resumed = 0
    moved_at = time.monotonic()
    before: tuple[object, ...] = ()
    while True:
        moment = await _look(cast, campaign_id, sandbox, tests)
        waits = list(_waits(moment, strikes))
        bars.draw(moment)
        if waits and time.monotonic() - moved_at > _STANDSTILL:
            waits += await _closed_doors(cast)
        phase.waiting = f"waiting for {', '.join(waits)}" if waits else ""
        heartbeat.beat()
        if not waits:
            return True
        if held_itself(moment.campaign):
            resumed += 1
            await resume(cast, campaign_id, resumed, phase)
        if (now := moment.figures()) != before:
            moved_at, before = time.monotonic(), now
        elif time.monotonic() - moved_at > _PATIENCE:
            phase.note(f"[red]nothing moved for {_PATIENCE:.0f} s while waiting for {', '.join(waits)}[/]")
            return False
        await asyncio.sleep(_EVERY)


async def _closed_doors(cast: Cast) -> list[str]:
    """Returns the accounts that delivery leaves alone for a while, because their provider did not answer."""
    found = await patiently(
        cast.ada.providers.ListProviderAccounts, provider_service_pb2.ListProviderAccountsRequest()
    )
    is_open = provider_service_pb2.ProviderAccount.CIRCUIT_OPEN
    return [
        f"{account.name}, which did not answer and is tried again after a minute"
        for account in found.provider_accounts
        if account.circuit == is_open
    ]


def held_itself(campaign: campaign_pb2.Campaign) -> bool:
    """Returns whether the brake holds a campaign, because so many complained or bounced."""
    return campaign.state == campaign_pb2.Campaign.STATE_PAUSED and campaign.pause_reason == "failure_rate"


async def resume(cast: Cast, campaign_id: UUID, time_number: int, phase: Phase) -> None:
    """Goes on with a campaign that was held by the brake: the simulated people complain as they were drawn."""
    if time_number == 1:
        phase.note("the campaign held itself: more than 0.3 % complained or 10 % bounced; ada resumes it")
    try:
        await patiently(
            cast.ada.campaigns.ResumeCampaign,
            campaign_service_pb2.ResumeCampaignRequest(
                campaign_id=str(campaign_id), idempotency_key=f"demo-resume-{campaign_id}-{time_number}"
            ),
        )
    except ServiceError as error:
        if error.reason != "INVALID_CAMPAIGN_STATUS":
            raise


async def _look(cast: Cast, campaign_id: UUID, sandbox: SandboxClient, tests: Tests) -> Moment:
    campaign = await figures.campaign_of(cast, campaign_id)
    report = await figures.report_of(cast, campaign_id)
    summary = await sandbox.summary(str(campaign_id))
    return Moment(campaign, report, summary["pending"], tests.left_out_of(summary["totals"]))


def _waits(moment: Moment, strikes: Strikes) -> Iterator[str]:
    """Yields what is still under way; the differing figures of analytics come last."""
    if not strikes.are_over:
        yield f"{strikes.planned - len(strikes.done)} more kills"
    counts, pending = moment.campaign.counts, moment.pending
    if counts.pending:
        yield f"{counts.pending:,} recipients to be handed over"
    if counts.unknown:
        yield f"{counts.unknown:,} unknown outcomes to be cleared up"
    if moment.campaign.state != campaign_pb2.Campaign.STATE_SENT and not counts.pending:
        state = campaign_pb2.Campaign.State.Name(moment.campaign.state).removeprefix("STATE_").lower()
        why = f" ({moment.campaign.pause_reason})" if moment.campaign.pause_reason else ""
        yield f"the campaign, which is {state}{why}"
    if pending["actions"]:
        yield f"{pending['actions']:,} acts of readers and machines"
    if rest := pending["total"] - pending["actions"]:
        yield f"{rest:,} receipts"
    if moment.is_final and not pending["total"]:
        # How many of the failed were given up, only the ledger knows; it is read at the end.
        given_up = max(0, moment.report.counts.failed - moment.totals["dropped"])
        lines = truth.quick_lines(moment.report, moment.totals, given_up=given_up)
        behind = [line.what for line in lines if not line.is_equal]
        if behind:
            yield f"analytics to count: {', '.join(behind[:4])}"
