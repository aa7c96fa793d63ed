"""Intake for tests."""

from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from services.common.clock import FixedClock
from tests.campaign.intake.kit import Recorder, Stand, open_stand


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def stand(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, clock: FixedClock, recorder: Recorder
) -> AsyncIterator[Stand]:
    """Intake on a clock that stands still, with one step that records."""
    async with open_stand(clone_database(["campaign"]), redis_url, clock, recorder) as opened:
        yield opened
