"""What comes of a push message is made of what came of its devices."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.delivery import providers
from services.delivery.dispatch import legs, pushing
from services.delivery.dispatch.legs import Legs
from services.delivery.dispatch.pushing import Leg, Target
from services.delivery.providers import Code, Device, Outcome, Result
from services.delivery.providers.base import TokenKind

ITEM: Any = SimpleNamespace(uuid=UUID(int=7), message_id=UUID(int=7).bytes, attempt=2, account=None)
DEAD = Outcome(ITEM.uuid, Result.PERMANENT, Code.INVALID_RECIPIENT, gone="unregistered")
TAKEN = Outcome(ITEM.uuid, Result.ACCEPTED, provider_message_id="m1")
REFUSED = Outcome(ITEM.uuid, Result.PERMANENT, Code.TOO_LARGE)
UNKNOWN = Outcome(ITEM.uuid, Result.UNKNOWN, Code.TIMEOUT, provider_fault=True)


def later(code: str = Code.UNAVAILABLE, seconds: int = 0) -> Outcome:
    wait = timedelta(seconds=seconds) if seconds else None
    return Outcome(ITEM.uuid, Result.RETRYABLE, code, retry_after=wait, provider_fault=True)


@pytest.mark.req("DEL-97")
@pytest.mark.parametrize(
    ("found", "result", "code"),
    [
        ([DEAD, later(), UNKNOWN, TAKEN], Result.ACCEPTED, ""),
        ([DEAD, later(), UNKNOWN, REFUSED], Result.UNKNOWN, Code.TIMEOUT),
        ([DEAD, later(), REFUSED], Result.RETRYABLE, Code.UNAVAILABLE),
        ([later(Code.CREDENTIALS), later()], Result.RETRYABLE, Code.UNAVAILABLE),
        ([later(Code.CREDENTIALS), DEAD], Result.RETRYABLE, Code.CREDENTIALS),
        ([DEAD, REFUSED], Result.PERMANENT, Code.TOO_LARGE),
        ([DEAD, DEAD], Result.PERMANENT, "no_device"),
    ],
)
async def test_the_best_of_its_devices_decides(found: list[Outcome], result: Result, code: str) -> None:
    outcome = pushing.merged(ITEM, found)
    assert (outcome.result, outcome.code) == (result, code)


@pytest.mark.req("DEL-83")
async def test_no_device_left_is_nobodys_mistake() -> None:
    outcome = pushing.merged(ITEM, [DEAD])
    assert (outcome.recipient_fault, outcome.provider_fault) == (True, False)


@pytest.mark.req("DEL-81")
async def test_the_longest_wait_that_a_service_asks_for_is_kept() -> None:
    assert pushing.merged(ITEM, [later(seconds=3), later(seconds=9), later()]).retry_after == timedelta(
        seconds=9
    )


class Broken:
    """An adapter that fails after its first answer."""

    async def send(self, block: providers.Block) -> Any:
        one = block.outgoing[0]
        assert one.device is not None
        yield [Outcome(one.message_id, Result.ACCEPTED, device_id=one.device.device_id)]
        raise RuntimeError("broken")


def leg(*devices: Device) -> Leg:
    account: Any = SimpleNamespace(account_id=uuid4(), provider="fcm", max_concurrency=1)
    return Leg(account, [Target(ITEM, device) for device in devices])


def device() -> Device:
    return Device(uuid4(), TokenKind.FCM_TOKEN, "app", "token-of-a-device")


def making(targets: Any) -> Any:
    outgoing = [providers.Outgoing(one.item.uuid, "", (), device=one.device) for one in targets]
    return SimpleNamespace(outgoing=outgoing)


@pytest.mark.req("DEL-78", "DEL-77")
async def test_a_leg_that_breaks_leaves_its_rest_unknown_and_one_without_adapter_tells_why() -> None:
    nothing: Any = None
    broken, incomplete = leg(device(), device()), leg(device())
    opened: Any = {
        broken.account.account_id: Broken(),
        incomplete.account.account_id: "the account has no key",
    }
    answers = await Legs(nothing, nothing).send([broken, incomplete], opened, making)
    (first, second), (third,) = (outcomes for _, outcomes in answers)
    assert (first.result, second.result, second.code) == (Result.ACCEPTED, Result.UNKNOWN, "adapter_failed")
    assert (third.result, third.code, third.provider_fault) == (Result.RETRYABLE, Code.CREDENTIALS, True)
    assert [one.result for one in legs.together(answers)[ITEM.message_id]] == [
        Result.ACCEPTED,
        Result.UNKNOWN,
        Result.RETRYABLE,
    ]
    tried = legs.recorded(answers).tried
    assert [(one.number, one.outcome) for one in tried] == [(2, 1), (2, 4), (2, 2)]
    assert pushing.observed(answers[1][1]).code == Code.CREDENTIALS
