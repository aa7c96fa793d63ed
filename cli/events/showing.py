"""Events and the keys they are signed with, as people and programs read them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.moments import instant, instant_of

if TYPE_CHECKING:
    from angarium.campaign.v1.event_intake_service_pb2 import InboundEvent, IntakeKey


def word(one: "InboundEvent") -> str:
    """Returns where an event stands."""
    from angarium.campaign.v1 import event_intake_service_pb2 as pb

    return pb.InboundEvent.State.Name(one.state).removeprefix("STATE_").lower()


def cells(one: "InboundEvent") -> Sequence[object]:
    """Returns an event as a row of a table."""
    return (
        one.event_id,
        one.type,
        f"{one.aggregate_type} {one.aggregate_id}",
        one.source,
        word(one),
        one.attempts,
        instant(one.receive_time),
        one.error or None,
    )


def event(one: "InboundEvent") -> dict[str, Any]:
    """Returns an event as plain values."""
    return {
        "event": one.event_id,
        "type": one.type,
        "named": one.named_type,
        "source": one.source,
        "branch": one.branch_ref,
        "aggregate_type": one.aggregate_type,
        "aggregate_id": one.aggregate_id,
        "sequence": one.sequence if one.HasField("sequence") else None,
        "fact": one.fact,
        "status": word(one),
        "tries": one.attempts,
        "error": one.error,
        "steps": list(one.steps),
        "key": one.key_id,
        "happened": instant(one.occur_time),
        "received": instant(one.receive_time),
        "next": instant_of(one, "next_attempt_time"),
        "finished": instant_of(one, "finish_time"),
    }


def key(one: "IntakeKey") -> dict[str, Any]:
    """Returns a key as plain values."""
    return {
        "key": one.key_id,
        "source": one.source,
        "types": list(one.event_types),
        "active": one.is_active,
        "created_by": one.created_by,
        "created": instant(one.create_time),
        "last_used": instant_of(one, "last_use_time"),
        "old_secret_until": instant_of(one, "previous_expire_time"),
        "revoked": instant_of(one, "revoke_time"),
    }


def wrong(one: dict[str, Any]) -> Sequence[object]:
    """Returns what is wrong with an event of a file as a row of a table."""
    fields = ", ".join(f"{wrong['field']} {wrong['description']}" for wrong in one.get("violations", ()))
    return one["index"], one["event_id"] or None, one.get("reason"), fields or None
