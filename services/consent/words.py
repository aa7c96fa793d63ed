"""The words of this service's tables and the numbers of its contract, one for the other, total over every enum."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import (
    compliance_service_pb2,
    consent_pb2,
    consent_service_pb2,
    dnd_service_pb2,
    ledger_service_pb2,
    preference_service_pb2,
    suppression_service_pb2,
)


class Words:
    """One enum of the contract: numbers to words and back; 0 and unknown numbers have the empty word."""

    def __init__(self, enum: EnumTypeWrapper, prefix: str) -> None:
        self._words = {
            number: name.removeprefix(prefix).lower() for name, number in enum.items() if number != 0
        }
        self._numbers = {word: number for number, word in self._words.items()}

    def word(self, number: int) -> str:
        """Returns the word of a number; empty when it is unspecified or not known."""
        return self._words.get(number, "")

    def number(self, word: str | None) -> int:
        """Returns the number of a word; 0 for none. LookupError for a word the contract does not have."""
        return self._numbers[word] if word else 0

    def __contains__(self, number: object) -> bool:
        return number in self._words


CHANNEL = Words(enums_pb2.Channel, "CHANNEL_")
MESSAGE_CLASS = Words(enums_pb2.MessageClass, "MESSAGE_CLASS_")
CATEGORY = Words(enums_pb2.Category, "CATEGORY_")
CONSENT_STATE = Words(consent_pb2.Consent.State, "STATE_")
CONSENT_SOURCE = Words(consent_pb2.ConsentSource, "CONSENT_SOURCE_")
OPT_OUT_SOURCE = Words(consent_pb2.OptOutSource, "OPT_OUT_SOURCE_")
SCOPE = Words(suppression_service_pb2.SuppressionScope, "SUPPRESSION_SCOPE_")
SUPPRESSION_REASON = Words(suppression_service_pb2.SuppressionReason, "SUPPRESSION_REASON_")
INBOUND_ACTION = Words(consent_service_pb2.InboundAction, "INBOUND_ACTION_")
OUTCOME = Words(compliance_service_pb2.Outcome, "OUTCOME_")
DECISION_REASON = Words(compliance_service_pb2.DecisionReason, "DECISION_REASON_")
PURPOSE = Words(compliance_service_pb2.EvaluationPurpose, "EVALUATION_PURPOSE_")
TOKEN_PURPOSE = Words(preference_service_pb2.TokenPurpose, "TOKEN_PURPOSE_")
FREQUENCY = Words(preference_service_pb2.Frequency, "FREQUENCY_")
CATEGORY_GROUP = Words(preference_service_pb2.CategoryGroup, "CATEGORY_GROUP_")
DND_MODE = Words(dnd_service_pb2.DndImport.Mode, "MODE_")
DND_STATE = Words(dnd_service_pb2.DndImport.State, "STATE_")
LEDGER_FAULT = Words(ledger_service_pb2.LedgerFault, "LEDGER_FAULT_")
METHOD = Words(preference_service_pb2.UnsubscribeMethod, "UNSUBSCRIBE_METHOD_")


def uuid_or_none(text: str) -> UUID | None:
    """Returns an id that validation has checked, or None for an empty text."""
    return UUID(text) if text else None


def text_of(value: UUID | None) -> str:
    """Returns an id as the contract writes it; empty for none."""
    return "" if value is None else str(value)


def timestamp(instant: datetime | None) -> Timestamp | None:
    """Returns an instant as the contract writes it; None leaves the field absent."""
    if instant is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp


def instant(stamp: Timestamp) -> datetime:
    """Returns the instant of a timestamp that is present."""
    return stamp.ToDatetime(tzinfo=UTC)
