"""Events and audit entries of campaigns."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from google.type import money_pb2

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import campaign_pb2 as pb
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.variants import Variant
from services.campaign.ledger.domain import Counts, RecipientState
from services.campaign.ledger.store import Skipped
from services.campaign.runs.domain import Run
from services.campaign.tenants import store as tenants
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.common.money import Money
from services.common.rpc.context import maybe_caller


async def changed(uow: UnitOfWork, kind: str, campaign: Campaign, reason: str = "") -> None:
    """Emits `campaign.<kind>` (EVT-88 to EVT-90)."""
    caller = maybe_caller()
    payload = events_pb2.CampaignChanged(
        campaign_id=str(campaign.campaign_id),
        name=campaign.name,
        channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
        state=int(campaign.state),  # type: ignore[arg-type]
        reason=reason,
        variants=variants_to_proto(campaign.variants),
        kind=int(campaign.kind),  # type: ignore[arg-type]
        template_id=str(campaign.template_id),
        segment_id=str(campaign.segment_id or ""),
        estimated_recipients=campaign.audience_count,
        estimated_cost=await _money(uow, campaign.estimated_cost),
        changed_by=caller.subject if caller is not None and caller.kind == "person" else "",
    )
    uow.emit(_event(kind, campaign.campaign_id, payload))


def launched(uow: UnitOfWork, campaign: Campaign, run_id: UUID, recipients: int) -> None:
    """Emits `campaign.sent`."""
    payload = events_pb2.CampaignLaunched(
        campaign_id=str(campaign.campaign_id),
        run_id=str(run_id),
        name=campaign.name,
        channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
        recipient_count=recipients,
        variants=variants_to_proto(campaign.variants),
    )
    uow.emit(_event("sent", campaign.campaign_id, payload))


async def completed(uow: UnitOfWork, campaign_id: UUID, run_id: UUID, counts: Counts, cost: Decimal) -> None:
    """Emits `campaign.completed` (EVT-92)."""
    payload = events_pb2.CampaignCompleted(
        campaign_id=str(campaign_id),
        run_id=str(run_id),
        counts=counts_to_proto(counts),
        actual_cost=await _money(uow, cost),
    )
    uow.emit(_event("completed", campaign_id, payload))


def run_skipped(uow: UnitOfWork, run: Run) -> None:
    """Emits `campaign.run_skipped`."""
    payload = events_pb2.CampaignRunSkipped(
        campaign_id=str(run.campaign_id), run_id=str(run.run_id), reason=run.reason
    )
    payload.plan_time.FromDatetime(run.planned_at)
    uow.emit(_event("run_skipped", run.campaign_id, payload))


def ab_test_decided(uow: UnitOfWork, campaign_id: UUID, run_id: UUID, outcome: pb.AbTestOutcome) -> None:
    """Emits `campaign.ab_test_decided`."""
    payload = events_pb2.CampaignAbTestDecided(
        campaign_id=str(campaign_id), run_id=str(run_id), outcome=outcome
    )
    uow.emit(_event("ab_test_decided", campaign_id, payload))


def skipped(
    uow: UnitOfWork,
    campaign_id: UUID,
    run_id: UUID,
    channel: int,
    keys: Sequence[str],
    lines: Sequence[Skipped],
) -> None:
    """Emits `campaign.recipients_skipped` in blocks; `keys` are those of the variants."""
    for start in range(0, len(lines), MAX_ITEMS):
        part = lines[start : start + MAX_ITEMS]
        payload = events_pb2.CampaignRecipientsSkipped(
            campaign_id=str(campaign_id),
            run_id=str(run_id),
            channel=channel,  # type: ignore[arg-type]  # numbered as in the contract
            recipients=[
                events_pb2.SkippedRecipient(
                    message_id=str(line.recipient_id),
                    contact_id=str(line.contact_id),
                    variant_key=key_of(keys, line.variant),
                    reason=line.reason,
                )
                for line in part
            ],
        )
        uow.emit(_event("recipients_skipped", campaign_id, payload, len(part)))


async def record(
    uow: UnitOfWork, action: str, before: Campaign | None, after: Campaign | None, **more: Any
) -> None:
    """Writes the audit entry of a change."""
    campaign = after or before
    assert campaign is not None  # noqa: S101 - one of the two is given
    await audit.record(
        uow,
        action=f"campaign.{action}",
        resource_type="campaign",
        resource_id=campaign.campaign_id,
        before=None if before is None else _shown(before),
        after=None if after is None else {**_shown(after), **more},
    )


def key_of(keys: Sequence[str], variant: int) -> str:
    """Returns the key of a variant's number; 0 is nobody's."""
    return keys[variant - 1] if variant else ""


def variants_to_proto(variants: Iterable[Variant]) -> list[pb.CampaignVariant]:
    """Returns variants as the contract shows them."""
    return [
        pb.CampaignVariant(
            key=one.key,
            name=one.name,
            template_id=str(one.template_id or ""),
            subject=one.subject,
            share_basis_points=one.share,
            template_version_id=str(one.version_id or ""),
        )
        for one in variants
    ]


def counts_to_proto(counts: Counts) -> pb.RecipientCounts:
    """Returns counts as the contract shows them: who waits for a provider is pending, who read was reached."""
    state = RecipientState
    return pb.RecipientCounts(
        total=counts.total,
        pending=counts[state.PENDING] + counts[state.HANDED_OVER],
        sent=counts[state.SENT],
        delivered=counts[state.DELIVERED] + counts[state.READ],
        read=counts[state.READ],
        bounced=counts[state.BOUNCED],
        failed=counts[state.FAILED],
        skipped=counts[state.SKIPPED],
        unknown=counts[state.UNKNOWN],
        cancelled=counts[state.CANCELLED],
        expired=counts[state.EXPIRED],
    )


async def _money(uow: UnitOfWork, amount: Decimal) -> money_pb2.Money:
    assert uow.tenant_id is not None  # noqa: S101 - campaigns belong to a tenant's unit of work
    owner = await tenants.tenant(uow, uow.tenant_id)
    return Money(owner.currency_code if owner else "", amount).to_proto()


def _shown(campaign: Campaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "state": campaign.state.name,
        "template_id": str(campaign.template_id),
        "segment_id": str(campaign.segment_id or ""),
        "scheduled_at": campaign.planned_at,
        "audience_count": campaign.audience_count,
    }


def _event(kind: str, campaign_id: UUID, payload: Any, count: int = 1) -> Event:
    return Event(f"campaign.{kind}", "campaign", str(campaign_id), payload, count=count)
