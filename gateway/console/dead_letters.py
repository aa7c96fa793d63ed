"""Dead letters: messages that were given up; looking at them, another chance for some, the others put aside."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import dead_letter_service_pb2 as pb
from gateway.console import explain, reasons
from gateway.console.campaigns import number_of
from gateway.console.explain import is_id
from gateway.console.visits import Visit
from services.common.errors import ServiceError

_PAGE: Final = 50
MOST: Final = 200
"""How many may be chosen by hand."""
MOST_AT_ONCE: Final = 1000
"""How many of those that match are tried again by one press."""
_RESOLUTIONS: Final = [number for number in pb.DeadLetter.Resolution.values() if number]
_CHANNELS: Final = [number for number in enums_pb2.Channel.values() if number]
_PATH: Final = "/console/dead-letters"


async def show_all(visit: Visit) -> Response:
    """Lists dead letters, newest first; the open ones unless others are asked for."""
    resolution = number_of(visit.query("resolution"), _RESOLUTIONS) or pb.DeadLetter.RESOLUTION_OPEN
    wanted = _wanted(visit.query)
    found = await visit.ask.dead_letters.ListDeadLetters(
        pb.ListDeadLettersRequest(
            filter=pb.DeadLetterFilter(**wanted),
            resolution=resolution,  # type: ignore[arg-type] # one of the enum's own numbers
            page_size=_PAGE,
            page_token=visit.query("page"),
        )
    )
    return visit.page(
        "dead_letters",
        "Dead letters",
        letters=found.dead_letters,
        next_page=found.next_page_token,
        resolutions=_RESOLUTIONS,
        resolution=resolution,
        channels=_CHANNELS,
        wanted=wanted,
        is_open=resolution == pb.DeadLetter.RESOLUTION_OPEN,
    )


async def show_one(visit: Visit) -> Response:
    """Shows one message that was given up, and why."""
    message_id = visit.path("message_id")
    return visit.page("dead_letter", "A dead letter", **await explain.message(visit, message_id))


async def decide(visit: Visit) -> Response:
    """Asks once more what is to be done with the chosen ones, or with all that match what was looked for."""
    chosen, wanted = _chosen(visit), _wanted(visit.posted)
    act = visit.posted("act") if visit.posted("act") in ("discard", "retry_all") else "retry"
    if not (any(wanted.values()) if act == "retry_all" else chosen):
        return RedirectResponse(_PATH, status_code=303)
    return visit.page("decide", "Are you sure?", chosen=chosen, act=act, wanted=wanted, most=MOST_AT_ONCE)


async def retry(visit: Visit) -> Response:
    """Gives the chosen ones a fresh series of tries."""
    accept = visit.posted("accept_duplicate") == "yes"

    async def one(message_id: str, key: str) -> None:
        await visit.ask.dead_letters.RetryDeadLetter(
            pb.RetryDeadLetterRequest(message_id=message_id, idempotency_key=key, accept_duplicate=accept)
        )

    return await _each(visit, "retried", one)


async def retry_all(visit: Visit) -> Response:
    """Gives all that match what was looked for a fresh series of tries, the oldest first."""
    answer = await visit.ask.dead_letters.BatchRetryDeadLetters(
        pb.BatchRetryDeadLettersRequest(
            filter=pb.DeadLetterFilter(**_wanted(visit.posted)),
            max_count=MOST_AT_ONCE,
            idempotency_key=visit.act_key,
        )
    )
    left = answer.has_more or answer.expired_count or answer.in_doubt_count
    told = "retried_some" if left else "retried"
    return RedirectResponse(f"{_PATH}?told={told}&count={answer.retried_count}", status_code=303)


async def discard(visit: Visit) -> Response:
    """Puts the chosen ones aside, with the reason that was given."""

    async def one(message_id: str, key: str) -> None:
        await visit.ask.dead_letters.DiscardDeadLetter(
            pb.DiscardDeadLetterRequest(
                message_id=message_id, idempotency_key=key, reason=visit.posted("reason")[:500]
            )
        )

    return await _each(visit, "discarded", one)


async def _each(visit: Visit, told: str, act: Callable[[str, str], Awaitable[Any]]) -> Response:
    """Does it to every chosen one; what cannot be done to one is no reason to leave the others."""
    chosen, key = _chosen(visit), visit.act_key
    refused: list[tuple[str, str]] = []
    for message_id in chosen:
        try:
            # The same form sent twice is the same act on each message.
            await act(message_id, f"{key}:{message_id}")
        except ServiceError as error:
            if error.reason in ("UNAUTHENTICATED", "PERMISSION_DENIED", "DEPENDENCY_UNAVAILABLE"):
                raise
            refused.append((message_id, reasons.sentence(error)))
    done = len(chosen) - len(refused)
    if refused and not done:
        return visit.page("left", "Nothing was done", status=409, refused=refused)
    word = f"{told}_some" if refused else told
    return RedirectResponse(f"{_PATH}?told={word}&count={done}", status_code=303)


def _wanted(given: Callable[[str], str]) -> dict[str, Any]:
    """Returns which dead letters are looked for, by the address or by a form."""
    campaign_id = given("campaign")
    return {
        "channel": number_of(given("channel"), _CHANNELS),
        "reason": given("reason")[:100],
        "provider": given("provider")[:50],
        "campaign_id": campaign_id if is_id(campaign_id) else "",
    }


def _chosen(visit: Visit) -> list[str]:
    return [one for one in dict.fromkeys(visit.fields.get("message", [])) if is_id(one)][:MOST]
