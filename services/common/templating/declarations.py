"""The variables a template version declares, and the comparison with those it uses (CAM-90)."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class VariableType(StrEnum):
    """What a declared variable holds."""

    STRING = "string"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    URL = "url"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable; the name may be dotted to speak of one field of an object or of a list's items."""

    name: str
    type: VariableType = VariableType.STRING
    required: bool = True
    default: Any = None
    sample: Any = None


@dataclass(frozen=True, slots=True)
class Usage:
    """The paths a template uses, beside what it declares."""

    used: tuple[str, ...]
    undeclared: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.undeclared and not self.unused


class Declarations:
    """Finds the declaration that speaks of a path: that of the path itself, else of the nearest object above it."""

    def __init__(self, variables: Iterable[Variable] | None) -> None:
        self.open = variables is None
        self._by_name: Mapping[str, Variable] = {variable.name: variable for variable in variables or ()}

    def of(self, path: str) -> Variable | None:
        """The declaration for a dotted path, or None."""
        while path:
            if path in self._by_name:
                return self._by_name[path]
            path = path.rpartition(".")[0]
        return None

    def compare(self, used: Iterable[str]) -> Usage:
        """Used paths without declaration and declared variables without use, both sorted."""
        paths = sorted(set(used))
        touched = {path[:end] for path in paths for end in _ends(path)}
        undeclared = [] if self.open else [path for path in paths if self.of(path) is None]
        return Usage(tuple(paths), tuple(undeclared), tuple(sorted(set(self._by_name) - touched)))


def _ends(path: str) -> list[int]:
    return [index for index, character in enumerate(path) if character == "."] + [len(path)]


def sample_values(variables: Iterable[Variable]) -> dict[str, Any]:
    """One set of variables made of the declared samples (else defaults); dotted names become nested objects."""
    values: dict[str, Any] = {}
    for variable in sorted(variables, key=lambda variable: variable.name.count(".")):
        value = variable.sample if variable.sample is not None else variable.default
        if value is None:
            continue
        *parents, last = variable.name.split(".")
        holder: Any = values
        for parent in parents:
            holder = holder.setdefault(parent, {})
            if not isinstance(holder, dict):
                break
        else:
            holder.setdefault(last, deepcopy(value))
    return values
