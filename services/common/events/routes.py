"""Who consumes whose events (EVT-11); a service that is not named as source of another is not waited for by relays."""

from collections.abc import Mapping

SOURCES: Mapping[str, tuple[str, ...]] = {
    "consent": ("campaign", "delivery"),
    "campaign": ("consent", "campaign", "delivery", "analytics"),
    "delivery": ("consent", "campaign", "delivery"),
    "analytics": ("consent", "campaign", "delivery"),
}


def consumers_of(service: str) -> tuple[str, ...]:
    """Returns the services that consume a service's events; none for a service outside of the table."""
    return tuple(consumer for consumer, sources in SOURCES.items() if service in sources)
