"""Categories of messages: their class, preference group and flags (GEN-41, GEN-42), as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Channel = Literal["email", "sms", "whatsapp", "push", "in_app", "webhook"]
MessageClass = Literal["transactional", "marketing", "system"]
Column = Literal["marketing", "transactional", "critical", "system"]

CONSENT_CHANNELS: tuple[Channel, ...] = ("email", "sms", "whatsapp", "push")
"""Channels a consent can be given for; the others need none."""

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Category:
    """One category: its only allowed class, its preference group and what may hold it back."""

    name: str
    group: str
    message_class: MessageClass
    critical: bool = False
    time_critical: bool = False

    @property
    def column(self) -> Column:
        """Returns the column of the check table that applies: critical outranks the class."""
        return "critical" if self.critical else self.message_class

    @property
    def key(self) -> str:
        """Returns the name its cells of the grid are kept under; groups have theirs, and two share a category's."""
        return f"{self.group}/{self.name}" if self.name == self.group else self.name

    @property
    def is_switchable(self) -> bool:
        """Returns whether the grid of a contact can switch it off; critical messages obey channel switches alone."""
        return not self.critical and self.name not in UNSWITCHABLE


def _group(group: str, message_class: MessageClass, names: str, **flags: bool) -> list[Category]:
    return [Category(name, group, message_class, **flags) for name in names.split()]


_ALL = [
    *_group("payment", "transactional", "payment refund order tax_document payout"),
    *_group("payment", "transactional", "payment_failed", critical=True),
    *_group("payment", "transactional", "group_payment", time_critical=True),
    *_group("event_updates", "transactional", "event_update ticket"),
    *_group("event_updates", "transactional", "reservation waiting_room", time_critical=True),
    *_group("event_reminders", "transactional", "event_reminder appointment"),
    *_group("account", "system", "account privacy"),
    *_group("account", "transactional", "membership_notice package_notice loyalty_notice"),
    *_group("account", "system", "account_security urgent", critical=True),
    *_group(
        "marketing",
        "marketing",
        "offer newsletter announcement visit_followup rebooking membership_offer package_offer win_back"
        " birthday anniversary feedback loyalty referral cart",
    ),
    *_group(STAFF, "system", "staff_alert dispute billing"),
]

CATEGORIES: dict[str, Category] = {category.name: category for category in _ALL}

UNSWITCHABLE = frozenset({"account_security", "urgent", "privacy"})
"""Categories that no preference can switch off (CON-102)."""

_OFF_BY_DEFAULT = frozenset({("marketing", "sms"), ("marketing", "push")})


def on_by_default(group: str, channel: Channel) -> bool:
    """Returns the switch of a group on a channel for a contact who never said anything (CON-4)."""
    return (group, channel) not in _OFF_BY_DEFAULT


Choice = tuple[bool, str | None]
"""What a contact said about a category or group on a channel: the switch, and a frequency of its own or None."""


def choice(said: Mapping[str, Choice], category: Category) -> tuple[bool | None, str | None]:
    """Returns switch and frequency of a category from the cells of a channel: its own outranks its group's (CON-4)."""
    own, group = said.get(category.key), said.get(category.group)
    enabled = own[0] if own else group[0] if group else None
    frequency = (own[1] if own else None) or (group[1] if group else None)
    return enabled, frequency


def is_on(category: Category, channel: Channel, chosen: bool | None) -> bool:
    """Returns the effective switch of a category: as chosen, else the default of its group."""
    if not category.is_switchable:
        return True
    return on_by_default(category.group, channel) if chosen is None else chosen
