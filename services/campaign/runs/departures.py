"""When recipients of each zone get a run that leaves at their own local time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from services.campaign.campaigns.domain import PassedTime
from services.campaign.campaigns.schedules import local_of
from services.common import zones

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Departures:
    """The instants at which a run leaves, in order, and which of them each zone's people get it at."""

    due: tuple[datetime, ...]
    zones: tuple[str, ...]
    slots: tuple[int, ...]
    """Place among the instants of each zone, in their order."""
    home_slot: int
    """Place of those whose zone nobody knows: the tenant's."""

    def of(self, name: str | None) -> datetime:
        """Returns when people of a zone get it."""
        return self.due[self._places.get(name or "", self.home_slot)]

    @property
    def _places(self) -> dict[str, int]:
        return _places(self)


@lru_cache(maxsize=64)
def departures(planned_at: datetime, started_at: datetime, home: str, passed_time: PassedTime) -> Departures:
    """Returns when each zone of the world gets what a tenant planned.

    It depends on the run alone, never on when it is asked, so every chunk and every repeat finds the same.

    Args:
        planned_at: Time the run was planned for; its date and time in the tenant's zone are meant.
        started_at: When the run was launched; who had passed that local time by then is dealt with by `passed_time`.
        home: The tenant's zone.
        passed_time: At once, or at that time of the next day.
    """
    local = local_of(planned_at, zones.zone(home))
    found: dict[str, datetime] = {}
    for name in zones.names():
        zone = zones.zone(name)
        due_at = zones.resolve(local, zone)
        if due_at < started_at:
            due_at = started_at if passed_time is PassedTime.AT_ONCE else zones.resolve(local + _DAY, zone)
        found[name] = due_at
    instants = tuple(sorted(set(found.values())))
    places = {instant: place for place, instant in enumerate(instants)}
    names = tuple(sorted(found))
    return Departures(instants, names, tuple(places[found[name]] for name in names), places[found[home]])


@lru_cache(maxsize=64)
def _places(found: Departures) -> dict[str, int]:
    return dict(zip(found.zones, found.slots, strict=True))
