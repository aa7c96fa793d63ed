"""The limits within which tenant content is compiled and rendered (CAM-88)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PartKind(StrEnum):
    """How values are written into a part."""

    HTML = "html"
    TEXT = "text"
    HEADER = "header"
    SMS = "sms"


DEFAULT_OUTPUT: Mapping[PartKind, int] = {
    PartKind.HTML: 512 * 1024,
    PartKind.TEXT: 512 * 1024,
    PartKind.HEADER: 998,
    PartKind.SMS: 1600,
}


@dataclass(frozen=True, slots=True)
class Budget:
    """Sizes are characters, `seconds` is wall time of one recipient's rendering."""

    source: int = 512 * 1024
    iterations: int = 10_000
    seconds: float = 0.250
    block_depth: int = 8
    expression_depth: int = 24
    output: Mapping[PartKind, int] = field(default_factory=lambda: dict(DEFAULT_OUTPUT))

    def output_of(self, kind: PartKind) -> int:
        """The largest rendered size of a part of this kind."""
        return self.output.get(kind, DEFAULT_OUTPUT[kind])
