"""The messages of single calls: those with the same content become one block, and each is told what became of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7
from services.common.reasons import code_of_decision
from services.delivery import columns
from services.delivery.enums import wire
from services.delivery.messages import convert
from services.delivery.messages.domain import Content, Recipients, State, Verdict
from services.delivery.messages.duplicates import Unique
from services.delivery.messages.handlers import Stored
from services.delivery.messages.reading import Block


@dataclass(slots=True, eq=False)
class Part:
    """One message of a call."""

    content_key: bytes
    block: Block
    index: int
    """Place of its recipient in the call."""
    verdict: Verdict | None = None
    result: pb.MessageResult | None = None

    @property
    def person(self) -> pb.Recipient:
        """Returns its recipient."""
        return self.block.read.good[0]


def blocks_of(parts: Sequence[Part]) -> list[tuple[list[Part], Block]]:
    """Returns messages of the same content as one block."""
    alike: defaultdict[bytes, list[Part]] = defaultdict(list)
    for part in parts:
        # Ids chosen by callers may be known already: such a message keeps a block of its own.
        recipients = part.block.recipients
        alike[recipients.ids[0] if recipients.caller_ids else part.content_key].append(part)
    return [(members, _merged(members)) for members in alike.values()]


def _merged(parts: Sequence[Part]) -> Block:
    first = parts[0].block
    if any(part.verdict for part in parts):
        verdicts = [part.verdict or Verdict(State.PENDING) for part in parts]
    else:
        verdicts = None
    if len(parts) == 1:
        return replace(first, content=_new(first.content), verdicts=verdicts)
    blocks = [part.block for part in parts]
    people = [part.person for part in parts]
    recipients = Recipients(
        ids=[block.recipients.ids[0] for block in blocks],
        contacts=[block.recipients.contacts[0] for block in blocks],
        languages=[block.recipients.languages[0] for block in blocks],
        packed=[block.recipients.packed[0] for block in blocks],
        positions=list(range(len(blocks))),
    )
    # Calls of one moment are due at their own: the latest keeps the promise that none leaves early.
    content = _new(
        first.content,
        due_at=max(block.content.due_at for block in blocks),
        expire_at=min(block.content.expire_at for block in blocks),
    )
    read = convert.Read(recipients, people, [], 0)
    return Block(content, read, len(parts), verdicts, first.files)


def _new(content: Content, **changes: Any) -> Content:
    """Returns a content of its own for a block: what calls of one moment read for all of them is one object."""
    return replace(content, content_id=uuid7().bytes, **changes)


def note(members: Sequence[Part], unique: Unique, stored: Stored) -> None:
    """Notes on the messages of a block what became of them."""
    block = stored.block
    new = set(stored.new)
    for place, position in enumerate(block.recipients.positions):
        part = members[position]
        part.result = pb.MessageResult(
            message_id=columns.id_text(block.recipients.ids[place]),
            channel=wire(block.content.channel),
            state=wire(block.state(place)),
            reason=block.verdict(place).reason,
            code=code_of_decision(block.verdict(place).reason),
            recipient_index=part.index,
            is_repeat=place not in new,
        )
    for position, known in unique.repeats.items():
        part = members[position]
        part.result = pb.MessageResult(
            message_id=columns.id_text(known.message_id),
            channel=wire(block.content.channel),
            state=wire(known.state),
            reason=known.reason,
            code=code_of_decision(known.reason),
            recipient_index=part.index,
            is_repeat=True,
        )
