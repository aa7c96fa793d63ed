"""What is asked of a run of chaos, and the kills that follow from it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from cli.demo.wish import Kill

SHORTEST, LONGEST = 1.0, 9.0
"""Seconds from one kill to the next: now and then two roles are down at once, and in between there is work to kill."""


@dataclass(frozen=True)
class Order:
    recipients: int
    kills: int
    seed: str
    messages: int

    def plan(self, roles: Sequence[str]) -> list[Kill]:
        """Kills at random instants. Every role dies before one of them dies again."""
        drawn = random.Random(self.seed)
        planned: list[Kill] = []
        instant = 0.0
        while len(planned) < self.kills:
            for role in drawn.sample(roles, len(roles)):
                instant += drawn.uniform(SHORTEST, LONGEST)
                planned.append(Kill(role, round(instant, 3)))
        return planned[: self.kills]

    @property
    def seconds(self) -> float:
        """How long the kills take on average."""
        return self.kills * (SHORTEST + LONGEST) / 2
