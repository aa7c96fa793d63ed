"""The garbage collector of long-lived processes."""

import gc

from services.common import collector


def test_what_start_up_made_is_set_apart_and_the_young_are_looked_at_once_a_block():
    thresholds = gc.get_threshold()
    try:
        collector.settle()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > 10_000
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
