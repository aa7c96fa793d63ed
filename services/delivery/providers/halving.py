"""Requests that are refused as a whole for the sake of a few recipients: cleaned, or halved until these are found."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.delivery.providers.base import Code, Outcome, Outgoing, Result
from services.delivery.providers.http import Answer

TRIES: Final = 200
"""Requests that may be spent on finding the recipients for which one is refused."""

HOPELESS: Final = 24
"""So many refusals without one acceptance say that it is not the recipients."""

ROUNDS: Final = 20
"""Requests that are cleaned of the recipients their refusals name."""

REFUSED: Final = 400

Send = Callable[[Sequence[Outgoing]], Awaitable[Answer]]
Named = Callable[[Answer], Mapping[int, str]]
"""What a refusal says of recipients, by their position; empty when it names anything else, or nobody."""


@dataclass(slots=True)
class Answered:
    """What came of the recipients of one request.

    Attributes:
        outcomes: Recipients that were named as bad.
        answers: Answers with those they hold for, and the seconds they took.
        refused: Recipients for which alone a request was refused, with its answer and its seconds.
        accepted: Whether any part was taken, so that nothing but recipients can be wrong with the others.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    answers: list[tuple[Sequence[Outgoing], Answer, float]] = field(default_factory=list)
    refused: list[tuple[Outgoing, Answer, float]] = field(default_factory=list)
    accepted: bool = False


async def sent(outgoing: Sequence[Outgoing], send: Send) -> Answered:
    """Sends a request, and after a refusal each half of it by itself, until those are found who are refused alone."""
    done = Answered()
    waiting, tries = [outgoing], 0
    while waiting:
        part = waiting.pop()
        answer, latency = await _timed(send, part)
        tries += 1
        done.accepted = done.accepted or 200 <= answer.status < 300
        is_hopeful = tries < (TRIES if done.accepted else HOPELESS)
        if answer.status == REFUSED and len(part) > 1 and is_hopeful:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
        elif answer.status == REFUSED and len(part) == 1:
            done.refused.append((part[0], answer, latency))
        else:
            done.answers.append((part, answer, latency))
    return done


async def cleaned(outgoing: Sequence[Outgoing], send: Send, named: Named) -> Answered:
    """Sends a request, and after a refusal that names recipients the others again."""
    done = Answered()
    part = outgoing
    for _ in range(ROUNDS):
        answer, latency = await _timed(send, part)
        bad = named(answer) if answer.status == REFUSED else {}
        if not bad:
            done.answers.append((part, answer, latency))
            return done
        done.outcomes += [
            _invalid(part[number], words, latency) for number, words in bad.items() if number < len(part)
        ]
        part = [one for number, one in enumerate(part) if number not in bad]
        if not part:
            return done
    done.outcomes += [
        Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, "too many refused recipients")
        for one in part
    ]
    return done


async def _timed(send: Send, part: Sequence[Outgoing]) -> tuple[Answer, float]:
    started = time.monotonic()
    answer = await send(part)
    return answer, time.monotonic() - started


def _invalid(one: Outgoing, words: str, latency: float) -> Outcome:
    return Outcome(
        one.message_id,
        Result.PERMANENT,
        Code.INVALID_RECIPIENT,
        words,
        recipient_fault=True,
        latency=latency,
    )
