"""From a call for several recipients and channels to the messages it may make (DEL-57, DEL-58)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.errors import ServiceError, invalid, not_found
from services.delivery.directory.client import Directory, Found
from services.delivery.enums import wire
from services.delivery.messages import resolving
from services.delivery.messages.choosing import ORDER, Choice, Strategy
from services.delivery.messages.convert import BadRecipient
from services.delivery.messages.domain import Channel, Refused
from services.delivery.templates.cache import TemplateCache

MOST: Final = 100
"""Messages one call may make: its recipients times its channels."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One message a call may make."""

    index: int
    path: str
    """Where its recipient stands in the request."""
    content: pb.MessageContent
    recipient: pb.Recipient


@dataclass(frozen=True, slots=True)
class Expanded:
    """All messages a call may make, and how to choose among them."""

    candidates: list[Candidate]
    choice: Choice


def is_plain(request: pb.SendMessageRequest) -> bool:
    """Returns whether a call is for one recipient on one channel, as nearly all are."""
    return (
        request.HasField("recipient")
        and request.HasField("content")
        and not request.recipients
        and not request.channels
        and not request.strategy
        and bool(request.content.channel)
    )


async def expanded(
    templates: TemplateCache,
    directory: Directory,
    tenant_id: UUID,
    request: pb.SendMessageRequest,
) -> Expanded:
    """Returns the messages a call may make; Refused or ServiceError when it cannot be read.

    Channels that nobody named are those on which there is a template of the name.
    """
    people = _people(request)
    strategy, named = _strategy(request)
    channels = named or ORDER
    if len(people) * len(named or (Channel.EMAIL,)) > MOST:
        raise invalid("recipients", f"times channels must be at most {MOST}")
    contents = await _contents(templates, tenant_id, request.content, channels, are_named=bool(named))
    if not contents:
        raise not_found("template", request.content.template_name or request.content.template_id)
    found = await resolving.look_up(directory, tenant_id, [one for _, one in people])
    candidates = [
        Candidate(index, path, content, recipient)
        for index, (path, one) in enumerate(people)
        for content, recipient in _on_channels(
            index, path, one, contents, found, is_choice=strategy is not Strategy.NAMED
        )
    ]
    preferred: dict[int, Channel] = {}
    if strategy is Strategy.PREFERRED:
        contacts = {one.contact_id.lower() for _, one in people if one.contact_id}
        wishes = await directory.preferred(tenant_id, sorted(contacts))
        preferred = {
            index: wishes[one.contact_id.lower()]
            for index, (_, one) in enumerate(people)
            if one.contact_id.lower() in wishes
        }
    return Expanded(candidates, Choice(strategy, not named, preferred))


def _people(request: pb.SendMessageRequest) -> list[tuple[str, pb.Recipient]]:
    if not request.HasField("content"):
        raise Refused(("content", "is needed"))
    if request.HasField("recipient") == bool(request.recipients):
        raise Refused(("recipient", "exactly one is needed of recipient and recipients"))
    if request.recipients:
        return [(f"recipients[{place}]", one) for place, one in enumerate(request.recipients)]
    return [("recipient", request.recipient)]


def _strategy(request: pb.SendMessageRequest) -> tuple[Strategy, Sequence[Channel]]:
    strategy = Strategy(request.strategy)
    if request.content.channel:
        if request.channels or strategy is not Strategy.NAMED:
            raise Refused(("content.channel", "does not stand beside channels or a strategy"))
        return Strategy.NAMED, (Channel(request.content.channel),)
    if not request.channels and strategy is Strategy.NAMED:
        raise Refused(("content.channel", "a channel, channels or a strategy is needed"))
    return strategy, [Channel(number) for number in request.channels]


async def _contents(
    templates: TemplateCache,
    tenant_id: UUID,
    content: pb.MessageContent,
    channels: Sequence[Channel],
    *,
    are_named: bool,
) -> list[pb.MessageContent]:
    """Returns the content of each channel; of channels that nobody named only those that have a template."""
    found = []
    for channel in channels:
        one = pb.MessageContent()
        one.CopyFrom(content)
        one.channel = wire(channel)
        try:
            version_id = await resolving.version_of(templates, tenant_id, one)
            version = (await templates.get(tenant_id, version_id)).version
        except ServiceError as error:
            if are_named or error.reason != "NOT_FOUND":
                raise
            continue
        if version.channel is not channel:
            if are_named:
                raise not_found("template_version", version_id)
            continue
        one.ClearField("template_id")
        one.ClearField("template_name")
        one.template_version_id = str(version_id)
        found.append(one)
    return found


def _on_channels(
    index: int,
    path: str,
    one: pb.Recipient,
    contents: Sequence[pb.MessageContent],
    found: Found,
    *,
    is_choice: bool,
) -> Iterator[tuple[pb.MessageContent, pb.Recipient]]:
    """Yields a recipient's content and address on each channel; whoever cannot be found is an error.

    Somebody who is no contact is left out on channels that do not lead to them, where there is a choice.
    """
    if one.address and len(contents) > 1:
        raise invalid(f"{path}.address", "is for one channel; several need email and phone")
    reached = False
    for content in contents:
        channel = Channel(content.channel)
        if one.address:
            yield content, one
            return
        if problem := resolving.problem_of(one, found, is_staff=content.is_staff):
            raise BadRecipient(index, *problem).error(path)
        complete = resolving.completed(one, channel, resolving.known_of(one, found))
        is_bare = not one.contact_id and not one.staff_id
        if is_bare and not complete.address and is_choice:
            continue
        reached = True
        yield content, complete
    if not reached:
        raise invalid(f"{path}.address", "leads to none of the channels", "INVALID_RECIPIENT")
