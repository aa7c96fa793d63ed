"""Between what a test came to, how it is stored, and the contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from angarium.campaign.v1 import campaign_pb2 as pb
from services.campaign.campaigns.variants import Variant
from services.campaign.experiments.domain import Arm, Decision
from services.campaign.runs.domain import Run, TestPhase


def outcome_of(
    decision: Decision, arms: Sequence[Arm], variants: Sequence[Variant], now: datetime
) -> dict[str, Any]:
    """Returns a decision as it is stored."""
    return {
        "basis": int(decision.basis),
        "winner": variants[decision.winner].key,
        "decided_at": now.isoformat(),
        "arms": [
            {"key": variant.key, "sent": arm.sent, "engaged": arm.engaged, "p_value": p_value}
            for variant, arm, p_value in zip(variants, arms, decision.p_values, strict=True)
        ],
    }


def outcome_to_proto(outcome: dict[str, Any] | None, ends_at: datetime | None) -> pb.AbTestOutcome:
    """Returns a stored outcome as the contract shows it; an empty one until it is decided."""
    message = pb.AbTestOutcome()
    if ends_at is not None:
        message.end_time.FromDatetime(ends_at)
    if outcome is not None:
        message.basis = outcome["basis"]
        message.winner_variant_key = outcome["winner"]
        message.decide_time.FromDatetime(datetime.fromisoformat(outcome["decided_at"]))
        for arm in outcome["arms"]:
            message.arms.add(
                variant_key=arm["key"],
                sent_count=arm["sent"],
                engaged_count=arm["engaged"],
                p_value=arm["p_value"],
            )
    return message


def outcome_of_run(run: Run) -> pb.AbTestOutcome | None:
    """Returns what the test of a run came to; None when it has none."""
    if run.test_phase is TestPhase.NONE:
        return None
    return outcome_to_proto(run.test_outcome, run.test_ends_at)
