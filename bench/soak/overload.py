"""More callers than can be served: who is refused must be told so, and when to come back; whoever was accepted counts."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.rpc import error_details_pb2, status_pb2

from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench.soak.work import Accepted, single
from bench.soak.world import World

_DEADLINE: Final = 60.0
_DETAILS: Final = "grpc-status-details-bin"


@dataclass
class Overload:
    """What the callers were answered."""

    callers: int
    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    """Times of the calls that were accepted."""
    refused_in: list[float] = field(default_factory=list)
    """Times of the refusals, which ought to be short."""
    answers: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    """Refusals for overload that do not say when to come back."""

    @property
    def refusals(self) -> int:
        """Returns how often a caller was refused for overload."""
        return self.answers["RESOURCE_EXHAUSTED"]

    @property
    def faults(self) -> Counter[str]:
        """Returns the answers that overload is no reason for."""
        return Counter(
            {code: n for code, n in self.answers.items() if code not in ("OK", "RESOURCE_EXHAUSTED")}
        )

    @property
    def is_fine(self) -> bool:
        """Returns whether some were refused, all of them properly, and nobody got another answer."""
        return self.refusals > 0 and not self.unexplained and not self.faults


async def overload(world: World, accepted: Accepted, *, callers: int, seconds: float) -> Overload:
    """Lets so many callers send single messages, each again when it was answered or the time it was told is over."""
    found = Overload(callers)
    call: Any = grpc_pb.MessageServiceStub(world.channel).SendMessage
    ends = time.monotonic() + seconds

    async def caller(number: int) -> None:
        while time.monotonic() < ends:
            request = single(world, number)
            began = time.perf_counter()
            try:
                answer = await call(request, metadata=world.metadata(), timeout=_DEADLINE)
            except grpc.aio.AioRpcError as error:
                found.answers[error.code().name] += 1
                if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
                    found.refused_in.append((time.perf_counter() - began) * 1000)
                wait = come_back_after(error)
                found.unexplained += wait is None and error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                # Those who were refused together shall not come back together.
                await asyncio.sleep((wait or 1.0) * random.uniform(0.5, 1.5))
            else:
                found.answers["OK"] += 1
                found.milliseconds.append((time.perf_counter() - began) * 1000)
                accepted.add(answer.message_id)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(callers):
            group.create_task(caller(number))
    found.seconds = time.monotonic() - began
    found.milliseconds.sort()
    found.refused_in.sort()
    return found


def come_back_after(error: grpc.aio.AioRpcError) -> float | None:
    """Returns the seconds that a refusal asks its caller to wait; None when it does not say."""
    trailers: dict[str, Any] = dict(error.trailing_metadata() or ())
    for detail in status_pb2.Status.FromString(trailers.get(_DETAILS, b"")).details:
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(retry):
            return float(retry.retry_delay.ToTimedelta().total_seconds())
    return None
