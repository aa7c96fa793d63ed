"""The way of a run through a tree of actions, held against an interpreter written apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.campaign.automations.domain import (
    Action,
    Branch,
    Delay,
    Match,
    RunState,
    StepState,
    Stop,
    WaitFor,
    deeds,
)
from services.campaign.automations.program import moved, program_of

LEAVES = st.builds(Action, st.one_of(st.builds(Delay, st.integers(1, 99)), st.just(Stop())), st.booleans())


def _forks(inside: st.SearchStrategy[Action]) -> st.SearchStrategy[Action]:
    ways = st.lists(inside, max_size=3).map(tuple)
    branch = st.builds(Branch, st.just(()), st.none(), ways, ways)
    wait = st.builds(WaitFor, st.just(Match("order.paid")), st.just(60), ways, ways)
    return st.builds(Action, st.one_of(branch, wait), st.booleans())


TREES = st.lists(st.recursive(LEAVES, _forks, max_leaves=12), min_size=1, max_size=4).map(tuple)
FATES = st.lists(st.tuples(st.booleans(), st.sampled_from(list(StepState)[1:])), min_size=60, max_size=60)
Fate = tuple[bool, StepState]


class _End(Exception):
    """The run ended."""


def interpret(actions: Sequence[Action], fate_of: Callable[[int], Fate]) -> tuple[list[int], RunState]:
    """Walks a tree as its text reads; returns the places met, numbered in the order of the text, and the end."""
    numbers = {id(deed): number for number, deed in enumerate(deeds(tuple(actions)))}
    trace: list[int] = []

    def walk(some: Sequence[Action]) -> None:
        for action in some:
            number = numbers[id(action.deed)]
            trace.append(number)
            yes, fate = fate_of(number)
            if fate is StepState.FAILED and not action.goes_on:
                raise _End(RunState.FAILED)
            if isinstance(action.deed, Stop):
                raise _End(RunState.COMPLETED)
            if isinstance(action.deed, (Branch, WaitFor)) and fate is not StepState.FAILED:
                walk(action.deed.then if yes else action.deed.otherwise)

    try:
        walk(actions)
    except _End as end:
        return trace, end.args[0]
    return trace, RunState.COMPLETED


def unshared(actions: Sequence[Action]) -> tuple[Action, ...]:
    """The same tree of which no two parts are one object."""
    found = []
    for action in actions:
        deed = action.deed
        if isinstance(deed, (Branch, WaitFor)):
            deed = replace(deed, then=unshared(deed.then), otherwise=unshared(deed.otherwise))
        else:
            deed = replace(deed)
        found.append(Action(deed, action.goes_on))
    return tuple(found)


@pytest.mark.req("LIF-71")
@given(TREES, FATES)
@settings(max_examples=120, deadline=None)
def test_a_run_goes_the_way_its_definition_reads(actions: tuple[Action, ...], fates: list[Fate]) -> None:
    actions = unshared(actions)
    given_fates = iter(fates)
    expected = interpret(actions, lambda _: next(given_fates))
    program = program_of(actions)
    assert [node.index for node in program] == list(range(sum(1 for _ in deeds(actions))))
    told, trace = iter(fates), list[int]()
    step: int | None = 0
    state = RunState.RUNNING
    while state.is_open:
        assert step is not None
        node = program[step]
        trace.append(step)
        yes, fate = next(told)
        is_fork = isinstance(node.deed, (Branch, WaitFor)) and fate is not StepState.FAILED
        move = moved(node, fate, yes if is_fork else None, "broken")
        state, step = move.state, move.step
        assert (step is None) == (not state.is_open)
    assert (trace, state) == expected


def test_places_are_those_of_the_definition() -> None:
    inner = Branch((), None, (Action(Stop()),), (Action(Delay(1)), Action(Delay(2))))
    program = program_of((Action(Delay(1)), Action(inner), Action(Stop())))
    assert [node.place for node in program] == [
        "actions[0]",
        "actions[1]",
        "actions[1].branch.then_actions[0]",
        "actions[1].branch.else_actions[0]",
        "actions[1].branch.else_actions[1]",
        "actions[2]",
    ]
    assert [node.after for node in program] == [1, 5, 5, 4, 5, None]
    assert (program[1].yes, program[1].no) == (2, 3)
