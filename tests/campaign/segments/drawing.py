"""Rules at random: every field and operator of the catalogue, behaviours, splits, groups in groups."""

from __future__ import annotations

import random
from typing import Any

from services.campaign.segments.catalogue import (
    ATTRIBUTES,
    CURRENT,
    DAYS,
    FIELDS,
    Channel,
    Field,
    Kind,
    Op,
    field_of,
)
from services.campaign.segments.domain import Activity, Behaviour, Condition, Join, Rule, Split
from tests.campaign.segments.given import BRANCHES, WORDS

NAMES = [*FIELDS, f"{ATTRIBUTES}plan", f"{ATTRIBUTES}age"]
DONE = [one for one in Activity if one is not Activity.RECEIVED]


class Drawing:
    """Draws rules; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def rule(self, depth: int = 1) -> Rule:
        draw = self._draw
        groups = tuple(self.rule(depth + 1) for _ in range(draw.choice([0, 0, 1, 2]))) if depth < 4 else ()
        return Rule(
            draw.choice(list(Join)),
            tuple(self.condition() for _ in range(draw.randint(1, 3))),
            groups,
            tuple(self.behaviour() for _ in range(draw.choice([0, 0, 1]))),
            tuple(self.split() for _ in range(draw.choice([0, 0, 0, 1]))),
        )

    def condition(self) -> Condition:
        name = self._draw.choice(NAMES)
        entry = field_of(name)
        assert entry is not None
        op = self._draw.choice(sorted(entry.ops))
        channel = self._draw.choice(list(Channel)) if entry.kind is Kind.FLAG_OF_CHANNEL else None
        return Condition(name, *self._compared(entry, op), channel)

    def behaviour(self) -> Behaviour:
        activity = self._draw.choice(DONE)
        reference = self._draw.choice(["", "", *WORDS]) if activity < Activity.OPEN else ""
        return Behaviour(
            activity,
            self._draw.choice([1, 2, 3, 7, 30]),
            self._draw.choice([1, 1, 2, 3]),
            self._draw.random() < 0.4,
            reference,
        )

    def split(self) -> Split:
        first = self._draw.randint(0, 9_998)
        return Split(self._draw.choice(WORDS), first, self._draw.randint(first + 1, 10_000))

    def _compared(self, entry: Field, op: Op) -> tuple[Op, Any]:
        draw = self._draw
        if entry.kind is Kind.ATTRIBUTE:
            return self._attribute(op)
        value = lambda: self._value(entry)  # noqa: E731 - drawn anew each time
        return op, ([value() for _ in range(draw.randint(1, 4))] if op is Op.IN else value())

    def _value(self, entry: Field) -> Any:
        draw = self._draw
        if entry.kind in DAYS:
            return draw.choice([draw.randint(-3, 5), draw.randint(-40, 60), 36_500, -36_500])
        if entry.kind in (Kind.NUMBER, Kind.MONEY):
            return draw.randint(-3, 60)
        if entry.kind in (Kind.FLAG, Kind.FLAG_OF_CHANNEL):
            return draw.random() < 0.6
        if entry.kind is Kind.MONTH:
            return draw.choice([CURRENT, draw.randint(1, 12)])
        if entry.kind is Kind.UUID:
            return str(draw.choice(BRANCHES))
        if entry.kind is Kind.FOLDED and draw.random() < 0.5:
            return draw.choice(["ALPHA", "alpha+1@Example.COM", "+49301233"])
        return draw.choice(entry.choices or [*WORDS, "LPH", "+1", "4930", "+49301233", "alpha+1@Example.COM"])

    def _attribute(self, op: Op) -> tuple[Op, Any]:
        """A value of a type that the operator knows, or an operator that every type knows."""
        draw = self._draw
        if op is Op.CONTAINS:
            return op, draw.choice([*WORDS, "LPH", "2026"])
        kinds: list[list[Any]] = [[-5, 0, 3, 0.5, -1.25], ["2026-01-02", "2025-12-31", "2024-02-29"]]
        if op in (Op.EQ, Op.NE, Op.IN):
            kinds.append(["alpha", "beta", "Straße"])
        if op in (Op.EQ, Op.NE):
            kinds.append([True, False])
        values = draw.choice(kinds)
        return op, (
            [draw.choice(values) for _ in range(draw.randint(1, 3))] if op is Op.IN else draw.choice(values)
        )
