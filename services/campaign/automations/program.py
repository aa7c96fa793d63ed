"""A definition as numbered steps, and where a run goes after each. Standard library only.

Steps are counted through the tree, each action before what is inside it; both ways of a fork lead to the action after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.campaign.automations.domain import Action, Deed, RunState, StepState, Stop, ways

END: Final = None


@dataclass(frozen=True, slots=True)
class Node:
    """One step.

    Attributes:
        index: Its number.
        place: Where it stands in the definition.
        action: What is done.
        after: The step after it, past what is inside it; None is the end.
        yes: Where the first way begins.
        no: Where the second way begins.
    """

    index: int
    place: str
    action: Action
    after: int | None
    yes: int | None
    no: int | None

    @property
    def deed(self) -> Deed:
        """Returns what is done."""
        return self.action.deed


Program = tuple[Node, ...]


def program_of(actions: Sequence[Action]) -> Program:
    """Returns the steps of a definition by their numbers."""
    nodes: list[Node] = []
    _lay(actions, "actions", 0, END, nodes)
    return tuple(sorted(nodes, key=lambda node: node.index))


def _lay(actions: Sequence[Action], place: str, index: int, after: int | None, nodes: list[Node]) -> int:
    """Numbers actions from an index on and returns the index past them; `after` is where the last of them leads."""
    for position, action in enumerate(actions):
        own, spot = index, f"{place}[{position}]"
        end = own + _size(action)
        follows = end if position + 1 < len(actions) else after
        index = own + 1
        entries: list[int | None] = []
        for name, inside in ways(action.deed):
            entries.append(index if inside else follows)
            index = _lay(inside, f"{spot}.{_field(action)}.{name}", index, follows, nodes)
        yes, no = entries or (follows, follows)
        nodes.append(Node(own, spot, action, follows, yes, no))
    return index


def _size(action: Action) -> int:
    return 1 + sum(_size(one) for _, inside in ways(action.deed) for one in inside)


def _field(action: Action) -> str:
    return action.deed.word


@dataclass(frozen=True, slots=True)
class Move:
    """Where a run stands after a step: on another step, or at its end."""

    state: RunState
    step: int | None
    error: str = ""


def moved(node: Node, state: StepState, choice: bool | None = None, error: str = "") -> Move:
    """Returns where a run goes from a step that is settled.

    Args:
        node: The step.
        state: What became of it.
        choice: Of a fork, which way; None past it.
        error: Why it failed.
    """
    if state is StepState.FAILED and not node.action.goes_on:
        return Move(RunState.FAILED, None, error)
    if isinstance(node.deed, Stop):
        return Move(RunState.COMPLETED, None)
    following = node.after if choice is None else node.yes if choice else node.no
    return Move(RunState.RUNNING if following is not None else RunState.COMPLETED, following)
