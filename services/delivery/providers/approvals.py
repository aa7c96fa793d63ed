"""Approval of WhatsApp templates: handing one in, and where those of an account stand (CAM-94).

A template is approved per name, language and business account. Nothing here sends a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Final, Protocol

from services.common.whatsapp import standing_of
from services.delivery.providers.base import Account, ConfigurationError


class Approval(StrEnum):
    """Where a template stands; only an approved one may be sent."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Draft:
    """A template to be handed in; `body` holds {{1}}, {{2}} …, and `examples` a value for each of them.

    Attributes:
        name: Lower case letters, digits and underscores, at most 100.
        language: Language code, such as `en` or `pt_BR`.
        category: `marketing`, `utility` or `authentication`.
        body: The text.
        examples: What reviewers see in place of its parameters.
        footer: A line below the text, such as how to opt out; empty means none.
    """

    name: str
    language: str
    category: str
    body: str
    examples: Sequence[str] = ()
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Where a template stands by its provider's word."""

    name: str
    language: str
    approval: Approval
    template_id: str = ""
    reason: str = ""


class SubmissionError(Exception):
    """A template that was not handed in; `is_temporary` when the same may be tried again later."""

    def __init__(self, code: str, words: str, *, is_temporary: bool) -> None:
        super().__init__(words)
        self.code = code
        self.is_temporary = is_temporary


class Reviewer(Protocol):
    """A business account whose templates are reviewed."""

    async def submit(self, draft: Draft) -> Review:
        """Hands a template in; SubmissionError when it was not taken."""

    async def reviews(self) -> list[Review]:
        """Where every template of the account stands; SubmissionError when nobody says."""

    async def close(self) -> None:
        """Closes kept-open connections."""


def approval_of(word: object) -> Approval | None:
    """The approval a provider's word stands for, None for one nobody lists."""
    standing = standing_of(word)
    return Approval(standing) if standing else None


BUSINESSES: Final = {
    "meta": "business_account_id",
    "gupshup": "app_id",
    "twilio": "account_sid",
    "wati": "base_url",
}
"""The setting that names the business account an account of a provider belongs to."""


def business_account(account: Account) -> str:
    """The business account whose templates an account sends; every number of it sends the same ones. Empty for none."""
    named = account.text(BUSINESSES.get(account.provider, ""))
    return f"{account.provider}:{named}" if named else ""


def open_reviewer(account: Account) -> Reviewer:
    """What reviews the templates of an account; ConfigurationError when nobody does, or a setting is lacking."""
    if account.provider not in REVIEWED:
        raise ConfigurationError(f"{account.provider} takes no templates from here")
    module = import_module(f"services.delivery.providers.{account.provider}.templates")
    reviewer: Reviewer = module.Templates(account)
    return reviewer


REVIEWED: Final = frozenset({"meta", "gupshup", "twilio", "wati"})
"""Providers whose templates can be asked for."""
