"""What providers of texts and WhatsApp share: numbers, and the names that approved templates have at an account."""

import re
from typing import Final

from services.delivery.providers.approvals import business_account
from services.delivery.providers.base import Account, Block, Code, Outcome, Outgoing, Result
from services.delivery.providers.kinds import Check, Rules

NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_UNEVEN: Final = re.compile(r"\s*[\n\r\t\v\f\u2028\u2029]\s*| {5,}")


def refusal_of_number(one: Outgoing) -> Outcome | None:
    """The outcome of a message to what is no number of E.164; None when it is one."""
    if NUMBER.fullmatch(one.address):
        return None
    return Outcome(
        one.message_id,
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        "not a number of E.164",
        recipient_fault=True,
    )


def refusal_of_text(one: Outgoing, text: str, most: int) -> Outcome | None:
    """The outcome of a text that is empty or longer than the provider takes; None when it may leave."""
    if len(text) > most:
        return Outcome(one.message_id, Result.PERMANENT, Code.TOO_LARGE, f"longer than {most} characters")
    if not text.strip():
        return Outcome(one.message_id, Result.PERMANENT, Code.CONTENT_REFUSED, "the text is empty")
    return None


def refusal_of_template(account: Account, block: Block, one: Outgoing, template: str) -> Outcome | None:
    """The outcome of a message whose content was handed in and may not be sent by this account (CAM-146); None else.

    What the account's own settings name was approved by its owner's word.
    """
    found = block.approvals.get(business_account(account))
    if template or not block.approvals or (found is not None and found.may_be_sent):
        return None
    words = "its template is not approved for this business account"
    return Outcome(one.message_id, Result.PERMANENT, NOT_APPROVED, words)


def digits(number: str) -> str:
    """A number of E.164 as providers write it that want no plus."""
    return number.removeprefix("+")


NOT_APPROVED: Final = "whatsapp_template_not_approved"


def approved(account: Account, block: Block, setting: str = "templates", *, by_id: bool = False) -> str:
    """What the account calls the block's template, in its language where it has a name of its own; empty for none.

    What its business account approved counts before what the account's settings name; `by_id` where it is named so.
    """
    found = block.approvals.get(business_account(account))
    if found is not None and found.may_be_sent:
        return found.template_id if by_id else found.name
    known = account.config.get(setting)
    if not isinstance(known, dict):
        return ""
    own = known.get(f"{block.template_name}:{block.content.language}")
    return str(own or known.get(block.template_name) or "")


def parameters(block: Block, one: Outgoing) -> list[tuple[str, str]]:
    """The template's variables of a message, by name and in their order."""
    parts, slots = block.content.parts, one.slots
    return [
        (name, parts[f"parameter_{position}"].join(slots))
        for position, name in enumerate(block.content.parameters, 1)
    ]


def lines(block: Block, one: Outgoing) -> list[tuple[str, str]]:
    """The variables of a message as WhatsApp takes them: no line break, no tab, at most four spaces in a row."""
    return [(name, _UNEVEN.sub(" ", value)) for name, value in parameters(block, one)]


def names_of_templates(pattern: str, words: str) -> Check:
    """Takes a map of template names to what a provider calls them; `words` say what such a name is."""
    compiled = re.compile(pattern)

    def check(value: object, _rules: Rules) -> str | None:
        is_good = isinstance(value, dict) and all(
            isinstance(name, str) and compiled.fullmatch(name) for name in value.values()
        )
        return None if is_good else f"must name {words} for each template"

    return check
