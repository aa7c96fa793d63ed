"""The checked form of a template: only what is listed here can ever be compiled or run."""

from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Const:
    value: Scalar


@dataclass(frozen=True, slots=True)
class Path:
    """A variable and the mapping keys below it; `scope` tells loop variables of the same name apart (0: caller's)."""

    root: str
    keys: tuple[str | int, ...] = ()
    scope: int = 0

    @property
    def dotted(self) -> str:
        return ".".join([self.root, *map(str, self.keys)])


@dataclass(frozen=True, slots=True)
class LoopField:
    """A field of the special name `loop` inside a loop."""

    scope: int
    name: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A value the platform provides: unsubscribe_url, preferences_url, branding, pixel, or a link of the link table."""

    name: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Helper:
    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` / `or` over two or more operands; the value is that of the operand that decides."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    test: "Expression"
    then: "Expression"
    otherwise: "Expression"


Expression: TypeAlias = Const | Path | LoopField | Platform | Helper | Not | Logic | Choice


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Emit:
    expression: Expression


@dataclass(frozen=True, slots=True)
class Branch:
    cases: tuple[tuple[Expression, tuple["Node", ...]], ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Loop:
    scope: int
    name: str
    over: Expression
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a link that holds variables; tracked ones are exchanged for a URL of the platform."""

    index: int
    tracked: bool
    body: tuple["Node", ...]


Node: TypeAlias = Text | Emit | Branch | Loop | Target
