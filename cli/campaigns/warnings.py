"""What deserves a look before a launch, each with what mends it."""

from collections.abc import Iterable
from typing import Final

from cli.output import Output
from cli.spelling import spelled

_SENTENCES: Final = {
    "empty_audience": "nobody is in the audience: see angarium segments preview",
    "nobody_has_an_address": "nobody in the audience has an address of the channel",
    "no_rate": "a budget is set, and no rate says what a message costs: see angarium rates import",
    "provider_not_configured": "no provider account carries the channel: add or enable one, see docs/providers.md",
    "provider_unknown": "delivery cannot say whether an account carries the channel: see angarium status",
    "channel_disabled": "the channel is switched off: see angarium settings show",
    "marketing_disabled": "marketing is switched off: see angarium settings show",
    "budget_exceeded": "what is left of the budget does not cover it: see angarium budget",
    "approval_required": "somebody else has to approve it: angarium campaigns submit, then approve --as",
    "missing_variables": "a variable of the template has no value: see angarium templates show",
    "spam_score_too_high": "a content scores too high for spam: see angarium templates spam",
    "invalid_configuration": "marketing e-mail needs the sender's address: angarium settings set postal_address=…",
    "whatsapp_template_not_approved": "WhatsApp has not approved the template: angarium templates submit-whatsapp",
}


def sentence(word: str) -> str:
    """Returns a warning for people; one that is newer than this command as its word."""
    known = _SENTENCES.get(word)
    return spelled(known) if known else word.replace("_", " ")


def warn(out: Output, words: Iterable[str]) -> None:
    """Prints warnings for people, a line each."""
    for word in words:
        out.text("Look at:", sentence(word))
