"""What countries demand of texts, as far as it decides what leaves: who it is from, and what must be named."""

from typing import Final

from services.delivery.accounts.countries import country_of
from services.delivery.providers.base import Account, Block, Code, Outcome, Outgoing, Result

# Names are no senders there; a number is used instead.
NO_SENDER_ID: Final = frozenset({"US", "PR", "CA", "CN"})
# Nothing arrives there without a number of one's own: Amazon takes such a text, and drops it.
NUMBER_NEEDED: Final = frozenset({"US", "PR"})
INDIA: Final = "IN"


class CountryRules:
    """The rules of an account for a block."""

    def __init__(self, account: Account, block: Block) -> None:
        self._sender_id, self._number = account.text("sender_id"), account.text("origination_number")
        own = account.config.get("senders")
        self._own: dict[str, str] = dict(own) if isinstance(own, dict) else {}
        self._entity = account.text("india_entity_id")
        templates = account.config.get("india_template_ids")
        templates = templates if isinstance(templates, dict) else {}
        name = f"{block.template_name}:{block.content.language}"
        self._template = str(templates.get(name) or templates.get(block.template_name) or "")

    def sender(self, one: Outgoing) -> str:
        """Who a text is from in its country; empty leaves it to Amazon."""
        country = country_of(one.address)
        own = self._own.get(country)
        if own:
            return own
        return self._number if country in NO_SENDER_ID else self._sender_id or self._number

    def india(self, one: Outgoing) -> tuple[str, str] | None:
        """The ids of entity and template that a text to India bears; None elsewhere."""
        if not self._entity or country_of(one.address) != INDIA:
            return None
        return self._entity, self._template

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a text that its country would not let through; None when it may leave."""
        country = country_of(one.address)
        if country in NUMBER_NEEDED and (not self.sender(one) or is_name(self.sender(one))):
            words = f"texts to {country} need a number of one's own"
            return Outcome(one.message_id, Result.PERMANENT, Code.SENDER_REFUSED, words)
        if country == INDIA and self._entity and not self._template:
            words = "the template has no id of DLT"
            return Outcome(one.message_id, Result.PERMANENT, "template_unknown", words)
        return None


def is_name(sender: str) -> bool:
    """Whether a sender is a name, and no number, short code, pool or ARN."""
    return (
        not sender.lstrip("+").isdigit()
        and ":" not in sender
        and not sender.startswith(("pool-", "phone-", "sender-"))
    )
