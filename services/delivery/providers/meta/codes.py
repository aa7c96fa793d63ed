"""Error codes of WhatsApp as data: Meta's own, which its partners hand on (DEL-82, DEL-86).

Only codes are looked at: titles, subcodes and HTTP statuses change. What is not listed follows its status.
"""

from typing import Final

from services.delivery.providers.base import Code, Result
from services.delivery.providers.meanings import OPTED_OUT, Meaning, account, later, refused

PAIR_SECONDS: Final = 6
"""WhatsApp lets about one message in six seconds go from a number to a person."""

HOUR: Final = 3600

_UNWELL: Final = later(Code.UNAVAILABLE)
_BAD_REQUEST: Final = refused(Code.REQUEST_REFUSED)
_PARAMETERS: Final = refused("template_parameters")

MEANINGS: Final = {
    # Too much at once.
    4: later(),
    80007: later(),
    130429: later(),
    131056: Meaning(Result.RETRYABLE, "pair_rate", wait=PAIR_SECONDS),
    131048: later("spam_rate", HOUR),
    132069: later("flow_throttled"),
    # The person.
    131026: refused("undeliverable"),
    131047: refused("outside_window"),
    131049: refused("marketing_capped"),
    130472: refused("experiment"),
    131050: OPTED_OUT,
    # Meta is not well.
    1: _UNWELL,
    2: _UNWELL,
    131000: _UNWELL,
    131016: _UNWELL,
    131057: _UNWELL,
    133004: _UNWELL,
    # The account: token, permission, policy, payment, registration.
    0: account(),
    3: account(),
    10: account(),
    190: account(),
    368: account(),
    131005: account(),
    131031: account(),
    131042: account(),
    131045: account(),
    131064: account(),
    # Only messages to one country; others may go.
    130497: refused("country_restricted"),
    131037: refused(Code.SENDER_REFUSED),
    131063: refused("marketing_disabled"),
    # The request.
    100: _BAD_REQUEST,
    131008: _BAD_REQUEST,
    131009: _BAD_REQUEST,
    131021: _BAD_REQUEST,
    131051: _BAD_REQUEST,
    131062: _BAD_REQUEST,
    # The template.
    132000: _PARAMETERS,
    132001: refused("template_unknown"),
    132005: refused(Code.TOO_LARGE),
    132007: refused(Code.POLICY),
    132008: _PARAMETERS,
    132012: _PARAMETERS,
    132015: refused("template_paused"),
    132016: refused("template_disabled"),
    132068: refused("flow_blocked"),
}
"""Meanings by Meta's number."""

PERMISSIONS: Final = range(200, 300)
"""Every code among them says that the token lacks a permission."""


def meaning_of(code: object) -> Meaning | None:
    """The meaning of a code as a number or text, None for one that is not listed."""
    try:
        number = int(str(code))
    except ValueError:
        return None
    return account() if number in PERMISSIONS else MEANINGS.get(number)
