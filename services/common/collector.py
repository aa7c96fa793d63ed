"""Python's garbage collector, told what a long-lived process of blocks is like."""

import gc
from typing import Final

_YOUNG: Final = 50_000
"""So many more containers are born than have died before the collector looks at the youngest.

A block of a thousand messages is some tens of thousands of them, which live as long as the block does: looking at all
of them at every seven hundredth, as is usual, finds nothing and costs a tenth of the process.
"""


def settle() -> None:
    """Sets what start-up made apart from the collector's rounds, and lets it look once a block instead of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
