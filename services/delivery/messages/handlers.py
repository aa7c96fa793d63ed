"""Accepting messages: an OK answer means that messages, work and event are committed (DEL-57)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.clock import Clock
from services.common.contact_data import keys as person_keys
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, invalid, not_found
from services.common.idempotency import once
from services.common.rpc.context import Caller
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.delivery.columns import id_text
from services.delivery.compliance.client import Compliance, Decision, Outcome, Person, Question
from services.delivery.limits.callers import CallLimits, is_internal
from services.delivery.messages import announce, convert, sealing, store
from services.delivery.messages.announce import Stopped
from services.delivery.messages.domain import (
    Channel,
    Content,
    MessageClass,
    Origin,
    Recipients,
    Refused,
    State,
    Verdict,
    check_purpose,
    check_times,
    class_of,
    judged_as,
)
from services.delivery.messages.sealing import aad_of_chunk, aad_of_content
from services.delivery.templates.cache import Template, TemplateCache

log = structlog.get_logger("messages")

WAKE_DISPATCH: Final = "dispatch"
SELF: Final = "delivery"
RETRY_WITHOUT_ANSWER: Final = timedelta(seconds=30)
_ALLOWED: Final = Verdict(State.PENDING)
_ACCEPTED = telemetry.counter("messages_accepted_total", "Messages accepted.", ("channel", "lane"))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What accepting needs."""

    database: Database
    templates: TemplateCache
    compliance: Compliance
    envelope: Envelope
    clock: Clock
    calls: CallLimits
    hash_keys: KeySet


@dataclass(frozen=True, slots=True)
class Block:
    """A block that was read and checked, ready to be stored."""

    content: Content
    read: convert.Read
    total: int
    verdicts: Sequence[Verdict] | None

    @property
    def recipients(self) -> Recipients:
        """Returns the good recipients."""
        return self.read.recipients


async def send_batch(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest
) -> pb.SendBatchResponse:
    """Accepts a block of one content in one transaction."""
    block, error = await _read(deps, caller, tenant_id, request)

    async def effect() -> pb.SendBatchResponse:
        if block is None:
            raise error or ValueError("a block without error was not read")
        return _batch_answer(block, await stored(deps, uow, block, caller))

    async with deps.database.tenant(tenant_id) as uow:
        answer, repeated = await once(
            uow,
            method="MessageService.SendBatch",
            key=request.idempotency_key,
            request=request,
            response_type=pb.SendBatchResponse,
            effect=effect,
        )
    answer.deduplicated = repeated
    return answer


async def _read(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest
) -> tuple[Block | None, Exception | None]:
    """Reads, checks and judges a block; its error is returned, for a repeat is answered as the first call was."""
    try:
        return await _judged(deps, caller, tenant_id, request), None
    except (Refused, ServiceError) as error:
        return None, error


async def _judged(deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest) -> Block:
    block = await checked(deps, caller, tenant_id, request)
    if not block.read.good or _was_just_asked(block.content, caller):
        return block
    verdicts = await _preview(deps, tenant_id, block.content, block.read.good, deps.clock.now())
    return replace(block, verdicts=verdicts)


async def checked(deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.SendBatchRequest) -> Block:
    """Reads and checks a block; Refused or ServiceError names what is wrong with the whole of it."""
    now = deps.clock.now()
    content = convert.content(request.content, now, name=request.name)
    wrong = [*check_times(content, now), *check_purpose(content), *_check_caller(content, caller)]
    if wrong:
        raise Refused(*wrong)
    template = await deps.templates.get(tenant_id, content.template_version_id)
    _check_template(content, template)
    content = replace(
        content, template_name=template.version.name, traceparent=telemetry.current_traceparent()
    )
    reader = convert.Reader(
        content.channel,
        now,
        required=template.version.required,
        caller_ids=is_internal(caller),
        is_staff=content.is_staff,
    )
    read = reader.read(request.recipients)
    return Block(content, read, len(request.recipients), None)


def _check_caller(content: Content, caller: Caller) -> list[tuple[str, str]]:
    """Returns what a person may not set: what belongs to campaigns is the services' business."""
    if content.origin is Origin.REPLY and caller.service != SELF:
        return [("content.origin", "replies are made by delivery itself")]
    if is_internal(caller):
        return []
    fields = {
        "content.origin": content.origin is not Origin.TRANSACTIONAL,
        "content.campaign_id": content.campaign_id is not None,
        "content.run_id": content.run_id is not None,
        "content.variant_key": bool(content.variant_key),
    }
    return [(field, "is set by services only") for field, is_set in fields.items() if is_set]


def _check_template(content: Content, template: Template) -> None:
    version = template.version
    if version.channel is not content.channel:
        raise not_found("template_version", content.template_version_id)
    if class_of(version.category) is MessageClass.MARKETING and not content.is_marketing:
        raise invalid("content.category", "a marketing template needs a marketing category")


def _was_just_asked(content: Content, caller: Caller) -> bool:
    """Returns whether consent was asked a moment ago: by the campaign that hands an audience over, or of a reply."""
    return content.origin is Origin.REPLY or (
        caller.service == "campaign" and content.origin is Origin.CAMPAIGN
    )


async def _preview(
    deps: Acceptance, tenant_id: UUID, content: Content, people: Sequence[pb.Recipient], now: datetime
) -> list[Verdict] | None:
    """Returns what consent would say now; None when it cannot be asked, for it is asked again before sending."""
    question = Question(
        content.channel,
        judged_as(content.category, content.origin),
        content.branch_id,
        content.campaign_id,
        content.expire_at,
    )
    try:
        decisions = await deps.compliance.preview(
            tenant_id, question, [Person(one.contact_id, one.address) for one in people]
        )
    except ServiceError as error:
        log.warning("consent could not be asked at acceptance", reason=error.reason)
        return None
    return [verdict_of(one, now) for one in decisions]


def verdict_of(decision: Decision, now: datetime) -> Verdict:
    """Returns what a decision at acceptance makes of a message."""
    if decision.outcome is Outcome.ALLOW:
        return _ALLOWED
    if decision.outcome is Outcome.DENY:
        return Verdict(State.SKIPPED, decision.reason)
    return Verdict(State.DEFERRED, decision.reason, decision.defer_until or now + RETRY_WITHOUT_ANSWER)


async def stored(deps: Acceptance, uow: UnitOfWork, block: Block, caller: Caller) -> list[int]:
    """Stores a block with its events and returns the places of its new recipients."""
    content, recipients = block.content, block.recipients
    if not recipients.ids:
        return []
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    block, plain = await _chunks(deps, uow, block)
    recipients = block.recipients
    chunk_count = len(plain)
    places = [aad_of_chunk(content.content_id, number) for number in range(chunk_count)]
    if content.reply_to or content.subject_override:
        plain.append(convert.packed_content(content))
        places.append(aad_of_content(content.content_id))
    sealed = await deps.envelope.seal_many(uow, plain, places)
    chunks = sealed[:chunk_count]
    new = await store.insert_block(
        uow,
        content,
        recipients,
        chunks,
        sealed=sealed[-1] if len(sealed) > len(chunks) else None,
        created_by=caller.subject,
        now=uow.now(),
        verdicts=block.verdicts,
    )
    if new:
        _tell(uow, block, new)
        if content.due_at <= uow.now():
            lane = str(int(content.lane))
            uow.after_commit(lambda: deps.database.wake(WAKE_DISPATCH, lane))
        _ACCEPTED.labels(Channel(content.channel).name.lower(), content.lane.name.lower()).inc(len(new))
    return new


async def _chunks(deps: Acceptance, uow: UnitOfWork, block: Block) -> tuple[Block, list[bytes]]:
    """Returns the recipients, each sealed with the key of its person; who was erased meanwhile is skipped."""
    content_id, recipients = block.content.content_id, block.recipients
    people = [contact and UUID(bytes=contact) for contact in recipients.contacts]
    ring = await person_keys.keyring(uow, deps.hash_keys, [one for one in people if one])
    erased = frozenset(place for place, one in enumerate(people) if one in ring.erased)
    secrets = [ring.secrets.get(one) if one else None for one in people]
    plain = sealing.chunks(recipients.packed, secrets, erased, content_id)
    if not erased:
        return block, plain
    verdicts = list(block.verdicts or [Verdict(State.PENDING)] * len(people))
    contacts = list(recipients.contacts)
    for place in erased:
        verdicts[place] = Verdict(State.SKIPPED, "contact_erased")
        contacts[place] = ring.erased[people[place]].bytes  # type: ignore[index]  # erased places have a contact
    read = block.read._replace(recipients=replace(recipients, contacts=contacts))
    return replace(block, read=read, verdicts=verdicts), plain


def _tell(uow: UnitOfWork, block: Block, new: Sequence[int]) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    content, recipients = block.content, block.recipients
    told = recipients
    if len(new) < len(recipients.ids):
        told = Recipients(
            [recipients.ids[place] for place in new],
            [recipients.contacts[place] for place in new],
            [recipients.languages[place] for place in new],
            [],
        )
    uow.emit(announce.accepted(uow.tenant_id, content, told))
    if block.verdicts is None:
        return
    campaign = str(content.campaign_id or "")
    for kind, state in (("skipped", State.SKIPPED), ("deferred", State.DEFERRED)):
        stopped = [
            Stopped(recipients.ids[place], verdict.reason, until=verdict.defer_until)
            for place in new
            if (verdict := block.verdicts[place]).state is state
        ]
        if stopped:
            uow.emit(announce.stopped(kind, uow.tenant_id, campaign, uow.now(), stopped))


def _batch_answer(block: Block, new: Sequence[int]) -> pb.SendBatchResponse:
    recipients = block.recipients
    answer = pb.SendBatchResponse(
        accepted_count=len(new),
        duplicate_count=block.read.repeated + len(recipients.ids) - len(new),
        errors=[bad.status() for bad in block.read.bad],
    )
    if not recipients.caller_ids:
        ids = [""] * block.total
        for position, id in zip(recipients.positions, recipients.ids, strict=True):
            ids[position] = id_text(id)
        answer.message_ids.extend(ids)
    return answer
