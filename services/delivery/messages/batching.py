"""Accepting many messages in one call: one content for a list of people, or items that each have their own (DEL-21)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, as_service_error, invalid
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.reasons import code_of_decision
from services.common.rpc.context import Caller
from services.common.rpc.status import to_status
from services.common.turns import give_way
from services.delivery.columns import id_text, id_texts
from services.delivery.enums import wire
from services.delivery.messages import batches, duplicates, handlers, reading, verdicts
from services.delivery.messages.convert import BadRecipient
from services.delivery.messages.domain import Origin, Refused, State
from services.delivery.messages.duplicates import Unique
from services.delivery.messages.handlers import Acceptance, Stored
from services.delivery.messages.reading import Block

METHOD = "MessageService.SendBatch"


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a call: its blocks, and what is wrong with the others of its items."""

    blocks: list[Block]
    errors: list[pb.RecipientError]
    total: int
    in_batch: bool

    @property
    def repeated(self) -> int:
        """Returns how many ids came twice within the call."""
        return sum(block.read.repeated for block in self.blocks)


async def answered(
    deps: Acceptance, caller: Caller, tenant_id: UUID, batch: pb.SendBatchRequest
) -> pb.StreamMessagesResponse:
    """Accepts a batch of a stream; one that is refused is told of in its place, and the stream goes on."""
    answer = pb.StreamMessagesResponse(idempotency_key=batch.idempotency_key)
    try:
        answer.result.CopyFrom(await send_batch(deps, caller, tenant_id, batch))
    except Exception as error:
        known = as_service_error(error)
        if known is None:
            raise
        answer.error.CopyFrom(to_status(known, "delivery"))
    return answer


async def send_batch(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest
) -> pb.SendBatchResponse:
    """Accepts the good ones of up to 1,000 messages in one transaction, and says what is wrong with the others."""
    read, error = await _read(deps, caller, tenant_id, request)

    async def effect(uow: UnitOfWork) -> pb.SendBatchResponse:
        if read is None:
            raise error or ValueError("a call without error was not read")
        batch_id = await _batch(request, read, caller)
        blocks = [_in_batch(block, batch_id) for block in read.blocks]
        await give_way(read.total)
        found = await duplicates.settled(uow, deps.hash_keys, blocks)
        stored = [await handlers.stored(deps, uow, one.block, caller) for one in found]
        await give_way(read.total)
        return _answer(read, found, stored, batch_id)

    async def _batch(request: pb.SendBatchRequest, read: _Read, caller: Caller) -> UUID | None:
        if not read.in_batch:
            return None
        rejected = len(read.errors)
        addition = batches.Addition(
            read.total, read.total - rejected, rejected, is_last=not request.more_follow
        )
        if request.batch_id:
            await batches.add(uow, UUID(request.batch_id), addition)
            return UUID(request.batch_id)
        made = uuid7()
        await batches.make(uow, made, request.name, caller.subject, addition)
        return made

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(uow, METHOD, request, pb.SendBatchResponse, effect)


async def _read(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest
) -> tuple[_Read | None, Exception | None]:
    """Reads, checks and judges a call; its error is returned, for a repeat is answered as the first call was."""
    try:
        if request.items:
            return await _distinct(deps, caller, tenant_id, request), None
        if not request.HasField("content") or not request.recipients:
            raise invalid("recipients", "content and recipients are needed, or items")
        await give_way(len(request.recipients))
        block = await reading.checked(deps, caller, tenant_id, request)
        await give_way(len(request.recipients))
        block = await verdicts.judged(deps, caller, tenant_id, block)
        errors = [bad.status() for bad in block.read.bad]
        # A campaign has runs: its blocks are no batches.
        in_batch = block.content.origin not in (Origin.CAMPAIGN, Origin.REPLY)
        return _Read([block], errors, len(request.recipients), in_batch), None
    except (Refused, ServiceError) as error:
        return None, error


async def _distinct(deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest) -> _Read:
    """Reads items that each have a content; those that are alike become one block."""
    if request.recipients or request.HasField("content"):
        raise invalid("items", "do not stand beside content and recipients")
    alike: dict[bytes, list[int]] = {}
    for place, item in enumerate(request.items):
        alike.setdefault(item.content.SerializeToString(deterministic=True), []).append(place)
    blocks: list[Block] = []
    errors: list[pb.RecipientError] = []
    for places in alike.values():
        part = pb.SendBatchRequest(
            content=request.items[places[0]].content,
            recipients=[request.items[place].recipient for place in places],
            name=request.name,
        )
        try:
            block = await reading.checked(deps, caller, tenant_id, part)
        except (Refused, ServiceError) as error:
            errors += [_status(place, error) for place in places]
            continue
        errors += [_bad(bad, places[bad.place]) for bad in block.read.bad]
        blocks.append(_placed(block, places))
    blocks = await verdicts.judged_together(deps, caller, tenant_id, blocks)
    errors.sort(key=lambda one: one.index)
    return _Read(blocks, errors, len(request.items), in_batch=True)


def _status(place: int, error: Exception) -> pb.RecipientError:
    known = as_service_error(error)
    assert known is not None  # noqa: S101 - both kinds have a reason
    for number, violation in enumerate(known.violations):
        known.violations[number] = violation._replace(field=f"items[{place}].{violation.field}")
    return pb.RecipientError(index=place, status=to_status(known, "delivery"))


def _bad(bad: BadRecipient, place: int) -> pb.RecipientError:
    return pb.RecipientError(
        index=place, status=to_status(bad.error(f"items[{place}].recipient"), "delivery")
    )


def _placed(block: Block, places: Sequence[int]) -> Block:
    """Returns a block whose positions are those of the call."""
    recipients = replace(
        block.recipients, positions=[places[position] for position in block.recipients.positions]
    )
    return replace(block, read=block.read._replace(recipients=recipients))


def _in_batch(block: Block, batch_id: UUID | None) -> Block:
    return replace(block, content=replace(block.content, batch_id=batch_id)) if batch_id else block


def _answer(
    read: _Read, found: Sequence[Unique], stored: Sequence[Stored], batch_id: UUID | None
) -> pb.SendBatchResponse:
    good = sum(len(one.block.recipients.ids) for one in stored)
    new = sum(len(one.new) for one in stored)
    answer = pb.SendBatchResponse(
        accepted_count=new,
        duplicate_count=read.repeated + good - new + sum(len(one.repeats) for one in found),
        errors=read.errors,
        batch_id=str(batch_id or ""),
    )
    stopped: list[pb.StoppedItem] = []
    # Whoever gave all ids knows them.
    shows_ids = not all(one.block.recipients.caller_ids for one in stored)
    ids = [""] * read.total
    for unique, one in zip(found, stored, strict=True):
        recipients = one.block.recipients
        for position, known in unique.repeats.items():
            ids[position] = id_text(known.message_id)
        if shows_ids:
            for position, id in zip(recipients.positions, id_texts(recipients.ids), strict=True):
                ids[position] = id
        judged = one.block.verdicts
        if judged is None:
            continue
        stopped += [
            pb.StoppedItem(
                index=recipients.positions[place],
                state=wire(verdict.state),
                reason=verdict.reason,
                code=code_of_decision(verdict.reason),
            )
            for place in one.new
            if (verdict := judged[place]).state is not State.PENDING
        ]
    if shows_ids:
        answer.message_ids.extend(ids)
    answer.stopped.extend(sorted(stopped, key=lambda item: item.index))
    return answer
