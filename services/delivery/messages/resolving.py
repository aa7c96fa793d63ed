"""Completing what a caller left to us: the version of a template, and where people are reached (DEL-57)."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.delivery.directory.client import Directory, Found, Reachable, has_addresses
from services.delivery.messages.convert import BadRecipient
from services.delivery.messages.domain import Channel, Content, Refused
from services.delivery.templates.cache import TemplateCache

_NAMED: Final = ("template_version_id", "template_id", "template_name")
_NOBODY: Final[Mapping[int, BadRecipient]] = {}


async def version_of(templates: TemplateCache, tenant_id: UUID, content: pb.MessageContent) -> UUID:
    """Returns the version a content renders; NOT_FOUND when its template has none on the channel."""
    if content.template_version_id and not content.template_id and not content.template_name:
        return UUID(content.template_version_id)
    if sum(bool(getattr(content, name)) for name in _NAMED) != 1:
        raise Refused(("content.template_version_id", f"exactly one is needed of {', '.join(_NAMED)}"))
    named = UUID(content.template_id) if content.template_id else content.template_name
    return await templates.active(tenant_id, named, Channel(content.channel))


async def people(
    directory: Directory, tenant_id: UUID, content: Content, recipients: Sequence[pb.Recipient]
) -> tuple[Sequence[pb.Recipient], Mapping[int, BadRecipient]]:
    """Returns recipients with their addresses, and what is wrong with those who cannot be found.

    Only who has no address in the request is looked up; a request is never changed, for its repeat must be like it.
    """
    channel = content.channel
    wanted = [
        place
        for place, one in enumerate(recipients)
        if (not one.address or one.staff_id or one.email or one.phone) and _is_incomplete(one, channel)
    ]
    if not wanted:
        return recipients, _NOBODY
    found = await look_up(directory, tenant_id, [recipients[place] for place in wanted])
    complete = list(recipients)
    wrong: dict[int, BadRecipient] = {}
    for place in wanted:
        one = recipients[place]
        if problem := problem_of(one, found, is_staff=content.is_staff):
            wrong[place] = BadRecipient(place, *problem)
        else:
            complete[place] = completed(one, channel, known_of(one, found), content.fallback_channel)
    return complete, wrong


async def look_up(directory: Directory, tenant_id: UUID, recipients: Sequence[pb.Recipient]) -> Found:
    """Returns what is known of the contacts and staff among recipients, asked at once."""
    contacts = [one.contact_id.lower() for one in recipients if one.contact_id and is_id(one.contact_id)]
    staff = [one.staff_id for one in recipients if one.staff_id]
    return await directory.find(tenant_id, contacts, staff) if contacts or staff else Found()


def problem_of(one: pb.Recipient, found: Found, *, is_staff: bool) -> tuple[str, str, str] | None:
    """Returns field, text and reason of what is wrong with somebody who was looked up; None when nothing is."""
    if sum(map(bool, (one.contact_id, one.staff_id, one.email or one.phone))) > 1:
        return (
            "contact_id",
            "exactly one is needed of contact, staff member and bare address",
            "VALIDATION_FAILED",
        )
    if one.staff_id:
        if not is_staff:
            return "staff_id", "the content is not for staff", "VALIDATION_FAILED"
        return None if one.staff_id in found.staff else ("staff_id", "is no staff member", "NOT_FOUND")
    if one.contact_id:
        if not is_id(one.contact_id):
            return "contact_id", "must be a UUID", "VALIDATION_FAILED"
        return (
            None if one.contact_id.lower() in found.contacts else ("contact_id", "is no contact", "NOT_FOUND")
        )
    return None


def known_of(one: pb.Recipient, found: Found) -> Reachable:
    """Returns where a recipient is reached, looked up or by what the request says."""
    if one.staff_id:
        return found.staff[one.staff_id]
    if one.contact_id:
        return found.contacts[one.contact_id.lower()]
    return Reachable(one.name, one.email, one.phone, one.language_code, one.time_zone)


def completed(
    one: pb.Recipient, channel: Channel, known: Reachable, fallback: Channel | None = None
) -> pb.Recipient:
    """Returns a recipient of one channel; what the request says goes before what is known."""
    complete = pb.Recipient()
    complete.CopyFrom(one)
    complete.ClearField("email")
    complete.ClearField("phone")
    complete.address = one.address or known.address(channel)
    complete.name = one.name or known.name
    if fallback is not None:
        complete.fallback_address = one.fallback_address or known.address(fallback)
    complete.language_code = one.language_code or known.language
    complete.time_zone = one.time_zone or known.time_zone
    return complete


def is_id(text: str) -> bool:
    """Returns whether a text is the usual form of an id."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_incomplete(one: pb.Recipient, channel: Channel) -> bool:
    if one.address:
        return bool(one.staff_id or one.email or one.phone)
    if has_addresses(channel) or one.email or one.phone:
        return True
    return bool(one.staff_id or (one.contact_id and not one.language_code))
