from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.ids import uuid7
from tests.common.events.conftest import emit


async def test_events_are_applied_once_in_order(sample, other, redis, run, seen):
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    names = [f"{n:03}" for n in range(200)]
    for name in names:
        await emit(sample, tenant, name)
    await seen.until(200)
    assert seen.calls == names
