"""Explanations as the contract shows them."""

from angarium.delivery.v1 import explain_service_pb2 as pb
from services.delivery.enums import wire
from services.delivery.explain.domain import Decision, Explained, Gate, Line, RunMessage
from services.delivery.messages.announce import timestamp


def explained(one: Explained) -> pb.ExplainSendResponse:
    """Returns an explanation."""
    return pb.ExplainSendResponse(
        message_id=one.message_id,
        state=wire(one.state) if one.state is not None else None,
        reason=one.reason,
        decisions=[_decision(decision) for decision in one.decisions],
    )


def line(one: Line) -> pb.RunAccountLine:
    """Returns messages of a run that stand alike."""
    return pb.RunAccountLine(
        standing=wire(one.standing),
        state=wire(one.state),
        reason=one.reason,
        count=one.messages,
        resendable_count=one.resendable,
    )


def run_message(one: RunMessage) -> pb.RunMessage:
    """Returns one message of a run."""
    return pb.RunMessage(
        message_id=str(one.message_id),
        contact_id=str(one.contact_id or ""),
        standing=wire(one.standing),
        state=wire(one.state),
        reason=one.reason,
        is_resendable=one.is_resendable,
    )


def _decision(one: Decision) -> pb.SendDecision:
    return pb.SendDecision(
        moment=wire(one.moment),
        decide_time=timestamp(one.decided_at),
        outcome=wire(one.said),
        reason=one.reason,
        gates=[_gate(gate) for gate in one.gates],
    )


def _gate(one: Gate) -> pb.Gate:
    return pb.Gate(
        kind=wire(one.kind),
        check=one.check,
        outcome=wire(one.said),
        fact=one.fact,
        defer_time=timestamp(one.until) if one.until else None,
    )
