"""Those who left: whoever unsubscribed, complained or wrote STOP is refused by the very next decision (CON-60, CON-66)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2, consent_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.figures import Recipient


class Departures(NamedTuple):
    """How many left, by the recipients' own log, and how many of them a decision refuses now."""

    left: int
    refused: int


def leavers(ledger: Mapping[str, Recipient], messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Returns who unsubscribed or complained, by contact, with the address they did it from."""
    return {
        ledger[message["message_id"]].contact_id: str(message["address"])
        for message in messages
        if (message["unsubscribed"] or message["complained_at"]) and message["message_id"] in ledger
    }


async def ask_again(
    cast: Cast, left: Mapping[str, str], channel: enums_pb2.Channel = enums_pb2.CHANNEL_EMAIL
) -> Departures:
    """Asks whether each of them might be written to once more."""
    refused = 0
    for contact_id, address in left.items():
        answer: compliance_service_pb2.EvaluateSendResponse = await patiently(
            cast.ada.compliance.EvaluateSend,
            compliance_service_pb2.EvaluateSendRequest(
                subject=consent_pb2.Subject(contact_id=contact_id),
                address=address,
                context=compliance_service_pb2.EvaluationContext(
                    channel=channel,
                    category=enums_pb2.CATEGORY_NEWSLETTER,
                    purpose=compliance_service_pb2.EVALUATION_PURPOSE_PREVIEW,
                ),
            ),
        )
        refused += answer.decision.outcome == compliance_service_pb2.OUTCOME_DENY
    return Departures(len(left), refused)
