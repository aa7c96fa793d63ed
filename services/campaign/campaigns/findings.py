"""What the checks of a campaign find."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Generic, TypeVar
from uuid import UUID

from services.campaign.budgets.domain import Period, Share, shares
from services.campaign.campaigns.domain import (
    Kind,
    needs_approval,
)
from services.campaign.campaigns.variants import Variant
from services.campaign.templates.domain import Template, Version
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.errors import ServiceError

T = TypeVar("T")


class Route(IntEnum):
    """What messages have to leave by, numbered as delivery says it."""

    UNKNOWN = 0
    OPEN = 1
    NO_ACCOUNT = 2
    CHANNEL_DISABLED = 3


_ROUTE_WARNINGS: Mapping[Route, str] = {
    Route.UNKNOWN: "provider_unknown",
    Route.NO_ACCOUNT: "provider_not_configured",
    Route.CHANNEL_DISABLED: "channel_disabled",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What one arm sends."""

    variant: Variant
    template: Template
    version: Version
    unapproved: tuple[str, ...] = ()
    """Languages of a WhatsApp template that WhatsApp has not approved."""
    fallback: Version | None = None
    """What is sent by another channel in its place, if it fails there (CAM-96)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks found: everything a decision about a campaign needs."""

    owner: Tenant
    settings: MarketingSettings
    contents: tuple[Content, ...]
    audience: int
    reachable: int
    periods: tuple[Period, ...] = ()
    """Budgets that hold it: the tenant's, and those of the branches it names."""
    by_branch: Mapping[UUID, int] = field(default_factory=dict)
    """How its audience is spread over the branches it names."""
    kind: Kind = Kind.ONE_TIME
    cost: Decimal = Decimal(0)
    is_unpriced: bool = False
    """Whether no rate says what it costs."""
    segment_version: int | None = None
    """Version of the segment that was counted."""
    route: Route = Route.OPEN
    """What its messages have to leave by, where that was asked for."""

    def shares(self, cost: Decimal) -> list[Share]:
        """Returns what would be reserved of which budget."""
        return shares(cost, self.reachable, self.by_branch)

    @property
    def needs_approval(self) -> bool:
        """Returns whether a second person must approve; nobody knows how many a trigger will write to."""
        if self.kind is Kind.TRIGGER:
            return self.settings.campaign_approval_required
        return needs_approval(
            required=self.settings.campaign_approval_required,
            threshold=self.settings.campaign_approval_threshold_recipients,
            audience=self.audience,
        )

    @property
    def warnings(self) -> list[str]:
        """Returns what deserves a look."""
        found = [_ROUTE_WARNINGS[self.route]] if self.route in _ROUTE_WARNINGS else []
        if self.kind is Kind.TRIGGER:
            return found
        if not self.audience:
            found.append("empty_audience")
        elif not self.reachable:
            found.append("nobody_has_an_address")
        # What costs nobody knows what, no budget holds.
        if self.is_unpriced and any(one.limit is not None for one in self.periods):
            found.append("no_rate")
        return found


class Checked(Generic[T]):
    """What came of checks: a value, or the error that is raised where the effect would happen.

    A repeated call is answered as the first one was, so an error of its own checks must not come before that answer.
    """

    def __init__(self, value: T | None = None, error: Exception | None = None) -> None:
        self._value = value
        self._error = error

    @classmethod
    async def of(cls, work: Callable[[], Awaitable[T]]) -> "Checked[T]":
        """Returns what work came to; an error that is not told to callers is raised at once."""
        try:
            return cls(value=await work())
        except ServiceError as error:
            return cls(error=error)
        except Exception as error:
            if isinstance(getattr(error, "reason", None), str):
                return cls(error=error)
            raise

    def value(self) -> T:
        """Returns the value, or raises the error."""
        if self._error is not None:
            raise self._error
        assert self._value is not None  # noqa: S101 - without an error there is a value
        return self._value
