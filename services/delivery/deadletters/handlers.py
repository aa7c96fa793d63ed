"""Looking at dead letters, retrying and discarding them (DEL-30, DEL-81)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from angarium.delivery.v1 import dead_letter_service_pb2 as pb
from services.common import audit, telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, failed, invalid, not_found
from services.common.idempotency import keyed
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import Caller
from services.delivery import columns
from services.delivery.columns import in_slices
from services.delivery.deadletters import convert, store
from services.delivery.deadletters.domain import (
    DEFAULT_COUNT,
    OUTLIVED,
    DeadLetter,
    Resolution,
    Verdict,
    verdict,
)
from services.delivery.dispatch import recording, regroup
from services.delivery.messages import announce
from services.delivery.messages.domain import MAX_BLOCK, State
from services.delivery.messages.handlers import WAKE_DISPATCH

_RESOLVED = telemetry.counter(
    "dead_letters_resolved_total", "Dead letters by what became of them.", ("resolution",)
)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """What looking after dead letters needs."""

    database: Database
    clock: Clock


async def list_letters(
    deps: DeadLetters, tenant_id: UUID, request: pb.ListDeadLettersRequest
) -> pb.ListDeadLettersResponse:
    """Returns a page of dead letters, newest first; the open ones unless asked otherwise."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=2)
    try:
        after = (datetime.fromisoformat(key[0]), UUID(key[1])) if key else None
    except ValueError:
        raise bad_token() from None
    resolution = Resolution(request.resolution or Resolution.OPEN)
    async with deps.database.tenant(tenant_id) as uow:
        found = await store.page(uow, convert.filter_of(request.filter), resolution, after, size + 1)
    answer = pb.ListDeadLettersResponse(dead_letters=[convert.letter(one) for one in found[:size]])
    if len(found) > size:
        last = found[size - 1]
        answer.next_page_token = PageToken.encode([last.created_at.isoformat(), last.message_id], parameters)
    return answer


async def retry(
    deps: DeadLetters, caller: Caller, tenant_id: UUID, request: pb.RetryDeadLetterRequest
) -> pb.RetryDeadLetterResponse:
    """Gives one message a fresh series of tries; one that has it already is answered as it is."""
    message_id = UUID(request.message_id)

    async def effect(uow: UnitOfWork) -> pb.RetryDeadLetterResponse:
        letter = await _locked(uow, message_id)
        said = verdict(letter, deps.clock.now(), accept_duplicate=request.accept_duplicate)
        if said is Verdict.RETRY:
            await _retry(deps, uow, [letter], caller.subject)
            if request.accept_duplicate:
                await store.accept_duplicates(uow, [message_id])
            await audit.record(
                uow,
                action="dead_letter.retry",
                resource_type="message",
                resource_id=message_id,
                before={"reason": letter.reason, "attempts": letter.attempt_count},
                after={"accept_duplicate": request.accept_duplicate},
            )
            letter = await _locked(uow, message_id)
        elif said is not Verdict.DONE:
            raise _refusal(letter, said)
        return pb.RetryDeadLetterResponse(dead_letter=convert.letter(letter))

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(
            uow, "DeadLetterService.RetryDeadLetter", request, pb.RetryDeadLetterResponse, effect
        )


async def retry_selection(
    deps: DeadLetters, caller: Caller, tenant_id: UUID, request: pb.BatchRetryDeadLettersRequest
) -> pb.BatchRetryDeadLettersResponse:
    """Gives the open letters of a selection a fresh series, oldest first, in one transaction."""
    wanted = convert.filter_of(request.filter)
    if wanted.names_nothing:
        raise invalid("filter", "must name at least one thing, so that nobody retries everything by mistake")
    limit = request.max_count or DEFAULT_COUNT

    async def effect(uow: UnitOfWork) -> pb.BatchRetryDeadLettersResponse:
        ids = await store.oldest(uow, wanted, limit + 1)
        now = deps.clock.now()
        sorted_out: defaultdict[Verdict, list[DeadLetter]] = defaultdict(list)
        for letter in await store.lock(uow, ids[:limit]):
            sorted_out[verdict(letter, now)].append(letter)
        retried = sorted_out[Verdict.RETRY]
        if retried:
            await _retry(deps, uow, retried, caller.subject)
            await audit.record(
                uow,
                action="dead_letter.retry",
                resource_type="dead_letter",
                resource_id="selection",
                before=None,
                after={"selection": convert.words(request.filter), "count": len(retried)},
            )
        return pb.BatchRetryDeadLettersResponse(
            retried_count=len(retried),
            expired_count=len(sorted_out[Verdict.EXPIRED]),
            in_doubt_count=len(sorted_out[Verdict.IN_DOUBT]),
            has_more=len(ids) > limit,
        )

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(
            uow, "DeadLetterService.BatchRetryDeadLetters", request, pb.BatchRetryDeadLettersResponse, effect
        )


async def discard(
    deps: DeadLetters, caller: Caller, tenant_id: UUID, request: pb.DiscardDeadLetterRequest
) -> pb.DiscardDeadLetterResponse:
    """Puts a letter aside; its message stays failed."""
    message_id = UUID(request.message_id)

    async def effect(uow: UnitOfWork) -> pb.DiscardDeadLetterResponse:
        letter = await _locked(uow, message_id)
        if letter.state != State.FAILED:
            raise not_found("dead_letter", message_id)
        if letter.resolved is not Resolution.DISCARDED:
            await _discard(uow, letter, caller.subject, request.reason, deps.clock.now())
            letter = await _locked(uow, message_id)
        return pb.DiscardDeadLetterResponse(dead_letter=convert.letter(letter))

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(
            uow, "DeadLetterService.DiscardDeadLetter", request, pb.DiscardDeadLetterResponse, effect
        )


async def _discard(uow: UnitOfWork, letter: DeadLetter, actor: str, reason: str, now: datetime) -> None:
    await store.resolve(uow, [letter.message_id], Resolution.DISCARDED, actor, reason, now)
    recording.log(uow, [(letter.message_id.bytes, "dead_letter.discarded", reason)], actor=actor, now=now)
    await audit.record(
        uow,
        action="dead_letter.discard",
        resource_type="message",
        resource_id=letter.message_id,
        before={"reason": letter.reason, "attempts": letter.attempt_count},
        after={"reason": reason},
    )
    uow.after_commit(lambda: _RESOLVED.labels("discarded").inc())


async def _locked(uow: UnitOfWork, message_id: UUID) -> DeadLetter:
    found = await store.lock(uow, [message_id])
    if found:
        return found[0]
    if await store.exists(uow, message_id):
        raise failed("MESSAGE_EXPIRED", OUTLIVED)
    raise not_found("dead_letter", message_id)


def _refusal(letter: DeadLetter, said: Verdict) -> ServiceError:
    if said is Verdict.EXPIRED:
        return failed("MESSAGE_EXPIRED", "the message is not worth sending any more")
    if said is Verdict.IN_DOUBT:
        return invalid(
            "accept_duplicate",
            "must be true: nobody knows whether this marketing message arrived, and it may arrive twice",
        )
    return not_found("dead_letter", letter.message_id)


async def _retry(deps: DeadLetters, uow: UnitOfWork, letters: Sequence[DeadLetter], actor: str) -> None:
    """Puts messages back into the queue: consent, caps and expiry are checked as before a first try."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    now = deps.clock.now()
    ids = [one.message_id for one in letters]
    await store.make_pending(uow, ids)
    await store.resolve(uow, ids, Resolution.RETRIED, actor, "", now)
    recording.log(
        uow,
        [(one.message_id.bytes, "dead_letter.retried", one.reason) for one in letters],
        actor=actor,
        now=now,
    )
    packed = [one.bytes for one in ids]
    tenants = columns.uuids([uow.tenant_id.bytes] * len(packed))
    _, lanes = await regroup.add_blocks(uow, tenants, columns.uuids(packed), [State.PENDING], now)
    by_campaign: defaultdict[str, list[bytes]] = defaultdict(list)
    for one in letters:
        by_campaign[str(one.campaign_id or "")].append(one.message_id.bytes)
    for campaign, members in by_campaign.items():
        for part in in_slices(members, MAX_BLOCK):
            uow.emit(announce.retried(uow.tenant_id, campaign, actor, now, part))

    def wake() -> None:
        _RESOLVED.labels("retried").inc(len(letters))
        for lane in lanes:
            deps.database.wake(WAKE_DISPATCH, str(lane))

    uow.after_commit(wake)
