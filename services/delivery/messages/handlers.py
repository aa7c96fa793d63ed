"""Accepting messages: an OK answer means that messages, work and event are committed (DEL-57)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from services.common import telemetry
from services.common.clock import Clock
from services.common.contact_data import keys as person_keys
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.rpc.context import Caller
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.common.turns import give_way
from services.delivery.compliance.client import Check, Compliance
from services.delivery.directory.client import Directory
from services.delivery.explain import records
from services.delivery.limits.callers import CallLimits
from services.delivery.messages import (
    announce,
    attachments,
    convert,
    sealing,
    secrets,
    store,
)
from services.delivery.messages.announce import Stopped
from services.delivery.messages.domain import (
    Channel,
    Recipients,
    State,
    Verdict,
)
from services.delivery.messages.media import Media
from services.delivery.messages.reading import ALLOWED, Block
from services.delivery.messages.sealing import aad_of_chunk, aad_of_content
from services.delivery.templates.cache import TemplateCache

log = structlog.get_logger("messages")

WAKE_DISPATCH: Final = "dispatch"
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
    directory: Directory
    media: Media


class Stored(NamedTuple):
    """A block as it was stored, and the places of its new recipients."""

    block: Block
    new: list[int]


async def stored(deps: Acceptance, uow: UnitOfWork, block: Block, caller: Caller) -> Stored:
    """Stores a block with its events; who was erased meanwhile is skipped."""
    if not block.recipients.ids:
        return Stored(block, [])
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    content = block.content
    block, keys, erased = await _keys(deps, uow, block)
    is_secret = secrets.are_of(content.category)
    recipients = secrets.without(block.recipients, block.read.good) if is_secret else block.recipients
    plain = sealing.chunks(recipients.packed, keys, erased, content.content_id)
    chunk_count = len(plain)
    places = [aad_of_chunk(content.content_id, number) for number in range(chunk_count)]
    if convert.has_texts(content):
        plain.append(convert.packed_content(content))
        places.append(aad_of_content(content.content_id))
    await give_way(len(recipients.ids))
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
        if block.files:
            await attachments.keep(uow, deps.envelope, content.content_id, block.files)
        if is_secret:
            await _keep_secrets(deps, uow, block, keys, new)
        records.of_acceptance(uow, content.content_id, _refused(block, new), uow.now())
        _tell(uow, block, new)
        if content.due_at <= uow.now():
            lane = str(int(content.lane))
            uow.after_commit(lambda: deps.database.wake(WAKE_DISPATCH, lane))
        _ACCEPTED.labels(Channel(content.channel).name.lower(), content.lane.name.lower()).inc(len(new))
    return Stored(block, new)


async def _keys(
    deps: Acceptance, uow: UnitOfWork, block: Block
) -> tuple[Block, Sequence[bytes | None], frozenset[int]]:
    """Returns the secret of each recipient's person, and the places of those who were erased; they are skipped."""
    recipients = block.recipients
    people = [contact and UUID(bytes=contact) for contact in recipients.contacts]
    ring = await person_keys.keyring(uow, deps.hash_keys, [one for one in people if one])
    erased = frozenset(place for place, one in enumerate(people) if one in ring.erased)
    keys = [ring.secrets.get(one) if one else None for one in people]
    if not erased:
        return block, keys, erased
    verdicts = list(block.verdicts or [ALLOWED] * len(people))
    contacts = list(recipients.contacts)
    for place in erased:
        verdicts[place] = Verdict(State.SKIPPED, "contact_erased")
        contacts[place] = ring.erased[people[place]].bytes  # type: ignore[index]  # erased places have a contact
    read = block.read._replace(recipients=replace(recipients, contacts=contacts))
    return replace(block, read=read, verdicts=verdicts), keys, erased


async def _keep_secrets(
    deps: Acceptance, uow: UnitOfWork, block: Block, keys: Sequence[bytes | None], new: Sequence[int]
) -> None:
    kept = [place for place in new if block.verdict(place).state is not State.SKIPPED]
    if kept:
        await secrets.keep(
            uow,
            deps.envelope,
            [block.recipients.ids[place] for place in kept],
            [block.read.good[place] for place in kept],
            [keys[place] for place in kept],
        )


def _refused(block: Block, new: Sequence[int]) -> list[tuple[int, str, tuple[Check, ...]]]:
    """Returns who was refused, for whoever asks why."""
    if block.verdicts is None:
        return []
    return [
        (place, verdict.reason, tuple(Check(*one) for one in verdict.checks))
        for place in new
        if (verdict := block.verdicts[place]).state is State.SKIPPED
    ]


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
    campaign = str(content.campaign_id or "")
    if content.is_scheduled:
        waiting = told.ids
        if block.verdicts is not None:
            waiting = [recipients.ids[place] for place in new if block.verdict(place).state is State.PENDING]
        if waiting:
            uow.emit(announce.scheduled(uow.tenant_id, campaign, content.due_at, waiting))
    if block.verdicts is None:
        return
    for kind, state in (("skipped", State.SKIPPED), ("deferred", State.DEFERRED)):
        stopped = [
            Stopped(recipients.ids[place], verdict.reason, until=verdict.defer_until)
            for place in new
            if (verdict := block.verdicts[place]).state is state
        ]
        if stopped:
            uow.emit(announce.stopped(kind, uow.tenant_id, campaign, uow.now(), stopped))
