"""What a hand-over is made of, what it needs, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.delivery import providers
from services.delivery.accounts.health import Lesson, Observation
from services.delivery.accounts.store import ProviderAccount
from services.delivery.dispatch.legs import Opened
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.outcomes import Outcome, Tariff
from services.delivery.dispatch.pushing import DeviceOutcomes, Leg
from services.delivery.dispatch.rendering import Rendered
from services.delivery.messages.announce import Report


@dataclass(frozen=True, slots=True)
class Parcel:
    """Messages of one content for one account, at most one hand-over."""

    account: ProviderAccount
    rendered: Rendered
    items: list[Item]
    alternatives: int
    """How many other accounts could take them."""
    legs: Sequence[Leg] = ()
    """What each account takes of push messages."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a hand-over needs: the adapter, or why there is none, and what a message costs."""

    provider: providers.Provider | None
    problem: str
    tariff: Tariff | None
    opened: Opened = field(default_factory=dict)
    """The adapter of each leg, or why there is none."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a parcel."""

    outcomes: list[Outcome]
    reports: dict[bytes, Report]
    seen: Observation
    tariff: Tariff | None
    lesson: Lesson
    others: Sequence[tuple[ProviderAccount, Observation]] = ()
    """What was seen of further accounts."""
    devices: DeviceOutcomes = field(default_factory=DeviceOutcomes)
