"""Calling campaigns as a person of a tenant, and their answers as plain values."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.moments import instant_of
from cli.operating.tenancy import amount
from cli.output import usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import Campaign, CampaignRun

_OWNER = "super_owner"
_COUNTED = (
    "total", "pending", "sent", "delivered", "read", "bounced", "failed", "skipped", "unknown", "cancelled", "expired",
)  # fmt: skip


@asynccontextmanager
async def campaigns(folder: StateFolder, tenant_id: UUID | None, person: str = "") -> AsyncIterator[Any]:
    """Yields a stub of campaigns whose calls a person makes; the token of the environment names its own."""
    from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
    from cli.client import PersonChannels, client_settings

    subject = person or os.environ.get("USER", "") or "cli"
    async with PersonChannels(
        client_settings(folder), tenant_id=tenant_id, role=_OWNER, subject=subject
    ) as channels:
        yield channels.stub(CampaignServiceStub, "campaign")


def word(number: int, enum: Any, prefix: str) -> str:
    """Returns the word of a number of the contract."""
    return str(enum.Name(number)).removeprefix(prefix).lower()


def money(found: Any) -> str | None:
    """Returns an amount with its currency; None when there is none."""
    return amount(found) if found.currency_code else None


def counts(message: Any) -> dict[str, int]:
    """Returns how many recipients stand where."""
    return {name: int(getattr(message, name)) for name in _COUNTED}


def as_document(found: "Campaign") -> dict[str, Any]:
    """Returns a campaign for programs."""
    from angarium.campaign.v1 import campaign_pb2 as pb

    return {
        "campaign": found.campaign_id,
        "name": found.name,
        "kind": word(found.kind, pb.Campaign.Kind, "KIND_"),
        "state": word(found.state, pb.Campaign.State, "STATE_"),
        "template": found.template_name,
        "audience": found.segment_name or "all contacts",
        "scheduled": instant_of(found, "schedule_time"),
        "next_run": instant_of(found, "next_run_time"),
        "estimated_recipients": found.estimated_recipients,
        "estimated_cost": money(found.estimated_cost),
        "actual_cost": money(found.actual_cost),
        "requires_approval": found.requires_approval,
        "submitted_by": found.submitted_by or None,
        "approved_by": found.approved_by or None,
        "pause_reason": found.pause_reason or None,
        "rejection_reason": found.rejection_reason or None,
        "counts": counts(found.counts),
        "etag": found.etag,
    }


def run_document(found: "CampaignRun") -> dict[str, Any]:
    """Returns a run for programs."""
    from angarium.campaign.v1 import campaign_pb2 as pb

    document = {
        "run": found.run_id,
        "number": found.run_number,
        "state": word(found.state, pb.CampaignRun.State, "STATE_"),
        "planned": instant_of(found, "plan_time"),
        "completed": instant_of(found, "complete_time"),
        "reason": found.reason or None,
        "rerun_of": found.rerun_of_run_id or None,
        "actual_cost": money(found.actual_cost),
        "counts": counts(found.counts),
    }
    if found.HasField("ab_test_outcome"):
        outcome = found.ab_test_outcome
        document["ab_test"] = {
            "basis": word(outcome.basis, pb.AbTestOutcome.Basis, "BASIS_"),
            "winner": outcome.winner_variant_key or None,
            "ends": instant_of(outcome, "end_time"),
            "arms": [
                {"variant": arm.variant_key, "sent": arm.sent_count, "engaged": arm.engaged_count, "p": arm.p_value}
                for arm in outcome.arms
            ],
        }  # fmt: skip
    return document


def moment(option: str, text: str) -> datetime:
    """Returns an instant that was typed, with its offset; a text that is none ends the command."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        usage(f"{option} {text!r} is no instant.", "Write date, time and offset: 2026-12-01T09:00:00+01:00")
    return found
