"""Sending: a test to the staff first, then the campaign, and roles that are killed on purpose."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import campaign_service_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Phase, Stage
from cli.demo.steps.stack import Stack
from cli.demo.wish import Kill
from cli.output import CommandError, usage

_TEST_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Tests:
    """Test messages that have arrived; their readers do nothing, and no report counts them."""

    message_ids: tuple[str, ...]
    of_campaign: int
    """How many of them the sandbox counts as the campaign's."""

    def left_out_of(self, totals: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the sandbox's totals of the campaign without the test messages."""
        counted = ("accepted", "accepted_unique", "delivered")
        return {**totals, **{name: totals[name] - self.of_campaign for name in counted}}


async def send_test(cast: Cast, campaign_id: UUID, sandbox: SandboxClient, phase: Phase) -> Tests:
    """Sends a test to Ada and Ben and waits until both have arrived."""
    answer = await patiently(
        cast.ada.campaigns.SendTestMessage,
        campaign_service_pb2.SendTestMessageRequest(
            campaign_id=str(campaign_id), staff_ids=["ada", "ben"], idempotency_key="demo-test"
        ),
    )
    ends = time.monotonic() + _TEST_PATIENCE
    arrived: dict[str, Mapping[str, Any]] = {}
    while len(arrived) < len(answer.message_ids):
        if time.monotonic() > ends:
            raise CommandError(f"The test messages did not arrive within {_TEST_PATIENCE:.0f} s.")
        for message_id in answer.message_ids:
            found = await sandbox.message(message_id)
            if found and found["delivered_at"]:
                arrived[message_id] = found
        phase.waiting = f"waiting for {len(answer.message_ids) - len(arrived)} test messages to arrive"
        await asyncio.sleep(0.2)
    phase.result = "to ada and ben, arrived"
    of_campaign = sum(found["campaign_id"] == str(campaign_id) for found in arrived.values())
    return Tests(tuple(answer.message_ids), of_campaign)


async def launch(cast: Cast, campaign_id: UUID) -> None:
    """Launches the approved campaign; the call returns at once."""
    await patiently(
        cast.ada.campaigns.SendCampaign,
        campaign_service_pb2.SendCampaignRequest(
            campaign_id=str(campaign_id), idempotency_key=f"demo-send-{campaign_id}"
        ),
    )


def check_kills(stack: Stack, kills: Sequence[Kill]) -> None:
    """Refuses roles that do not exist, before anything is sent."""
    roles = [role.name for role in stack.installation.roles() if not role.once]
    for kill in kills:
        if kill.role not in roles:
            usage(f"--kill {kill.role}: there is no such role.", f"Roles are: {', '.join(roles)}")


@dataclass(slots=True)
class Strikes:
    """Kills that are planned and kills that were done."""

    planned: int
    done: list[Kill] = field(default_factory=list)

    @property
    def are_over(self) -> bool:
        """Returns whether nobody is going to be killed any more."""
        return len(self.done) == self.planned


@asynccontextmanager
async def killing(stack: Stack, kills: Sequence[Kill], stage: Stage) -> AsyncIterator[Strikes]:
    """Ends roles by SIGKILL while the block runs, each at its time; the supervisor starts them again."""
    began = time.monotonic()
    strikes = Strikes(len(kills))

    async def strike(kill: Kill) -> None:
        await asyncio.sleep(max(0.0, began + kill.seconds - time.monotonic()))
        # A role that is just being started again has a pid in a moment.
        while (pid := stack.supervisor.pid(kill.role)) is None:  # noqa: ASYNC110 - a process tells nobody that it began
            await asyncio.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        stage.note(f"[yellow]{kill.role} (pid {pid}) killed {kill.seconds:.1f} s after the launch[/]")
        strikes.done.append(kill)

    tasks = [asyncio.create_task(strike(kill)) for kill in kills]
    try:
        yield strikes
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
