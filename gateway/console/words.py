"""Values as people read them: numbers, money, instants, and the words of the contract's enums."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_currency
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money as MoneyMessage
from markupsafe import Markup

from angarium.analytics.v1 import figures_pb2
from angarium.campaign.v1 import campaign_pb2, event_intake_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import (
    dead_letter_service_pb2,
    explain_service_pb2,
    message_pb2,
    provider_service_pb2,
)
from services.common.money import Money

NOTHING: Final = "–"
_SPOKEN: Final = {"sms": "SMS", "whatsapp": "WhatsApp", "in app": "In app", "email": "E-mail"}
_CHECKS: Final = {
    "opt_out": "opt-out of marketing",
    "do_not_disturb": "do-not-disturb lists",
    "text_window": "hours for texts",
    "send_window": "the tenant's send window",
    "frequency": "how often the person wants messages",
    "fallback": "the tenant's wish about fallbacks",
    "volume": "the tenant's volume",
}


def plain(word: str) -> str:
    """Returns a word of the contract without its underscores."""
    return word.replace("_", " ").lower()


def spoken(word: str) -> str:
    """Returns a word of the contract as a label."""
    text = plain(word)
    return _SPOKEN.get(text, text[:1].upper() + text[1:])


def _enum(enum: Any, number: int, prefix: str) -> str:
    try:
        name = str(enum.Name(number)).removeprefix(prefix)
    except ValueError:
        return "Unknown"
    return NOTHING if name == "UNSPECIFIED" else spoken(name)


def channel(number: int) -> str:
    """Returns a channel's label."""
    return _enum(enums_pb2.Channel, number, "CHANNEL_")


def category(number: int) -> str:
    """Returns a category's label."""
    return _enum(enums_pb2.Category, number, "CATEGORY_")


def lane(number: int) -> str:
    """Returns a lane's label."""
    return _enum(enums_pb2.Priority, number, "PRIORITY_")


def campaign_state(number: int) -> str:
    """Returns the label of a campaign's state."""
    return _enum(campaign_pb2.Campaign.State, number, "STATE_")


def recipient_state(number: int) -> str:
    """Returns where a recipient stands."""
    return _enum(campaign_pb2.CampaignRecipient.State, number, "STATE_")


def message_state(number: int) -> str:
    """Returns the label of a message's state."""
    return _enum(message_pb2.Message.State, number, "STATE_")


def circuit(number: int) -> str:
    """Returns the label of a circuit's state."""
    return _enum(provider_service_pb2.ProviderAccount.Circuit, number, "CIRCUIT_")


def resolution(number: int) -> str:
    """Returns what became of a dead letter."""
    return _enum(dead_letter_service_pb2.DeadLetter.Resolution, number, "RESOLUTION_")


def inbound_state(number: int) -> str:
    """Returns where an inbound event stands."""
    return _enum(event_intake_service_pb2.InboundEvent.State, number, "STATE_")


def gate_outcome(number: int) -> str:
    """Returns what a gate said: `passed`, `refused`, `deferred` or `not reached`."""
    return _enum(explain_service_pb2.GateOutcome, number, "GATE_OUTCOME_").lower()


def decided(decision: explain_service_pb2.SendDecision) -> tuple[str, str]:
    """Returns how good what was decided is, and what that was: a gate after all others may refuse what could go."""
    outcome = gate_outcome(decision.outcome)
    if outcome == "deferred":
        return "warn", "It was held back"
    if outcome != "passed":
        return "bad", "It was refused"
    if any(gate_outcome(gate.outcome) == "refused" for gate in decision.gates):
        return "bad", "It was refused in the end"
    return "good", "It could go"


def moment(number: int) -> str:
    """Returns when a decision was made."""
    return {
        1: "When it was accepted",
        2: "When it was about to leave",
        3: "If it were sent now",
    }.get(number, "Once")


def check(word: str) -> str:
    """Returns the label of a gate's check."""
    return spoken(_CHECKS.get(word, word))


def verdict(number: int) -> str:
    """Returns what a comparison of two arms came to."""
    return {
        1: "not enough data",
        2: "may be chance",
        3: "significant at 95 %",
    }.get(number, NOTHING)


def number(value: float | None) -> str:
    """Returns a count as people write it."""
    return NOTHING if value is None else f"{value:,}"


def percent(rate: figures_pb2.Rate) -> str:
    """Returns a rate; nothing of nothing is no rate."""
    return f"{rate.percent:.1f} %" if rate.denominator else NOTHING


def money(value: MoneyMessage) -> str:
    """Returns an amount with its currency; costs below a minor unit keep their places."""
    if not value.currency_code:
        return NOTHING
    amount = Money.from_proto(value).amount
    if amount and amount.quantize(Decimal("0.01")) != amount:
        return f"{amount.normalize():f} {value.currency_code}"
    return str(format_currency(amount, value.currency_code, locale="en"))


def amounts(values: Any) -> str:
    """Returns amounts of several currencies."""
    return ", ".join(map(money, values)) or NOTHING


def instant(stamp: Timestamp) -> Markup | str:
    """Returns an instant in UTC, marked so that machines read it too."""
    if not stamp.seconds:
        return NOTHING
    when = stamp.ToDatetime(tzinfo=UTC)
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(timespec="seconds"), said(when))


def said(when: datetime) -> str:
    """Returns an instant in words."""
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def lasting(found: Duration) -> str:
    """Returns a length of time in its two largest units."""
    left = int(found.ToTimedelta() / timedelta(seconds=1))
    parts = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"
