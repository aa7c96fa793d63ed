"""Accepting single messages together: calls of one moment share a question, a transaction and its statements.

A call alone is answered as fast as the database commits. While one group is being stored, the next one gathers; so
the more calls there are, the less each of them costs. Calls with the same content become one block.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.rpc import deadline
from services.common.rpc.context import Caller, bind, correlation_id
from services.common.turns import urgent
from services.delivery.compliance.client import Question
from services.delivery.directory.client import has_addresses
from services.delivery.messages import duplicates, expanding, handlers, lateness, reading, verdicts
from services.delivery.messages.choosing import Choice
from services.delivery.messages.claims import METHOD, Call, claim, fail, remember
from services.delivery.messages.domain import MAX_BLOCK, Refused
from services.delivery.messages.expanding import Candidate
from services.delivery.messages.groups import LARGEST, Group
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.parts import Part, blocks_of, note
from services.delivery.messages.reading import Common

log = structlog.get_logger("messages")

AT_ONCE: Final = 1
"""Groups of one caller under way: two at once would be twice as many of half the size, and a group costs what it costs."""


class Singles:
    """Accepts single messages."""

    def __init__(self, deps: Acceptance) -> None:
        self._deps = deps
        self._groups: dict[tuple[UUID, Caller], Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(
        self, caller: Caller, tenant_id: UUID, request: pb.SendMessageRequest
    ) -> pb.SendMessageResponse:
        """Accepts one message; one that may not be sent is stored as skipped and answered so."""
        known = self._groups.get((tenant_id, caller))
        call = await self._read(caller, tenant_id, request, {} if known is None else known.contents)
        group = self._groups.setdefault((tenant_id, caller), Group())
        group.add(call)
        if group.running < AT_ONCE:
            group.running += 1
            task = asyncio.create_task(self._run(caller, tenant_id, group), name="accept-singles")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await call.answer

    async def _read(
        self,
        caller: Caller,
        tenant_id: UUID,
        request: pb.SendMessageRequest,
        contents: dict[bytes, Common],
    ) -> Call:
        """Reads and checks a call; its error waits, for a repeat is answered as the first call was."""
        identity = "\0".join((METHOD, str(tenant_id), caller.subject, request.idempotency_key))
        digest = hashlib.sha256(identity.encode()).digest()
        content_key = request.content.SerializeToString(deterministic=True)
        call = Call(
            claim_id=digest[:16],
            lock=int.from_bytes(digest[16:24], "big", signed=True),
            request_hash=_hash(request, content_key),
            answer=asyncio.get_running_loop().create_future(),
            parts=[],
            error=None,
            correlation_id=correlation_id(),
            refuses_deferral=request.refuse_deferral,
        )
        try:
            if expanding.is_plain(request):
                one = Candidate(0, "recipient", request.content, request.recipient)
                call.parts = [await self._part(caller, tenant_id, one, content_key, contents)]
            else:
                await self._expand(caller, tenant_id, request, call, contents)
            if call.refuses_deferral:
                lateness.check(call.parts)
        except (Refused, ServiceError) as error:
            call.error = error
        return call

    async def _expand(
        self,
        caller: Caller,
        tenant_id: UUID,
        request: pb.SendMessageRequest,
        call: Call,
        contents: dict[bytes, Common],
    ) -> None:
        """Reads a call of several messages: each recipient on each channel that is asked for."""
        expanded = await expanding.expanded(self._deps.templates, self._deps.directory, tenant_id, request)
        for one in expanded.candidates:
            key = one.content.SerializeToString(deterministic=True)
            call.parts.append(await self._part(caller, tenant_id, one, key, contents, are_complete=True))
        call.choice = expanded.choice

    async def _part(
        self,
        caller: Caller,
        tenant_id: UUID,
        one: Candidate,
        content_key: bytes,
        contents: dict[bytes, Common],
        *,
        are_complete: bool = False,
    ) -> Part:
        key = content_key + _trace()
        common = contents.get(key)
        if common is None:
            common = contents[key] = await reading.common_of(self._deps, caller, tenant_id, one.content)
        block = await reading.block_of(
            self._deps, caller, tenant_id, common, [one.recipient], are_complete=are_complete
        )
        if block.read.bad:
            raise block.read.bad[0].error(one.path)
        return Part(key, block, one.index)

    async def _run(self, caller: Caller, tenant_id: UUID, group: Group) -> None:
        """Accepts groups until nobody waits."""
        deadline.lift()
        try:
            while group.waiting:
                size = _size(group.waiting)
                calls, group.waiting = group.waiting[:size], group.waiting[size:]
                group.contents = {}
                with urgent():
                    if calls := await self._admitted(caller, calls):
                        await self._accept(caller, tenant_id, calls)
                await group.gather(len(calls))
        finally:
            group.running -= 1
            if not group.running and not group.waiting:
                self._groups.pop((tenant_id, caller), None)

    async def _admitted(self, caller: Caller, calls: list[Call]) -> list[Call]:
        """Returns the calls that the caller's limit lets through; the others are answered."""
        refusal: Exception | None
        try:
            granted, refusal = await self._deps.calls.admit(caller, "SendMessage", len(calls))
        except Exception as error:  # noqa: BLE001 - told to whoever called
            granted, refusal = 0, error
        if refusal is not None:
            for call in calls[granted:]:
                fail(call, refusal)
        return calls[:granted]

    async def _accept(self, caller: Caller, tenant_id: UUID, calls: list[Call]) -> None:
        try:
            await self._preview(caller, tenant_id, [call for call in calls if call.error is None])
            await self._store(caller, tenant_id, calls)
        except Exception as error:  # noqa: BLE001 - told to whoever called
            if len(calls) == 1:
                fail(calls[0], error)
                return
            # One call may have spoilt it for the others: each gets its own transaction.
            for call in calls:
                await self._accept(caller, tenant_id, [call])

    async def _preview(self, caller: Caller, tenant_id: UUID, calls: Sequence[Call]) -> None:
        """Asks what consent would say of all of them; it is asked again before sending. Then channels are chosen."""
        asked: defaultdict[Question, list[Part]] = defaultdict(list)
        for call in calls:
            for part in call.parts:
                content = part.block.content
                if has_addresses(content.channel) and not part.person.address:
                    part.verdict = verdicts.NO_ADDRESS
                elif not verdicts.was_just_asked(content, caller):
                    asked[verdicts.question_of(content)].append(part)
        now = self._deps.clock.now()
        unanswered: list[Part] = []
        for question, parts in asked.items():
            people = [verdicts.person_of(part.person, question.channel) for part in parts]
            decisions = await verdicts.previewed(self._deps, tenant_id, question, people)
            if decisions is None:
                unanswered += parts
            for part, decision in zip(parts, decisions or (), strict=bool(decisions)):
                part.verdict = verdicts.verdict_within(part.block.content, decision, now)
        for call in calls:
            if call.choice is not None:
                call.parts = _chosen(call.parts, call.choice)
            if call.refuses_deferral:
                call.error = lateness.by_consent(call.parts, unanswered, now)

    async def _store(self, caller: Caller, tenant_id: UUID, calls: Sequence[Call]) -> None:
        deps = self._deps
        answered: list[tuple[Call, pb.SendMessageResponse]] = []
        with bind(caller):
            async with deps.database.tenant(tenant_id) as uow:
                fresh, over = await claim(uow, calls, answered)
                for call in fresh:
                    if call.refuses_deferral and call.error is None:
                        call.error = await lateness.by_volume(uow, call.parts)
                good = [call for call in fresh if call.error is None]
                await self._keep(uow, caller, good)
                answered += [(call, _answer(call)) for call in good]
                remember(uow, fresh, answered, over)
        for call, answer in answered:
            if not call.answer.done():
                call.answer.set_result(answer)
        for call in fresh:
            if call.error is not None:
                fail(call, call.error)

    async def _keep(self, uow: UnitOfWork, caller: Caller, calls: Sequence[Call]) -> None:
        """Stores the messages of calls, and notes what became of each."""
        correlations = {id(part): call.correlation_id for call in calls for part in call.parts}
        groups = blocks_of([part for call in calls for part in call.parts])
        found = await duplicates.settled(uow, self._deps.hash_keys, [block for _, block in groups])
        for (members, _), unique in zip(groups, found, strict=True):
            with ExitStack() as stack:
                if len(members) == 1:
                    stack.enter_context(bind(caller, correlation_id=correlations[id(members[0])]))
                if traceparent := unique.block.content.traceparent:
                    stack.enter_context(telemetry.span("accept", parent=traceparent))
                stored = await handlers.stored(self._deps, uow, unique.block, caller)
            note(members, unique, stored)


def _answer(call: Call) -> pb.SendMessageResponse:
    results = [part.result for part in call.parts if part.result is not None]
    first = results[0]
    return pb.SendMessageResponse(
        message_id=first.message_id,
        state=first.state,
        reason=first.reason,
        code=first.code,
        deduplicated=all(one.is_repeat for one in results),
        messages=results,
    )


def _chosen(parts: Sequence[Part], choice: Choice) -> list[Part]:
    """Returns the messages that are made of those that could be, recipient by recipient."""
    by_person: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_person[part.index].append(part)
    return [
        members[place]
        for index, members in by_person.items()
        for place in choice.of(index, [(part.block.content.channel, part.verdict) for part in members])
    ]


def _size(calls: Sequence[Call]) -> int:
    """Returns how many of the waiting calls are accepted together: at least one, at most 100 and one block."""
    total = 0
    for count, call in enumerate(calls[:LARGEST]):
        total += len(call.parts)
        if count and total > MAX_BLOCK:
            return count
    return min(len(calls), LARGEST)


def _hash(request: pb.SendMessageRequest, content_key: bytes) -> bytes:
    """Returns what tells a request from another one with its key."""
    person = request.recipient.SerializeToString(deterministic=True)
    found = hashlib.sha256(len(content_key).to_bytes(4, "big") + content_key + person)
    if request.recipients or request.channels or request.strategy or request.refuse_deferral:
        more = pb.SendMessageRequest(
            recipients=request.recipients,
            channels=request.channels,
            strategy=request.strategy,
            refuse_deferral=request.refuse_deferral,
        )
        found.update(more.SerializeToString(deterministic=True))
    return found.digest()


def _trace() -> bytes:
    """Returns what keeps calls of different traces in blocks of their own, so that each trace can be followed."""
    return telemetry.current_traceparent().encode() if telemetry.tracing() is not None else b""
