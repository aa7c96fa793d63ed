"""Accepting single messages together: calls of one moment share a question, a transaction and its statements.

A call alone is answered as fast as the database commits. While one group is being stored, the next one gathers; so
the more calls there are, the less each of them costs. Calls with the same content become one block.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, aborted, failed
from services.common.idempotency import KEPT
from services.common.rpc.context import Caller, bind, correlation_id
from services.delivery import columns
from services.delivery.compliance.client import Decision, Outcome, Person, Question
from services.delivery.enums import wire
from services.delivery.messages import convert, handlers
from services.delivery.messages.domain import Content, Recipients, Refused, State, Verdict, judged_as
from services.delivery.messages.handlers import Acceptance, Block

log = structlog.get_logger("messages")

METHOD: Final = "MessageService.SendMessage"
LARGEST: Final = 100
AT_ONCE: Final = 1
"""Groups of one caller under way: two at once would be twice as many of half the size, and a group costs what it costs."""

# The LIMIT keeps the planner at one probe per claim; without it the whole table is read for every group.
_CLAIMS = """
SELECT pg_try_advisory_xact_lock(r.lock), known.request_hash, known.response, known.created_at
FROM unnest(%b::uuid[], %s::bigint[]) WITH ORDINALITY AS r (claim_id, lock, n)
LEFT JOIN LATERAL (
    SELECT request_hash, response, created_at FROM idempotency
    WHERE tenant_id = %s AND claim_id = r.claim_id LIMIT 1
) AS known ON true
ORDER BY r.n
"""

_FORGET = "DELETE FROM idempotency WHERE tenant_id = %s AND claim_id = ANY (%b::uuid[])"

_STORE = """
INSERT INTO idempotency (tenant_id, claim_id, request_hash, response, created_at)
SELECT %s, r.claim_id, r.request_hash, r.response, %s
FROM unnest(%b::uuid[], %b::bytea[], %b::bytea[]) AS r (claim_id, request_hash, response)
"""


@dataclass(slots=True, eq=False)
class _Call:
    """One call on its way."""

    claim_id: bytes
    lock: int
    request_hash: bytes
    answer: asyncio.Future[pb.SendMessageResponse]
    content_key: bytes
    block: Block | None
    error: Exception | None
    correlation_id: str
    verdict: Verdict | None = None


class _Group:
    """Calls of one caller that wait for their turn."""

    __slots__ = ("running", "waiting")

    def __init__(self) -> None:
        self.waiting: list[_Call] = []
        self.running = 0


class Singles:
    """Accepts single messages."""

    def __init__(self, deps: Acceptance) -> None:
        self._deps = deps
        self._groups: dict[tuple[UUID, Caller], _Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(
        self, caller: Caller, tenant_id: UUID, request: pb.SendMessageRequest
    ) -> pb.SendMessageResponse:
        """Accepts one message; one that may not be sent is stored as skipped and answered so."""
        call = await self._read(caller, tenant_id, request)
        group = self._groups.setdefault((tenant_id, caller), _Group())
        group.waiting.append(call)
        if group.running < AT_ONCE:
            group.running += 1
            task = asyncio.create_task(self._run(caller, tenant_id, group), name="accept-singles")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await call.answer

    async def _read(self, caller: Caller, tenant_id: UUID, request: pb.SendMessageRequest) -> _Call:
        """Reads and checks a call; its error waits, for a repeat is answered as the first call was."""
        identity = "\0".join((METHOD, str(tenant_id), caller.subject, request.idempotency_key))
        digest = hashlib.sha256(identity.encode()).digest()
        content_key = request.content.SerializeToString(deterministic=True)
        person = request.recipient.SerializeToString(deterministic=True)
        call = _Call(
            claim_id=digest[:16],
            lock=int.from_bytes(digest[16:24], "big", signed=True),
            request_hash=hashlib.sha256(len(content_key).to_bytes(4, "big") + content_key + person).digest(),
            answer=asyncio.get_running_loop().create_future(),
            content_key=content_key,
            block=None,
            error=None,
            correlation_id=correlation_id(),
        )
        batch = pb.SendBatchRequest(content=request.content, recipients=[request.recipient])
        try:
            call.block = await handlers.checked(self._deps, caller, tenant_id, batch)
            call.content_key += _trace(call.block.content)
            if call.block.read.bad:
                call.error = call.block.read.bad[0].error("recipient")
        except (Refused, ServiceError) as error:
            call.error = error
        return call

    async def _run(self, caller: Caller, tenant_id: UUID, group: _Group) -> None:
        """Accepts groups until nobody waits."""
        try:
            while group.waiting:
                calls, group.waiting = group.waiting[:LARGEST], group.waiting[LARGEST:]
                if calls := await self._admitted(caller, calls):
                    await self._accept(caller, tenant_id, calls)
        finally:
            group.running -= 1
            if not group.running and not group.waiting:
                self._groups.pop((tenant_id, caller), None)

    async def _admitted(self, caller: Caller, calls: list[_Call]) -> list[_Call]:
        """Returns the calls that the caller's limit lets through; the others are answered."""
        refusal: Exception | None
        try:
            granted, refusal = await self._deps.calls.admit(caller, "SendMessage", len(calls))
        except Exception as error:  # noqa: BLE001 - told to whoever called
            granted, refusal = 0, error
        if refusal is not None:
            for call in calls[granted:]:
                _fail(call, refusal)
        return calls[:granted]

    async def _accept(self, caller: Caller, tenant_id: UUID, calls: list[_Call]) -> None:
        try:
            await self._preview(tenant_id, [call for call in calls if call.error is None])
            await self._store(caller, tenant_id, calls)
        except Exception as error:  # noqa: BLE001 - told to whoever called
            if len(calls) == 1:
                _fail(calls[0], error)
                return
            # One call may have spoilt it for the others: each gets its own transaction.
            for call in calls:
                await self._accept(caller, tenant_id, [call])

    async def _preview(self, tenant_id: UUID, calls: Sequence[_Call]) -> None:
        """Asks what consent would say of all of them; it is asked again before sending."""
        asked: defaultdict[Question, list[_Call]] = defaultdict(list)
        for call in calls:
            content = _block(call).content
            category = judged_as(content.category, content.origin)
            question = Question(content.channel, category, content.branch_id, content.campaign_id)
            asked[question].append(call)
        now = self._deps.clock.now()
        for question, members in asked.items():
            people = [_block(call).read.good[0] for call in members]
            try:
                decisions = await self._deps.compliance.preview(
                    tenant_id, question, [Person(one.contact_id, one.address) for one in people]
                )
            except ServiceError as error:
                log.warning("consent could not be asked at acceptance", reason=error.reason)
                continue
            for call, decision in zip(members, decisions, strict=True):
                call.verdict = _verdict(_block(call).content, decision, now)

    async def _store(self, caller: Caller, tenant_id: UUID, calls: Sequence[_Call]) -> None:
        deps = self._deps
        answered: list[tuple[_Call, pb.SendMessageResponse]] = []
        with bind(caller):
            async with deps.database.tenant(tenant_id) as uow:
                fresh, over = await _claim(uow, calls, answered)
                blocks = _blocks([call for call in fresh if call.error is None])
                for members, block in blocks:
                    with ExitStack() as stack:
                        if len(members) == 1:
                            stack.enter_context(bind(caller, correlation_id=members[0].correlation_id))
                        if traceparent := block.content.traceparent:
                            stack.enter_context(telemetry.span("accept", parent=traceparent))
                        new = set(await handlers.stored(deps, uow, block, caller))
                    answered += _answers(members, block, new)
                _remember(uow, fresh, answered, over)
        for call, answer in answered:
            if not call.answer.done():
                call.answer.set_result(answer)
        for call in fresh:
            if call.error is not None:
                _fail(call, call.error)


async def _claim(
    uow: UnitOfWork, calls: Sequence[_Call], answered: list[tuple[_Call, pb.SendMessageResponse]]
) -> tuple[list[_Call], list[bytes]]:
    """Returns the calls that are made for the first time, and old claims to forget; repeats are answered."""
    rows = await uow.fetch_all(
        _CLAIMS,
        (columns.uuids([call.claim_id for call in calls]), [call.lock for call in calls], uow.tenant_id),
    )
    oldest = uow.now() - KEPT
    fresh: dict[bytes, _Call] = {}
    over: list[bytes] = []
    for call, (locked, known_hash, response, stored_at) in zip(calls, rows, strict=True):
        if stored_at is not None and stored_at > oldest:
            if known_hash != call.request_hash:
                _fail(call, _conflict())
                continue
            answer = pb.SendMessageResponse.FromString(response)
            answer.deduplicated = True
            answered.append((call, answer))
        elif not locked or call.claim_id in fresh:
            _fail(call, aborted("the first call with this idempotency key is still running", "IN_PROGRESS"))
        else:
            fresh[call.claim_id] = call
            if stored_at is not None:
                over.append(call.claim_id)
    uow.on_violation(
        "pk_idempotency",
        lambda: aborted("the first call with this idempotency key is still running", "IN_PROGRESS"),
    )
    return list(fresh.values()), over


def _remember(
    uow: UnitOfWork,
    fresh: Sequence[_Call],
    answered: Sequence[tuple[_Call, pb.SendMessageResponse]],
    over: Sequence[bytes],
) -> None:
    if over:
        uow.defer(_FORGET, (uow.tenant_id, columns.uuids(over)))
    first = set(fresh)
    stored = [(call, answer) for call, answer in answered if call in first]
    if stored:
        uow.defer(
            _STORE,
            (
                uow.tenant_id,
                uow.now(),
                columns.uuids([call.claim_id for call, _ in stored]),
                columns.blobs([call.request_hash for call, _ in stored]),
                columns.blobs([answer.SerializeToString(deterministic=True) for _, answer in stored]),
            ),
        )


def _blocks(calls: Sequence[_Call]) -> list[tuple[list[_Call], Block]]:
    """Returns calls of the same content as one block."""
    alike: defaultdict[bytes, list[_Call]] = defaultdict(list)
    for call in calls:
        # Ids chosen by callers may be known already: such a message keeps a block of its own.
        recipients = _block(call).recipients
        alike[recipients.ids[0] if recipients.caller_ids else call.content_key].append(call)
    return [(members, _merged(members)) for members in alike.values()]


def _merged(calls: Sequence[_Call]) -> Block:
    first = _block(calls[0])
    if any(call.verdict for call in calls):
        verdicts = [call.verdict or Verdict(State.PENDING) for call in calls]
    else:
        verdicts = None
    if len(calls) == 1:
        return replace(first, verdicts=verdicts)
    blocks = [_block(call) for call in calls]
    people = [block.read.good[0] for block in blocks]
    recipients = Recipients(
        ids=[block.recipients.ids[0] for block in blocks],
        contacts=[block.recipients.contacts[0] for block in blocks],
        languages=[block.recipients.languages[0] for block in blocks],
        packed=[block.recipients.packed[0] for block in blocks],
        positions=list(range(len(blocks))),
    )
    # Calls of one moment are due at their own: the latest keeps the promise that none leaves early.
    content = replace(
        first.content,
        due_at=max(block.content.due_at for block in blocks),
        expire_at=min(block.content.expire_at for block in blocks),
    )
    read = convert.Read(recipients, people, [], 0)
    return Block(content, read, len(calls), verdicts)


def _answers(
    calls: Sequence[_Call], block: Block, new: set[int]
) -> list[tuple[_Call, pb.SendMessageResponse]]:
    found = []
    for place, call in enumerate(calls):
        verdict = block.verdicts[place] if block.verdicts else Verdict(State.PENDING)
        state = verdict.state
        if state is State.PENDING and block.content.is_scheduled:
            state = State.SCHEDULED
        answer = pb.SendMessageResponse(
            message_id=columns.id_text(block.recipients.ids[place]),
            state=wire(state),
            reason=verdict.reason,
            deduplicated=place not in new,
        )
        found.append((call, answer))
    return found


def _verdict(content: Content, decision: Decision, now: datetime) -> Verdict:
    if (
        decision.outcome is Outcome.DEFER
        and decision.defer_until
        and decision.defer_until >= content.expire_at
    ):
        return Verdict(State.SKIPPED, "expires_before_window")
    return handlers.verdict_of(decision, now)


def _trace(content: Content) -> bytes:
    """Returns what keeps calls of different traces in blocks of their own, so that each trace can be followed."""
    return content.traceparent.encode() if telemetry.tracing() is not None else b""


def _block(call: _Call) -> Block:
    if call.block is None:
        raise ValueError("a call without error was not read")
    return call.block


def _fail(call: _Call, error: Exception) -> None:
    if not call.answer.done():
        call.answer.set_exception(error)
        # Nobody may be waiting any more; then the exception is not news.
        call.answer.exception()


def _conflict() -> ServiceError:
    return failed("IDEMPOTENCY_CONFLICT", "idempotency key was used with another request", method=METHOD)
