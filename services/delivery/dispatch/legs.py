"""Handing push messages over, leg by leg: each account gets the devices it carries to, all at the same time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from services.common.errors import ServiceError
from services.delivery import providers
from services.delivery.accounts.adapters import Adapters
from services.delivery.dispatch import measures, pushing
from services.delivery.dispatch.pushing import DeviceOutcomes, Leg, Target
from services.delivery.limits.rates import RateLimits, Window
from services.delivery.messages.domain import Channel
from services.delivery.providers import Block, Provider

log = structlog.get_logger("dispatch")

LONGEST_PAUSE: Final = 2.0

Opened = Mapping[UUID, Provider | str]
"""The adapter of each account, or why there is none."""
Making = Callable[[Sequence[Target]], Block]
Answers = Sequence[tuple[Leg, Sequence[providers.Outcome]]]
"""What came of each leg's devices, in the order of its targets."""


class Legs:
    """Hands over what push messages are made of."""

    def __init__(self, adapters: Adapters, rates: RateLimits) -> None:
        self._adapters = adapters
        self._rates = rates

    async def wait_for_turn(self, legs: Sequence[Leg]) -> None:
        """Waits until each account's rate allows a request for each of its devices."""
        await asyncio.gather(*(self._wait(leg) for leg in legs))

    async def _wait(self, leg: Leg) -> None:
        window = Window(f"account:{leg.account.account_id}", leg.account.rate_per_second, 1)
        wanted = len(leg.targets)
        while wanted > 0:
            try:
                places = await self._rates.take([window], wanted)
            except ServiceError:
                # The limit of one account is held by its concurrency while the store is away.
                return
            wanted -= places.granted
            if wanted > 0:
                await asyncio.sleep(min(places.retry_after.total_seconds(), LONGEST_PAUSE))

    async def opened(self, legs: Sequence[Leg]) -> Opened:
        """Returns the adapters of the accounts; one that is incomplete is told by its problem."""
        found: dict[UUID, Provider | str] = {}
        for leg in legs:
            try:
                found[leg.account.account_id] = await self._adapters.of(leg.account)
            except providers.ConfigurationError as error:
                log.warning(
                    "a provider account is incomplete", provider=leg.account.provider, error=str(error)
                )
                found[leg.account.account_id] = str(error)
        return found

    async def send(self, legs: Sequence[Leg], opened: Opened, making: Making) -> Answers:
        """Hands all legs over and returns one outcome for each of their devices, whatever happens."""
        answers = await asyncio.gather(
            *(self._send(leg, opened[leg.account.account_id], making) for leg in legs)
        )
        return list(zip(legs, answers, strict=True))

    async def _send(self, leg: Leg, provider: Provider | str, making: Making) -> Sequence[providers.Outcome]:
        started = time.perf_counter()
        found: dict[tuple[UUID, UUID | None], providers.Outcome] = {}
        failure = "the provider did not say"
        if not isinstance(provider, str):
            try:
                async for lot in provider.send(making(leg.targets)):
                    found |= {(one.message_id, one.device_id): one for one in lot}
            except Exception as error:
                failure = type(error).__name__
                log.exception("a provider adapter failed", provider=leg.account.provider)
        measures.handed_over(Channel.PUSH, leg.account.provider, time.perf_counter() - started)
        return [
            found.get((one.item.uuid, one.device.device_id)) or _unanswered(one, provider, failure)
            for one in leg.targets
        ]


def together(answers: Answers) -> Mapping[bytes, list[providers.Outcome]]:
    """Returns the outcomes of each message's devices by the message's id."""
    found: defaultdict[bytes, list[providers.Outcome]] = defaultdict(list)
    for leg, outcomes in answers:
        for target, one in zip(leg.targets, outcomes, strict=True):
            found[target.item.message_id].append(one)
    return found


def recorded(answers: Answers) -> DeviceOutcomes:
    """Returns what is written down of the devices."""
    found = DeviceOutcomes()
    for leg, outcomes in answers:
        for target, one in zip(leg.targets, outcomes, strict=True):
            found.tried.append(pushing.tried(leg, target, one))
            if one.gone:
                found.gone.append(pushing.gone(target, one))
    return found


def _unanswered(target: Target, provider: Provider | str, failure: str) -> providers.Outcome:
    """Returns the outcome of a device whose account cannot be used, or said nothing of it."""
    message_id, device_id = target.item.uuid, target.device.device_id
    if isinstance(provider, str):
        return providers.Outcome(
            message_id,
            providers.Result.RETRYABLE,
            providers.Code.CREDENTIALS,
            provider,
            provider_fault=True,
            device_id=device_id,
        )
    return providers.Outcome(
        message_id, providers.Result.UNKNOWN, "adapter_failed", failure, device_id=device_id
    )
