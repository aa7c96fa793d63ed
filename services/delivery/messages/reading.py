"""Reading what is to be accepted: what the recipients of a block share, and each of them (DEL-57)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.errors import invalid, not_found
from services.common.rpc.context import Caller
from services.delivery.fallbacks import planning
from services.delivery.limits.callers import is_internal
from services.delivery.messages import attachments, convert, extras, resolving
from services.delivery.messages.domain import (
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
)
from services.delivery.templates.cache import Template

if TYPE_CHECKING:
    from services.delivery.messages.handlers import Acceptance

SELF: Final = "delivery"
ALLOWED: Final = Verdict(State.PENDING)
_NOBODY: Final[Mapping[int, convert.BadRecipient]] = {}


@dataclass(frozen=True, slots=True)
class Block:
    """A block that was read and checked, ready to be stored."""

    content: Content
    read: convert.Read
    total: int
    verdicts: Sequence[Verdict] | None
    files: tuple[pb.Attachment, ...] = ()

    @property
    def recipients(self) -> Recipients:
        """Returns the good recipients."""
        return self.read.recipients

    def verdict(self, place: int) -> Verdict:
        """Returns what is known of a recipient by its place in the block; nothing known means allowed."""
        return self.verdicts[place] if self.verdicts is not None else ALLOWED

    def state(self, place: int) -> State:
        """Returns the state in which a recipient's message is stored."""
        state = self.verdict(place).state
        return State.SCHEDULED if state is State.PENDING and self.content.is_scheduled else state


class Common(NamedTuple):
    """What was read of a request for all of its recipients, and was found good."""

    content: Content
    required: frozenset[str]
    """Variables that each of them needs."""
    files: tuple[pb.Attachment, ...] = ()


async def checked(
    deps: Acceptance,
    caller: Caller,
    tenant_id: UUID,
    request: pb.SendBatchRequest,
    *,
    are_complete: bool = False,
) -> Block:
    """Reads and checks a block; Refused or ServiceError names what is wrong with the whole of it.

    Its template is made a version, and whoever has no address in the request is looked up, unless that was done.
    """
    common = await common_of(deps, caller, tenant_id, request.content, name=request.name)
    return await block_of(deps, caller, tenant_id, common, request.recipients, are_complete=are_complete)


async def common_of(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.MessageContent, *, name: str = ""
) -> Common:
    """Reads and checks what the recipients of a block share."""
    now = deps.clock.now()
    if not request.channel:
        raise Refused(("content.channel", "must be one of the channels"))
    version_id = await resolving.version_of(deps.templates, tenant_id, request)
    content = convert.content(request, version_id, now, name=name)
    wrong = [
        *check_times(content, now),
        *check_purpose(content),
        *_check_caller(content, caller),
        *extras.problems(request, content.channel),
        *planning.problems(request, content),
    ]
    if request.attachments:
        wrong += await _check_files(deps, tenant_id, request.attachments)
    if wrong:
        raise Refused(*wrong)
    template = await deps.templates.get(tenant_id, version_id)
    _check_template(content, template)
    content = replace(
        content, template_name=template.version.name, traceparent=telemetry.current_traceparent()
    )
    content, also_required = await planning.planned(deps.templates, tenant_id, request, content, template)
    return Common(content, template.version.required | also_required, tuple(request.attachments))


async def block_of(
    deps: Acceptance,
    caller: Caller,
    tenant_id: UUID,
    common: Common,
    recipients: Sequence[pb.Recipient],
    *,
    are_complete: bool = False,
) -> Block:
    """Reads the recipients of a block, looking up who has no address unless that was done."""
    content = common.content
    people, unknown = recipients, _NOBODY
    if not are_complete and content.origin is not Origin.CAMPAIGN:
        people, unknown = await resolving.people(deps.directory, tenant_id, content, people)
    reader = convert.Reader(
        content.channel,
        deps.clock.now(),
        required=common.required,
        fallback=content.fallback_channel,
        caller_ids=is_internal(caller),
        is_staff=content.is_staff,
    )
    read = reader.read(people, unknown)
    return Block(content, read, len(recipients), None, common.files)


async def _check_files(
    deps: Acceptance, tenant_id: UUID, files: Sequence[pb.Attachment]
) -> list[tuple[str, str]]:
    ids = [UUID(file.media_id) for file in files if file.media_id]
    known = await deps.media.assets.describe(tenant_id, ids) if ids else {}
    return attachments.problems(files, known)


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
        "content.trigger_type": bool(content.trigger_type),
        "content.automation_run_id": content.automation_run_id is not None,
    }
    return [(field, "is set by services only") for field, is_set in fields.items() if is_set]


def _check_template(content: Content, template: Template) -> None:
    version = template.version
    if version.channel is not content.channel:
        raise not_found("template_version", content.template_version_id)
    if class_of(version.category) is MessageClass.MARKETING and not content.is_marketing:
        raise invalid("content.category", "a marketing template needs a marketing category")
