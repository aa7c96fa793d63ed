"""Runs, lines of the ledger and proofs as the contract shows them."""

from collections.abc import Sequence

from angarium.campaign.v1 import campaign_pb2 as pb
from angarium.campaign.v1 import campaign_service_pb2 as service_pb
from angarium.delivery.v1 import message_service_pb2
from services.campaign.campaigns.announce import counts_to_proto, key_of
from services.campaign.experiments.convert import outcome_of_run
from services.campaign.ledger.domain import Counts, Recipient, RecipientState, Tally
from services.campaign.ledger.hand_overs import NOTHING as NO_HAND_OVERS
from services.campaign.ledger.hand_overs import Known
from services.campaign.ledger.reconcile import Proof
from services.campaign.runs.domain import Run
from services.common.money import Money
from services.common.privacy import mask_email, mask_phone

EMAIL = 1
NOTHING = Tally(Counts())


def run_to_proto(run: Run, tally: Tally | None, currency: str) -> pb.CampaignRun:
    """Returns a run with its counts."""
    message = pb.CampaignRun(
        run_id=str(run.run_id),
        run_number=run.number,
        state=int(run.state),  # type: ignore[arg-type]  # numbered as in the contract
        counts=counts_to_proto((tally or NOTHING).counts),
        reason=run.reason,
        rerun_of_run_id=str(run.source_run_id or ""),
        actual_cost=Money(currency, (tally or NOTHING).actual_cost).to_proto(),
        ab_test_outcome=outcome_of_run(run),
    )
    message.plan_time.FromDatetime(run.planned_at)
    message.start_time.FromDatetime(run.started_at)
    if run.completed_at is not None:
        message.complete_time.FromDatetime(run.completed_at)
    return message


def recipient_to_proto(
    line: Recipient, keys: Sequence[str], channel: int, known: Known = NO_HAND_OVERS, *, masked: bool
) -> pb.CampaignRecipient:
    """Returns a line of the ledger, with how it was handed over where that is known.

    `masked` hides the address from who may not see it.
    """
    address = line.address
    if masked and address:
        address = mask_email(address) if channel == EMAIL else mask_phone(address)
    message = pb.CampaignRecipient(
        message_id=str(line.recipient_id),
        contact_id=str(line.contact_id),
        variant_key=key_of(keys, line.variant),
        address=address,
        state=int(line.state),  # type: ignore[arg-type]  # numbered as in the contract
        reason=line.reason,
    )
    if line.sent_at is not None:
        message.send_time.FromDatetime(line.sent_at)
    if line.delivered_at is not None:
        message.deliver_time.FromDatetime(line.delivered_at)
    if found := known.get(message.message_id):
        message.hand_over.CopyFrom(_hand_over(found))
    return message


def _hand_over(found: message_service_pb2.HandOver) -> pb.RecipientHandOver:
    retries = max(found.attempt_count - 1, 0)
    return pb.RecipientHandOver(
        retry_count=retries,
        last_retry_time=found.last_attempt_time if retries else None,
        read_time=found.read_time if found.HasField("read_time") else None,
        provider_message_id=found.provider_message_id,
    )


def proof_to_proto(proof: Proof) -> service_pb.ReconcileCampaignResponse:
    """Returns what a reconciliation came to; the five counts sum to the total."""
    return service_pb.ReconcileCampaignResponse(
        total_count=proof.counts.total,
        sent_count=proof.sent,
        failed_count=proof.failed,
        skipped_count=proof.counts[RecipientState.SKIPPED],
        unknown_count=proof.counts[RecipientState.UNKNOWN],
        never_tried_count=proof.never_tried,
        mended_count=proof.mended,
        missing_count=proof.missing,
        reasons=[service_pb.ReasonCount(reason=reason, count=count) for reason, count in proof.reasons],
        is_settled=proof.is_settled,
    )
