"""Who does what with a text: the behaviour of a number is a pure function of the seed and the number."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from sandbox.push.devices import BY_DEVICE
from sandbox.recipients.behaviours import BY_NAME, draw

Fate = Literal["delivered", "undelivered", "failed"]


@dataclass(frozen=True)
class PhoneBehaviour:
    """What happens to a text for a number, and what its owner then writes back.

    Attributes:
        name: Stored with each text and shown in the truth.
        share: How many of a thousand ordinary numbers behave so.
        digits: The last four digits that force this behaviour.
        fate: What becomes of a text.
        error: Twilio's code of a text that does not arrive; 0 for others.
        answers: What the person writes back to the first text, in this order.
        summary: One line for people.
    """

    name: str
    share: int
    digits: str
    fate: Fate
    error: int
    answers: tuple[str, ...]
    summary: str


PHONES = (
    PhoneBehaviour("phone_silent", 915, "0100", "delivered", 0, (), "receives it and does nothing"),
    PhoneBehaviour("phone_thanks", 20, "0101", "delivered", 0, ("Thanks!",), "answers Thanks!"),
    PhoneBehaviour("phone_stop", 15, "0102", "delivered", 0, ("STOP",), "answers STOP"),
    PhoneBehaviour("phone_help", 8, "0103", "delivered", 0, ("HELP",), "answers HELP"),
    PhoneBehaviour("phone_start", 2, "0104", "delivered", 0, ("STOP", "START"), "answers STOP, then START"),
    PhoneBehaviour("phone_unreachable", 15, "0105", "undelivered", 30003, (), "cannot be reached"),
    PhoneBehaviour("phone_unknown", 10, "0106", "undelivered", 30005, (), "does not exist"),
    PhoneBehaviour("phone_landline", 8, "0107", "undelivered", 30006, (), "is a landline"),
    PhoneBehaviour("phone_blocked", 4, "0108", "undelivered", 30004, (), "blocks the sender"),
    PhoneBehaviour(
        "phone_filtered", 3, "0109", "undelivered", 30007, (), "is behind a carrier that filters it"
    ),
    PhoneBehaviour("phone_failed", 0, "0110", "failed", 30008, (), "fails for no known reason"),
)

BY_PHONE = {behaviour.name: behaviour for behaviour in PHONES}
_BY_DIGITS = {behaviour.digits: behaviour for behaviour in PHONES}
_ORDINARY = tuple(behaviour for behaviour in PHONES if behaviour.share)
_STEPS = tuple(accumulate(behaviour.share for behaviour in _ORDINARY))


def summary_of(behaviour: str) -> str:
    """Returns in one line what an address or number of a behaviour does."""
    return (BY_PHONE.get(behaviour) or BY_DEVICE.get(behaviour) or BY_NAME[behaviour]).summary


def phone_behaviour(seed: str, number: str) -> PhoneBehaviour:
    """Returns the behaviour of a number: forced by its last digits after 555, else by the shares of the table."""
    if number[-7:-4] == "555" and number[-4:] in _BY_DIGITS:
        return _BY_DIGITS[number[-4:]]
    return _ORDINARY[bisect_right(_STEPS, draw(seed, number, "behaviour") * _STEPS[-1])]
