"""Identifiers: UUID version 7, ordered by time and strictly increasing within a process."""

import os
import threading
import time
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

_RANDOM_BITS = 74
_RANDOM_MASK = (1 << _RANDOM_BITS) - 1
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_LOW_BITS = 62
_LOW_MASK = (1 << _LOW_BITS) - 1
_STEP_BYTES = 4


class _Generator:
    """Counts a time-and-random number upwards, so that no two calls and no clock step backwards repeat one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def take(self, count: int) -> list[int]:
        floor = (time.time_ns() // 1_000_000) << _RANDOM_BITS
        fresh = floor | (int.from_bytes(os.urandom(10), "big") & (_RANDOM_MASK >> 1))
        steps = os.urandom(_STEP_BYTES * count)
        with self._lock:
            number = self._last if self._last >= floor else fresh
            found = []
            for start in range(0, len(steps), _STEP_BYTES):
                number += 1 + int.from_bytes(steps[start : start + _STEP_BYTES], "big")
                found.append(_laid_out(number))
            self._last = number
        return found


def _laid_out(number: int) -> int:
    """Lays 48 bits of milliseconds and 74 counting bits around the version and the variant."""
    upper = number >> _LOW_BITS
    milliseconds, high = upper >> 12, upper & 0xFFF
    return (milliseconds << 80) | (high << 64) | _VERSION_AND_VARIANT | (number & _LOW_MASK)


_generator = _Generator()


def uuid7() -> UUID:
    """Returns a new id, greater than every id this process made before."""
    return UUID(int=_generator.take(1)[0])


def uuid7s(count: int) -> list[UUID]:
    """Returns that many new ids in ascending order, for about a microsecond each."""
    return [UUID(int=number) for number in _generator.take(count)]


def uuid7_bytes(count: int) -> list[bytes]:
    """Returns as many as their 16 bytes, for half of what the objects cost."""
    return [number.to_bytes(16, "big") for number in _generator.take(count)]


def uuid_text(value: bytes) -> str:
    """Returns the text of an id of 16 bytes, for a third of what the object costs."""
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def uuid7_of(instant: datetime, *facts: bytes) -> UUID:
    """Returns the id of what happened at an instant: the same facts give the same id, whoever asks and how often."""
    digest = blake2b(digest_size=10)
    for fact in facts:
        digest.update(len(fact).to_bytes(4, "big"))
        digest.update(fact)
    number = int.from_bytes(digest.digest(), "big") & _RANDOM_MASK
    return UUID(int=_laid_out((int(instant.timestamp() * 1000) << _RANDOM_BITS) | number))


def _restart_after_fork() -> None:
    """Gives a forked process its own lock; the random start of the next millisecond separates the two."""
    global _generator  # noqa: PLW0603 - one generator per process is the point
    _generator = _Generator()


os.register_at_fork(after_in_child=_restart_after_fork)
