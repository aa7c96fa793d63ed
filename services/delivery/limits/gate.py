"""The limits of a block: those of its contacts, its tenant, its campaign, its channel (DEL-70)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.delivery.limits.domain import HOUR, RuleSet, Scope, Span, narrowest
from services.delivery.limits.rates import RateLimits, Window, global_window
from services.delivery.limits.rules import Rules
from services.delivery.limits.slots import Usage
from services.delivery.messages.domain import Channel


@dataclass(frozen=True, slots=True)
class ContactLimits:
    """The windows of the contacts of a block; all of them are counted, each contact is held by its own."""

    each: tuple[Span, ...]
    named: Mapping[bytes, tuple[Span, ...]]
    periods: tuple[float, ...]

    def held_until(self, contact_id: bytes | None, usage: Usage, now: datetime) -> datetime | None:
        """Returns when a contact may be written to again; None when it is not held back."""
        if contact_id is None or not self.periods:
            return None
        waits = []
        for span in self.named.get(contact_id, self.each):
            count, oldest = usage.recent[self.periods.index(span.seconds)]
            if count >= span.limit:
                waits.append((oldest or now) + timedelta(seconds=span.seconds))
        return max(waits, default=None)


NO_LIMITS = ContactLimits((), {}, ())


class Limits:
    """Finds the limits in force; with limits switched off there are none."""

    def __init__(
        self, rules: Rules, rates: RateLimits, hourly: Mapping[Channel, int], campaign_per_second: int
    ) -> None:
        self._rules = rules
        self.rates = rates
        self._hourly = hourly
        self._campaign_per_second = campaign_per_second

    def windows(
        self, rules: RuleSet, tenant_id: UUID, channel: Channel, campaign_id: UUID | None = None
    ) -> list[Window]:
        """Returns the windows that every message of a tenant's block passes."""
        if not self.rates.enabled:
            return []
        found = self.shared(rules, channel) + self.tenants(rules, channel, tenant_id)
        if campaign_id is not None:
            # So a block leaves in slices of a second, not at once with a pause behind it (CAM-100).
            found.append(Window(f"campaign:{campaign_id}", self._campaign_per_second, 1))
        return found

    def shared(self, rules: RuleSet, channel: Channel) -> list[Window]:
        """Returns the windows over all messages of a channel."""
        spans = [Span(one.seconds, one.limit) for one in self.rates.of_channel(channel)]
        spans += rules.of(Scope.GLOBAL, channel)
        return [global_window(channel, one.limit, one.seconds) for one in narrowest(spans)]

    def tenants(self, rules: RuleSet, channel: Channel, tenant_id: UUID) -> list[Window]:
        """Returns the windows of a tenant."""
        name = f"tenant:{tenant_id}:{channel.name.lower()}"
        return [
            Window(name, one.limit, one.seconds, (channel, tenant_id))
            for one in rules.of(Scope.TENANT, channel, tenant_id)
        ]

    async def rules(self, tenant_id: UUID) -> RuleSet:
        """Returns the rules that concern a tenant."""
        return await self._rules.of(tenant_id) if self.rates.enabled else RuleSet(())

    def contacts(
        self, rules: RuleSet, channel: Channel, contact_ids: Iterable[bytes | None]
    ) -> ContactLimits:
        """Returns the windows of contacts."""
        if not self.rates.enabled:
            return NO_LIMITS
        each = self.of_contact(rules, channel)
        subjects = rules.named(Scope.CONTACT, channel)
        named = {
            contact_id: tuple(self.of_contact(rules, channel, UUID(bytes=contact_id)))
            for contact_id in contact_ids
            if subjects and contact_id is not None and UUID(bytes=contact_id) in subjects
        }
        periods = {one.seconds for spans in (each, *named.values()) for one in spans}
        return ContactLimits(tuple(each), named, tuple(sorted(periods)))

    def of_contact(self, rules: RuleSet, channel: Channel, contact_id: UUID | None = None) -> list[Span]:
        """Returns the windows of one contact, or of each."""
        own = rules.of(Scope.CONTACT, channel, contact_id) if contact_id else rules.of(Scope.CONTACT, channel)
        hourly = self._hourly.get(channel)
        return narrowest([*own, Span(HOUR, hourly)] if hourly else own)
