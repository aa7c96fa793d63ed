"""How events really arrive: some twice, and none quite in order."""

import random
from collections.abc import Sequence

from examples.neighbours.journal import Event


def shuffled(events: Sequence[Event], seed: int, *, twice: float = 0.3) -> list[Event]:
    """Returns events in another order, some of them told twice."""
    draw = random.Random(seed)
    told = [*events, *(event for event in events if draw.random() < twice)]
    draw.shuffle(told)
    return told
