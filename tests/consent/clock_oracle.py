"""What clocks show, told by `zdump` and by walking minute after minute: nothing here uses the product's arithmetic.

`zdump -i` prints, for each zone, the offset it starts with and every change of it. From that list a local time is an
addition, and what a window does is found by looking at every minute in turn.
"""

import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, available_timezones

MINUTE = timedelta(minutes=1)
FIRST, LAST = 2024, 2030
_LARGEST = timedelta(hours=2)
EPOCH = datetime(FIRST - 1, 12, 1)  # noqa: DTZ001 - instants of the oracle are plain UTC, so that no zone data is used
NAMES = sorted(available_timezones() - {"Factory", "localtime"})


@dataclass(frozen=True)
class Timeline:
    """Offsets of one zone: from each instant on, in order; the first holds before, too."""

    starts: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]

    def offset(self, instant: datetime) -> timedelta:
        return self.offsets[max(0, bisect_right(self.starts, instant) - 1)]

    def local(self, instant: datetime) -> datetime:
        return instant + self.offset(instant)

    def changes(self) -> Iterator[tuple[datetime, timedelta, timedelta]]:
        """Every changeover: the instant, the offset before and the offset after."""
        for place in range(1, len(self.starts)):
            yield self.starts[place], self.offsets[place - 1], self.offsets[place]

    def first_at(self, day: date, at: time) -> datetime:
        """The first minute whose clock shows that local time or a later one."""
        local = datetime.combine(day, at)
        minute = local - timedelta(hours=27)
        while self.local(minute) < local:
            left = local - self.local(minute)
            # Further away than any changeover moves a clock, nothing can be missed by jumping.
            minute += max(MINUTE, left - _LARGEST)
        return minute


def available() -> bool:
    return shutil.which("zdump") is not None


@cache
def timelines() -> dict[str, Timeline]:
    """The timeline of every zone, from the files that the product reads."""
    paths = {str(_file(name)): name for name in NAMES}
    command = ["zdump", "-i", "-c", f"{FIRST},{LAST + 1}", *paths]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Timeline] = {}
    for part in text.split("\nTZ=")[1:]:
        head, *rows = part.strip().splitlines()
        found[paths[head.strip('"')]] = _timeline([row.split("\t") for row in rows if row])
    assert set(found) == set(NAMES)
    assert all(
        abs(after - before) <= _LARGEST for one in found.values() for _, before, after in one.changes()
    )
    return found


def _timeline(rows: list[list[str]]) -> Timeline:
    starts, offsets = [EPOCH], [_offset(rows[0][2])]
    for day, shown, offset, *_ in rows[1:]:
        # The row says what the clock shows right after the change, with its offset.
        local = datetime.combine(date.fromisoformat(day), _time(shown))
        offsets.append(_offset(offset))
        starts.append(local - offsets[-1])
    return Timeline(tuple(starts), tuple(offsets))


def _time(text: str) -> time:
    parts = [*map(int, text.split(":")), 0, 0]
    return time(parts[0], parts[1], parts[2])


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    parts = [int(digits[place : place + 2]) for place in range(0, len(digits), 2)] + [0, 0]
    found = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])
    return -found if text[0] == "-" else found


def _file(name: str) -> Path:
    for folder in TZPATH:
        if (path := Path(folder, name)).is_file():
            return path
    return Path(str(files("tzdata.zoneinfo").joinpath(name)))


@dataclass
class Walk:
    """Every minute between two instants, with whether a window of two local times is open in it."""

    timeline: Timeline
    start: time
    end: time
    begins: datetime
    minutes: int

    def __post_init__(self) -> None:
        self.open: list[bool] = []
        before = date.min
        opened: set[date] = set()
        closed: set[date] = set()
        crosses = timedelta(days=self.start > self.end)
        lead = 2 * 24 * 60
        for count in range(-lead, self.minutes):
            local = self.timeline.local(self.begins + count * MINUTE)
            today, shown = local.date(), local.time()
            if today != before:  # whatever the day that ended still had to show is past, skipped or not
                opened.add(today - timedelta(days=1))
                closed.add(today - timedelta(days=1) - crosses)
                before = today
            if shown >= self.start:
                opened.add(today)
            if shown >= self.end:
                closed.add(today - crosses)
            if count >= 0:
                self.open.append(not opened <= closed)

    def changes_to(self, wanted: bool, place: int) -> datetime | None:
        """The first minute from a place on in which the window is as wanted; None when it is beyond the walk."""
        for ahead in range(place, self.minutes):
            if self.open[ahead] == wanted:
                return self.begins + ahead * MINUTE
        return None
