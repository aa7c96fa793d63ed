"""What one benchmark found."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is held against; None where nothing is promised."""

    ratio: float | None = None
    cpu_us: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """What a bare script reached in the same run."""

    rate: float
    cpu_us: float
    words: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        number: Number in the list of figures, such as P1.
        name: Name on the command line.
        title: What was measured, for people.
        items: How many items the figure was measured over.
        rate: Items a second, from the first to the last.
        floor: What the bare script reached with as many items.
        target: What is promised.
        cpu_seconds: CPU seconds of every process of the product, by role.
        outside_seconds: CPU seconds of what stands for the outside world: callers and emulators.
        peak_memory: Largest resident size of each role, in bytes.
        seconds: Seconds of each phase, such as the last hand-over and the last event.
        milliseconds: Quantiles of the time of one call, where calls were timed.
        notes: What the reader must know to read the numbers right.
    """

    number: str
    name: str
    title: str
    items: int
    rate: float
    floor: Floor
    target: Target
    cpu_seconds: dict[str, float]
    outside_seconds: dict[str, float] = field(default_factory=dict)
    peak_memory: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """Returns the rate as a share of the floor's."""
        return self.rate / self.floor.rate

    @property
    def cpu_us(self) -> float:
        """Returns the CPU microseconds of one item over every process of the product."""
        return sum(self.cpu_seconds.values()) / self.items * 1e6

    @property
    def largest_worker(self) -> int:
        """Returns the largest resident size of a worker, else of any service, in bytes."""
        workers = [peak for name, peak in self.peak_memory.items() if "worker" in name]
        return max(workers or self.peak_memory.values(), default=0)

    def meets(self) -> dict[str, bool]:
        """Returns which promises it keeps."""
        target, found = self.target, {}
        if target.ratio is not None:
            found["ratio"] = self.ratio >= target.ratio
        if target.cpu_us is not None:
            found["cpu"] = self.cpu_us <= target.cpu_us
        if target.memory is not None:
            found["memory"] = self.largest_worker <= target.memory
        return found

    def as_dict(self) -> dict[str, Any]:
        """Returns everything, as it is written down."""
        return {
            **asdict(self),
            "ratio": round(self.ratio, 3),
            "cpu_us": round(self.cpu_us, 1),
            "meets": self.meets(),
        }

    @classmethod
    def from_dict(cls, written: dict[str, Any]) -> "Figure":
        """Returns a figure that was written down."""
        known = {name: written[name] for name in cls.__dataclass_fields__ if name in written}
        known["floor"] = Floor(**known["floor"])
        known["target"] = Target(**known["target"])
        known["notes"] = tuple(known.get("notes", ()))
        return cls(**known)
